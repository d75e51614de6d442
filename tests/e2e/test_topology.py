"""What the proxies' configuration says keeps failures behind different servers apart."""
import pytest

import receivers
import servers
from product import Daemon, scan, webhook


@pytest.fixture
def two_sites(tmp_path):
    """HAProxy with nginx and its Gunicorn as one server, and with a second server on which nobody listens."""
    with servers.Gunicorn(tmp_path) as gunicorn, servers.Nginx(tmp_path, [gunicorn.address]) as nginx, \
            servers.Rsyslog(tmp_path) as rsyslog:
        second = f"127.0.0.1:{servers.free_port()}"
        with servers.Haproxy(tmp_path, {"web1": f"127.0.0.1:{nginx.port}", "web2": second}, rsyslog.port,
                             of_server="") as haproxy:
            yield gunicorn, nginx, rsyslog, haproxy


def fail_twice(gunicorn, haproxy):
    """web2 was never there, and now the application behind web1 is killed: both are seen in the same seconds."""
    with servers.Traffic(haproxy.port) as traffic:
        gunicorn.kill()
        traffic.wait_for(20, 502)
        traffic.wait_for(20, 503)


def addresses(incidents):
    return {incident["entity"]["value"] for incident in incidents if incident["severity"] != "info"}


def test_a_scan_with_the_configuration_tells_two_failures_apart(tmp_path, two_sites):
    gunicorn, nginx, rsyslog, haproxy = two_sites
    fail_twice(gunicorn, haproxy)
    logs = [nginx.error_log, nginx.access_log, rsyslog.log]
    told = scan("--nginx-config", tmp_path / "nginx.conf", "--haproxy-config", tmp_path / "haproxy.cfg", *logs)
    assert addresses(told) >= {gunicorn.address, "app/web2"}
    behind_nginx = next(incident for incident in told if incident["entity"]["value"] == gunicorn.address)
    assert not any("app/web2" in each["line"] for each in behind_nginx["evidence"])


def test_the_daemon_tells_two_failures_apart(tmp_path, two_sites):
    gunicorn, nginx, rsyslog, haproxy = two_sites
    topology = {"nginx": [str(tmp_path / "nginx.conf")], "haproxy": [str(tmp_path / "haproxy.cfg")]}
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log, nginx.access_log, rsyslog.log], [webhook(hook)], topology=topology):
        fail_twice(gunicorn, haproxy)
        servers.wait_for(lambda: addresses(hook.opened()) >= {gunicorn.address, "app/web2"}, lambda: str(addresses(hook.opened())))


def test_a_configuration_that_cannot_be_read_is_said_and_harms_nothing(tmp_path, two_sites):
    gunicorn, nginx, rsyslog, haproxy = two_sites
    gone = tmp_path / "gone.cfg"
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log], [webhook(hook)], topology={"haproxy": [str(gone)]}) as daemon:
        daemon.wait_until_it_says(f"topology: cannot read {gone}: No such file or directory (will try again)")
        with servers.Traffic(nginx.port) as traffic:
            gunicorn.kill()
            traffic.wait_for(5, 502)
        assert hook.wait_for_opened()["root_cause"]["cause"] == "upstream-down"
