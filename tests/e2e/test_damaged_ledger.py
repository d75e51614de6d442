"""Bytes of the database are flipped while the daemon is down: it starts, and every line is found again."""
import random

import pytest

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, RULE_OF_CONNECTIONS, rules
from waiting import wait_for


def flip_bytes(chance, state):
    for _ in range(chance.randint(3, 60)):
        path = state / chance.choice(["triaged.db", "triaged.db", "triaged.db-wal"])
        if not path.exists() or path.stat().st_size == 0:
            continue
        with open(path, "r+b") as file:
            place = chance.randrange(path.stat().st_size)
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ chance.randint(1, 255)]))


def counts(hook):
    """Connection -> how many lines its incidents count, each in its newest form."""
    newest = {}
    for incident in hook.incidents():
        if incident["rules"] == ["nginx/refused"]:
            known = newest.get(incident["incident"])
            if known is None or incident["change_number"] >= known["change_number"]:
                newest[incident["incident"]] = incident
    found = {}
    for incident in newest.values():
        number = int(incident["entity"]["value"])
        found[number] = found.get(number, 0) + incident["count"]
    return found


@pytest.mark.parametrize("seed", range(8))
def test_no_line_is_lost_or_counted_twice(tmp_path, seed):
    chance = random.Random(seed)
    log = GrowingLog(tmp_path / "error.log")
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path, RULE_OF_CONNECTIONS), settle="1500ms", resolve_after="3s")
        try:
            daemon.start()
            log.grow(40)
            wait_for(lambda: len(counts(hook)) >= chance.randint(1, 40), lambda: daemon.said())
            for _ in range(chance.randint(1, 6)):
                log.grow(chance.randint(20, 120))
                daemon.wait_for_state("STATUS=following 1 files, ")
                wait_for(lambda: chance.random() < 0.1, "a while")
            daemon.kill() if chance.random() < 0.7 else daemon.terminate()
            flip_bytes(chance, tmp_path / "state")
            log.grow(10)
            daemon.start()
            wait_for(lambda: len(counts(hook)) >= log.lines, lambda: f"{log.lines} lines, {len(counts(hook))} told: {daemon.said()}")
            assert daemon.terminate() == 0
            assert [number for number, count in counts(hook).items() if count != 1] == []
        finally:
            daemon.__exit__()
