"""A ledger of an older schema is brought to the present one at the start, also when the process is killed in the midst."""
import contextlib
import pathlib
import signal
import sqlite3

import pytest

import product
import receivers
from product import SOURCE, Daemon, run, webhook
from waiting import wait_for

DUMP = (SOURCE / "tests" / "store" / "schema4.sql").read_text()


@pytest.fixture
def database(tmp_path):
    (tmp_path / "state").mkdir()
    path = tmp_path / "state" / "triaged.db"
    with contextlib.closing(sqlite3.connect(path)) as older:
        older.executescript(DUMP)
    return path


def tables_of(database):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as ledger:
        return list(ledger.iterdump()), ledger.execute("PRAGMA user_version").fetchone()


def assert_goes_on(daemon, hook):
    """What was undelivered is delivered, the incident is open, and it is acknowledged as it was before."""
    opened = hook.wait_for_opened()
    assert opened["causes"][0]["cause"] == "oom-kill"
    shown = run("incidents", "list", "--config", daemon.configuration)
    assert shown.returncode == 0, shown.stderr
    assert opened["incident"] in shown.stdout and "acknowledged" in shown.stdout, shown.stdout
    daemon.wait_for_state("STATUS=following 1 files, 1 open incidents")
    assert "cannot be read" not in daemon.said() and "damaged" not in daemon.said()
    assert list(daemon.folder.glob("state/*.corrupt-*")) == []


def test_an_acknowledged_incident_survives_the_upgrade(tmp_path, database):
    (tmp_path / "a.log").write_text("")
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [tmp_path / "a.log"], [webhook(hook)]) as daemon:
        assert_goes_on(daemon, hook)
        daemon.kill()
        daemon.start()
        daemon.wait_for_state("STATUS=following 1 files, 1 open incidents")
        assert tables_of(database)[1] == (5,)
        assert len(hook.opened()) == 1


@pytest.mark.skipif(b"TRIAGED_CRASH_AT" not in pathlib.Path(product.binary()).read_bytes(),
                    reason="this build has no crash points (CMake option TRIAGED_CRASH_POINTS)")
def test_a_kill_in_the_midst_changes_nothing(tmp_path, database):
    (tmp_path / "a.log").write_text("")
    before = tables_of(database)
    assert before[1] == (4,)
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [tmp_path / "a.log"], [webhook(hook)])
        try:
            daemon.launch(TRIAGED_CRASH_AT="inside-schema-step")
            assert daemon.process.wait(60) == -signal.SIGKILL, daemon.said()
            assert tables_of(database) == before
            daemon.start()
            assert_goes_on(daemon, hook)
            assert tables_of(database)[1] == (5,)
        finally:
            daemon.__exit__()
