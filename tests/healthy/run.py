#!/usr/bin/env python3
"""Runs a healthy site with real servers for so many requests: triaged must have nothing to say.

    python3 tests/healthy/run.py --requests 2000000 [--seed 1]        (TRIAGED_BINARY names the binary)
"""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

from healthy_hour import HealthyHour


def summary(hour, seconds):
    memory = next(line.split(":", 1)[1].strip() for line in hour.usage.splitlines() if line.startswith("VmHWM"))
    return (f"{hour.answered} requests, {hour.lines} lines, {len(hour.operations)} operations in {seconds:.0f} s: "
            f"{len(hour.told)} incidents told, {len(hour.found)} found by a scan of the same logs, "
            f"{', '.join(f'{len(found)} behind {way}' for way, found in hour.found_behind.items())}; "
            f"a real failure afterwards was told after {hour.seconds_to_tell:.1f} s; "
            f"{hour.processor / hour.answered * 1e6:.0f} µs of processor a request, most memory {memory}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--requests", type=int, default=2_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", action="store_true", help="keep the logs")
    chosen = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="triaged-healthy-"))
    folder.chmod(0o755)
    began = last = time.monotonic()

    def said(text):
        nonlocal last
        if sys.stderr.isatty() or time.monotonic() - last > 30:
            last = time.monotonic()
            print(text, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)

    hour = HealthyHour(folder, chosen.requests, chosen.seed, said=said)
    hour.run()
    print(summary(hour, time.monotonic() - began))
    loud = [*hour.told, *hour.found, *(incident for found in hour.found_behind.values() for incident in found)]
    for incident in loud:
        print(json.dumps(incident, indent=1))
    if chosen.keep or loud:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if loud else 0


if __name__ == "__main__":
    sys.exit(main())
