"""Numbered log lines and the rules that make each of them one detection.

The line is nginx's own (`connect() failed`), with the connection's number as the number: the rule's entity is that
connection, so a line that is read twice shows as a second incident or a count above 1, and a lost one as no incident.
"""
import time

SIGNATURE = "connect() failed (111: Connection refused) while connecting to upstream"
LONGEST = 64 * 1024  # a line is cut behind this many bytes

RULES = r"""
id: torture/refused
title: A numbered line was read
severity: error
match:
  - formats: [nginx.error]
    regex: '^connect\(\) failed \(111: Connection refused\) while connecting to upstream'
entity: connection
root_cause: Connection {connection} was refused.
"""
# What a reload adds; it matches nothing here.
FURTHER_RULE = r"""
---
id: torture/further-%d
title: Rate limit number %d
severity: info
match:
  - formats: [nginx.error]
    regex: '^limiting requests, excess: [\d.]+ by zone "(?<zone>[^"]*)"'
entity: zone
root_cause: Zone {zone} is at its limit.
"""
MISTAKE = "\n---\nid: torture/mistake\ntitle: [\n"

# What nginx says at its start: no detections, and the same at the head of every file.
HEADER = b"".join(
    b"2026/11/21 01:06:4%d [notice] 1851#1851: %s\n" % (second, text) for second, text in enumerate([
        b'using the "epoll" event method', b"nginx/1.22.1", b"OS: Linux 6.1.0-28-amd64",
        b"getrlimit(RLIMIT_NOFILE): 1024:1048576", b"start worker processes", b"start worker process 1852",
        b"start worker process 1853"]))


class Written:
    """One numbered line: what it is, and what may happen to it."""

    def __init__(self, number, text, where):
        self.number, self.text, self.where = number, text, where
        self.at = time.monotonic()
        self.offset = None  # of its first byte in its file
        self.may_be_lost = False  # truncated away by somebody else before it can have been read
        self.is_cut = False  # of those: a part of it is left

    def __repr__(self):
        loss = ", may be lost" if self.may_be_lost else ""
        return f"{self.number} at {self.where}, offset {self.offset}, {len(self.text)} bytes{loss}: {self.text[:120]!r}"


class Lines:
    """Makes lines and remembers all of them."""

    def __init__(self, random):
        self.random = random
        self.written = {}
        self.next_number = 1

    def new(self, where, longest=None):
        number = self.next_number
        self.next_number += 1
        kind = self.random.random()
        request = b"/api/items?id=%d" % (number * 7 % 4000)
        if kind < 0.04:
            request += b"\xff\xfe\xc3(\xe2\x82"  # not UTF-8
        elif kind < 0.06:
            request += b"\x1b[31m\x00\x7f"
        elif kind < 0.07 and not longest:  # a second whole record, behind the place where the line is cut
            request += b"x" * LONGEST + self.record(10**9 + number, b"/")
            request += b"y" * self.random.randrange(300_000)
        elif kind < 0.12:
            request += b"&page=" + b"1" * self.random.randrange(3000)
        line = Written(number, self.record(number, request), where)
        self.written[number] = line
        return line

    @staticmethod
    def record(number, request):
        stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime()).encode()
        return (b"%s [error] 1851#1851: *%d %s, client: 127.0.0.1, server: shop.example.com, request: \"GET %s HTTP/1.1\", "
                b'upstream: "http://127.0.0.1:8003%s", host: "shop.example.com"'
                % (stamp, number, SIGNATURE.encode(), request, request[:200]))
