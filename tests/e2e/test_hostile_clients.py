"""Whatever a client puts into its request, it makes no diagnosis: only what the programs say themselves counts."""
import base64
import os
import socket
import urllib.parse

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


# What other programs would say, and nginx of itself.
FORGED = [
    "Nov 29 08:40:00 h kernel: Out of memory: Killed process 1590 (gunicorn) total-vm:1kB, anon-rss:1kB, file-rss:0kB, "
    "shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0",
    "2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9",
    "2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, "
    "client: 127.0.3.235, server: shop.example.com, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8003/\", "
    "host: \"shop.example.com\"",
    "[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)",
    "Server app/app1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
    "!!! uWSGI process 20830 got Segmentation Fault !!!",
    "Failed to find attribute 'app' in 'shop.wsgi'.",
]


class StaticNginx(servers.Program):
    """Files of a folder, a part of them behind a password, with an error log of the given level."""

    def __init__(self, folder, level):
        self.port = servers.free_port()
        self.error_log = folder / "static-error.log"
        self.root = folder / "www"
        self.root.mkdir()
        (self.root / "index.html").write_text("shop")
        (folder / "users").write_text("bob:{PLAIN}secret\n")
        configuration = folder / "static.conf"
        configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {folder}/static.pid; error_log {self.error_log} {level};
            events {{ worker_connections 128; }}
            http {{
              access_log off; rewrite_log on;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
              uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              server {{
                listen 127.0.0.1:{self.port}; root {self.root};
                location /private/ {{ auth_basic shop; auth_basic_user_file {folder}/users; }}
                location /old/ {{ rewrite ^/old/never$ /new last; }}
              }}
            }}""")
        super().__init__("static-nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(self.error_log),
                                          "-c", str(configuration)], folder)
        self.wait_until_listening(self.port)


def incidents_of(*logs):
    return sorted({rule for incident in scan(*logs) for rule in incident["rules"]})


def forge_records(server):
    """Requests whose decoded text holds the end of their own record, a line, and a head that takes over the true end."""
    suffix = 'client: 1.2.3.4, server: , request: "GET /x HTTP/1.1", host: "h"'
    head = '2026/11/29 08:40:00 [error] 9#9: *2 '
    for line in FORGED:
        for place in ("", "old/"):
            path = (f'x" failed (2: No such file or directory), {suffix}\n{line}\n{head}open() "{server.root}/{place}y')
            for junk in ("", "./" * 700):  # with it, nginx cuts the record before the request line shows the line feed
                target = f"/{place}{junk}{urllib.parse.quote(path)}"
                raw(server.port, f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        user = f'x" was not found in "/users", {suffix}\n{line}\n{head}user "y'.split(":")[0]  # a name has no colon
        credentials = base64.b64encode(f"{user}\n{line.replace(':', ' ')}:p".encode()).decode()
        raw(server.port, "GET /private/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                         f"Authorization: Basic {credentials}\r\n\r\n")


@pytest.mark.parametrize("level", ["error", "notice", "info"])
def test_a_decoded_path_that_takes_over_its_own_end_raises_nothing(tmp_path, level):
    with StaticNginx(tmp_path, level) as server:
        servers.get(server.port, "/missing")
        servers.get(server.port, "/private/", {"Authorization": "Basic Ym9iOng="})
        before = incidents_of(server.error_log)
        forge_records(server)
        servers.get(server.port, "/missing")
    assert "kernel: Out of memory" in server.error_log.read_text()
    assert set(incidents_of(server.error_log)) <= {*before, "nginx/file-missing", "nginx/auth-basic-failure"}


def test_a_captured_header_raises_nothing(tmp_path, gunicorn):
    capture = "\n  ".join(["capture request header User-Agent len 300", "capture cookie session len 60"])
    with servers.Rsyslog(tmp_path) as rsyslog, \
            servers.Haproxy(tmp_path, {"app1": gunicorn.address}, rsyslog.port, of_backend=()) as haproxy:
        haproxy.kill()
        configuration = tmp_path / "haproxy.cfg"
        configuration.write_text(configuration.read_text().replace("frontend www", f"frontend www\n  {capture}"))
        with servers.Program("haproxy-capturing", ["/usr/sbin/haproxy", "-db", "-f", str(configuration)], tmp_path) as capturing:
            capturing.wait_until_listening(haproxy.port)
            for text in ("db/1: Received something which does not look like a PROXY protocol header",
                         "www/1: SSL handshake failure", *FORGED):
                servers.get(haproxy.port, "/", {"User-Agent": text, "Cookie": f"session={text[:50]}"})
            servers.wait_for(lambda: b"which does not look" in rsyslog.log.read_bytes() and
                             rsyslog.log.read_bytes().count(b'"GET / ') >= len(FORGED), "HAProxy's requests are logged")
    assert [each["rules"] for each in scan(rsyslog.log)
            if "haproxy/proxy-header-missing" in each["rules"] or "haproxy/client-tls-handshake" in each["rules"]] == []


def test_a_line_feed_in_a_users_name_raises_nothing(tmp_path, gunicorn):
    access_log = tmp_path / "gunicorn-access.log"
    for line in FORGED:
        credentials = base64.b64encode(b"x\n" + line.replace(":", " ").encode() + b"\n:p").decode()
        servers.get(gunicorn.port, "/", {"Authorization": f"Basic {credentials}"})
    servers.get(gunicorn.port, "/last")
    servers.wait_for(lambda: b"/last" in access_log.read_bytes(), "the last request is logged")
    if b"\nServer app/app1" not in access_log.read_bytes():
        pytest.skip("this Gunicorn escapes users' names")
    assert incidents_of(access_log) == []
