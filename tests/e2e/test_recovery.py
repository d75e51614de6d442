"""One failure is one incident, live: it is over when the servers answer again, in the time of their own logs, and the same
failure soon after is the same incident once more."""
import datetime
import re

import pytest

from product import SOURCE, Daemon, webhook
from receivers import WebhookReceiver
from refused_connections import RECORDED, rules
from waiting import wait_for

ANSWERED = next(line for line in (SOURCE / "samples" / "stale-upstream" / "nginx-access.json.log").read_bytes().splitlines(keepends=True)
                if b'"upstream_addr":"127.0.0.1:8001"' in line and b'"status":200' in line)
REFUSED = RECORDED[0]
MINUTE = datetime.timedelta(minutes=1)


class Site:
    """nginx before one address; its logs are written as if time passed faster."""

    def __init__(self, folder):
        self.errors, self.answers = folder / "error.log", folder / "access.json.log"
        self.errors.touch()
        self.answers.touch()
        self.now = datetime.datetime.now(datetime.timezone.utc) - 40 * MINUTE

    def refuse(self):
        """Once a second for ten seconds."""
        with open(self.errors, "ab") as log:
            for _ in range(10):
                self.now += MINUTE / 60
                local = self.now.astimezone().strftime("%Y/%m/%d %H:%M:%S").encode()
                log.write(re.sub(rb"^\S+ \S+", local, REFUSED))

    def answer(self, minutes):
        """Once a second, by the address that refused."""
        address = re.search(rb'upstream: "http://([^/]+)/', REFUSED)[1]
        line = ANSWERED.replace(b"127.0.0.1:8001", address)
        with open(self.answers, "ab") as log:
            for _ in range(int(minutes * 60)):
                self.now += MINUTE / 60
                log.write(re.sub(rb'"time":"[^"]+"', b'"time":"%s"' % self.now.isoformat(timespec="seconds").encode(), line))


@pytest.fixture
def hook():
    with WebhookReceiver() as receiver:
        yield receiver


def wait_for_changes(hook, changes):
    wait_for(lambda: [each["change"] for each in hook.incidents()] == changes,
             lambda: f"{changes}; told {[(each['change'], each['title']) for each in hook.incidents()]}")


def test_an_incident_is_over_when_its_server_answers_and_comes_back_as_the_same(tmp_path, hook):
    site = Site(tmp_path)
    with Daemon(tmp_path, [site.errors, site.answers], [webhook(hook)], rules=rules(tmp_path), settle="100ms"):
        site.refuse()
        wait_for_changes(hook, ["opened"])
        site.answer(minutes=2)
        wait_for_changes(hook, ["opened", "resolved"])
        site.refuse()
        wait_for_changes(hook, ["opened", "resolved", "opened"])
    first, over, again = hook.incidents()
    assert again["incident"] == over["incident"] == first["incident"]
    assert again["recurred"] == 1 and "recurred" not in first
    assert (first["count"], again["count"]) == (10, 20)
    assert again["first_seen"] == first["first_seen"]


def test_it_is_still_the_same_after_a_restart(tmp_path, hook):
    site = Site(tmp_path)
    daemon = Daemon(tmp_path, [site.errors, site.answers], [webhook(hook)], rules=rules(tmp_path), settle="100ms")
    with daemon:
        site.refuse()
        wait_for_changes(hook, ["opened"])
        site.answer(minutes=2)
        wait_for_changes(hook, ["opened", "resolved"])
        daemon.terminate()
        daemon.start()
        site.refuse()
        wait_for_changes(hook, ["opened", "resolved", "opened"])
    assert len({each["incident"] for each in hook.incidents()}) == 1
    assert hook.incidents()[-1]["recurred"] == 1
