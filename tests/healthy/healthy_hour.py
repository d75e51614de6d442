"""One healthy hour: traffic, deployments, maintenance and scanners, watched live and read again afterwards."""
import os
import pathlib
import random
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import behind_wrappers
import product
import receivers
import servers
from site_programs import Gunicorn, Haproxy, Nginx
from visitors import Crowd, scan
from waiting import wait_for


def is_loud(incident):
    return incident["severity"] != "info"


def count_lines(path):
    with open(path, "rb") as log:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: log.read(1 << 20), b""))


def rotated_and(log):
    """With its rotated files, oldest first."""
    return sorted(log.parent.glob(log.name + "*"), key=lambda path: path.stat().st_mtime)


def scan_loud(paths):
    return [incident for incident in product.scan("--quiet", *paths) if is_loud(incident)]


def processor_seconds(pid):
    """That the process has used so far, its own and the kernel's for it (proc(5))."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class HealthyHour:
    """`requests` answered while operators go through their day, at least `rounds` times."""

    def __init__(self, folder, requests, seed=1, rounds=1, said=lambda text: None):
        self.folder, self.requests, self.seed, self.rounds, self.said = folder, requests, seed, rounds, said
        self.operations = []
        self.told = self.found = ()
        self.found_behind = {}

    def run(self):
        """Leaves what was told live in `told`, what a scan of the same logs finds in `found`, and behind wrappers in
        `found_behind`, and the time of a real failure afterwards, which shows that somebody was listening, in
        `seconds_to_tell`."""
        rsyslog = servers.Rsyslog(self.folder)
        self.gunicorns = [Gunicorn(self.folder, name) for name in ("app1", "app2")]
        self.nginx = Nginx(self.folder, self.gunicorns)
        self.haproxy = Haproxy(self.folder, self.nginx.ports, rsyslog.port)
        self.logs = [rsyslog.log, self.nginx.error_log, self.nginx.access_log,
                     *(log for gunicorn in self.gunicorns for log in (gunicorn.error_log, gunicorn.access_log))]
        try:
            with receivers.WebhookReceiver() as hook, \
                    product.Daemon(self.folder, self.logs, [product.webhook(hook)]) as daemon:
                with Crowd(self.haproxy.port, self.requests, self.seed) as crowd:
                    before = processor_seconds(daemon.process.pid)
                    self.keep_busy(crowd)
                    self.answered = crowd.answered.value
                self.processor = processor_seconds(daemon.process.pid) - before
                self.told = [incident for incident in hook.opened() if is_loud(incident)]
                written = [path for log in self.logs for path in rotated_and(log)]
                self.found = scan_loud(written)
                logs = [("haproxy" if log == rsyslog.log else log.name.split("-")[0], path)
                        for log in self.logs for path in rotated_and(log)]
                for way, write in behind_wrappers.WAYS.items():
                    paths = write(logs, self.folder)
                    self.found_behind[way] = scan_loud(paths)
                    for path in paths:
                        path.unlink()
                self.lines = sum(count_lines(path) for path in written)
                self.seconds_to_tell = self.fail_for_real(hook)
                self.usage = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        finally:
            for program in (self.haproxy, self.nginx, *self.gunicorns, rsyslog):
                program.kill()

    def keep_busy(self, crowd):
        chance = random.Random(self.seed)
        day = [self.reload_nginx, self.reload_gunicorn, self.resize_gunicorn, self.reload_haproxy, self.drain_a_server,
               self.restart_an_application, self.scanners, self.rotate]
        done = 0
        while crowd.is_there() or done < self.rounds:
            chance.shuffle(day)
            for operation in day:
                self.operations.append(operation.__name__)
                operation()
                self.said(f"{crowd.answered.value} requests answered, {len(self.operations)} operations")
            done += 1
            if not crowd.is_there() and done >= self.rounds:
                break

    def reload_nginx(self):
        self.nginx.reload()

    def reload_gunicorn(self):
        log = self.gunicorns[0].error_log
        before = log.read_text().count("Booting worker")
        self.gunicorns[0].signal(signal.SIGHUP)
        wait_for(lambda: log.read_text().count("Booting worker") >= before + 2, "Gunicorn's new workers")

    def resize_gunicorn(self):
        log = self.gunicorns[0].error_log
        for number, sign in ((signal.SIGTTIN, "Booting worker"), (signal.SIGTTOU, "Worker exiting")):
            before = log.read_text().count(sign)
            self.gunicorns[0].signal(number)
            wait_for(lambda: log.read_text().count(sign) > before, sign)

    def reload_haproxy(self):
        self.haproxy.reload()

    def drain_a_server(self):
        for state in ("drain", "maint", "ready"):
            self.haproxy.set_state("web2", state)

    def restart_an_application(self):
        """As it should be done: out of the proxy, stopped, started, back."""
        application = self.gunicorns[1]
        self.nginx.reload(without=application)
        wait_for(lambda: not self.old_workers_of_nginx(), "nginx's old workers are gone")
        application.terminate()
        application.start()
        self.nginx.reload()

    def old_workers_of_nginx(self):
        children = pathlib.Path(f"/proc/{self.nginx.process.pid}/task/{self.nginx.process.pid}/children").read_text().split()
        return [pid for pid in children if b"shutting down" in self.command_line(pid)]

    @staticmethod
    def command_line(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""

    def scanners(self):
        scan(self.haproxy.port, self.seed + len(self.operations), 60)

    def rotate(self):
        for log in (self.nginx.access_log, self.nginx.error_log):
            older = sorted(log.parent.glob(log.name + ".*"), key=lambda path: int(path.suffix[1:]), reverse=True)
            for path in older:
                path.rename(path.with_suffix(f".{int(path.suffix[1:]) + 1}"))
            log.rename(log.with_name(log.name + ".1"))
        self.nginx.signal(signal.SIGUSR1)
        wait_for(lambda: self.nginx.access_log.exists() and self.nginx.error_log.exists(), "nginx opened its logs anew")

    def fail_for_real(self, hook):
        """Both applications are killed: what the daemon has to say then, and how soon after the first failed request."""
        for gunicorn in self.gunicorns:
            gunicorn.kill()
        servers.get(self.haproxy.port, "/api/items?id=1")
        began = time.monotonic()
        def told():
            servers.get(self.haproxy.port, "/api/items?id=1")
            return [incident for incident in hook.opened() if is_loud(incident) and incident not in self.told]
        self.failure = wait_for(told, lambda: "the failure at the end is told")
        return time.monotonic() - began
