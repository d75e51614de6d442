"""The short form: all shapes, with a seed that is always the same, and on what looks like a busy host with one that is
drawn."""
import random

import pytest

from daemon import find_binary
from run import report, summary
import shapes
from story import Story

DRAWN = random.SystemRandom().randrange(10**6)
NAMES = list(shapes.ALL)
GROUPS = [NAMES[at::4] for at in range(4)]


@pytest.mark.parametrize(("seed", "is_slow"), [pytest.param(1, False, id="1"), pytest.param(DRAWN, True, id="drawn-slow")])
@pytest.mark.parametrize("names", GROUPS, ids=["first", "second", "third", "fourth"])
def test_no_line_is_lost_and_none_is_told_twice(folder, names, seed, is_slow):
    story = Story(seed, folder, find_binary(), kills=10, rotations=50, names=names, is_slow=is_slow)
    found = story.run()
    print(summary(story))
    assert not found, report(story, found)
