"""The short form: a few seeds that are always the same, and one that is drawn and named."""
import pathlib
import random
import tempfile

import pytest

from daemon import find_binary
from run import report, summary
from story import Story

DRAWN = random.SystemRandom().randrange(10**6)


@pytest.fixture
def folder():
    """Not pytest's own, which only its user may enter: the daemon runs as nobody when this runs as root."""
    with tempfile.TemporaryDirectory(prefix="triaged-torture-", ignore_cleanup_errors=True) as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path


@pytest.mark.parametrize("seed", [1, 2, 3, pytest.param(DRAWN, id="drawn")])
def test_no_line_is_lost_and_none_is_told_twice(folder, seed):
    story = Story(seed, folder, find_binary(), kills=15, rotations=45)
    found = story.run()
    print(summary(story))
    assert not found, report(story, found)
