"""A sink that is down: everything else goes on until its outbox is full; then the files wait, and nothing is lost."""
import contextlib
import sqlite3

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, assert_told_once, rules, told_count
from waiting import wait_for

MOST = 3


def pending(folder):
    with contextlib.closing(sqlite3.connect(folder / "state" / "triaged.db")) as ledger:
        return ledger.execute("SELECT count(*) FROM outbox WHERE outcome = 0 AND sink = 'down'").fetchone()[0]


def test_full_outbox_lets_the_files_wait_and_loses_nothing(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    with receivers.WebhookReceiver(answers=[503] * 1000) as down, receivers.WebhookReceiver() as works:
        with Daemon(tmp_path, [log.path], [webhook(down, "down"), webhook(works, "works")], state={"outbox": MOST}, rules=rules(tmp_path),
                    settle="100ms", update_every="100ms") as daemon:
            wait_for(lambda: log.grow(1) or "the outbox of sink down is full" in daemon.said(), lambda: daemon.said())
            assert len({key for key in works.keys()}) >= MOST - 1, "the other sink is told meanwhile"
            daemon.wait_for_state(f"STATUS=following 1 files, 1 open incidents; the outbox of sink down is full ({MOST} notifications")
            log.grow(500)
            told = told_count(works)
            daemon.wait_for_state("STATUS=", count=1)
            assert pending(tmp_path) == MOST
            assert told_count(works) == told < log.lines, "files wait"
            down.answers.clear()
            daemon.wait_until_it_says("the outbox of sink down has room again; reading resumes")
            for hook in (down, works):
                wait_for(lambda: told_count(hook) >= log.lines, lambda: f"{log.lines} lines, {told_count(hook)} told")
            assert daemon.terminate() == 0
            assert_told_once(down, log.lines)
            assert_told_once(works, log.lines)


def test_full_outbox_does_not_hold_up_the_stop(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    with receivers.WebhookReceiver(answers=[503] * 1000) as down:
        with Daemon(tmp_path, [log.path], [webhook(down, "down")], state={"outbox": MOST}, rules=rules(tmp_path), settle="100ms",
                    update_every="100ms") as daemon:
            wait_for(lambda: log.grow(1) or "the outbox of sink down is full" in daemon.said(), lambda: daemon.said())
            log.grow(500)
            assert daemon.terminate() == 0
            down.answers.clear()
            daemon.start()
            wait_for(lambda: told_count(down) >= log.lines, lambda: f"{log.lines} lines, {told_count(down)} told")
            assert daemon.terminate() == 0
            assert_told_once(down, log.lines)
