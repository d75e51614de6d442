"""The short form: the shapes of which no story has failed, with a seed that is always the same and with one that is drawn."""
import random

import pytest

from daemon import find_binary
from run import report, summary
import shapes
from story import Story

DRAWN = random.SystemRandom().randrange(10**6)
# Where logrotate copies or compresses and the daemon is killed within the same milliseconds, a few lines are still lost or
# repeated (in one of sixteen stories when that was measured): those shapes are for run.py, which takes all.
EXACT = [name for name in shapes.ALL if "copytruncate" not in name and "compress" not in name]
GROUPS = [EXACT[at::4] for at in range(4)]


@pytest.mark.parametrize("seed", [1, pytest.param(DRAWN, id="drawn")])
@pytest.mark.parametrize("names", GROUPS, ids=["first", "second", "third", "fourth"])
def test_no_line_is_lost_and_none_is_told_twice(folder, names, seed):
    story = Story(seed, folder, find_binary(), kills=10, rotations=50, names=names)
    found = story.run()
    print(summary(story))
    assert not found, report(story, found)
