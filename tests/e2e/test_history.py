"""A first start on logs that hold old outages: nobody is notified of each, one message counts them, and what happens from then
on is news."""
import contextlib
import datetime
import json
import pathlib
import signal
import sqlite3

import pytest

import product
import receivers
from product import Daemon, run
from refused_connections import RECORDED, rules
from waiting import wait_for

OUTAGES = 24
APART = datetime.timedelta(hours=9)  # 24 of them: nine days
SUMMARY = f"{OUTAGES} incidents of the last 9 days stood in the logs when triaged began to follow them"


def line_at(time):
    return f"{time:%Y/%m/%d %H:%M:%S}".encode() + RECORDED[0][19:]


def write_outages(log, lines=5):
    """The outages of nine days, a second between two lines of one; the last was hours ago."""
    now = datetime.datetime.now()
    with open(log, "wb") as file:
        for number in range(OUTAGES, 0, -1):
            began = now - number * APART
            file.writelines(line_at(began + datetime.timedelta(seconds=second)) for second in range(lines))


def append_news(log):
    with open(log, "ab") as file:
        file.write(line_at(datetime.datetime.now()))


def listed(daemon, *arguments):
    done = run("incidents", "list", "--json", *arguments, "--config", daemon.configuration)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def titles(hook):
    return [incident["title"] for incident in hook.incidents()]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "error.log"
    write_outages(path)
    return path


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


def usual(hook):
    return {"webhook": {"name": "hook", "url": hook.url}}


def first_start(folder, log, *sinks, **options):
    return Daemon(folder, [log], list(sinks), rules=rules(folder), max_age="1h", settle="100ms", **options)


def test_old_outages_are_listed_and_counted_in_one_message_and_the_next_one_is_sent(tmp_path, log, hook):
    with receivers.WebhookReceiver() as pager:
        of_errors = {"webhook": {"name": "pager", "url": pager.url, "min_severity": "error"}}
        with first_start(tmp_path, log, usual(hook), of_errors) as daemon:
            wait_for(hook.requests.__len__, "a message about the past")
            assert titles(hook) == [SUMMARY]
            daemon.wait_until_it_says(f"info: {SUMMARY}; `triaged incidents list --all` lists them")
            summary = hook.incidents()[0]
            assert (summary["severity"], summary["change"], summary["count"]) == ("warning", "opened", OUTAGES)
            assert len(listed(daemon, "--all")) == OUTAGES
            assert pager.requests == []

            append_news(log)
            wait_for(pager.requests.__len__, "the news")
            wait_for(lambda: len(hook.requests) == 2, "the news")
            assert [incident["change"] for incident in pager.incidents()] == ["opened"]
            assert pager.incidents()[0]["count"] == 1
            assert daemon.terminate() == 0
            assert titles(hook) == [SUMMARY, pager.incidents()[0]["title"]]


def test_what_was_written_while_nobody_followed_is_news_however_old_it_says_to_be(tmp_path, log, hook):
    with first_start(tmp_path, log, usual(hook)) as daemon:
        wait_for(hook.requests.__len__, "a message about the past")
        assert daemon.terminate() == 0
        with open(log, "ab") as file:
            file.write(line_at(datetime.datetime.now() - datetime.timedelta(hours=5)))
        daemon.start()
        wait_for(lambda: len(hook.requests) == 2, "the news")
        assert hook.incidents()[1]["change"] == "opened"


def test_an_empty_log_has_no_past_also_when_it_is_filled_while_nobody_follows(tmp_path, hook):
    log = tmp_path / "error.log"
    log.touch()
    with first_start(tmp_path, log, usual(hook)) as daemon:
        wait_for(lambda: cursors(tmp_path), "the place in the empty log")
        assert daemon.terminate() == 0
        log.write_bytes(line_at(datetime.datetime.now() - datetime.timedelta(hours=5)))
        daemon.start()
        assert hook.wait_for_opened()["count"] == 1
        assert SUMMARY not in titles(hook)


def cursors(folder):
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'state' / 'triaged.db'}?mode=ro", uri=True)) as ledger:
        return [json.loads(state) for (state,) in ledger.execute("SELECT state FROM cursors")]


@pytest.mark.skipif(b"TRIAGED_CRASH_AT" not in pathlib.Path(product.binary()).read_bytes(),
                    reason="this build has no crash points (CMake option TRIAGED_CRASH_POINTS)")
def test_old_outages_are_counted_once_although_reading_them_was_killed(tmp_path, log, hook):
    write_outages(log, lines=3000)
    daemon = first_start(tmp_path, log, usual(hook))
    places = []
    try:
        for point in ("after-commit", "after-commit", "before-commit:2", "after-commit:2"):
            daemon.launch(TRIAGED_CRASH_AT=point)
            daemon.process.wait(60)
            assert daemon.process.returncode == -signal.SIGKILL, daemon.said()
            places.append(cursors(tmp_path)[0]["files"][0]["offset"])
        assert 0 < places[0] < places[-1] < log.stat().st_size, "it was killed where something was left to read"
        daemon.start()
        wait_for(hook.requests.__len__, "a message about the past")
        assert daemon.terminate() == 0
        daemon.start()
        append_news(log)
        wait_for(lambda: len(hook.requests) == 2, "the news")
        assert titles(hook)[0] == SUMMARY
        assert hook.incidents()[1]["count"] == 1
        assert len(listed(daemon, "--all")) == OUTAGES + 1
    finally:
        daemon.__exit__()
