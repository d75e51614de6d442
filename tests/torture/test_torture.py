"""The short form: a few seeds that are always the same, and one that is drawn and named."""
import random

import pytest

from daemon import find_binary
from run import report, summary
from story import Story

DRAWN = random.SystemRandom().randrange(10**6)


@pytest.mark.parametrize("seed", [1, 2, 3, pytest.param(DRAWN, id="drawn")])
def test_no_line_is_lost_and_none_is_told_twice(tmp_path, seed):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # the daemon runs as nobody when this runs as root
    story = Story(seed, tmp_path, find_binary(), kills=15, rotations=45)
    found = story.run()
    print(summary(story))
    assert not found, report(story, found)
