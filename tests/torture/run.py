#!/usr/bin/env python3
"""Writes, rotates, kills, reloads and fails at random, and counts: no line lost, none told twice.

A run is its seed; timing differs from run to run, so a failure may need several runs of its seed to come back.

    python3 tests/torture/run.py --seed 7 --kills 1000 --rotations 1000 [--shapes plain,'logrotate-*'] [--binary PATH]
"""
import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from daemon import find_binary
import shapes
from story import Story


def ranges(numbers):
    """For people: 3..7, 9."""
    numbers, text = sorted(set(numbers)), []
    for at, number in enumerate(numbers):
        if at == 0 or numbers[at - 1] != number - 1:
            first = number
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            text.append(str(first) if first == number else f"{first}..{number}")
    return ", ".join(text)


def report(story, found):
    """What a person needs to see why a run failed."""
    kinds = collections.Counter(difference.kind for difference in found)
    lines = [line for line in (story.lines.written.get(int(difference.number)) for difference in found[:10]) if line]
    names = {line.where.split("/")[0] for line in lines}
    since = min((line.at - story.started for line in lines), default=0) - 3
    steps = [step for step in story.steps if float(step.split()[0]) >= since
             and (not names or step.split()[1].rstrip(":") in names or ": " not in step[10:])]
    said = [line for line in story.daemon.said().splitlines() if " incident " not in line]
    text = ["what triaged said last:", *(f"  {line}" for line in said[-40:])]
    text += ["the steps (of the logs concerned, from a little before the first line):", *(f"  {step}" for step in steps[:400])]
    for kind in kinds:
        text.append(f"{kind}: lines {ranges(int(difference.number) for difference in found if difference.kind == kind)}")
    text += [f"seed {story.seed}: {len(found)} differences ({dict(kinds)}); the first:"]
    text += [f"  {difference}" for difference in found[:10]]  # last, where the end of a long log shows them
    return "\n".join(text)


def summary(story):
    seconds = time.monotonic() - story.started
    return (f"seed {story.seed}: {story.lines.next_number - 1} lines, {story.rotations} rotations, {story.kills} kills, "
            f"{story.stops} stops, {story.reloads} reloads, {story.failures} receiver failures, "
            f"{len(story.receiver.arrived)} deliveries, {seconds:.0f} s")


def progress(story, last=[0.0]):
    if time.monotonic() - last[0] > (1 if sys.stderr.isatty() else 30):
        last[0] = time.monotonic()
        print("\r" + summary(story) + " ", end="", file=sys.stderr, flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--kills", type=int, default=1000)
    options.add_argument("--rotations", type=int, default=1000)
    options.add_argument("--binary", default="")
    options.add_argument("--shapes", default="*", help="names or globs, separated by commas: " + ", ".join(shapes.ALL))
    options.add_argument("--slow", action="store_true", help="triaged's calls to the system wait now and then, as on a busy host")
    options.add_argument("--keep", action="store_true", help="leave the logs and the ledger where they are")
    given = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="torture-"))
    story = Story(given.seed, folder, find_binary(given.binary), given.kills, given.rotations,
                  shapes.named(given.shapes), progress, given.slow)
    found = story.run()
    print("\r" + summary(story))
    lost = [line for line in story.lines.written.values() if line.may_be_lost and not story.receiver.has(line.number)]
    print(f"lost to truncation: {len(lost)} lines that nobody could read; triaged counted {story.daemon.lost_bytes()} bytes")
    if found:
        print(report(story, found))
    if given.keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    print("FAILED" if found else "0 lost, 0 told twice")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
