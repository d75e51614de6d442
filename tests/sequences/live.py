"""A sequence as the daemon meets it: written line by line, many times faster than it happened, while triaged follows.

The lines say when they happened, the last one just now. The daemon waits as many times less for what else belongs to a
first symptom. For quiet it waits as long as ever, for the pauses between the failures are shorter than that, too.
"""
import datetime
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from product import Daemon, binary
from recorded_site import time_of
from servers import free_port
from waiting import wait_for

SETTLE = 2  # seconds: the default of `notify`
TICK = 0.01  # between two writes
UNREAD = re.compile(r"^triaged_unread_bytes (\d+)$", re.MULTILINE)


class Writer:
    """The logs of one sequence, with each line when its time has come."""

    def __init__(self, sequence, folder, speed):
        self.speed, self.paths = speed, []
        self.lines = []  # (time, log, line); one without a time comes with the one before it
        for log, lines in sequence.logs.items():
            self.paths.append(folder / log)
            self.paths[-1].touch()
            at = sequence.begin
            for line in lines:
                at = max(time_of(line) or at, at)
                self.lines.append((at, len(self.paths) - 1, line + b"\n"))
        self.lines.sort(key=lambda each: each[0])

    def write(self):
        files = [open(path, "ab", buffering=0) for path in self.paths]
        begin, started = self.lines[0][0], time.monotonic()
        at = 0
        while at < len(self.lines):
            until = begin + datetime.timedelta(seconds=(time.monotonic() - started) * self.speed)
            while at < len(self.lines) and self.lines[at][0] <= until:
                _, log, line = self.lines[at]
                files[log].write(line)
                at += 1
            time.sleep(TICK)
        for file in files:
            file.close()


def listed(state):
    done = subprocess.run([binary(), "incidents", "list", "--all", "--json", "--state", str(state)], capture_output=True,
                          text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def followed(sequence, folder, speed):
    """The incidents that `triaged run` has told of once all was read and had time to settle."""
    logs = Writer(sequence, folder, speed)
    port = free_port()
    sources = [{"file": {"paths": [str(path)], "timezone": "UTC"}} for path in logs.paths]
    sinks = [{"file": {"path": str(folder / "told.json")}}]

    def unread_bytes():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return int(UNREAD.search(answer.read().decode())[1])

    with Daemon(folder, [], sinks, sources=sources, admin={"listen": f"127.0.0.1:{port}"},
                settle=f"{max(round(1000 * SETTLE / speed), 1)}ms") as daemon:
        logs.write()
        wait_for(lambda: unread_bytes() == 0, lambda: f"everything is read, but {unread_bytes()} bytes; {daemon.said()}")
        stable = [None, 0.0]

        def has_settled():
            now = sorted((each["incident"], each["change_number"]) for each in listed(folder / "state"))
            if now != stable[0]:
                stable[:] = now, time.monotonic()
            return time.monotonic() - stable[1] > 1 + 10 * SETTLE / speed

        wait_for(has_settled, "the incidents have settled")
        assert daemon.terminate() == 0, daemon.said()
    return listed(folder / "state")
