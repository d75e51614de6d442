#!/usr/bin/env python3
"""Wraps every recorded story as transport does, and scans it: the root cause must be that of the bare story.

    python3 tests/wrapped/run.py --corpus FOLDER [--binary PATH] [--wrappers cri,json-*] [--way files,interleaved] [CASE_GLOB...]

`files`: a wrapped file for each log. `interleaved`: one file for all logs of the story, in the order of their times, as
`docker compose logs` writes it.
"""
import argparse
import collections
import concurrent.futures
import datetime
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from wrappers import WRAPPERS, behind, time_in

# The same lines in a second form: a story is read with one of them.
EITHER = [("nginx-access.log", "nginx-access.json.log"), ("haproxy.log", "haproxy.trad.log"), ("kernel.log", "kernel.dmesg.log")]
NEVER = {"haproxy.raw", "kernel.raw", "label.yaml"}


def logs_of(case):
    names = sorted(path.name for path in case.iterdir() if path.name not in NEVER and path.stat().st_size)
    odd = int(hashlib.sha256(case.name.encode()).hexdigest(), 16) % 2
    for pair in EITHER:
        if pair[0] in names and pair[1] in names:
            names.remove(pair[odd])
    return [case / name for name in names]


def lines_of(logs):
    """(time, log, number, text) of each line; a line without a time has that of the line above it."""
    lines, years = [], collections.Counter()
    texts = {log: log.read_bytes().split(b"\n") for log in logs}
    for text in texts.values():
        for line in text:
            for year in re.findall(rb"\b(20\d\d)[/-]", line[:100]):
                years[int(year)] += 1
    year = years.most_common(1)[0][0] if years else 2026
    for log, text in texts.items():
        if not text[-1]:
            text.pop()
        times = [time_in(line, year) for line in text]
        known = next((time for time in times if time), datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc))
        for number, (line, time) in enumerate(zip(text, times), 1):
            known = max(time, known) if time else known
            lines.append((known, log, number, line))
    return lines


def wrapped(wrapper, log, number, time, line):
    return behind(wrapper, log.name.split(".")[0], number, time, line)


def write(case, wrapper, way, folder):
    lines = lines_of(logs_of(case))
    paths = []
    if way == "interleaved":
        lines.sort(key=lambda each: each[0])
        paths = [folder / "all.log"]
        paths[0].write_bytes(b"".join(wrapped(wrapper, log, number, time, line) for time, log, number, line in lines))
    else:
        for log in dict.fromkeys(log for _, log, _, _ in lines):
            paths.append(folder / log.name)
            paths[-1].write_bytes(b"".join(
                wrapped(wrapper, log, number, time, line) for time, its, number, line in lines if its == log))
    return paths


def root_cause(binary, paths):
    done = subprocess.run([binary, "scan", "--json", *map(str, paths)], capture_output=True, text=True)
    if done.returncode > 1:
        raise RuntimeError(f"scan ended with {done.returncode}: {done.stderr}")
    incidents = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    loud = [each for each in incidents if each["severity"] != "info"]
    return loud[0]["root_cause"]["cause"] if loud else "none"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=pathlib.Path, required=True)
    options.add_argument("--binary", default=os.environ.get("TRIAGED_BINARY", "triaged"))
    options.add_argument("--wrappers", default="*")
    options.add_argument("--way", default="files,interleaved")
    options.add_argument("--every", type=int, default=1, help="take every so many-th story only")
    options.add_argument("--at-least", type=float, default=97.0, help="percent that must be as the bare story")
    options.add_argument("--verbose", action="store_true")
    options.add_argument("globs", nargs="*", default=["*"])
    given = options.parse_args()
    cases = sorted(each.parent for each in given.corpus.glob("*/label.yaml"))
    cases = [case for case in cases if any(fnmatch.fnmatch(case.name, glob) for glob in given.globs)][::given.every]
    wrappers = [name for name in WRAPPERS if any(fnmatch.fnmatch(name, glob) for glob in given.wrappers.split(","))]
    ways = given.way.split(",")

    def one(case):
        bare = root_cause(given.binary, logs_of(case))
        results = []
        for wrapper in wrappers:
            for way in ways:
                if way == "interleaved" and wrapper in ("indented", "quoted", "tab", "docker-times", "docker-desktop", "cri",
                                                        "cri-local", "json-file", "cloudwatch", "svlogd", "multilog"):
                    continue  # these have no name of the service: nobody could tell the streams apart
                with tempfile.TemporaryDirectory() as folder:
                    results.append((wrapper, way, bare, root_cause(
                        given.binary, write(case, wrapper, way, pathlib.Path(folder)))))
        return case, results

    right, total = collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for case, results in pool.map(one, cases):
            for wrapper, way, bare, got in results:
                total[wrapper, way] += 1
                right[wrapper, way] += got == bare
                if given.verbose and got != bare:
                    print(f"{case.name:50} {wrapper:20} {way:12} bare {bare}, wrapped {got}", flush=True)
    for key in total:
        print(f"{key[0]:22} {key[1]:12} {right[key]:4} of {total[key]:4}")
    share = 100 * sum(right.values()) / max(sum(total.values()), 1)
    print(f"{len(wrappers)} wrappers, {len(cases)} stories: {share:.1f} % as the bare story ({sum(right.values())} of "
          f"{sum(total.values())})")
    return share < given.at_least


if __name__ == "__main__":
    sys.exit(main())
