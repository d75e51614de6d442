"""The real programs whose failures triaged diagnoses, each on free loopback ports, in a folder of its own, ended by its id."""
import http.client
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import threading

from waiting import wait_for

HERE = pathlib.Path(__file__).resolve().parent


# Below the ports that the kernel gives to outgoing connections, a range for each of pytest's parallel workers: nothing can
# take a port between its choice and its use.
ports = itertools.count(20000 + 1500 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))


def free_port():
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A process in a session of its own, so that it and its workers can be ended together."""

    def __init__(self, name, command, folder, **options):
        self.output = folder / f"{name}.output"
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                            start_new_session=True, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self):
        """A clean stop, as a service manager asks for it."""
        self.process.terminate()
        self.process.wait(60)

    def kill(self):
        """The whole program at once: master and workers get SIGKILL."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(60)

    def wait_until(self, ready, what):
        """Waits in a constructor: whoever fails there must not stay behind."""
        def looks():
            assert self.process.poll() is None, self.output.read_text(errors="replace")
            return ready()
        try:
            wait_for(looks, what)
        except BaseException:
            self.kill()
            raise

    def wait_until_listening(self, port):
        self.wait_until(lambda: listens(port), f"{self.process.args[0]} listens on {port}")


class Gunicorn(Program):
    def __init__(self, folder, port=None, name="gunicorn"):
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.error_log = folder / f"{name}-error.log"
        super().__init__(name, [
            "/usr/bin/gunicorn", "--bind", self.address, "--workers", "2", "--chdir", str(HERE), "--graceful-timeout", "2",
            "--access-logfile", str(folder / f"{name}-access.log"), "--error-logfile", str(self.error_log),
            "shop:application"], folder, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait_until_listening(self.port)


class Nginx(Program):
    """A reverse proxy in front of `upstreams`, logging as Debian's default does."""

    def __init__(self, folder, upstreams, error_log=None, access_log=None, log_format=None):
        """`error_log` and `access_log`: what stands behind the directives, instead of files. `log_format`: of the latter."""
        self.port = free_port()
        self.error_log = error_log or folder / "nginx-error.log"
        self.access_log = access_log or folder / "nginx-access.log"
        scratch = folder / "nginx-scratch"
        scratch.mkdir()
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {self.error_log} warn;
            events {{ worker_connections 128; }}
            http {{
              {f"log_format own '{log_format}';" if log_format else ""}
              access_log {self.access_log} {"own" if log_format else "combined"};
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              upstream shop_app {{ {"".join(f"server {upstream};" for upstream in upstreams)} }}
              server {{
                listen 127.0.0.1:{self.port}; server_name shop.example.com;
                location / {{ proxy_pass http://shop_app; proxy_connect_timeout 2s; }}
                location /files/ {{ root {folder}; }}
              }}
            }}""")
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(folder / "nginx-error.log"),
                                   "-c", str(configuration)], folder)
        self.wait_until_listening(self.port)

    def reopen_logs(self):
        self.signal(signal.SIGUSR1)


class Rsyslog(Program):
    """Takes HAProxy's datagrams and writes the file that triaged follows, as on a real Debian host."""

    def __init__(self, folder):
        self.port = free_port()
        self.log = folder / "haproxy.log"
        configuration = folder / "rsyslog.conf"
        configuration.write_text(f"""
            global(workDirectory="{folder}")
            module(load="imudp") input(type="imudp" address="127.0.0.1" port="{self.port}")
            action(type="omfile" file="{self.log}" template="RSYSLOG_FileFormat")
            """)
        super().__init__("rsyslog", ["/usr/sbin/rsyslogd", "-n", "-f", str(configuration),
                                     "-i", str(folder / "rsyslog.pid")], folder)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            def wrote():
                sender.sendto(b"<134>Nov 21 00:00:00 e2e: rsyslog is ready", ("127.0.0.1", self.port))
                return self.log.exists() and b"rsyslog is ready" in self.log.read_bytes()
            self.wait_until(wrote, "rsyslog writes what it receives")


class Haproxy(Program):
    """Backend `app` with one server a name, checked four times a second unless `of_server` says something else.

    `syslog` is the port of a receiver at the loopback address, or what stands behind `log`. `more` are sections of their own, and so is
    `behind`, for which the defaults hold.
    """

    def __init__(self, folder, servers, syslog, of_server="check inter 250 fall 2 rise 2", of_backend=(), more="", behind=""):
        self.port = free_port()
        log = f"127.0.0.1:{syslog} local0" if isinstance(syslog, int) else syslog
        lines = "\n".join([*of_backend, *(f"server {name} {address} {of_server}" for name, address in servers.items())])
        configuration = folder / "haproxy.cfg"
        configuration.write_text(f"""
{more}
global
  log {log}
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend www
  bind 127.0.0.1:{self.port}
  default_backend app
backend app
{lines}
{behind}
""")
        super().__init__("haproxy", ["/usr/sbin/haproxy", "-db", "-f", str(configuration)], folder)
        self.wait_until_listening(self.port)


class Traffic:
    """Clients that ask a port again and again, on a thread of their own, and count what they get."""

    def __init__(self, port, pause=0.01):
        self.port = port
        self.pause = pause
        self.counts = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.ended.set()
        self.thread.join()

    def run(self):
        number = 0
        while not self.ended.wait(self.pause):
            number += 1
            answer = get(self.port, f"/api/items?id={number}")
            self.counts[answer] = self.counts.get(answer, 0) + 1

    def wait_for(self, count, *statuses):
        """Until `count` more answers of one of `statuses` were seen."""
        def seen():
            return sum(self.counts.get(status, 0) for status in statuses)
        wanted = seen() + count
        wait_for(lambda: seen() >= wanted, lambda: f"{count} more answers of {statuses}; got {self.counts}")


def get(port, path="/", headers=None, method="GET"):
    """The status of one request; 0 when there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {"User-Agent": "Mozilla/5.0 (e2e)"})
        return connection.getresponse().status
    except OSError:
        return 0
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()
