"""The short form: all shapes, with a seed that is always the same and with one that is drawn."""
import random

import pytest

from daemon import find_binary
from run import report, summary
import shapes
from story import Story

DRAWN = random.SystemRandom().randrange(10**6)
NAMES = list(shapes.ALL)
GROUPS = [NAMES[at::4] for at in range(4)]


@pytest.mark.parametrize("seed", [1, pytest.param(DRAWN, id="drawn")])
@pytest.mark.parametrize("names", GROUPS, ids=["first", "second", "third", "fourth"])
def test_no_line_is_lost_and_none_is_told_twice(folder, names, seed):
    story = Story(seed, folder, find_binary(), kills=10, rotations=50, names=names)
    found = story.run()
    print(summary(story))
    assert not found, report(story, found)
