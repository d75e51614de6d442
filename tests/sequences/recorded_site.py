"""Recorded failures of one site, put one after another: their lines keep their words and get new times.

A recording is a labelled case of the corpus. Between two of them stands healthy traffic of the same servers, taken from
the recordings in which nothing fails.
"""
import collections
import datetime
import pathlib
import re

import yaml

# The logs of each site. What cannot be moved in time is left out: the plain output of nginx and HAProxy has no dates.
SITES = {
    "nginx": {"logs": ["nginx-access.log", "nginx-error.log", "gunicorn-error.log", "gunicorn-access.log", "kernel.log"],
              "healthy": "neg-nginx-healthy-2500"},
    "nginx-json": {"logs": ["nginx-access.json.log", "nginx-error.log", "gunicorn-error.log", "gunicorn-access.log", "kernel.log"],
                   "healthy": "neg-nginx-healthy-2500"},
    "gunicorn": {"logs": ["gunicorn-access.log", "gunicorn-error.log", "kernel.log"], "healthy": "neg-nginx-healthy-2500"},
    "haproxy": {"logs": ["haproxy.log", "gunicorn-error.log", "gunicorn-access.log", "kernel.log"],
                "healthy": "neg-haproxy-healthy-2500"},
}
UNDATED = ("nginx-stderr.log", "haproxy-stderr.log", "app.log", "label.yaml")
OTHER_FORMS = ("nginx-access.json.log", "nginx-access.log", "haproxy.raw", "haproxy.trad.log", "kernel.raw", "kernel.dmesg.log")
# Addresses at which one application was recorded: they become one.
ONE_ADDRESS = [(re.compile(rb"127\.0\.0\.1:(8443|8080)\b"), b"127.0.0.1:8000")]

TIMES = [
    (re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"), "%Y/%m/%d %H:%M:%S", 0),
    (re.compile(rb"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d(?:\.\d{3})?"), "%d/%b/%Y:%H:%M:%S", 3),
    (re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?"), "%Y-%m-%dT%H:%M:%S", 6),
    (re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S", 0),
]
HEAD = 200  # bytes of a line in which its own times stand


def _read(text, form):
    whole, _, rest = text.decode().partition(".")
    time = datetime.datetime.strptime(whole, form)
    return time.replace(microsecond=int(rest.ljust(6, "0"))) if rest else time


def _written(time, form, digits, has_fraction):
    text = time.strftime(form)
    return (text + "." + f"{time.microsecond:06d}"[:digits] if has_fraction else text).encode()


def time_of(line):
    """When the line was written, as it says itself; None when it does not."""
    found = [(match.start(), match.group(), form) for pattern, form, _ in TIMES if (match := pattern.search(line[:HEAD]))]
    if not found:
        return None
    _, text, form = min(found)
    return _read(text, form)


def moved(line, by):
    """The line with all of its own times moved."""
    head, rest = line[:HEAD], line[HEAD:]
    for pattern, form, digits in TIMES:
        head = pattern.sub(lambda each: _written(_read(each.group(), form) + by, form, digits, b"." in each.group()), head)
    return head + rest


class Recording:
    """One failure: its lines by log, from the start of the recording until its programs were stopped."""

    def __init__(self, folder, logs):
        self.name = folder.name
        label = yaml.safe_load((folder / "label.yaml").read_text())
        self.causes = {label["root_cause"], *label.get("accept", [])}
        self.cause = label["root_cause"]
        end = datetime.datetime.strptime(label["teardown_at"], "%Y-%m-%dT%H:%M:%S.%fZ")
        self.lines = {log: _lines_until(end, folder / log) for log in logs if (folder / log).exists()}
        times = [time for lines in self.lines.values() for time, _ in lines if time]
        self.begin, self.end = min(times), max(times)

    def at(self, begin):
        by = begin - self.begin
        return {log: [_as_one_site(moved(line, by)) for _, line in lines] for log, lines in self.lines.items()}


def _as_one_site(line):
    for pattern, address in ONE_ADDRESS:
        line = pattern.sub(address, line)
    return line


def _lines_until(end, path):
    kept = []
    for line in path.read_bytes().splitlines():
        time = time_of(line)
        if time and time > end:
            break
        kept.append((time, line))
    return kept


def recordings(corpus, site):
    """Failures of which all that matters stands in the site's logs."""
    logs = SITES[site]["logs"]
    front = logs[0]
    found = []
    for folder in sorted(path.parent for path in pathlib.Path(corpus).glob("*/label.yaml")):
        label = yaml.safe_load((folder / "label.yaml").read_text())
        names = {path.name for path in folder.iterdir() if path.stat().st_size} - set(UNDATED) - set(OTHER_FORMS)
        is_of_site = (folder / front).exists() and names <= {*logs, "kernel.log"}
        is_one_failure = not label["root_cause"].startswith("none") and "+" not in label["root_cause"]
        is_in_utc = label.get("timezone_of_logs", "UTC") == "UTC"
        if is_of_site and is_one_failure and is_in_utc:
            found.append(Recording(folder, logs))
    return found


class HealthyTraffic:
    """Requests that were answered, as many a second as is asked for, taken round and round from a recording."""

    def __init__(self, corpus, site):
        folder = pathlib.Path(corpus) / SITES[site]["healthy"]
        self.lines = {}
        for log in SITES[site]["logs"]:
            if "access" not in log and log != "haproxy.log" or not (folder / log).exists():
                continue
            dated = [(time_of(line), line) for line in (folder / log).read_bytes().splitlines()]
            self.lines[log] = [(time, line) for time, line in dated if time and b" Proxy " not in line]
        self.requests = max(len(lines) for lines in self.lines.values())

    def between(self, begin, end, each):
        """A request every `each` seconds."""
        wanted = int((end - begin).total_seconds() / each)
        made = collections.defaultdict(list)
        for log, lines in self.lines.items():
            count = round(wanted * len(lines) / self.requests)
            for i in range(count):
                time, line = lines[i % len(lines)]
                made[log].append(moved(line, begin + (end - begin) * (i + 0.5) / count - time))
        return made
