"""A recorded story that is sent by syslog is told the same way as `scan` tells it of its files.

Each line of a log becomes a message, as rsyslog forwards what it follows (imfile): a priority, a time, the program, the line. What
had a header already keeps it. Over UDP a message is a datagram; over TCP all of them run through one connection. There, framed by
line feeds, they are what a syslog daemon would have written into one file, so that is what `scan` reads.

As in test_replay.py, whose stories these are, times are moved to now, and a line of a rule of its own ends each log.
"""
import contextlib
import datetime
import math
import re
import socket
import time

import pytest

import product
from servers import free_port
from test_replay import CHOSEN, CORPUS, CASES, END_RULE, REPLAYS_ALL, ToldIncidents, essence, pytestmark, stories  # noqa: F401
from waiting import wait_for

# By what its log is called, whose lines stand in it.
PROGRAMS = ["nginx", "gunicorn", "haproxy", "kernel", "php-fpm", "uwsgi"]
HEADER = re.compile(rb"(\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ (haproxy|kernel)(\[\d+\])?: ")


def program_of(log):
    return next((program for program in PROGRAMS if program in log), "app")


def message(line, text, seconds, zone):
    if HEADER.match(text):
        return b"<134>" + text
    at = datetime.datetime.fromtimestamp(line.at + seconds, zone).isoformat(timespec="microseconds")
    return f"<133>{at} {program_of(line.log)}: ".encode() + text


class Sender:
    """`way`: udp; tcp-counted, each message with its length; tcp-lines, each ended by a line feed."""

    def __init__(self, way, port):
        self.way = way
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if way == "udp" else socket.SOCK_STREAM)
        self.socket.connect(("127.0.0.1", port))

    def send(self, text):
        text = text.rstrip(b"\n")
        self.socket.sendall({"udp": text, "tcp-counted": b"%d %s" % (len(text), text), "tcp-lines": text + b"\n"}[self.way])


def without_sources(incidents):
    """As essence(): but an address is not called as a file."""
    return sorted((severity, cause, kind, "" if kind == "source" else name, count)
                  for severity, cause, kind, name, count in essence(incidents))


def replay(story, folder, way):
    port = free_port()
    (folder / "end.yaml").write_text(END_RULE)
    told = ToldIncidents(folder / "incidents.jsonl")
    daemon = product.Daemon(folder, [], [{"file": {"path": str(told.path), "min_severity": "info"}}],
                            rules=(product.SOURCE / "rules", folder / "end.yaml"), probes={"enabled": False}, update_every="1ms",
                            sources=[{"syslog": {"listen": f"{way.split('-')[0]}://127.0.0.1:{port}", "trust_kernel": True}}])
    (folder / "logs").mkdir()
    with contextlib.ExitStack() as stack:
        stack.callback(daemon.__exit__)
        names = {log: "syslog" if way == "tcp-lines" else log for log in story.logs}
        files = {name: stack.enter_context(open(folder / "logs" / name, "ab", buffering=0)) for name in set(names.values())}
        daemon.start(TZ=story.posix_zone)
        sender, sender_of_ends = Sender(way, port), Sender(way, port)
        begin, speed = time.time(), 1000
        seconds = math.floor(begin + (story.end - story.begin) / speed - story.end)
        for line in story.lines:
            if (pause := begin + (line.at - story.begin) / speed - time.time()) > 0:
                time.sleep(pause)  # the story's own
            text = story.moved(line.text, seconds)
            sent = message(line, text, seconds, story.zone)
            files[names[line.log]].write(sent[len("<134>"):] if way == "tcp-lines" else text)
            sender.send(sent)
        scanned = product.scan("--quiet", *(file.name for file in files.values()))
        for name in story.logs:
            sender_of_ends.send(b"<133>Here ends the story of %s" % name.encode())
        wait_for(lambda: told.ended_logs() == set(story.logs), lambda: f"{story.case}: all logs have ended; {daemon.said()}")
        assert "datagrams" not in daemon.said(), "lost"
        return without_sources(told.read()), without_sources(scanned)


@pytest.mark.parametrize("way", ["udp", "tcp-counted", "tcp-lines"])
@pytest.mark.parametrize("case", CASES if REPLAYS_ALL else CHOSEN[1:10:2])
def test_a_story_told_by_syslog_is_the_same(tmp_path, stories, case, way):  # noqa: F811
    assert CORPUS.exists()
    received, scanned = replay(stories[case], tmp_path, way)
    assert scanned or not stories[case].is_of_failure, "nothing was found"
    assert received == scanned
