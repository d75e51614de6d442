"""The process is killed again and again, soon after each start: it gets on all the same."""
import random
import subprocess

import pytest

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, RULE_OF_CONNECTIONS, counts, rules
from waiting import LONG, wait_for

KILLS = 10
LINES = 400  # between two kills


def test_lines_are_told_between_kills_and_each_of_them_once(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    chance = random.Random(5)
    told = []  # how many lines, after each kill
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path, RULE_OF_CONNECTIONS), settle="10ms")
        try:
            for _ in range(KILLS):
                log.grow(LINES)
                daemon.start()
                with pytest.raises(subprocess.TimeoutExpired):  # it runs for as long as it is left alone
                    daemon.process.wait(chance.uniform(0.05, 0.3))
                daemon.kill()
                told.append(len(counts(hook)))
            print(f"told after each kill: {told}")
            assert told[-1] > 0
            daemon.start()
            wait_for(lambda: len(counts(hook)) == log.lines, lambda: f"{len(counts(hook))} of {log.lines} told: {daemon.said()[-2000:]}",
                     seconds=5 * LONG)  # thousands of deliveries, one after another
            assert daemon.terminate() == 0
            assert [number for number, count in counts(hook).items() if count != 1] == []
        finally:
            daemon.__exit__()
