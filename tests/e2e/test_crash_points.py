"""The process dies at every step of committing and delivering, and goes on exactly where the last commit was."""
import pathlib
import signal

import pytest

import product
import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, assert_told_once, rules, told_count
from waiting import wait_for

# A first group has a cursor and what its reader remembers a log, and an incident; later ones have notifications too.
POINTS = ["before-commit", "before-commit:3", "inside-commit:1", "inside-commit:2", "inside-commit:3", "inside-commit:4",
          "inside-commit:5", "inside-commit:6", "inside-commit:7", "inside-commit:8", "inside-commit:9", "after-commit", "after-commit:2", "after-commit:3", "before-deliver",
          "before-deliver:2", "after-deliver", "after-deliver:2", "inside-settle", "inside-settle:2", "after-settle",
          "after-settle:2"]
ROUNDS = 3

pytestmark = pytest.mark.skipif(b"TRIAGED_CRASH_AT" not in pathlib.Path(product.binary()).read_bytes(),
                                reason="this build has no crash points (CMake option TRIAGED_CRASH_POINTS)")


def run_into(daemon, point, logs):
    """Starts a daemon that will die at `point`, and lets the logs grow until it has."""
    daemon.launch(TRIAGED_CRASH_AT=point)

    def has_died():
        for log in logs:
            log.grow(1)
        return daemon.process.poll() is not None
    wait_for(has_died, lambda: f"a crash at {point}; said {daemon.said()}")
    assert daemon.process.returncode == -signal.SIGKILL, daemon.said()


@pytest.mark.parametrize("point", POINTS)
def test_crash_loses_nothing_and_repeats_nothing(tmp_path, point):
    logs = [GrowingLog(tmp_path / "a.log"), GrowingLog(tmp_path / "b.log")]
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path for log in logs], [webhook(hook)], rules=rules(tmp_path), settle="100ms",
                        update_every="200ms")
        try:
            for _ in range(ROUNDS):
                run_into(daemon, point, logs)
                for log in logs:
                    log.grow(5)  # while nobody is looking
            daemon.start()
            lines = sum(log.lines for log in logs)
            wait_for(lambda: told_count(hook) >= lines, lambda: f"{lines} lines, {told_count(hook)} told: {daemon.said()}")
            assert daemon.terminate() == 0
            assert_told_once(hook, lines)
        finally:
            daemon.__exit__()
