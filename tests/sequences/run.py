#!/usr/bin/env python3
"""Puts recorded failures of one site one after another, in random order, with healthy traffic between, and scans them, or
has triaged follow them while they are written.

    python3 tests/sequences/run.py --corpus FOLDER [--binary PATH] [--live 100] [--sequences N] [--seed N] [--site nginx] [-v]

Each failure must have an incident of its own with the right cause, and the same failure five times must be one incident.
Recordings whose cause is not found when they are scanned alone are left out: this measures what the others do to them.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from live import followed
from recorded_site import SITES, HealthyTraffic, recordings
from sequence import Counted, Sequence, incidents_of

FAILURES = 5  # of a sequence
LIVE_AT_ONCE = 4  # daemons; they wait more than they compute


def scanned(binary, sequence):
    with tempfile.TemporaryDirectory() as folder:
        return incidents_of(binary, sequence.write(pathlib.Path(folder)))


def made_and_read(given, recordings, healthy, chance):
    if not given.live:
        sequence = Sequence(recordings, healthy, chance)
        return sequence, scanned(given.binary, sequence)
    with tempfile.TemporaryDirectory() as folder:
        sequence = Sequence.that_ends_now(recordings, healthy, chance)
        return sequence, followed(sequence, pathlib.Path(folder), given.live)


def found_alone(binary, found, healthy, seed):
    """Those whose cause is found when nothing else fails, and the loud incidents that they make."""
    def of_one(recording):
        sequence = Sequence([recording], healthy, random.Random(seed))
        return recording, Counted(sequence, scanned(binary, sequence))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        alone = [(recording, counted.loud) for recording, counted in pool.map(of_one, found) if counted.right]
    return [recording for recording, _ in alone], sum(loud for _, loud in alone) / max(len(alone), 1)


def drawn(found, chance):
    """Failures of different causes."""
    by_cause = {}
    for recording in chance.sample(found, len(found)):
        by_cause.setdefault(recording.cause, recording)
    return chance.sample(list(by_cause.values()), FAILURES)


class Measured:
    def __init__(self):
        self.failures = self.right = self.loud = self.repeated = self.single = 0

    def print(self, site):
        share, loud = 100 * self.right / self.failures, self.loud / self.failures
        print(f"{site}: {share:.1f} % of {self.failures} failures have their own incident with the right cause, "
              f"{loud:.2f} loud incidents a failure; five times the same is one incident in {self.single} of {self.repeated}",
              flush=True)


def measure(given, site):
    healthy = HealthyTraffic(given.corpus, site)
    found, loud_alone = found_alone(given.binary, recordings(given.corpus, site), healthy, given.seed)
    print(f"{site}: {len(found)} recorded failures, {loud_alone:.2f} loud incidents each when alone", flush=True)
    measured = Measured()

    def of_different(seed):
        chance = random.Random(seed)
        sequence, incidents = made_and_read(given, drawn(found, chance), healthy, chance)
        return seed, sequence, Counted(sequence, incidents)

    def of_same(seed):
        chance = random.Random(seed)
        recording = chance.choice(found)
        return seed, recording, made_and_read(given, [recording] * FAILURES, healthy, chance)[1]

    at_once = LIVE_AT_ONCE if given.live else os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for seed, sequence, counted in pool.map(of_different, range(given.seed, given.seed + given.sequences)):
            measured.failures += counted.failures
            measured.right += counted.right
            measured.loud += counted.loud
            if given.verbose and (counted.missed or counted.loud > counted.failures):
                print(f"  seed {seed}: {counted.loud} loud of " + ", ".join(each.name for each, _, _ in sequence.failures))
                for recording, named in counted.missed:
                    print(f"    missed {recording.name} ({recording.cause}): began meanwhile {named}", flush=True)
        for seed, recording, incidents in pool.map(of_same, range(given.seed, given.seed + given.sequences // 2)):
            named = [each["root_cause"]["cause"] for each in incidents if each["root_cause"]["cause"] in recording.causes]
            measured.repeated += 1
            measured.single += len(named) == 1
            if given.verbose and len(named) != 1:
                print(f"  seed {seed}: {recording.name} five times: {named}", flush=True)
    measured.print(site)
    return measured


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", required=True)
    options.add_argument("--binary", default=os.environ.get("TRIAGED_BINARY", "triaged"))
    options.add_argument("--live", type=float, metavar="SPEED", help="follow the logs, written so many times faster")
    options.add_argument("--sequences", type=int, default=100, help="of each site")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--site", choices=list(SITES), help="this one only")
    options.add_argument("-v", "--verbose", action="store_true")
    given = options.parse_args()
    os.environ["TRIAGED_BINARY"] = given.binary
    # Twenty failures of one site are too few to tell 95 % from 90.
    measured = [measure(given, site) for site in ([given.site] if given.site else SITES)]
    right, failures = sum(each.right for each in measured), sum(each.failures for each in measured)
    print(f"all: {right / failures:.1%} of {failures} failures (at least 95 %)")
    good = right >= 0.95 * failures
    good &= all(each.loud <= 1.2 * each.failures and each.single == each.repeated for each in measured)
    return not good


if __name__ == "__main__":
    sys.exit(main())
