"""The site, whoever plays requests to it, and the requests of a seed."""
import dataclasses
import os
import random
import re
import shutil
import threading
import time

import carriers
import clients
import programs as sites
from carriers import Stream
from grammar import Grammar
import product

RULES = product.SOURCE / "rules"


@dataclasses.dataclass(frozen=True)
class Request:
    number: int
    stream: str
    carrier: str
    parts: tuple
    honest: bool = False  # letters in both sets: what a forged neighbour must not hide

    def text(self):
        return b"".join(part for _, part in self.parts)


def as_in_syslog(record):
    """sshd escapes for syslog what it leaves in a file (LOG_SYSLOG_VIS and LOG_STDERR_VIS)."""
    for byte, escape in ((b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"), (b"\b", b"\\b"), (b"\a", b"\\a")):
        record = record.replace(byte, escape)
    return record


class Site:
    """All the servers, in one folder; `logs` is where they write."""

    def __init__(self, folder, new_gunicorn=None, ambiguous=False):
        self.folder, self.logs = folder, folder / "logs"
        self.logs.mkdir()
        self.logs.chmod(0o777)
        self.programs = []
        self.new_gunicorn, self.ambiguous = new_gunicorn, ambiguous

    def start(self, program):
        self.programs.append(program)
        return program

    def __enter__(self):
        try:
            self.start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.kill()

    def start_all(self):
        certificate = sites.make_certificate(self.folder)
        gunicorn = self.start(sites.Gunicorn(self.folder, self.logs, "/usr/bin/gunicorn", "gunicorn"))
        uwsgi = self.start(sites.Uwsgi(self.folder, self.logs))
        combined = self.start(
            sites.Uwsgi(
                self.folder, self.logs, "uwsgi-combined",
                '%(addr) - %(user) [%(ltime)] "%(method) %(uri) %(proto)" %(status) %(size) "%(referer)" "%(uagent)"'))
        php = self.start(sites.PhpFpm(self.folder, self.logs))
        nginx = self.start(
            sites.Nginx(self.folder, self.logs, certificate,
                        {"gunicorn": gunicorn.port, "uwsgi": uwsgi.port, "php": php.socket}))
        haproxy = self.start(
            sites.Haproxy(self.folder, self.logs, certificate,
                          {"gunicorn": gunicorn.port, "nginx": nginx.ports["combined"], "tls": nginx.ports["tls"]}))
        sshd = self.start(sites.Sshd(self.folder, self.logs))
        sshd_syslog = self.start(sites.Sshd(self.folder, self.logs, "sshd-syslog"))
        # It takes any request line, and writes it raw.
        uwsgi_carriers = carriers.GUNICORN + (carriers.RAW[:4] if self.ambiguous else [])
        self.streams = [
            *(Stream(f"nginx-{name}", "http1", nginx.ports[name], carriers.NGINX, share)
              for name, share in (("combined", 22), ("tail", 14), ("json", 12), ("vhost", 7), ("forwarded", 7))),
            Stream("nginx-http2", "http2", nginx.ports["http2"], carriers.HTTP2, 3),
            Stream("nginx-tls", "tls", nginx.ports["tls"], carriers.TLS_NAME, 0.2),
            Stream("nginx-php", "http1", nginx.ports["combined"], carriers.PHP_AMBIGUOUS if self.ambiguous else carriers.PHP, 5),
            Stream("nginx-apps", "http1", nginx.ports["tail"], carriers.BEHIND_NGINX, 4),
            *(Stream(f"haproxy-{name}", "http1", haproxy.ports[name], carriers.HAPROXY, share)
              for name, share in (("httplog", 10), ("custom", 5), ("json", 3))),
            Stream("haproxy-tcplog", "http1", haproxy.ports["tcplog"], carriers.NGINX, 1),
            Stream("haproxy-http2", "http2", haproxy.ports["http2"], carriers.HTTP2, 2),
            Stream("haproxy-sni", "tls", haproxy.ports["sni"], carriers.TLS_NAME, 0.2),
            Stream("gunicorn", "http1-slow", gunicorn.port, carriers.GUNICORN + carriers.RAW[:4], 5),
            Stream("uwsgi", "http1-slow", uwsgi.http, uwsgi_carriers, 2),
            Stream("uwsgi-combined", "http1-slow", combined.http, uwsgi_carriers, 2),
            Stream("sshd", "ssh", sshd.port, carriers.SSH, 0.05),
            Stream("sshd-syslog", "ssh", sshd_syslog.port, carriers.SSH_FOR_SYSLOG, 0.05),
        ]
        if self.ambiguous:
            self.streams.append(Stream("nginx-raw-json", "http1", nginx.ports["raw-json"], carriers.NGINX, 8))
        if self.new_gunicorn:
            newer = self.start(sites.Gunicorn(self.folder, self.logs, self.new_gunicorn, "gunicorn-new"))
            self.streams.append(Stream("gunicorn-new", "http1-slow", newer.port, carriers.GUNICORN + carriers.RAW[:4], 3))
        self.by_name = {stream.name: stream for stream in self.streams}
        self.carriers = {(stream.name, carrier.name): carrier for stream in self.streams for carrier in stream.carriers}

    def play(self, requests, as_twin):
        """All streams at once, each in its order. Statuses by the request's number."""
        queues, statuses = {}, {}
        for request in requests:
            for each in self.carriers[request.stream, request.carrier].requests(request.parts, as_twin or request.honest):
                queues.setdefault(request.stream, []).append((request.number, each))

        def run(name, queue):
            got = self.ask(self.by_name[name], [each for _, each in queue])
            for (number, _), status in zip(queue, got):
                statuses[number] = (*statuses.get(number, ()), status)

        threads = [threading.Thread(target=run, args=item) for item in queues.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses

    def ask(self, stream, requests):
        if stream.speaks == "http2":
            return clients.ask_http2(stream.port, [fields for fields, _ in requests])
        if stream.speaks == "tls":
            return clients.ask_tls(stream.port, requests)
        if stream.speaks == "ssh":
            return clients.knock_with_ssh(stream.port, [user for user, _ in requests])
        return clients.ask_many(stream.port, requests, 1 if stream.speaks == "http1-slow" else 32)

    def sizes(self):
        return {path.name: path.stat().st_size for path in self.logs.iterdir()}

    def take_logs(self, into):
        """Waits until nobody writes any more, and leaves the logs empty."""
        quiet, last = time.monotonic(), self.sizes()
        while time.monotonic() < quiet + 0.3:
            time.sleep(0.05)
            now = self.sizes()
            if now != last:
                quiet, last = time.monotonic(), now
        into.mkdir()
        for path in sorted(self.logs.iterdir()):
            if path.stat().st_size:
                # HAProxy does not append: after a truncation it goes on where it was, behind a hole.
                (into / path.name).write_bytes(path.read_bytes().lstrip(b"\0"))
            os.truncate(path, 0)
        sshd = into / "sshd-syslog.log"
        if sshd.exists():  # as syslog gets it: a record ends with CR LF in a file, and other line feeds are escaped
            records = sshd.read_bytes().split(b"\r\n")
            sshd.unlink()
            (into / "auth.log").write_bytes(b"".join(b"Nov 29 08:40:00 web1 sshd[7]: " + as_in_syslog(record) + b"\n"
                                                     for record in records if record))
        return into

    def learn(self, scratch):
        """What stands before and behind a client's text in each log that it gets into, by stream and carrier."""
        requests = [
            Request(number, stream, carrier, (("mark", b"Zmark%dkramZ" % number), ))
            for number, (stream, carrier) in enumerate(sorted(self.carriers))
        ]
        self.play(requests, as_twin=False)
        text = b"\n".join(path.read_bytes() for path in sorted(self.take_logs(scratch).iterdir()))
        frames = {}
        for head, number, tail in re.findall(rb"(?mi)^(.*?)zmark(\d+)kramz(.*)$", text):
            request = requests[int(number)]
            frames.setdefault((request.stream, request.carrier), []).append((head[-1500:], tail[-1500:]))
        shutil.rmtree(scratch)
        return frames


class Generator:
    """The requests of a seed."""

    def __init__(self, site, seed, frames):
        self.site, self.seed = site, seed
        self.grammar = Grammar(RULES, frames)
        self.choices = {
            stream.name: [carrier for carrier in stream.carriers for _ in range(carrier.weight)]
            for stream in site.streams
        }

    def batch(self, number, size):
        chance = random.Random(f"{self.seed}/{number}")
        total = sum(stream.share for stream in self.site.streams)
        requests = []
        for stream in self.site.streams:
            wanted = max(12, round(size * stream.share / total))
            own = []
            while len(own) < wanted:
                carrier = chance.choice(self.choices[stream.name])
                parts = self.forgery(chance, stream, carrier)
                times = 1
                if chance.random() < 0.02:  # the same so often that it counts
                    times = chance.choice([6, 6, 6, 40, 150, 600] if stream.speaks in ("http1", "http2") else [6])
                own += [(stream.name, carrier.name, parts, False)] * min(times, wanted - len(own))
                if chance.random() < 0.01:
                    own += [(stream.name, carrier.name, parts, True)] * 20
            requests += own
        return [Request(at, *each) for at, each in enumerate(requests)]

    def forgery(self, chance, stream, carrier):
        """One that the carrier can take as it is, if there is one among the first."""
        for _ in range(8):
            parts = tuple(self.grammar.forgery(chance, (stream.name, carrier.name), carrier.clean, carrier.room))
            text = b"".join(part for _, part in parts)
            if carrier.clean(text) == text:
                break
        return parts
