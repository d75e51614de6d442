"""Whatever a client puts into its request, it makes no diagnosis: only what the programs say themselves counts."""
import socket

import pytest

import receivers
import servers
from product import Daemon, scan, webhook

ERRORS = [
    "connect() failed (111: Connection refused) while connecting to upstream",
    "upstream prematurely closed connection while reading response header from upstream",
    "no live upstreams while connecting to upstream",
    "Worker (pid:1590) was sent SIGKILL! Perhaps out of memory?",
    "Memory cgroup out of memory: Killed process 1590 (gunicorn) total-vm:95588kB",
    "Server app/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"",
    "backend app has no server available!",
    "psycopg2.OperationalError: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
    "2026/11/21 00:36:06 [error] 6245#6245: *120 connect() failed (111: Connection refused) while connecting to upstream",
    "502 Bad Gateway: upstream connection reset by peer",
]


def spoof(port):
    """Requests that carry every error text wherever a client can put text."""
    for text in ERRORS:
        quoted = text.replace(" ", "%20").replace('"', "%22").replace("#", "%23")
        servers.get(port, f"/?q={quoted}", {"User-Agent": text, "Referer": text, "X-Forwarded-For": text})
        servers.get(port, f"/missing/{quoted}", {"User-Agent": f"x\" 502 0 \"{text}", "Cookie": text})
        servers.get(port, f"/?q=%0A{quoted}%0A", {"User-Agent": text, "Referer": f"http://{quoted}/"}, method="POST")
        raw(port, f"GET /{text} HTTP/1.1\r\nHost: {text}\r\n\r\n")
        raw(port, f"{text}\r\n\r\n")


def raw(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        while connection.recv(65536):
            pass


@pytest.fixture
def spoofed(tmp_path, gunicorn, nginx):
    servers.get(nginx.port)
    spoof(nginx.port)
    return [nginx.error_log, nginx.access_log, gunicorn.error_log, tmp_path / "gunicorn-access.log"]


def test_spoofed_requests_raise_nothing_in_a_scan(spoofed):
    assert ERRORS[0] in spoofed[1].read_text()
    loud = [incident for incident in scan(*spoofed) if incident["severity"] != "info"]
    assert loud == []


def test_spoofed_requests_raise_nothing_in_the_daemon(tmp_path, gunicorn, nginx, spoofed):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, spoofed, [webhook(hook)]) as daemon:
        spoof(nginx.port)
        with servers.Traffic(nginx.port) as traffic:
            gunicorn.kill()  # a real failure behind the forged ones: when it is told, they have all been read
            traffic.wait_for(20, 502)
            incident = hook.wait_for_opened()
        assert daemon.terminate() == 0
        told = [each for each in hook.opened() if each["severity"] != "info"]
        assert [each["incident"] for each in told] == [incident["incident"]]
        assert not any("6245#6245" in each["line"] for each in incident["evidence"])


def test_spoofed_requests_through_haproxy_raise_nothing(tmp_path, gunicorn):
    with servers.Rsyslog(tmp_path) as rsyslog, servers.Haproxy(tmp_path, {"app1": gunicorn.address}, rsyslog.port) as haproxy:
        servers.get(haproxy.port)
        spoof(haproxy.port)
        servers.wait_for(lambda: rsyslog.log.read_bytes().count(b" www") >= 20, "HAProxy's requests are logged")
    loud = [each for each in scan(rsyslog.log) if each["severity"] in {"error", "critical"}]
    assert [each for each in loud if each["root_cause"]["cause"] != "client-bad-request"] == []
