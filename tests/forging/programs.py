"""Real servers of every kind, on loopback, whose logs hold what their clients say; and the logs, which a set of requests takes with it."""
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import servers
from waiting import wait_for

# Beside those of other tests that run at the same time.
servers.ports = itertools.count(17000 + 500 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))

SO_RCVBUFFORCE = 33
ROOT = os.geteuid() == 0
COMBINED_TAIL = "[$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\""
# Forms of access logs: name, what makes it.
FORMS = {
    "combined": f"'$remote_addr - $remote_user {COMBINED_TAIL}'",
    "tail": f"'$remote_addr - $remote_user {COMBINED_TAIL} \"$http_x_forwarded_for\" $request_time host=$host sni=$ssl_server_name'",
    "json": "escape=json '{\"time\":\"$time_iso8601\",\"remote_addr\":\"$remote_addr\",\"user\":\"$remote_user\",\"request\":\"$request\",\"status\":$status,"
    "\"request_time\":$request_time,\"upstream_addr\":\"$upstream_addr\",\"upstream_status\":\"$upstream_status\",\"referer\":\"$http_referer\","
    "\"agent\":\"$http_user_agent\",\"forwarded\":\"$http_x_forwarded_for\",\"host\":\"$host\",\"uri\":\"$uri\"}'",
    "forwarded": f"'$http_x_forwarded_for - $remote_user {COMBINED_TAIL}'",
    "vhost": f"'$host:$server_port $remote_addr - $remote_user {COMBINED_TAIL}'",
    # Not escaped: docs/formats.md says that this one can be forged.
    "raw-json": "escape=none '{\"time\":\"$time_iso8601\",\"remote_addr\":\"$remote_addr\",\"agent\":\"$http_user_agent\",\"referer\":\"$http_referer\","
    "\"request\":\"$request\",\"status\":$status,\"request_time\":$request_time}'",
}


class Nginx(servers.Program):
    """One server block a form of access log, each with an error log of its own; TLS and HTTP/2; applications behind it."""

    def __init__(self, folder, logs, certificate, backends):
        self.ports = {name: servers.free_port() for name in [*FORMS, "tls", "http2"]}
        self.backends, self.folder, self.logs = backends, folder, logs
        scratch = folder / "nginx-scratch"
        scratch.mkdir()
        (folder / "www").mkdir()
        (folder / "www" / "index.html").write_text("hello\n")
        shutil.copy(HERE / "echo.php", folder / "www")
        (folder / "users").write_text("known:{PLAIN}secret\n")
        key, chain = certificate
        blocks = "".join(self.block(name, f"listen 127.0.0.1:{self.ports[name]};") for name in FORMS)
        blocks += self.block(
            "tail", f"listen 127.0.0.1:{self.ports['tls']} ssl; ssl_certificate {chain}; ssl_certificate_key {key};", "tls")
        blocks += self.block("combined", f"listen 127.0.0.1:{self.ports['http2']} http2;", "http2")
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""
            {"user root;" if ROOT else ""}
            daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {logs}/nginx-main-error.log info;
            events {{ worker_connections 512; }}
            http {{
              {"".join(f"log_format {name.replace('-', '_')}_form {form};" for name, form in FORMS.items())}
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              keepalive_requests 1000000; client_header_buffer_size 4k; large_client_header_buffers 4 128k; client_max_body_size 1m;
              underscores_in_headers off; server_names_hash_bucket_size 128;
              {blocks}
            }}""")
        super().__init__(
            "nginx", ["/usr/sbin/nginx", "-p",
                      str(folder), "-e", f"{logs}/nginx-main-error.log", "-c",
                      str(configuration)], folder)
        for port in self.ports.values():
            self.wait_until_listening(port)

    def block(self, form, listen, name=None):
        name, back, down = name or form, self.backends, servers.free_port()
        fastcgi = "".join(
            f"fastcgi_param {key} {value};" for key, value in {
                "QUERY_STRING": "$query_string", "REQUEST_METHOD": "$request_method", "CONTENT_TYPE": "$content_type",
                "CONTENT_LENGTH": "$content_length", "REQUEST_URI": "$request_uri", "DOCUMENT_URI": "$document_uri",
                "REMOTE_USER": "$remote_user", "SERVER_PROTOCOL": "$server_protocol", "REMOTE_ADDR": "$remote_addr",
                "HTTP_HOST": "$host"
            }.items())
        scripts = "".join(
            f"location ^~ /php-{kind} {{ {fastcgi} fastcgi_param KIND {kind}; fastcgi_param PATH_INFO $uri; fastcgi_param SCRIPT_NAME $uri;"
            f"fastcgi_param SCRIPT_FILENAME {self.folder}/www/echo.php; fastcgi_pass unix:{back['php']}; }}"
            for kind in ("log", "warning", "stderr", "raise"))
        return f"""
            server {{
              {listen} server_name shop.example.com; root {self.folder}/www;
              access_log {self.logs}/nginx-{name}-access.log {form.replace('-', '_')}_form; error_log {self.logs}/nginx-{name}-error.log info;
              location ^~ /down/ {{ proxy_pass http://127.0.0.1:{down}; proxy_connect_timeout 2s; }}
              location ^~ /gunicorn/ {{ proxy_pass http://127.0.0.1:{back['gunicorn']}/; }}
              location ^~ /uwsgi/ {{ {fastcgi.replace("fastcgi_param", "uwsgi_param")} uwsgi_param PATH_INFO $uri; uwsgi_param SERVER_NAME h; uwsgi_param SERVER_PORT 80;
                uwsgi_pass 127.0.0.1:{back['uwsgi']}; }}
              location ^~ /private/ {{ auth_basic "closed"; auth_basic_user_file {self.folder}/users; }}
              location ^~ /denied/ {{ deny all; }}
              location ^~ /small/ {{ client_max_body_size 1; }}
              location ^~ /rewritten/ {{ rewrite_log on; rewrite ^/rewritten/(.*)$ /gone/$1 break; }}
              location ^~ /tried/ {{ try_files $uri $uri/ =404; }}
              location ^~ /indexed/ {{ alias {self.folder}/www/; }}
              {scripts}
            }}"""


class Gunicorn(servers.Program):

    def __init__(self, folder, logs, program, name, access_form=None, threads=True):
        self.port = servers.free_port()
        form = ["--access-logformat", access_form] if access_form else []
        super().__init__(name, [
            program, "--bind", f"127.0.0.1:{self.port}", "--workers", "1", *(["--threads", "4"] if threads else []),
            "--keep-alive", "30", "--chdir",
            str(HERE), "--limit-request-line", "8190", "--access-logfile",
            str(logs / f"{name}-access.log"), *form, "--error-logfile", "-", "--capture-output", "echo_app:application"
        ], logs, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait_until_listening(self.port)


class Uwsgi(servers.Program):
    """Speaks its own protocol with nginx, and HTTP."""

    def __init__(self, folder, logs, name="uwsgi", form=None):
        self.port, self.http = servers.free_port(), servers.free_port()
        super().__init__(name, [
            "/usr/bin/uwsgi", "--plugins", "python3", "--socket", f"127.0.0.1:{self.port}", "--http-socket",
            f"127.0.0.1:{self.http}", "--chdir",
            str(HERE), "--module", "echo_app:application", "--master", "--processes", "1", "--need-app", "--buffer-size",
            "65535", "--die-on-term", *(["--log-format", form] if form else [])
        ], logs, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait_until_listening(self.port)
        self.wait_until_listening(self.http)


class PhpFpm(servers.Program):

    def __init__(self, folder, logs):
        self.socket = folder / "php.socket"
        program = next((path for path in sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))), None)
        (folder / "php-fpm.conf").write_text(f"""
[global]
error_log = {logs}/php-fpm.log
daemonize = no
[www]
{"user = www-data" if ROOT else ""}
listen = {self.socket}
listen.mode = 0666
pm = static
pm.max_children = 2
catch_workers_output = yes
access.log = {logs}/php-access.log
access.format = "%R - %u %t \\"%m %r%Q%q\\" %s"
php_admin_flag[log_errors] = on
php_flag[display_errors] = off
""")
        super().__init__("php", [str(program), "-F", "-y", str(folder / "php-fpm.conf"), *(["-R"] if ROOT else [])], folder)
        self.wait_until(self.socket.exists, "php-fpm listens")


class DatagramLog:
    """What a syslog daemon writes of the datagrams that it gets: with the priority cut off, or as they are."""

    def __init__(self, path, keeps_priority=False):
        self.path, self.keeps_priority = path, keeps_priority
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, SO_RCVBUFFORCE):  # a datagram that finds no room is lost
            with contextlib.suppress(OSError):
                self.receiver.setsockopt(socket.SOL_SOCKET, option, 64 << 20)
        self.receiver.bind(("127.0.0.1", 0))
        self.port = self.receiver.getsockname()[1]
        self.file = open(path, "ab", buffering=0)
        self.thread = threading.Thread(target=self.keep_writing, daemon=True)
        self.thread.start()

    def keep_writing(self):
        while data := self.receiver.recv(1 << 17):
            line = data.rstrip(b"\n\0").replace(b"\n", b"#012")
            self.file.write((line if self.keeps_priority else re.sub(rb"^<\d+>(?:1 )?", b"", line)) + b"\n")

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(10)


class Haproxy(servers.Program):
    """Logs to standard output without a header, and with headers and cut lines to two syslog daemons."""

    NAMES = ["httplog", "custom", "json", "tcplog", "sni", "http2"]

    def __init__(self, folder, logs, certificate, backends):
        self.ports = {name: servers.free_port() for name in self.NAMES}
        self.daemons = [DatagramLog(logs / "haproxy-syslog.log"), DatagramLog(logs / "haproxy-priority.log", True)]
        capture = "\n".join(f"  capture request header {name} len {length}"
                            for name, length in (("Host", 64), ("User-Agent", 4096), ("X-Forwarded-For", 300), ("Referer",
                                                                                                                300)))
        (folder / "pem").write_bytes(b"".join(path.read_bytes() for path in certificate))
        configuration = folder / "haproxy.cfg"
        configuration.write_text(f"""
global
  log stdout len 65535 format raw local0
  log 127.0.0.1:{self.daemons[0].port} len 8192 local0
  log 127.0.0.1:{self.daemons[1].port} len 1024 format rfc5424 local0
  tune.bufsize 65536
  tune.http.logurilen 8192
  tune.http.cookielen 400
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 60s
  retries 0
frontend web
  bind 127.0.0.1:{self.ports['httplog']}
  option httplog
{capture}
  capture cookie session len 400
  http-request deny if {{ path_beg /denied }}
  http-request return status 200 content-type text/plain string ok unless {{ path_beg /down }}
  use_backend down if {{ path_beg /down }}
frontend custom
  bind 127.0.0.1:{self.ports['custom']}
{capture}
  http-request set-var(txn.forwarded) req.hdr(x-forwarded-for)
  log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{{+Q}}r agent=%[capture.req.hdr(1)] forwarded=%[var(txn.forwarded)]"
  http-request return status 200 content-type text/plain string ok unless {{ path_beg /down }}
  use_backend down if {{ path_beg /down }}
frontend as_json
  bind 127.0.0.1:{self.ports['json']}
{capture}
  http-request set-var(txn.agent) req.hdr(user-agent)
  log-format '{{"time":"%t","remote_addr":"%ci","request":"%[capture.req.method] %[capture.req.uri,json(utf8s)]","status":%ST,"request_time":%Ta,"agent":"%[var(txn.agent),json(utf8s)]","host":"%[capture.req.hdr(0),json(utf8s)]"}}'
  http-request return status 200 content-type text/plain string ok
frontend second
  bind 127.0.0.1:{self.ports['http2']} proto h2
  option httplog
{capture}
  http-request return status 200 content-type text/plain string ok
frontend plain
  mode tcp
  option tcplog
  bind 127.0.0.1:{self.ports['tcplog']}
  default_backend plain
frontend sni
  mode tcp
  bind 127.0.0.1:{self.ports['sni']}
  tcp-request inspect-delay 2s
  tcp-request content capture req.ssl_sni len 255
  tcp-request content accept if {{ req.ssl_hello_type 1 }}
  log-format "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq %hr"
  default_backend tls
backend down
  server down1 127.0.0.1:{servers.free_port()}
backend plain
  mode tcp
  server web1 127.0.0.1:{backends['nginx']}
backend tls
  mode tcp
  server web1 127.0.0.1:{backends['tls']}
""")
        super().__init__("haproxy", ["/usr/sbin/haproxy", "-db", "-f", str(configuration)], logs)
        for port in self.ports.values():
            self.wait_until_listening(port)

    def kill(self):
        super().kill()
        for each in self.daemons:
            each.close()


class Sshd(servers.Program):

    def __init__(self, folder, logs, name="sshd"):
        self.port = servers.free_port()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        str(folder / f"{name}-key")], check=True, stdin=subprocess.DEVNULL)
        (folder / f"{name}_config").write_text(f"""
ListenAddress 127.0.0.1:{self.port}
HostKey {folder}/{name}-key
PidFile none
LogLevel VERBOSE
UsePAM no
PasswordAuthentication no
MaxStartups 100
""")
        if ROOT:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        super().__init__(name, ["/usr/sbin/sshd", "-D", "-f",
                                str(folder / f"{name}_config"), "-E",
                                str(logs / f"{name}.log")], folder)
        self.wait_until_listening(self.port)


def make_certificate(folder):
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=shop.example.com", "-keyout",
        str(key), "-out",
        str(chain)
    ], check=True, capture_output=True)
    return key, chain
