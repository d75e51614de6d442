"""What the proxies' configuration says keeps failures behind different servers apart."""
import contextlib

import pytest

import receivers
import servers
from product import Daemon, scan, webhook


class Site:
    """HAProxy with two servers: each is an nginx with a Gunicorn of its own."""

    def __init__(self, folder, stack):
        self.gunicorns, self.nginxes = [], []
        for name in ("one", "two"):
            (folder / name).mkdir()
            self.gunicorns.append(stack.enter_context(servers.Gunicorn(folder / name)))
            self.nginxes.append(stack.enter_context(servers.Nginx(folder / name, [self.gunicorns[-1].address])))
        rsyslog = stack.enter_context(servers.Rsyslog(folder))
        addresses = {f"web{number}": f"127.0.0.1:{nginx.port}" for number, nginx in enumerate(self.nginxes, 1)}
        self.haproxy = stack.enter_context(servers.Haproxy(folder, addresses, rsyslog.port, of_server=""))
        self.logs = [rsyslog.log, *(nginx.error_log for nginx in self.nginxes)]
        self.configurations = {"nginx": [str(folder / name / "nginx.conf") for name in ("one", "two")],
                               "haproxy": [str(folder / "haproxy.cfg")]}

    def fail_twice(self):
        """Both applications stop in the same seconds."""
        with servers.Traffic(self.haproxy.port) as traffic:
            for gunicorn in self.gunicorns:
                gunicorn.kill()
            traffic.wait_for(40, 502)

    def addresses(self):
        return {gunicorn.address for gunicorn in self.gunicorns}


@pytest.fixture
def site(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Site(tmp_path, stack)


def loud(incidents):
    return [incident for incident in incidents if incident["severity"] != "info"]


def entities(incidents):
    return {incident["entity"]["value"] for incident in loud(incidents)}


def test_without_the_configuration_what_fails_together_is_one_story(site):
    site.fail_twice()
    assert len(loud(scan(*site.logs))) == 1


def test_a_scan_with_the_configuration_tells_two_failures_apart(site):
    site.fail_twice()
    options = [word for kind, files in site.configurations.items() for file in files for word in (f"--{kind}-config", file)]
    told = loud(scan(*options, *site.logs))
    assert entities(told) == site.addresses() and len(told) == 2
    for incident, server in zip(sorted(told, key=lambda each: each["entity"]["value"]), ("web1", "web2")):
        assert {f"app/{server}"} == {word for line in incident["evidence"] for word in line["line"].split() if word.startswith("app/")}


def test_the_daemon_tells_two_failures_apart(tmp_path, site):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, site.logs, [webhook(hook)], topology=site.configurations):
        site.fail_twice()
        servers.wait_for(lambda: entities(hook.opened()) >= site.addresses(), lambda: str(entities(hook.opened())))


def test_a_configuration_that_cannot_be_read_is_said_and_harms_nothing(tmp_path, gunicorn, nginx):
    gone = tmp_path / "gone.cfg"
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log], [webhook(hook)], topology={"haproxy": [str(gone)]}) as daemon:
        daemon.wait_until_it_says(f"topology: cannot read {gone}: No such file or directory (will try again)")
        with servers.Traffic(nginx.port) as traffic:
            gunicorn.kill()
            traffic.wait_for(5, 502)
        assert hook.wait_for_opened()["entity"]["value"] == gunicorn.address
