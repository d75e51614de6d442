"""A recorded story is told the same way by the daemon that follows its logs live, line by line, and by `scan`.

Each story is written to logs that a daemon follows, in the order and with the pauses of its own times: as fast as it happened,
and a thousand times as fast. What the daemon told last of each incident is compared with what `scan` says of the same files:
severity, root cause, entity and count.

The times in the lines are moved, all by the same whole number of seconds, so that the story happens now. It must, because the
daemon dates what has no time (standard error of HAProxy and nginx, Node.js, uWSGI) by its own clock, and beside lines of long
ago that would be another story. Where every log has times, the lines are replayed as they were recorded as well: so reads who
was down for a while. What has no time at all was written at the end of the story, as `scan` takes it.

What may differ, and why:
- `scan` does not know on which machine a log was written; the daemon knows that it was this one. An incident about a host that
  no line names has no name in `scan`.
- The daemon tells a growing incident again after `notify.update_every`. Here that is at once, so that the last count is told.

When all is told: the last line of each log fires a rule of this test. That is told only when everything before it was read,
when the daemon judges conditions over several lines (which it does not in its first ten seconds), and later than the longest
wait of a shipped rule for a line that could forbid it.

TRIAGED_REPLAY_ALL=1 replays every recorded case instead of a few: ten minutes, or five with -n 4.
"""
import concurrent.futures
import contextlib
import dataclasses
import datetime
import functools
import importlib.util
import json
import math
import os
import pathlib
import re
import socket
import time
import zoneinfo

import pytest
import yaml

import product
from waiting import wait_for

SHARED = pathlib.Path(os.environ.get("TRIAGED_CORPUS_KIT", pathlib.Path(__file__).resolve().parents[3] / "shared"))
CORPUS = SHARED / "corpus"
REPLAYS_ALL = bool(os.environ.get("TRIAGED_REPLAY_ALL"))

# Of several programs each: processes that die, places that are taken, two failures at once, lines without times, conditions over
# several lines, a zone that is not this machine's.
CHOSEN = [
    "chain-gunicorn-saturated-504",
    "chain-haproxy-nginx-gunicorn-down-checked",
    "chain-nginx-gunicorn-oom",
    "chain-timezone-newyork",
    "chain-two-independent-faults",
    "gunicorn-gthread-saturated",
    "haproxy-backend-down-l4-refused",
    "haproxy-server-flapping",
    "nginx-node-crash",
    "nginx-uwsgi-harakiri",
]
CASES = sorted(path.parent.name for path in CORPUS.glob("*/label.yaml")) if REPLAYS_ALL else CHOSEN
SIDE_BY_SIDE = 20  # daemons

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"NO RECORDED STORIES AT {CORPUS}")

# Fires four seconds after the line was read.
END_RULE = """\
id: replay/end
title: The story of a log is over
severity: info
entity: replayed_log
match:
  - set:
      of:
        - {regex: '^Here ends the story of (?<replayed_log>\\S+)', within: line}
      unless:
        - {regex: '^Here nothing ends after all', within: line, window: 2s}
      by: replayed_log
causes:
  - {id: story-over, prior: 0.9, text: Its last line was read.}
"""

# As logs write times: how to find one, and how to read and write it. %e is a day without a zero before it.
TIME_FORMS = [
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
    (r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d", "%d/%b/%Y:%H:%M:%S"),
    (r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d", "%d-%b-%Y %H:%M:%S"),
    (r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}", "%a %b %e %H:%M:%S %Y"),
    (r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", "%b %e %H:%M:%S"),
]
TIMES = [(re.compile(rf"(?P<clock>{pattern})(?P<fraction>[.,]\d+)?(?: ?(?P<zone>[+-]\d\d:?\d\d))?".encode()), form)
         for pattern, form in TIME_FORMS]


def read_clock(found, form, year):
    """A time without a year is of `year`."""
    text, form = found["clock"].decode(), form.replace("%e", "%d")
    if "%Y" not in form:
        text, form = f"{year} {text}", f"%Y {form}"
    return datetime.datetime.strptime(text, form)


def moved_time(found, form, year, seconds):
    written = (read_clock(found, form, year) + datetime.timedelta(seconds=seconds)).strftime(form).encode()
    return written + found[0][len(written):]


@dataclasses.dataclass
class Line:
    log: str
    text: bytes
    at: float | None  # seconds since the epoch


class Story:
    """The lines of a recorded case in the order in which they were written, as far as their times tell."""

    def __init__(self, case, files):
        self.case = case
        label = yaml.safe_load((CORPUS / case / "label.yaml").read_text())
        recorded = datetime.datetime.fromisoformat(label["injected_at"].replace("Z", "+00:00"))
        self.year = recorded.year
        self.zone = datetime.timezone(recorded.astimezone(zoneinfo.ZoneInfo(label["timezone_of_logs"])).utcoffset())
        self.is_of_failure = not label["root_cause"].startswith("none")
        self.logs = [pathlib.Path(file).name for file in files]
        logs = [self.lines_of(pathlib.Path(file)) for file in files]
        self.end = max(line.at for log in logs for line in log if line.at is not None)
        for log in logs:  # what has no time at all belongs to the end
            first = next((line.at for line in log if line.at is not None), self.end)
            for line in log:
                line.at = first if line.at is None else line.at
        self.lines = sorted((line for log in logs for line in log), key=lambda line: line.at)
        self.begin = self.lines[0].at

    def lines_of(self, file):
        """A line without a time was written with the line before it."""
        lines, latest = [], None
        for text in file.read_bytes().splitlines(keepends=True):
            at = self.time_of(text)
            latest = at if latest is None else max(latest, latest if at is None else at)
            lines.append(Line(file.name, text, latest))
        return lines

    def time_of(self, text):
        found = [(match.start(), match, form) for pattern, form in TIMES if (match := pattern.search(text))]
        if not found:
            return None
        _, match, form = min(found, key=lambda one: one[0])
        clock = read_clock(match, form, self.year)
        zone = datetime.datetime.strptime(match["zone"].decode(), "%z").tzinfo if match["zone"] else self.zone
        return clock.replace(tzinfo=zone).timestamp() + float(b"0." + match["fraction"][1:] if match["fraction"] else 0)

    def moved(self, text, seconds):
        """The line as it would have been written so many seconds later."""
        for pattern, form in TIMES if seconds else []:
            text = pattern.sub(functools.partial(moved_time, form=form, year=self.year, seconds=seconds), text)
        return text

    @property
    def posix_zone(self):
        """For the environment variable TZ, whose sign is the other way round."""
        minutes = int(self.zone.utcoffset(None).total_seconds() // 60)
        return f"LOG{'-' if minutes > 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    @property
    def has_times(self):
        """Nothing in it is dated by the daemon's clock."""
        return not {"app.log", "backend.log", "haproxy-stderr.log", "nginx-stderr.log", "uwsgi.log"} & set(self.logs)


class ToldIncidents:
    """What a file sink has written: the last form of each incident."""

    def __init__(self, path):
        self.path = path
        self.offset = 0
        self.last = {}

    def read(self):
        if self.path.exists():
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                text = file.read()
            complete = text[:text.rfind(b"\n") + 1]
            self.offset += len(complete)
            for incident in map(json.loads, complete.splitlines()):
                self.last[incident["incident"]] = incident
        return list(self.last.values())

    def ended_logs(self):
        return {one["entity"]["value"] for one in self.read() if one["entity"]["kind"] == "replayed_log"}


def essence(incidents):
    """What happened, to what, how badly, how often; in any order. What became part of another incident is told there."""
    def name_of(entity):
        is_this_machine = entity["kind"] == "host" and entity.get("value") == socket.gethostname()
        return "" if is_this_machine else entity.get("value", "")
    return sorted((incident["severity"], incident["root_cause"]["cause"], incident["entity"]["kind"],
                   name_of(incident["entity"]), incident["count"])
                  for incident in incidents if "merged_into" not in incident and incident["entity"]["kind"] != "replayed_log")


def follower(folder):
    """A daemon that follows `folder`/logs, and what it tells."""
    (folder / "logs").mkdir(parents=True)
    (folder / "end.yaml").write_text(END_RULE)
    told = ToldIncidents(folder / "incidents.jsonl")
    sink = {"file": {"path": str(told.path), "min_severity": "info"}}
    # What this machine looks like says nothing about a recorded one: no probes.
    return product.Daemon(folder, [folder / "logs" / "*.log"], [sink], rules=(product.SOURCE / "rules", folder / "end.yaml"),
                          probes={"enabled": False}, update_every="1ms"), told


def replay(story, folder, speed, is_moved=True):
    """What the daemon told of the story in the end, and what `scan` says of the same files."""
    daemon, told = follower(folder)
    with contextlib.ExitStack() as stack:
        stack.callback(daemon.__exit__)
        files = {name: stack.enter_context(open(folder / "logs" / name, "ab", buffering=0)) for name in story.logs}
        daemon.start(TZ=story.posix_zone)
        begin = time.time()
        # The last line's time is reached when it is written.
        seconds = math.floor(begin + (story.end - story.begin) / speed - story.end) if is_moved else 0
        lines = [(files[line.log], story.moved(line.text, seconds), (line.at - story.begin) / speed) for line in story.lines]
        for file, text, after in lines:
            if (pause := begin + after - time.time()) > 0:
                time.sleep(pause)  # the story's own
            file.write(text)
        scanned = essence(product.scan("--quiet", *(file.name for file in files.values())))
        for name, file in files.items():
            file.write(b"Here ends the story of %s\n" % name.encode())
        wait_for(lambda: told.ended_logs() == set(story.logs), lambda: f"{story.case}: all logs have ended; {daemon.said()}")
        return essence(told.read()), scanned


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    specification = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    score = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(score)
    with follower(tmp_path_factory.mktemp("rules"))[0]:
        pass  # has compiled the rules for those that start side by side
    return {case: Story(case, score.logs_of(str(CORPUS / case))) for case in CASES}


def test_stories_followed_live_at_their_own_pace_are_the_same(tmp_path, stories):
    longest_first = sorted(stories.values(), key=lambda story: story.begin - story.end)
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        # Folders with short names: the path of a socket has at most 107 bytes.
        results = {story.case: pool.submit(replay, story, tmp_path / str(number), 1)
                   for number, story in enumerate(longest_first)}
    told = {case: result.result() for case, result in results.items()}
    assert [case for case, (_, scanned) in told.items() if stories[case].is_of_failure and not scanned] == []
    differing = {case: {"followed": followed, "scanned": scanned} for case, (followed, scanned) in told.items()
                 if followed != scanned}
    assert differing == {}


@pytest.mark.parametrize("case", CASES)
def test_a_story_told_a_thousand_times_as_fast_is_the_same(tmp_path, stories, case):
    story = stories[case]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        replays = [pool.submit(replay, story, tmp_path / "now", 1000)]
        if story.has_times:
            replays.append(pool.submit(replay, story, tmp_path / "old", 1000, is_moved=False))
    for followed, scanned in [result.result() for result in replays]:
        assert scanned or not story.is_of_failure, "nothing was found"
        assert followed == scanned
