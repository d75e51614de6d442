#!/usr/bin/env python3
"""Forges lines of programs in everything that a client sends to real servers: triaged must find what it finds when letters are sent instead.

    python3 tests/forging/run.py --requests 1000000 --seed 7        (TRIAGED_BINARY names the binary)
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from forge import RULES, Generator, Site
from oracle import compare, told_live
from shrink import Shrinker


class Finding:
    """A difference and the requests that are needed for it."""

    def __init__(self, kind, found, incident, requests, lines, wire):
        self.kind, self.found, self.incident, self.requests, self.lines, self.wire = kind, found, incident, requests, lines, wire

    def __str__(self):
        text = [f"{self.kind}: {self.found}  ({self.incident['severity']}: {self.incident['title']}; {self.incident['entity']})"]
        for request, wire in zip(self.requests[:4], self.wire):
            text.append(f"  {request.stream} {request.carrier}: {' + '.join(name for name, _ in request.parts)}")
            text += [f"    {name}: {part[:400]!r}" for name, part in request.parts]
            text.append(f"    sent: {wire[:900]!r}")
        if len(self.requests) > 4:
            text.append(f"  and {len(self.requests) - 4} more requests")
        text += [f"  log: {line[:600]!r}" for line in self.lines[:12]]
        return "\n".join(text)


class Session:
    """Batches against one site. `seconds` says where the time went."""

    def __init__(self, folder, seed, rules=RULES, new_gunicorn=None, ambiguous=False, most_findings=10, only="*", live_every=10, said=print):
        self.folder, self.seed, self.rules, self.most_findings, self.said = folder, seed, rules, most_findings, said
        self.site = Site(folder, new_gunicorn, ambiguous)
        self.findings, self.seen, self.unequal, self.hidden, self.played = [], set(), 0, {}, 0
        self.unequal_examples = {}
        self.only = only
        self.live_every, self.live, self.live_differences, self.unexplained, self.not_again = live_every, 0, {}, {}, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def __enter__(self):
        self.site.__enter__()
        self.generator = Generator(self.site, self.seed, self.site.learn(self.folder / "learnt"))
        return self

    def __exit__(self, *problem):
        self.site.__exit__(*problem)
        self.pool.shutdown()

    def play(self, number, size):
        """Both sets of logs of a batch."""
        requests = self.generator.batch(number, size)
        sets, statuses = [], []
        live = number % self.live_every == 0
        told = []
        for as_twin in (False, True):
            def play():
                statuses.append(self.site.play(requests, as_twin))
            if live:
                told.append(told_live(self.folder / f"live-{number}-{as_twin}", self.site.logs, self.rules, play))
            else:
                play()
            sets.append(self.site.take_logs(self.folder / f"{number}-{'twin' if as_twin else 'forged'}"))
        self.played += len(requests)
        for request in requests:
            both = tuple(each.get(request.number) for each in statuses)
            if both[0] != both[1]:
                self.unequal += 1
                self.unequal_examples.setdefault((request.stream, request.carrier), (*both, request.text()[:80]))
        if live:
            self.judge_live(number, *told)
        return requests, sets

    def judge_live(self, number, forged, twin):
        """What the daemon says beyond the scan of the same logs is not reduced: it depends on when it read what."""
        self.live += 1
        for found in sorted(forged.keys() - twin.keys()):
            self.live_differences.setdefault(found.rule, (number, forged[found]))

    def run(self, requests, batch):
        """Compares a batch while the next one is played."""
        waiting = None
        for number in range(-(-requests // batch)):
            played = self.play(number, min(batch, requests - number * batch))
            if waiting:
                self.judge(number - 1, *waiting)
            waiting = (*played, self.pool.submit(compare, self.site, *([played[0], *played[1]]), self.rules))
            self.said(f"seed {self.seed}: {self.played} requests, {len(self.findings)} findings, {self.unequal} pairs treated differently")
        self.judge(number, *waiting)

    def judge(self, number, requests, sets, comparison):
        difference = comparison.result()
        for found, incident in difference.hidden.items():
            self.hidden.setdefault(found, (number, incident))
        # Whole incidents first, then rules that were added to one.
        for found, incident in sorted(difference.added.items(), key=lambda item: (not item[0].severity, item[0])):
            if not found.log:
                continue
            kind = (found.log.split("-")[0].split(".")[0], "error" in found.log, found.rule)  # the same line of HAProxy is in three logs
            if kind not in self.seen and len(self.findings) < self.most_findings and fnmatch.fnmatch(found.log or "/", self.only):
                self.seen.add(kind)
                self.explain(found, incident, requests, difference.known)
        for found, incident in difference.added.items():
            if not found.log and not any(each.rule == found.rule for each in difference.added if each.log):
                self.unexplained.setdefault(found.rule, (number, incident))
        for each in sets:
            shutil.rmtree(each)

    def explain(self, found, incident, requests, known):
        shrinker = Shrinker(self.site, self.folder, self.rules, found, known)
        minimal = shrinker.minimal(requests, incident)
        if not minimal or not shrinker.is_confirmed(minimal):
            self.said(f"not seen again: {found}")
            self.not_again[found] = incident
            return
        log = self.folder / "forged" / found.log
        wire = [repr_of_wire(self.site, request) for request in minimal[:4]]
        finding = Finding("added", found, shrinker.incident(), minimal, log.read_bytes().split(b"\n")[:-1], wire)
        self.findings.append(finding)
        self.said(str(finding))


def repr_of_wire(site, request):
    return b" | ".join(data if isinstance(data, bytes) else repr(data).encode() for data, _ in site.carriers[request.stream, request.carrier].requests(request.parts, False))


def brief(incident):
    lines = [f"{each.get('source', '').rsplit('/', 1)[-1]}: {each['line'][:300]!r}" for each in [*incident["chain"], *incident["evidence"]] if "line" in each]
    return "\n    ".join([f"{incident['severity']}: {incident['title']}", *dict.fromkeys(lines)])


def newer_gunicorn(folder):
    """The newest from PyPI, where that can be reached: Debian's is of 2021."""
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=120)
        subprocess.run([folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--retries", "0", "gunicorn>=23"], check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        print("no newer Gunicorn: PyPI cannot be reached", file=sys.stderr)
        return None
    return str(folder / "bin" / "gunicorn")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--batch", type=int, default=20_000)
    options.add_argument("--rules", default=str(RULES))
    options.add_argument("--gunicorn", default="", help="a newer Gunicorn; without it, one is fetched from PyPI")
    options.add_argument("--ambiguous", action="store_true", help="also the log formats of which docs/formats.md says that they can be forged")
    options.add_argument("--most-findings", type=int, default=10)
    options.add_argument("--only", default="*", metavar="GLOB", help="findings in these logs only")
    given = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="triaged-forging-"))
    folder.chmod(0o755)
    os.environ.setdefault("CACHE_DIRECTORY", str(folder / "cache"))
    began = time.monotonic()
    newer = given.gunicorn or newer_gunicorn(folder / "venv")
    said = lambda text: print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)
    try:
        with Session(folder, given.seed, given.rules, newer, given.ambiguous, given.most_findings, given.only, said=said) as session:
            session.run(given.requests, given.batch)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for key, example in sorted(session.unequal_examples.items()):
        print("treated differently:", key, example)
    for what, differences in (("live only", session.live_differences), ("in all logs together only", session.unexplained)):
        for rule, (number, incident) in differences.items():
            print(f"{what}: {rule} (batch {number}): {brief(incident)}")
    for found, incident in session.not_again.items():
        print(f"not seen again: {found}: {brief(incident)}")
    for found, (number, incident) in sorted(session.hidden.items()):
        print(f"hidden: {found} (batch {number}): {incident['title']}")
    print(f"seed {given.seed}: {session.played} requests and as many twins in {time.monotonic() - began:.0f} s: {len(session.findings)} findings")
    return bool(session.findings)


if __name__ == "__main__":
    sys.exit(main())
