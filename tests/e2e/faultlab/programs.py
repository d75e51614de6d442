"""The real programs, with the settings that a fault needs."""
import datetime
import os
import pathlib
import signal
import subprocess
import threading

import servers

HERE = pathlib.Path(__file__).resolve().parent

JSON_LOG = """
              log_format json escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","request":"$request",'
                '"status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,'
                '"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status",'
                '"upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time",'
                '"upstream_response_time":"$upstream_response_time","host":"$host"}';"""


class Gunicorn(servers.Program):
    """Gunicorn with the faulty shop; `starts=False` when the fault is that it does not come up."""

    def __init__(self, folder, *options, application="faulty_shop:application", chdir=HERE, port=None, starts=True,
                 name="gunicorn", **environment):
        self.port = port or servers.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.error_log = folder / f"{name}-error.log"
        super().__init__(name, [
            "/usr/bin/gunicorn", "--bind", self.address, "--workers", "2", "--chdir", str(chdir),
            "--error-logfile", str(self.error_log), *options, application], folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})
        if starts:
            self.wait_until_listening(self.port)


class Nginx(servers.Program):
    """nginx with one site: `http` stands beside it, `site` in it; upstream `shop_app` is there when addresses are given."""

    def __init__(self, folder, site, http="", upstreams=(), log_level="warn"):
        self.port = servers.free_port()
        self.log_level = log_level
        self.folder = folder
        self.error_log = folder / "nginx-error.log"
        self.access_log = folder / "nginx-access.json.log"
        self.configuration = folder / "nginx.conf"
        self.scratch = folder / "nginx-scratch"
        self.scratch.mkdir()
        self.configure(site, http, upstreams)
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(self.error_log),
                                   "-c", str(self.configuration)], folder)
        self.wait_until_listening(self.port)

    def configure(self, site, http="", upstreams=()):
        servers_of_group = "".join(f"server {upstream};" for upstream in upstreams)
        group = f"upstream shop_app {{ {servers_of_group} }}" if upstreams else ""
        scratch = self.scratch
        self.configuration.write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {self.error_log} {self.log_level};
            events {{ worker_connections 128; }}
            http {{
              {JSON_LOG}
              access_log {self.access_log} json;
              client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi;
              uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
              {group}
              {http}
              server {{ listen 127.0.0.1:{self.port}; server_name shop.example.com; {site} }}
            }}""")

    def reload(self):
        self.signal(signal.SIGHUP)


class ControlGroup:
    """Version 1, as feasible without a service manager: whoever is put into it shares so much memory."""

    ROOT = pathlib.Path("/sys/fs/cgroup/memory")

    def __init__(self, mebibytes):
        self.path = self.ROOT / f"triaged-faultlab-{os.getpid()}"
        self.mebibytes = mebibytes

    @classmethod
    def is_possible(cls):
        return os.access(cls.ROOT, os.W_OK) and os.access("/dev/kmsg", os.R_OK)

    def __enter__(self):
        self.path.mkdir()
        (self.path / "memory.limit_in_bytes").write_text(str(self.mebibytes * 2**20))
        return self

    def __exit__(self, *_):
        servers.wait_for(lambda: not (self.path / "cgroup.procs").read_text(), "the control group is empty")
        self.path.rmdir()

    def take(self, pid):
        """A process and its children; itself first, so that a child that it starts meanwhile is in the group as well."""
        members = self.path / "cgroup.procs"
        members.write_text(str(pid))
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            members.write_text(child)


class KernelLog:
    """What the kernel says from now on, written as rsyslog writes kern.log."""

    def __init__(self, folder):
        self.path = folder / "kern.log"
        self.path.touch()
        self.records = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.records, 0, os.SEEK_END)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        os.close(self.records)

    def run(self):
        with open(self.path, "a", buffering=1) as log:
            while not self.ended.wait(0.02):
                while record := self.next():
                    head, text = record.decode(errors="replace").split(";", 1)
                    seconds = int(head.split(",")[2]) / 1e6
                    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
                    log.write(f"{now} web1 kernel: [{seconds:12.6f}] {text.splitlines()[0]}\n")

    def next(self):
        while True:
            try:
                return os.read(self.records, 8192)
            except BlockingIOError:
                return b""
            except BrokenPipeError:  # records were overwritten before they were read; the next one is there
                continue


class SmallDisk:
    """A file system of its own with so much room."""

    def __init__(self, path, mebibytes):
        self.path = path
        path.mkdir()
        self.is_there = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)],
                                       capture_output=True).returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_there:
            subprocess.run(["umount", str(self.path)], check=True)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def expired_certificate(folder, name):
    """Self-signed, and valid until yesterday."""
    key, request, certificate_file = folder / "key.pem", folder / "request.pem", folder / "certificate.pem"
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
    openssl("x509", "-req", "-in", request, "-signkey", key, "-days", "-1", "-out", certificate_file)
    return certificate_file, key


def certificate(folder, name="shop.example.com"):
    """A self-signed certificate and its key."""
    key, certificate_file = folder / "key.pem", folder / "certificate.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out",
            certificate_file)
    return certificate_file, key
