"""A process that may not have the memory that it needs says so and ends with status 1; it leaves no core and never hangs."""
import os
import resource
import subprocess

import receivers
from product import Daemon, binary, webhook
from refused_connections import GrowingLog, rules
from waiting import wait_for

WORDS = ("out of memory", "cannot start another thread", "cannot allocate memory", "std::bad_alloc")


def launch_with(daemon, megabytes):
    bytes_at_most = megabytes * 1024 * 1024
    with open(daemon.log, "ab") as log:
        daemon.process = subprocess.Popen(
            [binary(), "run", "--config", str(daemon.configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes_at_most, bytes_at_most)),
            env={**os.environ, "NOTIFY_SOCKET": daemon.notify_path})


def test_too_little_memory_ends_with_a_word_and_status_1(tmp_path):
    outcomes = {}
    with receivers.WebhookReceiver() as hook:
        for megabytes in (40, 50, 60, 80, 100, 120, 150, 200, 300, 600, 4000):
            folder = tmp_path / str(megabytes)
            folder.mkdir()
            log = GrowingLog(folder / "error.log")
            log.grow(5000)
            daemon = Daemon(folder, [log.path], [webhook(hook)], rules=rules(folder), settle="10ms")
            try:
                launch_with(daemon, megabytes)
                wait_for(lambda: daemon.process.poll() is not None or "READY=1" in daemon.read_states(), lambda: daemon.said())
                if daemon.process.poll() is None:
                    daemon.process.terminate()
                status = daemon.process.wait(60)
                outcomes[megabytes] = status
                said = daemon.said()
                if "error while loading shared libraries" in said:
                    continue  # not even the program fits
                assert status in (0, 1), (megabytes, status, said)
                if status == 1:
                    assert any(word in said.lower() for word in WORDS), (megabytes, said)
            finally:
                daemon.__exit__()
    assert outcomes[4000] == 0
    assert 1 in outcomes.values(), outcomes
