"""What clients make servers write every day raises nothing: scanners, broken clients, visitors who leave, health checks."""
import os
import socket
import ssl
import struct
import subprocess

import site_programs  # names the ports of these tests
import product
import receivers
import servers
from healthy_hour import is_loud
from waiting import wait_for


class Nginx(servers.Program):
    """A proxy for plain requests, for TLS and for connections with a PROXY header, that logs whatever clients do."""

    def __init__(self, folder, upstream):
        self.port, self.tls_port, self.proxy_port = (servers.free_port() for _ in range(3))
        self.error_log, self.access_log = folder / "nginx-error.log", folder / "nginx-access.log"
        key, certificate = folder / "shop.key", folder / "shop.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=shop.example.com", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        scratch = folder / "nginx-scratch"
        scratch.mkdir()
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {self.error_log} info;
            events {{ worker_connections 128; }}
            http {{
              access_log {self.access_log}; client_max_body_size 1k; client_header_timeout 1s;
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              server {{
                listen 127.0.0.1:{self.port}; listen 127.0.0.1:{self.tls_port} ssl;
                listen 127.0.0.1:{self.proxy_port} proxy_protocol;
                ssl_certificate {certificate}; ssl_certificate_key {key}; server_name shop.example.com;
                location / {{ proxy_pass http://{upstream}; }}
              }}
            }}""")
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(self.error_log), "-c", str(configuration)],
                         folder)
        self.wait_until_listening(self.port)


def send(port, data, reset=False):
    """Sends bytes and leaves: after an answer, or at once by a reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        connection.settimeout(3)
        try:
            connection.recv(65536)
        except OSError:
            pass


def refuse_certificate(port):
    """A client that does not know who signed it says so by a TLS alert."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            ssl.create_default_context().wrap_socket(connection, server_hostname="shop.example.com")
    except ssl.SSLCertVerificationError:
        return
    raise AssertionError("the certificate was believed")


def make_noise(nginx, gunicorn):
    request = b"GET / HTTP/1.1\r\nHost: shop.example.com\r\n"
    greeting = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # of a client that speaks TLS
    for port in (nginx.port, gunicorn.port):
        for data in (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", greeting, b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     request + b"X: " + b"x" * 40000 + b"\r\n\r\n", request + b"Content-Length: nine\r\n\r\n",
                     b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\n\r\n", b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"):
            send(port, data)
        send(port, request, reset=True)
    send(nginx.port, b"POST / HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 9999\r\n\r\n")
    send(nginx.port, request)  # and no more: too slow
    send(nginx.tls_port, request + b"\r\n")
    send(nginx.tls_port, b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    send(nginx.tls_port, greeting, reset=True)
    send(nginx.tls_port, b"\x16\x03\x00\x00\x2f\x01\x00\x00\x2b\x03\x00" + b"\x00" * 36, reset=False)  # SSL 3
    refuse_certificate(nginx.tls_port)
    send(nginx.proxy_port, b"", reset=True)  # a health check that opens a connection and closes it


def test_what_clients_raise_raises_nothing(tmp_path):
    with site_programs.Gunicorn(tmp_path, "app") as gunicorn, Nginx(tmp_path, gunicorn.address) as nginx:
        logs = [nginx.error_log, nginx.access_log, gunicorn.error_log, gunicorn.access_log]
        with receivers.WebhookReceiver() as hook, product.Daemon(tmp_path, logs, [product.webhook(hook)]):
            with servers.Traffic(nginx.port) as traffic:
                for _ in range(10):
                    make_noise(nginx, gunicorn)
                    traffic.wait_for(20, 200)
            found = product.scan("--quiet", *logs)
            gunicorn.kill()  # which shows that somebody listens
            servers.get(nginx.port, "/api/items?id=1")
            told = wait_for(lambda: [incident for incident in hook.opened() if is_loud(incident)], "the failure is told")
    assert [incident for incident in found if is_loud(incident)] == []
    said = nginx.error_log.read_text(errors="replace")
    for noise in ("invalid method", "too long header line", "too long URI", "plain HTTP request to HTTPS port",
                  "too large body", "SSL alert number 48", "peer closed connection in SSL handshake", "client timed out"):
        assert said.count(noise) >= 10, noise
    assert [incident["entity"]["value"] for incident in told] == [gunicorn.address]
