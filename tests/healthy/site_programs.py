"""A site in good health: HAProxy before nginx before two Gunicorns, and what its operators do to it all day."""
import csv
import itertools
import os
import pathlib
import signal
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import servers
from waiting import wait_for

servers.ports = itertools.count(15000)  # beside those of tests that run at the same time


class Gunicorn(servers.Program):
    """Workers that are recycled now and then, as many sites have it against leaks."""

    def __init__(self, folder, name):
        self.port = servers.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.error_log, self.access_log = folder / f"{name}-error.log", folder / f"{name}-access.log"
        self.folder, self.name = folder, name
        self.start()

    def start(self):
        super().__init__(self.name, [
            "/usr/bin/gunicorn", "--bind", self.address, "--workers", "2", "--threads", "4", "--chdir", str(HERE.parent / "e2e"),
            "--max-requests", "3000", "--max-requests-jitter", "300", "--access-logfile", str(self.access_log),
            "--error-logfile", str(self.error_log), "shop:application"], self.folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait_until_listening(self.port)


class Nginx(servers.Program):
    """Serves files itself and passes the rest on; listens twice, for the two servers that HAProxy knows."""

    def __init__(self, folder, gunicorns):
        self.ports = [servers.free_port(), servers.free_port()]
        self.error_log, self.access_log = folder / "nginx-error.log", folder / "nginx-access.log"
        self.folder, self.gunicorns = folder, gunicorns
        for name in ("nginx-scratch", "static"):
            (folder / name).mkdir()
        (folder / "static" / "app.css").write_text("body { color: black }\n" * 20)
        self.configuration = folder / "nginx.conf"
        self.configure()
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(self.error_log),
                                   "-c", str(self.configuration)], folder)
        for port in self.ports:
            self.wait_until_listening(port)

    def configure(self, without=None):
        scratch = self.folder / "nginx-scratch"
        upstreams = "".join(f"server {gunicorn.address}{' down' if gunicorn is without else ''};" for gunicorn in self.gunicorns)
        self.configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 2; pid {scratch}/nginx.pid; error_log {self.error_log} notice;
            events {{ worker_connections 512; }}
            http {{
              access_log {self.access_log} combined; keepalive_requests 100000;
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              upstream shop_app {{ {upstreams} }}
              server {{
                {"".join(f"listen 127.0.0.1:{port};" for port in self.ports)} server_name shop.example.com;
                location /static/ {{ root {self.folder}; }}
                location / {{ proxy_pass http://shop_app; }}
              }}
            }}""")

    def reload(self, without=None):
        """Until every worker that was there has been told to go."""
        self.configure(without)
        before = self.error_log.read_text().count("gracefully shutting down")
        self.signal(signal.SIGHUP)
        wait_for(lambda: self.error_log.read_text().count("gracefully shutting down") >= before + 2, "nginx's new workers")


class Haproxy(servers.Program):
    """Master and worker, checks its two servers, and lets operators drain them."""

    def __init__(self, folder, server_ports, syslog_port):
        self.port = servers.free_port()
        self.admin = folder / "haproxy-admin.socket"
        configuration = folder / "haproxy.cfg"
        configuration.write_text(f"""
global
  log 127.0.0.1:{syslog_port} local0
  stats socket {self.admin} mode 600 level admin
defaults
  mode http
  log global
  option httplog
  timeout connect 10s
  timeout check 10s
  timeout client 30s
  timeout server 30s
frontend www
  bind 127.0.0.1:{self.port}
  default_backend app
backend app
  option httpchk GET /static/app.css
{"".join(f"  server web{number} 127.0.0.1:{port} check inter 500{chr(10)}" for number, port in enumerate(server_ports, 1))}""")
        super().__init__("haproxy", ["/usr/sbin/haproxy", "-W", "-db", "-f", str(configuration)], folder)
        self.wait_until_listening(self.port)

    def command(self, text):
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.admin))
            admin.sendall(text.encode() + b"\n")
            return b"".join(iter(lambda: admin.recv(65536), b"")).decode()

    def set_state(self, server, state):
        """As an operator does: drain, maint or ready. Until HAProxy says that it is so."""
        self.command(f"set server app/{server} state {state}")
        shown = {"drain": "DRAIN", "maint": "MAINT", "ready": "UP"}[state]
        wait_for(lambda: self.state_of(server).startswith(shown), lambda: f"{server} is {shown}: {self.state_of(server)}")

    def state_of(self, server):
        rows = csv.DictReader(self.command("show stat").splitlines())
        return next((row["status"] for row in rows if row["svname"] == server), "")

    def reload(self):
        before = wait_for(self.worker, "HAProxy's worker answers")
        asked_at = 0.0

        def is_replaced():
            nonlocal asked_at
            if time.monotonic() > asked_at + 5:  # the master passes over a signal that comes while it starts a worker
                asked_at = time.monotonic()
                self.signal(signal.SIGUSR2)
            return self.worker() not in ("", before)
        wait_for(is_replaced, "HAProxy's new worker")

    def worker(self):
        """The worker that answers now; empty while none does."""
        try:
            return next((line for line in self.command("show info").splitlines() if line.startswith("Pid:")), "")
        except OSError:
            return ""
