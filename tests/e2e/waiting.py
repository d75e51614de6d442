"""Waiting for something to become true, with a deadline and a reason, instead of sleeping for a while and hoping."""
import os
import threading
import time

# Seconds; far more than anything here needs, so that a busy machine fails no test.
LONG = float(os.environ.get("TRIAGED_TEST_PATIENCE", 60))


def wait_for(condition, what, seconds=LONG):
    """The first true value of condition(); fails with `what` when there is none before the deadline."""
    deadline = time.monotonic() + seconds
    tick = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:g} s still not: {what() if callable(what) else what}")
        tick.wait(0.02)
