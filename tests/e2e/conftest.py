import os

import pytest

import product
import servers


@pytest.fixture(scope="session", autouse=True)
def built_binary():
    return product.binary()


@pytest.fixture(scope="session", autouse=True)
def cache_folder(built_binary, tmp_path_factory):
    """Compiled patterns of the shipped rules, once for all tests and all workers: several processes may share them."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    os.environ["CACHE_DIRECTORY"] = str(folder / "triaged-cache")
    yield folder / "triaged-cache"
    del os.environ["CACHE_DIRECTORY"]


@pytest.fixture
def gunicorn(tmp_path):
    with servers.Gunicorn(tmp_path) as program:
        yield program


@pytest.fixture
def nginx(tmp_path, gunicorn):
    with servers.Nginx(tmp_path, [gunicorn.address]) as program:
        yield program


@pytest.fixture
def traffic(nginx):
    """Clients of nginx, all of whom have been served so far."""
    with servers.Traffic(nginx.port) as clients:
        clients.wait_for(20, 200)
        yield clients


def pytest_terminal_summary(terminalreporter):
    """How long after a fault became visible in a log its notification arrived: measured, not judged, for machines differ."""
    seconds = sorted(value for report in terminalreporter.stats.get("passed", []) if report.when == "call"
                     for name, value in report.user_properties if name == "seconds to tell")
    if seconds:
        terminalreporter.write_line(f"{len(seconds)} faults told, after {seconds[len(seconds) // 2]:.1f} s in the middle and "
                                    f"{seconds[-1]:.1f} s at most")
