"""What systemd hears from the daemon over NOTIFY_SOCKET."""
import os

import receivers
from product import Daemon, run, webhook
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
