"""The short form: a few seeds that are always the same, and one that is drawn and named."""
import os
import pathlib
import random
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from session import Session

DRAWN = random.SystemRandom().randrange(10**6)


@pytest.fixture(scope="module")
def folder():
    """Not pytest's own, which only its user may enter: php-fpm's workers run as another user when this runs as root."""
    with tempfile.TemporaryDirectory(prefix="triaged-forging-", ignore_cleanup_errors=True) as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        os.environ.setdefault("CACHE_DIRECTORY", str(path / "cache"))
        yield path


@pytest.mark.parametrize("seed", [1, pytest.param(DRAWN, id="drawn")])
def test_a_clients_text_makes_no_diagnosis(folder, seed):
    home = folder / str(seed)
    home.mkdir()
    with Session(home, seed, most_findings=2) as session:
        session.run(requests=2000, batch=2000)
    print(
        f"seed {seed}: {session.played} requests and as many with letters, {session.pairs_treated_differently} pairs treated differently"
    )
    assert not session.findings, "\n".join(map(str, session.findings))
    assert not session.not_reduced, session.report()
