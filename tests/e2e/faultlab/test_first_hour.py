"""What somebody meets in the first hours with a new daemon: one site, one daemon that follows all of its logs, and thirteen situations one
after another in an order of chance. Each is one message with the right cause, one more when it is over, and nothing beside it.

TRIAGED_LONG=1: each lasts longer, with the daemon's own settings, and the order is another one (TRIAGED_SEED names it).
"""
import contextlib
import dataclasses
import json
import os
import random
import socket
import threading
import time
import typing

import pytest

import receivers
import servers
import whole_site
from product import Daemon, webhook
from waiting import wait_for

IS_LONG = bool(os.environ.get("TRIAGED_LONG"))
SETTINGS = {"settle": "2s", "resolve_after": "10m"} if IS_LONG else {"settle": "1s", "resolve_after": "2500ms"}
SETTLES = float(SETTINGS["settle"].removesuffix("s"))
GOES_ON = 45 if IS_LONG else 0.5  # seconds that a failure lasts after it was told
PATIENCE = 60 if IS_LONG else 15


class Site(whole_site.WholeSite):
    """What can happen to it: each is a context, left when somebody has repaired it."""

    @contextlib.contextmanager
    def application_killed(self):
        self.shop.kill()
        yield
        self.restart("shop")

    @contextlib.contextmanager
    def application_stopped(self):
        self.shop.terminate()
        yield
        self.restart("shop")

    @contextlib.contextmanager
    def stopped_while_it_hangs(self):
        self.ask("/slow?300", times=2, at_once=2)  # nginx does not wait for long, Gunicorn's workers do
        self.wait_until_told()
        time.sleep(GOES_ON)
        self.shop.terminate()
        yield
        self.restart("shop")

    @contextlib.contextmanager
    def slow_page(self):
        with self.background(lambda: self.ask("/slow?2", times=2, at_once=2)):
            yield

    @contextlib.contextmanager
    def background(self, do):
        ended = threading.Event()

        def run():
            while not ended.is_set():
                do()
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @contextlib.contextmanager
    def broken_view(self, path):
        self.ask(path)
        with self.background(lambda: (self.ask(path, times=1), time.sleep(0.3))):
            yield

    def cart_fails(self):
        return self.broken_view("/cart?sku=pen")

    def pay_fails(self):
        return self.broken_view("/pay?amount=x")

    @contextlib.contextmanager
    def wrong_port(self):
        self.configure_nginx(upstream=f"127.0.0.1:{servers.free_port()}")
        yield
        self.configure_nginx()

    @contextlib.contextmanager
    def bad_configuration(self):
        self.configure_nginx(lambda site: site.replace("proxy_read_timeout", "proxy_reed_timeout"))
        yield
        self.configure_nginx()

    @contextlib.contextmanager
    def one_server_down(self):
        self.second.kill()
        yield
        self.restart("second")

    @contextlib.contextmanager
    def full_disk(self):
        if not self.disk.is_there:
            self.ask("/full-disk")
            yield
            return
        with socket.create_connection(("127.0.0.1", self.nginx.port), timeout=10) as client:  # which does not read the answer
            client.sendall(b"GET /export?32 HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
            yield

    @contextlib.contextmanager
    def certificate_expired(self):
        self.shop_certificate.be_valid_for(days=-1)
        self.nginx.reload()
        with self.background(lambda: (self.visit_over_tls(), time.sleep(0.1))):
            yield
        self.shop_certificate.be_valid_for(days=2)
        self.nginx.reload()
        wait_for(lambda: self.visit_over_tls() == 200, "the certificate is accepted")

    @contextlib.contextmanager
    def certificate_behind_haproxy_expired(self):
        self.pay_certificate.be_valid_for(days=-1)
        self.nginx.reload()
        yield
        self.pay_certificate.be_valid_for(days=2)
        self.nginx.reload()

    @contextlib.contextmanager
    def scanner(self):
        forged = ["connect() failed (111: Connection refused) while connecting to upstream", "Killed process 1590 (gunicorn)",
                  "[CRITICAL] WORKER TIMEOUT (pid:1590)", "Server app/app1 is DOWN, reason: Layer4 connection problem",
                  "KeyError: 'sku'", "no space left on device"]
        for number in range(90):
            text = forged[number % len(forged)]
            for port in (self.nginx.port, self.haproxy.port):
                servers.get(port, f"/wp-login.php?{number}={text.replace(' ', '%20')}", headers={"User-Agent": text, "Referer": text})
            servers.get(self.nginx.port, f"/.env?{number}", headers={"Host": text.split()[0]})
            self.send(b"\x16\x03\x01\x00" if number % 2 else f"GET /{text} HTTP/1.1\r\nHost: a b\r\n\r\n".encode())
        yield


@dataclasses.dataclass(frozen=True)
class Situation:
    happens: typing.Callable
    causes: frozenset = frozenset()  # one of them must be told; none: nothing may be told
    severities: frozenset = frozenset()
    before: frozenset = frozenset()  # what is told first, of a failure that comes before
    after: frozenset = frozenset()  # what it may be called when it is over


def one_of(*names):
    return frozenset(names)


ERROR, GRAVE, NOT_GRAVE = one_of("error"), one_of("error", "critical"), one_of("warning", "error")
HANGS = one_of("upstream-slow", "gunicorn-workers-saturated", "upstream-frozen")
# Whoever stops the application and starts it seconds later has restarted it.
RESTARTED = frozenset() if IS_LONG else one_of("deploy-restart")

SITUATIONS = {
    "application killed": Situation(Site.application_killed, one_of("upstream-down", "upstream-process-killed"), GRAVE),
    "application stopped": Situation(Site.application_stopped, one_of("upstream-down"), GRAVE, after=RESTARTED),
    "application stopped while it hangs": Situation(Site.stopped_while_it_hangs, one_of("upstream-down"), GRAVE, HANGS, HANGS | RESTARTED),
    "slow page": Situation(Site.slow_page, HANGS, NOT_GRAVE),
    "/cart fails": Situation(Site.cart_fails, one_of("app-exception"), ERROR),
    "/pay fails": Situation(Site.pay_fails, one_of("app-exception"), ERROR),
    "wrong port": Situation(Site.wrong_port, one_of("stale-upstream-registration", "upstream-down"), GRAVE),
    "bad configuration": Situation(Site.bad_configuration, one_of("nginx-config-syntax"), NOT_GRAVE),
    "one server down": Situation(Site.one_server_down, one_of("one-backend-server-down"), NOT_GRAVE),
    "full disk": Situation(Site.full_disk, one_of("disk-full"), GRAVE),
    "certificate expired": Situation(Site.certificate_expired, one_of("server-cert-expired"), GRAVE),
    "certificate behind HAProxy expired": Situation(Site.certificate_behind_haproxy_expired,
                                                    one_of("upstream-cert-expired", "server-cert-expired"), GRAVE),
    "scanner": Situation(Site.scanner),
}


class Watched:
    """One situation and what was told of it."""

    def __init__(self, hook, name):
        self.hook, self.name, self.situation = hook, name, SITUATIONS[name]
        self.begin, self.end = len(hook.incidents()), None
        self.began, self.lasted = time.monotonic(), 0

    def messages(self):
        return self.hook.incidents()[self.begin:self.end]

    def is_named(self):
        return any(cause_of(each) in self.situation.causes for each in self.messages())

    def is_over(self):
        changes = {each["incident"]: each["change"] for each in self.messages()}
        return set(changes.values()) <= {"resolved"}

    def wrong(self):
        wanted = self.situation
        alarms = [each for each in self.messages() if each["change"] != "resolved"]
        ends = [each for each in self.messages() if each["change"] == "resolved"]
        # A failure that others follow (whoever waits long enough fails as well) is told again as it grows.
        before = [each for each in alarms if cause_of(each) in wanted.before]
        causes = [wanted.before] * (len(before) if IS_LONG else bool(wanted.before)) + ([wanted.causes] if wanted.causes else [])
        wrong = []
        if len(alarms) != len(causes) or len(ends) != len({each["incident"] for each in alarms}):
            wrong.append(f"{len(alarms)} messages and {len(ends)} that it is over")
        wrong += [f"named {cause_of(each)}" for each, right in zip(alarms, causes) if cause_of(each) not in right]
        wrong += [f"named {cause_of(each)} when it was over" for each in ends if cause_of(each) not in wanted.causes | wanted.after]
        wrong += [f"severity {each['severity']}" for each in alarms[-1:] if each["severity"] not in wanted.severities]
        return wrong

    def report(self):
        lines = [f"{'WRONG' if self.wrong() else 'right'} {self.name} ({self.lasted:.1f} s): {', '.join(self.wrong())}"]
        lines += [f"    {each['change']:8} {each['incident'][-6:]} {each['severity']:8} {cause_of(each)} {each['causes'][0]['probability']:.2f} "
                  f"{each['entity']['value']} | {each['title']} | {each['count']} | {' '.join(each['rules'])}" for each in self.messages()]
        return "\n".join(lines)


def cause_of(incident):
    return incident["root_cause"]["cause"]


def watch(site, hook, name):
    watched = Watched(hook, name)

    def give_time_for(done, seconds):
        with contextlib.suppress(AssertionError):  # what was told instead is reported at the end
            wait_for(done, "told", seconds)

    site.wait_until_told = lambda: give_time_for(watched.messages, PATIENCE)
    with contextlib.ExitStack() as failure:
        failure.enter_context(watched.situation.happens(site))
        if watched.situation.causes:
            give_time_for(watched.is_named, PATIENCE)
        time.sleep(GOES_ON)
    site.are_served()
    if not watched.situation.causes:
        give_time_for(watched.messages, SETTLES + 1)  # a false alarm is told when its incident has settled
    give_time_for(watched.is_over, 3600 if IS_LONG else PATIENCE)
    watched.end = len(hook.incidents())
    watched.lasted = time.monotonic() - watched.began
    return watched


@pytest.mark.parametrize("seed", [int(os.environ.get("TRIAGED_SEED", time.time()))] if IS_LONG else [1, 2])
def test_thirteen_situations_one_after_another(tmp_path, seed):
    order = random.Random(seed).sample(list(SITUATIONS), len(SITUATIONS))
    chosen = os.environ.get("TRIAGED_SITUATIONS")
    order = chosen.split(",") if chosen else order
    told = []
    with Site(tmp_path) as site, receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, site.logs, [webhook(hook)], topology=site.topology, **SETTINGS):
        site.are_served()
        for name in order:
            told.append(watch(site, hook, name))
            print(told[-1].report(), flush=True)
        (tmp_path / "told.json").write_text(json.dumps(hook.incidents()))
    assert not any(each.wrong() for each in told), f"seed {seed}:\n" + "\n".join(each.report() for each in told if each.wrong())
