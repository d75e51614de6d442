"""A recorded story that is written into named pipes, one a log, is told the same way as `scan` tells it of files.

As in test_replay.py, whose stories these are, times are moved to now, and a line of a rule of its own ends each log.
"""
import contextlib
import math
import os
import time

import pytest

import product
from test_replay import CHOSEN, CORPUS, CASES, END_RULE, REPLAYS_ALL, ToldIncidents, pytestmark, stories  # noqa: F401
from test_replay_by_syslog import without_sources
from waiting import wait_for

SPEED = 1000


def replay(story, folder):
    (folder / "end.yaml").write_text(END_RULE)
    (folder / "logs").mkdir()
    pipes = {name: folder / f"{name}.fifo" for name in story.logs}
    for pipe in pipes.values():
        os.mkfifo(pipe)
    told = ToldIncidents(folder / "incidents.jsonl")
    daemon = product.Daemon(folder, [], [{"file": {"path": str(told.path), "min_severity": "info"}}],
                            rules=(product.SOURCE / "rules", folder / "end.yaml"), probes={"enabled": False}, update_every="1ms",
                            sources=[{"pipe": {"path": str(pipe), "at_end": "wait"}} for pipe in pipes.values()])
    with contextlib.ExitStack() as stack:
        stack.callback(daemon.__exit__)
        daemon.start(TZ=story.posix_zone)
        written = {name: [stack.enter_context(open(to, "wb", buffering=0)) for to in (pipes[name], folder / "logs" / name)]
                   for name in story.logs}
        begin = time.time()
        seconds = math.floor(begin + (story.end - story.begin) / SPEED - story.end)
        for line in story.lines:
            if (pause := begin + (line.at - story.begin) / SPEED - time.time()) > 0:
                time.sleep(pause)  # the story's own
            for file in written[line.log]:
                file.write(story.moved(line.text, seconds))
        scanned = product.scan("--quiet", *(folder / "logs" / name for name in story.logs))
        for name, (pipe, _) in written.items():
            pipe.write(b"Here ends the story of %s\n" % name.encode())
        wait_for(lambda: told.ended_logs() == set(story.logs), lambda: f"{story.case}: all logs have ended; {daemon.said()}")
        return without_sources(told.read()), without_sources(scanned)


@pytest.mark.parametrize("case", CASES if REPLAYS_ALL else CHOSEN[0:10:3])
def test_a_story_told_through_pipes_is_the_same(tmp_path, stories, case):  # noqa: F811
    assert CORPUS.exists()
    piped, scanned = replay(stories[case], tmp_path)
    assert scanned or not stories[case].is_of_failure, "nothing was found"
    assert piped == scanned
