"""That a line is absent is evidence only of a log that was read: otherwise the incident says which log decides."""
import datetime
import re

import pytest

from product import SOURCE, Daemon, scan, webhook
from receivers import WebhookReceiver
from waiting import wait_for

CLOSED = [line for line in (SOURCE / "samples" / "out-of-memory" / "nginx-error.log").read_bytes().splitlines(keepends=True)
          if b"upstream prematurely closed connection" in line]
# Of a real kernel, and no failure.
TRACE = b"2026-11-29T08:51:09.953913+00:00 web1 kernel: [ 2247.004402] Call Trace:\n"

QUESTION = ("No kernel log of that time was read: examine `dmesg -T` or `journalctl -k` for "
            "“The kernel killed a process because memory ran out”.")


def closed_at(moment):
    local = moment.astimezone().strftime("%Y/%m/%d %H:%M:%S").encode()
    return b"".join(re.sub(rb"^\S+ \S+", local, line) for line in CLOSED[:3])


def traced_at(moment):
    return re.sub(rb"^\S+", moment.isoformat(timespec="microseconds").encode(), TRACE)


def may_be_an_oom_kill(incident):
    """An incident lists its eight likeliest causes; a kill that a kernel log does not show is none of them."""
    return "oom-kill" in {cause["cause"] for cause in incident["causes"]}


def questions(incident):
    return [question["text"] for question in incident["open_questions"] if question["rule"] == "kernel/oom-kill"]


@pytest.mark.parametrize("first, last, is_read", [(-60, 60, True), (-120, -60, False), (60, 120, False)])
def test_a_file_covers_the_time_from_its_first_line_to_its_last(tmp_path, first, last, is_read):
    at = datetime.datetime(2026, 11, 29, 9, 0, tzinfo=datetime.timezone.utc)
    errors, kernel = tmp_path / "error.log", tmp_path / "kern.log"
    errors.write_bytes(closed_at(at))
    kernel.write_bytes(b"".join(traced_at(at + datetime.timedelta(seconds=offset)) for offset in range(first, last + 1, 10)))
    [incident] = scan(errors, kernel)
    assert questions(incident) == ([] if is_read else [QUESTION])
    assert may_be_an_oom_kill(incident) == (not is_read)


@pytest.fixture
def hook():
    with WebhookReceiver() as receiver:
        yield receiver


def told(hook):
    wait_for(lambda: hook.incidents(), lambda: "an incident")
    return hook.incidents()[-1]


@pytest.mark.parametrize("is_followed", [False, True])
def test_a_log_that_is_followed_covers_the_time_since_its_last_line(tmp_path, hook, is_followed):
    now = datetime.datetime.now(datetime.timezone.utc)
    errors, kernel = tmp_path / "error.log", tmp_path / "kern.log"
    errors.touch()
    kernel.write_bytes(traced_at(now - datetime.timedelta(hours=20)))
    with Daemon(tmp_path, [errors, kernel] if is_followed else [errors], [webhook(hook)], probes={"enabled": False}):
        errors.write_bytes(closed_at(now))
        incident = told(hook)
    assert questions(incident) == ([] if is_followed else [QUESTION])
    assert may_be_an_oom_kill(incident) == (not is_followed)


def test_what_was_read_before_a_restart_is_still_known(tmp_path, hook):
    now = datetime.datetime.now(datetime.timezone.utc)
    errors, kernel = tmp_path / "error.log", tmp_path / "kern.log"
    errors.touch()
    kernel.write_bytes(traced_at(now - datetime.timedelta(hours=20)))
    daemon = Daemon(tmp_path, [errors, kernel], [webhook(hook)], probes={"enabled": False})
    with daemon:
        daemon.terminate()
        daemon.start()
        errors.write_bytes(closed_at(now))
        incident = told(hook)
    assert questions(incident) == []
    assert not may_be_an_oom_kill(incident)


def test_a_source_whose_format_is_named_is_known_before_it_says_anything(tmp_path, hook):
    errors, kernel = tmp_path / "error.log", tmp_path / "kern.log"
    errors.touch()
    kernel.touch()
    sources = [{"file": {"paths": [str(errors)]}}, {"file": {"paths": [str(kernel)], "format": "kernel"}}]
    with Daemon(tmp_path, [], [webhook(hook)], sources=sources, probes={"enabled": False}):
        errors.write_bytes(closed_at(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)))
        incident = told(hook)
    assert questions(incident) == []
