"""What a client writes to be taken for a program: lines that the rules know, in every disguise that a log may let through.

A forgery is a list of parts, each with the name of the production that it comes from, so that a failing one can be reduced part
by part. `twin` gives the same text without any words: letters of equal length.
"""
import pathlib
import random
import re
import time
import zlib

import yaml

LINE_FEEDS = [b"\n"] * 12 + [
    b"\r", b"\r\n", b"\r\r\n", b"\n\n", b"\x0b", b"\x0c", b"\x1e", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"%0a",
    b"%250a", b"\\n", b"\\x0A", b"#0A", b"\\012", b"\t", b"\0", b"\x1b[1E", b" "
]
CLOSERS = [
    b'"', b'" ', b"' ", b"}", b'"}', b'\\"', b'"]', b"} ", b'" 500 3 "-" "-"', b'" 502 0 "-" "-"', b'","status":502,"x":"',
    b'"}\n{"status":502,"request":"GET / HTTP/1.1","upstream_addr":"10.0.0.5:80","x":"', b'HTTP/1.1"', b'HTTP/1.1" ',
    b' while connecting to upstream, client: 1.2.3.4, server: , request: "GET / HTTP/1.1", upstream: "http://10.0.0.5:80/", host: "h"',
    b"], ", b"|", b"=> generated 3 bytes in 1 msecs (HTTP/1.1 500) 1 headers in 2 bytes", b"in /srv/x.php:3"
]
TERMINAL = [b"\x1b[31m", b"\x1b[0m", b"\x1b]0;x\x07", b"\x1b[2K\r", b"\x08\x08\x08", b"\x1b[1A"]
# What stands before a line where others collected it.
WRAPPERS = [b"%s"] * 6 + [
    b"Nov 29 08:40:00 web1 kernel: %s", b"Nov 29 08:40:00 web1 kernel: [ 3820.160557] %s", b"<0>%s",
    b"<11>1 2026-11-29T08:40:00Z web1 gunicorn 7 - - %s", b"2026-11-29T08:40:00.000000+00:00 web1 haproxy[7]: %s",
    b"Nov 29 08:40:00 web1 systemd[1]: %s", b"Nov 29 08:40:00 web1 app[7]: %s", b"web-1  | %s", b"[pod/web-1/app] %s",
    b"2026-11-29T08:40:00.000000000Z stderr F %s", b'{"log":"%s\\n","stream":"stderr","time":"2026-11-29T08:40:00Z"}',
    b"[Sat Nov 21 01:15:26 2026] %s", b"2026-11-29T08:40:00Z %s", b"[2026-11-29 08:40:00 +0000] [7] [ERROR] %s",
    b"2026/11/29 08:40:00 [error] 7#7: *9 %s", b"2026/11/29 08:40:00 [crit] 7#7: %s", b"[29-Nov-2026 08:40:00] WARNING: %s",
    b"Traceback (most recent call last):\n  File \"/srv/x.py\", line 3, in f\n    f()\n%s", b"ValueError: %s", b"FATAL: %s",
    b"panic: %s", b"nginx: [emerg] %s", b"[ALERT]    (7) : %s", b"[WARNING]  (7) : %s", b"\xef\xbb\xbf%s"
]
# Lengths at which programs and readers cut a record.
EDGES = [255, 512, 1023, 1024, 2047, 2048, 4095, 8191, 16384, 65535]


def all_rules(rules):
    for file in sorted(pathlib.Path(rules).rglob("*.yaml")):
        yield from yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def known_lines(rules):
    """Every example of every rule, whole, and each of its lines; more often what is looked for in lines of any program."""
    weights = {}
    for rule in all_rules(rules):
        for match in rule["match"] if isinstance(rule["match"], list) else [rule["match"]]:
            weight = 5 if {"text", "syslog", "any"} & set(match.get("formats", [])) or match.get("within") == "line" else 1
            for example in match.get("examples", []):
                text = example.strip("\n").encode()
                for line in (line for line in text.split(b"\n")[:8] if line.strip()):
                    weights[line] = max(1, weights.get(line, 0))
                weights[text[:20000]] = max(3 * weight, weights.get(text[:20000], 0))
    return [line for line, weight in weights.items() for _ in range(weight)]


class Grammar:
    """Makes forgeries. `frames` are what stands before and behind a client's text in the records of each carrier."""

    def __init__(self, rules, frames=None):
        self.known = known_lines(rules)
        self.usable = {}
        self.frames = frames or {}
        self.all_frames = sorted({frame for each in self.frames.values() for frame in each}) or [(b"", b"")]

    def lines_for(self, clean):
        """Those that get through as they are."""
        if clean not in self.usable:
            self.usable[clean] = [line for line in self.known if clean(line) == line] or self.known
        return self.usable[clean]

    def forgery(self, chance, carrier, clean, room):
        """A list of (production, text) for a carrier that has room for so many bytes."""
        self.lines = self.lines_for(clean) if chance.random() < 0.8 else self.known
        own = self.frames.get(carrier) if chance.random() < 0.8 else None
        self.heads, self.ends = zip(*(own or self.all_frames))
        text = chance.choice(self.SHAPES)(self, chance)
        if chance.random() < 0.12:
            text.insert(chance.randrange(len(text) + 1), ("terminal", chance.choice(TERMINAL)))
        if chance.random() < 0.15:
            text = self.pad(chance, text, room)
        return cut(text, room)

    def line(self, chance):
        text = chance.choice(self.lines)
        wrapper = chance.choice(WRAPPERS)
        return ("line", text if wrapper == b"%s" else wrapper.replace(b"%s", text))

    def feed(self, chance):
        return ("feed", chance.choice(LINE_FEEDS))

    def end(self, chance):
        return ("end", chance.choice(self.ends)) if chance.random() < 0.8 else ("closer", chance.choice(CLOSERS))

    def head(self, chance):
        return ("head", chance.choice(self.heads))

    def alone(self, chance):
        return [self.line(chance)]

    def behind_words(self, chance):
        return [("words", chance.choice([b"x ", b"/a/", b"index.html ", b"-", b"x: ", b"db/1: "])), self.line(chance)]

    def closed(self, chance):
        return [("closer", chance.choice(CLOSERS)), self.line(chance)]

    def on_its_own(self, chance):
        return [("words", b"x"), self.feed(chance), self.line(chance), self.feed(chance)]

    def last(self, chance):
        return [("words", b"x"), self.feed(chance), self.line(chance)]

    def behind_an_end(self, chance):
        return [("words", b"x"), self.end(chance), self.feed(chance), self.line(chance)]

    def between(self, chance):
        feed = self.feed(chance)
        return [("words", b"x"), self.end(chance), feed, self.line(chance), feed, self.head(chance), ("words", b"y")]

    def between_twice(self, chance):
        feed = self.feed(chance)
        return [("words", b"x"),
                self.end(chance), feed,
                self.line(chance), feed,
                self.head(chance), ("words", b"z"),
                self.end(chance), feed,
                self.line(chance), feed,
                self.head(chance), ("words", b"y")]

    def several(self, chance):
        feed, line = self.feed(chance), self.line(chance)
        parts = [("words", b"x"), feed]
        for _ in range(chance.choice([2, 3, 5, 12, 40])):
            parts += [line, feed]
        return parts

    def several_different(self, chance):
        parts = [("words", b"x"), self.feed(chance)]
        for _ in range(chance.choice([2, 3, 5])):
            parts += [self.line(chance), self.feed(chance)]
        return parts

    def whole_records(self, chance):
        """Records of the program itself, with a line as the client's text."""
        feed = self.feed(chance)
        parts = [("words", b"x"), self.end(chance), feed]
        for _ in range(chance.choice([1, 2, 8])):
            parts += [self.head(chance), self.line(chance), self.end(chance), feed]
        return parts + [self.head(chance)]

    def first_half(self, chance):
        line = chance.choice(self.lines)
        return [("line", line[:chance.randrange(1, max(2, len(line)))])]

    def second_half(self, chance):
        line = chance.choice(self.lines)
        return [("feed", chance.choice(LINE_FEEDS)), ("line", line[chance.randrange(0, len(line)):])]

    def access_records(self, chance):
        """Failures as access logs have them, alone or many."""
        status = chance.choice([b"500", b"502", b"503", b"504"])
        day = chance.choice([b"29/Nov/2026:08:40:", time.strftime("%d/%b/%Y:%H:%M:").encode()])
        feed = self.feed(chance)
        begin = chance.choice([[], [("words", b"x"), feed]])
        parts = []
        for at in range(chance.choice([1, 1, 5, 12, 30])):
            parts.append(("access", b'9.9.9.9 - - [%s%02d +0000] "GET / HTTP/1.1" %s 3 "-" "-"' % (day, at % 60, status)))
            parts.append(feed)
        return begin + parts[:-1] + chance.choice([[], [feed]])

    SHAPES = [
        access_records, access_records, alone, behind_words, closed, on_its_own, on_its_own, last, last, behind_an_end,
        behind_an_end, between, between, between, between_twice, several, several_different, whole_records, first_half,
        second_half
    ]

    def pad(self, chance, text, room):
        """Up to where a record is cut, so that the cut falls near some part's edge."""
        edge = chance.choice([edge for edge in EDGES if edge <= room] or [room])
        length = max(0, edge - sum(len(part) for _, part in text[:chance.randrange(len(text) + 1)]) - chance.randrange(300))
        filling = chance.choice([b"a", b"b/", b"c ", b"d\n", b'"'])
        text.insert(chance.choice([0, len(text)]), ("padding", (filling * length)[:length]))
        return text


def cut(parts, room):
    kept = []
    for name, part in parts:
        if part[:room]:
            kept.append((name, part[:room]))
            room -= len(part[:room])
    return kept


LETTERS = bytes(random.Random(1).choices(b"bcdfghjklmnpqrstvwxz", k=1 << 17))  # no vowels, so no words


def twin(text, kept=b""):
    """Letters instead of `text`, and of the same length; what is in `kept` stays, for the server treats it as something special."""
    at = zlib.crc32(text) % (1 << 16)
    if len(text) > 1 << 16:
        return twin(text[:1 << 16], kept) + twin(text[1 << 16:], kept)
    letters = LETTERS[at:at + len(text)]
    if not kept:
        return letters
    pieces, last = [], 0
    for found in re.finditer(b"[" + re.escape(kept) + b"]+", text):
        pieces += [letters[last:found.start()], found.group()]
        last = found.end()
    return b"".join(pieces) + letters[last:]


CASES = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                        b"XQZKVXQZKVXQZKVXQZKVXQZKVJxqzkvxqzkvxqzkvxqzkvxqzkvjqzkvxjbdwm")


def wordless(text, kept=b""):
    """Other letters instead of letters and digits, for places where the rest decides how a server treats it."""
    return text.translate(CASES)
