#!/usr/bin/env python3
"""What following many files costs when hardly anything is written to them: resident bytes a file, processor time.

usage: TRIAGED_BINARY=build/release/triaged bench/idle_files.py FOLDER [NUMBER [SECONDS]]
Bytes a file are the difference between a daemon that follows NUMBER files (default 10,000) and one that follows a tenth
of them. SECONDS (default 60) is how long it is idle while its processor time is taken."""
import contextlib
import os
import pathlib
import re
import resource
import shutil
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from product import Daemon  # noqa: E402
from refused_connections import rules  # noqa: E402
from waiting import wait_for  # noqa: E402

HEALTHY = b'192.0.2.1 - - [21/Nov/2026:01:15:46 +0000] "GET /api/items?id=1750 HTTP/1.1" 200 612 "-" "curl/7.88.1"\n'
QUIET = 2  # seconds without work: what was read is committed and given back


def resident(daemon):
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def processor(daemon):
    """Seconds of all threads."""
    user, system = pathlib.Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def has_committed(folder, number, size):
    """Whether each of `number` files is read up to `size`."""
    ledger = f"file:{folder / 'state' / 'triaged.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(ledger, uri=True, timeout=60)) as connection:
        done = f'%"offset":{size},%'
        return connection.execute("SELECT count(*) FROM cursors WHERE state LIKE ?", [done]).fetchone()[0] == number


def settle(daemon, folder, number, size):
    """However busy the machine is, what is measured is a daemon that has done its work."""
    wait_for(lambda: has_committed(folder, number, size), f"{number} files are read up to {size}", seconds=600)
    before, since = processor(daemon), time.monotonic()
    while time.monotonic() < since + QUIET:
        time.sleep(0.5)
        now = processor(daemon)
        if now - before > 0.02:
            since = time.monotonic()
        before = now


def follow(daemon, folder, number):
    daemon.start()
    daemon.wait_for_state(f"STATUS=following {number} files")
    settle(daemon, folder, number, len(HEALTHY))


def measure(folder, number, seconds):
    """Resident bytes after each step, and the processor time of being idle."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    for each in range(number):
        (logs / f"{each:05}.log").write_bytes(HEALTHY)
    steps = {}
    daemon = Daemon(folder, [logs / "*.log"], [{"stdout": {"name": "out"}}], rules=rules(folder))
    try:
        follow(daemon, folder, number)
        steps["first start, a line read of each"] = resident(daemon)
        daemon.terminate()
        follow(daemon, folder, number)
        steps["restart"] = resident(daemon)
        before = processor(daemon)
        time.sleep(seconds)
        idle = processor(daemon) - before
        for log in logs.iterdir():
            with open(log, "ab") as file:
                file.write(HEALTHY)
        settle(daemon, folder, number, 2 * len(HEALTHY))
        steps["restart, then a line in each"] = resident(daemon)
        daemon.terminate()
    finally:
        daemon.__exit__()
    return steps, idle


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = pathlib.Path(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    few = number // 10
    results = {}
    for files in (few, number):
        shutil.rmtree(folder, ignore_errors=True)
        results[files] = measure(folder, files, seconds)
    for step, many in results[number][0].items():
        less = results[few][0][step]
        print(f"{step:34} {many / 2**20:6.1f} MiB, {(many - less) / (number - few):6.0f} bytes a file")
    print(f"idle for {seconds} s: {results[number][1]:.2f} s of processor with {number} files, {results[few][1]:.2f} s with {few}")


main()
