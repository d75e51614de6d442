"""The admin address as a browser, a script and Prometheus meet it."""
import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

import receivers
import servers
from product import Daemon, scan, webhook


class Client:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"

    def ask(self, path, form=None, **headers):
        """(status, text), wherever a redirection leads."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        asked = urllib.request.Request(self.base + path, data, {name.replace("_", "-"): text for name, text in headers.items()})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as failure:
            return failure.code, failure.read().decode()


@pytest.fixture
def watched(tmp_path, gunicorn, nginx):
    """A daemon with an admin address, a killed application, and the incident it told."""
    port = servers.free_port()
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log], [webhook(hook)], admin={"listen": f"127.0.0.1:{port}"}) as daemon:
        with servers.Traffic(nginx.port) as traffic:
            gunicorn.kill()
            traffic.wait_for(5, 502)
        yield Client(port), hook.wait_for_opened(), daemon


def test_a_browser_sees_the_incident_and_says_what_helped(watched):
    client, incident, _ = watched
    name = incident["incident"]
    status, page = client.ask("/")
    assert status == 200 and f'href="/incidents/{name}"' in page
    status, page = client.ask(f"/incidents/{name}")
    assert status == 200 and f'action="/api/v1/incidents/{name}/feedback"' in page
    origin = {"Origin": client.base, "Sec_Fetch_Site": "same-origin", "Accept": "text/html"}
    status, page = client.ask(f"/api/v1/incidents/{name}/feedback", {"failed": "1"}, **origin)
    assert status == 200 and "Noted. Later diagnoses rank by it." in page


def test_ten_contrary_reports_by_form_move_the_rate_of_the_next_diagnosis(watched, nginx):
    client, incident, daemon = watched
    first = incident["workarounds"][0]
    for _ in range(10):
        assert client.ask(f"/api/v1/incidents/{incident['incident']}/feedback", {"failed": "1"})[0] == 200
    next_ones = [advice for again in scan("--state", daemon.folder / "state", nginx.error_log) for advice in again["workarounds"]]
    learnt = [advice for advice in next_ones if (advice["rule"], advice["id"]) == (first["rule"], first["id"])]
    assert [(advice["here"]["worked"], advice["here"]["failed"]) for advice in learnt] == [(0, 10)]
    assert learnt[0]["success_rate"] < first["success_rate"] / 2


def test_a_page_of_another_site_changes_nothing(watched):
    client, incident, _ = watched
    path = f"/api/v1/incidents/{incident['incident']}/feedback"
    assert client.ask(path, {"worked": "1"}, Origin="http://evil.example")[0] == 403
    assert client.ask(path, {"worked": "1"}, Sec_Fetch_Site="cross-site")[0] == 403
    assert client.ask("/api/v1/incidents", Host="evil.example")[0] == 421


def test_scripts_get_json_and_prometheus_gets_metrics(watched):
    client, incident, _ = watched
    status, text = client.ask("/api/v1/incidents")
    assert status == 200
    assert [each["incident"] for each in json.loads(text)["incidents"]] == [incident["incident"]]
    def value(name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", client.ask("/metrics")[1], re.MULTILINE)
        return found and float(found[1])
    servers.wait_for(lambda: value("triaged_open_incidents") == 1, lambda: client.ask("/metrics")[1])
    assert value("triaged_files") == 1
    assert value("triaged_symptoms_total") >= 5
    assert value('triaged_sink_failing{sink="hook"}') == 0
    servers.wait_for(lambda: value('triaged_probes_total{result="answered"}') > 0, lambda: client.ask("/metrics")[1])
    assert client.ask("/healthz") == (200, "ok\n")
    assert client.ask("/readyz") == (200, "ok\n")


def test_a_reload_moves_the_address(tmp_path, nginx):
    first, second = servers.free_port(), servers.free_port()
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log], [webhook(hook)], admin={"listen": f"127.0.0.1:{first}"}) as daemon:
        assert Client(first).ask("/healthz")[0] == 200
        text = daemon.configuration.read_text()
        daemon.configuration.write_text(text.replace(str(first), str(second)))
        daemon.reload()
        servers.wait_for(lambda: servers.listens(second), "the new address is served")
        assert not servers.listens(first)
        assert Client(second).ask("/healthz")[0] == 200


def test_an_address_that_is_taken_is_said_and_harms_nothing(tmp_path, nginx):
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [nginx.error_log], [webhook(hook)], admin={"listen": f"127.0.0.1:{nginx.port}"}) as daemon:
        daemon.wait_until_it_says(f"admin: cannot listen at 127.0.0.1:{nginx.port}: Address already in use")
        assert daemon.terminate() == 0
