import pathlib
import tempfile

import pytest


@pytest.fixture
def folder():
    """Not pytest's own, which only its user may enter: the daemon runs as nobody when this runs as root."""
    with tempfile.TemporaryDirectory(prefix="triaged-torture-", ignore_cleanup_errors=True) as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path
