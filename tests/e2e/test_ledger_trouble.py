"""The disk is full, the state folder is deleted, the database is locked or damaged: diagnosing goes on, nothing is lost."""
import contextlib
import shutil
import sqlite3
import subprocess

import pytest

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, assert_told_once, rules, told_count
from waiting import wait_for


@pytest.fixture
def log(tmp_path):
    return GrowingLog(tmp_path / "error.log")


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def daemon(tmp_path, log, hook):
    with Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path), settle="100ms", update_every="200ms") as running:
        log.grow(5)
        wait_until_told(hook, log, running)
        yield running


def wait_until_told(hook, log, daemon):
    wait_for(lambda: told_count(hook) >= log.lines, lambda: f"{log.lines} lines, {told_count(hook)} told: {daemon.said()}")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a megabyte for the state folder."""
    (tmp_path / "state").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", tmp_path / "state"], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield tmp_path / "state"
    subprocess.run(["umount", "-l", tmp_path / "state"], check=True)


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 512)


def test_full_disk_is_told_and_outlived(small_disk, log, hook, daemon):
    fill(small_disk)
    for _ in range(3):  # until the write-ahead log has no room left
        log.grow(200)
    daemon.wait_until_it_says("triaged continues in memory and delivers no diagnosis until this is fixed")
    log.grow(50)
    daemon.wait_for_state(f"STATUS=following 1 files, 1 open incidents; cannot write {small_disk}/triaged.db: ")
    notice = wait_for(lambda: [i for i in hook.incidents() if i["rules"] == ["triaged/ledger"]], "a direct notice")
    assert (notice[0]["change"], notice[0]["severity"]) == ("opened", "critical")
    assert f"cannot write {small_disk}/triaged.db" in notice[0]["root_cause"]["text"]
    (small_disk / "filler").unlink()
    daemon.wait_until_it_says("the ledger can be written again; nothing was lost")
    wait_until_told(hook, log, daemon)
    wait_for(lambda: [i for i in hook.incidents() if i["rules"] == ["triaged/ledger"] and i["change"] == "resolved"], "its end")
    assert daemon.terminate() == 0
    assert_told_once(hook, log.lines)


def test_full_disk_does_not_hold_up_the_stop_and_loses_nothing(small_disk, log, hook, daemon):
    fill(small_disk)
    for _ in range(3):
        log.grow(200)
    daemon.wait_until_it_says("triaged continues in memory and delivers no diagnosis until this is fixed")
    assert daemon.terminate() == 0
    (small_disk / "filler").unlink()
    daemon.start()
    wait_until_told(hook, log, daemon)
    assert daemon.terminate() == 0
    assert_told_once(hook, log.lines)


def test_start_waits_for_room_on_the_disk(small_disk, log, hook, daemon):
    daemon.kill()  # leaves a write-ahead log
    fill(small_disk)
    log.grow(10)
    daemon.launch()
    wait_for(lambda: daemon.process.poll() is not None or [s for s in daemon.read_states() if s.startswith(("STATUS=waiting", "READY"))],
             lambda: daemon.said())
    assert daemon.process.poll() is None, daemon.said()
    (small_disk / "filler").unlink()
    wait_until_told(hook, log, daemon)
    assert daemon.terminate() == 0
    assert_told_once(hook, log.lines)


def test_deleted_state_folder_is_written_anew(tmp_path, log, hook, daemon):
    shutil.rmtree(tmp_path / "state")
    log.grow(5)
    wait_until_told(hook, log, daemon)
    daemon.wait_until_it_says("it was written again and nothing is lost")
    daemon.kill()
    log.grow(5)
    daemon.start()
    wait_until_told(hook, log, daemon)
    assert daemon.terminate() == 0
    assert_told_once(hook, log.lines)


def test_lock_of_another_process_is_waited_for(tmp_path, log, hook, daemon):
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "triaged.db", isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        log.grow(5)
        daemon.wait_until_it_says("triaged.db: database is locked")
        log.grow(5)
        stranger.execute("ROLLBACK")
    wait_until_told(hook, log, daemon)
    assert daemon.terminate() == 0
    assert_told_once(hook, log.lines)


def overwrite(path, bytes_at_most):
    size = min(path.stat().st_size, bytes_at_most)
    with open(path, "r+b") as file:
        file.write(b"x" * size)


def set_aside(state):
    return sorted(path for path in state.glob("triaged.db.corrupt-*") if not path.name.endswith(("-wal", "-shm")))


def test_database_damaged_while_running_is_set_aside(tmp_path, log, hook, daemon):
    state = tmp_path / "state"
    for name in ("triaged.db", "triaged.db-wal"):
        overwrite(state / name, 1 << 30)
    log.grow(5)
    wait_for(lambda: log.grow(1) or set_aside(state), lambda: f"a file set aside: {daemon.said()}")
    daemon.wait_until_it_says(f"triaged.db was set aside as {set_aside(state)[0]} and a new file is in use")
    wait_until_told(hook, log, daemon)
    daemon.kill()
    log.grow(5)
    daemon.start()
    wait_until_told(hook, log, daemon)
    assert daemon.terminate() == 0
    assert told_count(hook) == log.lines


def test_database_damaged_before_the_start_is_set_aside(tmp_path, log, hook, daemon):
    state = tmp_path / "state"
    assert daemon.terminate() == 0
    overwrite(state / "triaged.db", 4096)
    damaged = (state / "triaged.db").read_bytes()
    log.grow(5)
    daemon.start()
    daemon.wait_until_it_says("triaged.db is damaged: file is not a database")
    assert [path.read_bytes() for path in set_aside(state)] == [damaged]
    wait_until_told(hook, log, daemon)  # from the beginning of the file: where reading was stood in what is lost
    assert told_count(hook) == log.lines


def test_database_of_a_later_version_is_refused_and_left_alone(tmp_path, daemon):
    assert daemon.terminate() == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "triaged.db")) as later:
        later.execute("PRAGMA user_version = 99")
        later.execute("UPDATE digests SET rows = 99 WHERE name = 'schema'")
        later.commit()
    daemon.launch()
    assert daemon.process.wait(60) == 1
    assert "was written by a later version of triaged (schema 99" in daemon.said()
    assert set_aside(tmp_path / "state") == []
