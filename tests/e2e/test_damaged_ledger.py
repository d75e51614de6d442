"""Bytes of the database are flipped while the daemon is down: it starts, and every line is found again."""
import pathlib
import random

import pytest

import product
import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, RULE_OF_CONNECTIONS, counts, rules
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


@pytest.mark.skipif(b"TRIAGED_CRASH_AT" not in pathlib.Path(product.binary()).read_bytes(),
                    reason="this build has no crash points (CMake option TRIAGED_CRASH_POINTS)")
def test_a_source_that_starts_at_the_end_is_read_again_also_after_a_crash(tmp_path):
    """The end of a file is not where reading begins when only the damage says that the file was never read."""
    log = GrowingLog(tmp_path / "error.log")
    database = tmp_path / "state" / "triaged.db"
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path, RULE_OF_CONNECTIONS), settle="100ms")
        daemon.configuration.write_text(daemon.configuration.read_text().replace("start: checkpoint", "start: end"))
        try:
            daemon.start()
            log.grow(40)
            wait_for(lambda: len(counts(hook)) == 40, lambda: daemon.said())
            daemon.kill()
            database.with_name("triaged.db-wal").unlink(missing_ok=True)
            database.write_bytes(b"no database\n" * 1000)
            log.grow(10)
            daemon.launch(TRIAGED_CRASH_AT="before-commit")  # the old file is set aside by then
            assert daemon.process.wait(60) == -9, daemon.said()
            daemon.start()
            wait_for(lambda: len(counts(hook)) == log.lines, lambda: f"{len(counts(hook))} of {log.lines} told: {daemon.said()}")
            assert daemon.terminate() == 0
            assert [number for number, count in counts(hook).items() if count != 1] == []
        finally:
            daemon.__exit__()
