import pytest

import product
import servers


@pytest.fixture(scope="session", autouse=True)
def built_binary():
    return product.binary()


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
