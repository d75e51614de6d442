"""What systemd hears from the daemon over NOTIFY_SOCKET."""
import contextlib
import os
import socket

import receivers
from product import Daemon, run, webhook
from refused_connections import GrowingLog, rules, told_count
from waiting import wait_for


def test_service_manager_is_told_of_start_status_watchdog_and_stop(tmp_path):
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [tmp_path / "any.log"], [webhook(hook)])
        daemon.start(WATCHDOG_USEC="400000")
        try:
            daemon.wait_for_state("STATUS=")
            daemon.wait_for_state("WATCHDOG=1", count=3)
            assert daemon.terminate() == 0
            daemon.wait_for_state("STOPPING=1")
        finally:
            daemon.__exit__()


def test_watchdog_for_another_process_is_not_answered(tmp_path):
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [tmp_path / "any.log"], [webhook(hook)])
        daemon.start(WATCHDOG_USEC="200000", WATCHDOG_PID=str(os.getpid()))
        try:
            assert daemon.terminate() == 0
            assert not [state for state in daemon.read_states() if state.startswith("WATCHDOG=")]
        finally:
            daemon.__exit__()


def test_second_daemon_on_the_same_state_is_refused(tmp_path):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [tmp_path / "any.log"], [webhook(hook)]) as first:
        second = run("run", "--config", first.configuration)
        assert second.returncode == 1
        assert str(tmp_path / "state") in second.stderr
        wait_for(lambda: first.process.poll() is None, "the first one goes on")


class SilentManager:
    """A socket for service notifications that nobody reads until read() is called."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)

    def read(self):
        """What waits there."""
        states = []
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                states += self.socket.recv(65536).decode().split("\n")
        return states


def test_manager_that_does_not_read_makes_nobody_wait(tmp_path):
    """Neither the diagnosis nor the stop; and what it missed of ready and reload it hears when it reads again."""
    log = GrowingLog(tmp_path / "error.log")
    name = str(tmp_path / "silent.socket")
    manager = SilentManager(name)
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path), settle="10ms", update_every="50ms")
        try:
            daemon.launch(NOTIFY_SOCKET=name, WATCHDOG_USEC="20000")  # a hundred signs of life a second
            daemon.wait_until_it_says("ready: ")
            # Until the socket is full: then a sign of life finds no room.
            filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    filler.sendto(b"STATUS=full", name)
            for reloads in range(1, 4):
                log.grow(5)
                wait_for(lambda: told_count(hook) >= log.lines, lambda: daemon.said())
                daemon.reload()
                daemon.wait_until_it_says("ready: ", count=1 + reloads)
            states = manager.read()  # what it missed may come while it reads
            assert states

            def hears_of_reloads():
                states.extend(manager.read())
                return states.count("RELOADING=1") >= 3 and states.count("READY=1") >= 3
            wait_for(hears_of_reloads, lambda: f"{states}: {daemon.said()}")
            assert sum(state.startswith("MONOTONIC_USEC=") for state in states) >= 3
            assert daemon.terminate() == 0
            assert "STOPPING=1" in manager.read()
        finally:
            daemon.__exit__()
            manager.socket.close()
