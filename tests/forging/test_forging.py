"""The short form: seeds that are always the same. run.py draws one, and names it."""
import os
import pathlib
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from session import Session


@pytest.fixture(scope="module")
def folder():
    """Not pytest's own, which only its user may enter: php-fpm's workers run as another user when this runs as root."""
    with tempfile.TemporaryDirectory(prefix="triaged-forging-", ignore_cleanup_errors=True) as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        os.environ.setdefault("CACHE_DIRECTORY", str(path / "cache"))
        yield path


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clients_text_makes_no_diagnosis(folder, seed):
    home = folder / str(seed)
    home.mkdir()
    with Session(home, seed, most_findings=2) as session:
        session.run(requests=2000, batch=2000)
    print(
        f"seed {seed}: {session.played} requests and as many with letters, {session.pairs_treated_differently} pairs treated differently"
    )
    assert not session.findings, "\n".join(map(str, session.findings))
    # Which of several incidents nobody is told of (info) takes in the others depends on all the lines around them, so one
    # of those that does not come again with fewer requests says nothing.
    print(session.report())
    assert [what for what, (_, incident) in session.not_reduced.items() if incident["severity"] != "info"] == []
