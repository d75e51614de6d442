#!/usr/bin/env python3
"""Forges lines of programs in everything that a client sends to real servers: triaged must find what it finds when letters are sent instead.

    python3 tests/forging/run.py --requests 1000000 --seed 7        (TRIAGED_BINARY names the binary)
"""
import argparse
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

from forge import RULES
from session import Session


def newer_gunicorn(folder):
    """The newest from PyPI, where that can be reached: Debian's is of 2021."""
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=120)
        subprocess.run(
            [folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--retries", "0", "gunicorn>=23"],
            check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        print("no newer Gunicorn: PyPI cannot be reached, or Python has no venv", file=sys.stderr)
        return None
    return str(folder / "bin" / "gunicorn")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--batch", type=int, default=20_000)
    options.add_argument("--rules", default=str(RULES))
    options.add_argument("--gunicorn", default="", help="a newer Gunicorn; without it, one is fetched from PyPI")
    options.add_argument("--ambiguous", action="store_true",
                         help="also the log formats of which docs/formats.md says that they can be forged")
    options.add_argument("--most-findings", type=int, default=10)
    options.add_argument("--only", default="*", metavar="GLOB", help="differences in these logs only")
    options.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="where the logs that differ stay")
    given = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="triaged-forging-"))
    folder.chmod(0o755)
    os.environ.setdefault("CACHE_DIRECTORY", str(folder / "cache"))
    began = time.monotonic()

    def said(text):
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    try:
        newer = given.gunicorn or newer_gunicorn(folder / "venv")
        with Session(folder, given.seed, given.rules, newer, given.ambiguous, given.most_findings, given.only,
                     keep=given.keep, said=said) as session:
            session.run(given.requests, given.batch)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(session.report())
    print(
        f"seed {given.seed}: {session.played} requests and as many with letters in {time.monotonic() - began:.0f} s, "
        f"{session.pairs_treated_differently} pairs treated differently: {len(session.findings)} differences, {len(session.not_reduced)} more not reduced"
    )
    return bool(session.findings or session.not_reduced)


if __name__ == "__main__":
    sys.exit(main())
