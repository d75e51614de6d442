"""triaged looks at its host: what it finds is evidence in the notification, and can be switched off."""
import time

import pytest

import receivers
import servers
from product import Daemon, run, scan, webhook
from waiting import wait_for


def evidence_of(incident):
    return {entry["text"] for cause in incident["causes"] for entry in cause["because"]}


def said_of(incident, sentence):
    return [text for text in evidence_of(incident) if text.startswith(sentence)]


@pytest.fixture
def dead_address():
    return f"127.0.0.1:{servers.free_port()}"


@pytest.fixture
def proxy(tmp_path, dead_address):
    with servers.Nginx(tmp_path, [dead_address]) as program:
        yield program


def refuse(proxy, times=3):
    for _ in range(times):
        assert servers.get(proxy.port) == 502


def test_notification_says_that_nobody_listens_and_when_that_was_seen(tmp_path, proxy, dead_address):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [proxy.error_log], [webhook(hook)], settle="1s") as daemon:
        refuse(proxy)
        incident = hook.wait_for_opened()
        daemon.wait_for_state("STATUS=following 1 files, 1 open incidents; probes: ")
    cause = incident["causes"][0]
    assert cause["cause"] == "upstream-down", incident["causes"]
    [said] = said_of(incident, f"nobody listens on {dead_address}")
    assert said.startswith(f"nobody listens on {dead_address} (checked at ") and said.endswith("Z)")
    assert next(entry["log_odds"] for entry in cause["because"] if entry["text"] == said) == pytest.approx(1.5)


@pytest.mark.parametrize("probes", [{"enabled": False}, {"off": ["not-listening"]}])
def test_what_is_switched_off_is_no_evidence(tmp_path, proxy, probes):
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [proxy.error_log], [webhook(hook)], probes=probes, settle="1s"):
        refuse(proxy)
        incident = hook.wait_for_opened()
    assert not said_of(incident, "nobody listens")


def test_reload_switches_probes_on(tmp_path, proxy):
    other = tmp_path / "other"
    other.mkdir()
    other_address = f"127.0.0.1:{servers.free_port()}"
    with servers.Nginx(other, [other_address]) as second, receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, [proxy.error_log, second.error_log], [webhook(hook)], probes={"enabled": False}) as daemon:
        refuse(proxy)
        assert not said_of(hook.wait_for_opened(), "nobody listens")
        copy = {"file": {"name": "copy", "path": str(tmp_path / "incidents.jsonl")}}
        daemon.write_configuration([proxy.error_log, second.error_log], [webhook(hook), copy], settle="1s")
        daemon.reload()
        daemon.wait_until_it_says("2 sinks")
        refuse(second)
        wait_for(lambda: len(hook.opened()) == 2, lambda: f"a second incident: {hook.incidents()}")
    assert said_of(hook.opened()[1], f"nobody listens on {other_address}")


def test_upstream_that_is_back_before_it_is_told_was_restarted(tmp_path, proxy, dead_address):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [proxy.error_log], [webhook(hook)], settle="8s"):
        refuse(proxy)
        with servers.Gunicorn(tmp_path, port=int(dead_address.rsplit(":", 1)[1])):
            incident = hook.wait_for_opened()
    assert not said_of(incident, "nobody listens"), "the last look counts"
    assert said_of(incident, f"a process listens on {dead_address}")
    assert incident["causes"][0]["cause"] == "deploy-restart", incident["causes"]


def test_address_that_was_taken_out_of_the_configuration_is_a_stale_one(tmp_path, proxy, dead_address):
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(configuration.read_text().replace(dead_address, "127.0.0.1:9"))  # and nobody reloads nginx
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [proxy.error_log], [webhook(hook)], settle="1s"):
        refuse(proxy)
        incident = hook.wait_for_opened()
    assert said_of(incident, f"{dead_address} does not stand in {configuration} nor in what it includes")
    assert incident["causes"][0]["cause"] == "stale-upstream-registration", incident["causes"]


def test_haproxy_server_is_looked_for_at_its_address(tmp_path, dead_address):
    with servers.Rsyslog(tmp_path) as rsyslog, \
            servers.Haproxy(tmp_path, {"app1": dead_address}, rsyslog.port, of_server="") as haproxy, \
            receivers.WebhookReceiver() as hook, Daemon(tmp_path, [rsyslog.log], [webhook(hook)], settle="1s"):
        for _ in range(6):
            assert servers.get(haproxy.port) == 503
        incident = hook.wait_for_opened()
    assert said_of(incident, f"nobody listens on {dead_address}"), incident["causes"]


def test_name_that_a_client_chose_is_not_asked_for(tmp_path):
    """`proxy_pass http://$host` lets clients choose what nginx resolves, and its error repeats it."""
    line = ('{now} [error] 1851#1851: *115 no resolver defined to resolve x.evil.example, client: 192.0.2.7, '
            'server: shop.example.com, request: "GET / HTTP/1.1", host: "x.evil.example"\n')
    (tmp_path / "error.log").write_text(line.format(now=time.strftime("%Y/%m/%d %H:%M:%S")) * 6)
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [tmp_path / "error.log"], [webhook(hook)]) as daemon:
        hook.wait_for_opened()
        assert daemon.terminate() == 0
        assert not any("probes: " in state for state in daemon.read_states())


def test_old_lines_ask_nothing(tmp_path, dead_address):
    line = (f'2026/01/02 03:04:05 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, '
            f'client: 127.0.3.235, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://{dead_address}/", '
            f'host: "shop.example.com"\n')
    (tmp_path / "error.log").write_text(line * 3)
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [tmp_path / "error.log"], [webhook(hook)]) as daemon:
        incident = hook.wait_for_opened()
        assert daemon.terminate() == 0
        assert not any("probes: " in state for state in daemon.read_states())
    assert not said_of(incident, "nobody listens")


def test_log_says_why_something_is_unknown_when_it_is_asked_to(tmp_path):
    line = (f'{time.strftime("%Y/%m/%d %H:%M:%S")} [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting '
            'to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET / HTTP/1.1", '
            'upstream: "http://198.51.100.7:9/", host: "shop.example.com"\n')
    (tmp_path / "error.log").write_text(line)
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [tmp_path / "error.log"], [webhook(hook)])
        try:
            daemon.start(TRIAGED_LOG_LEVEL="debug")
            daemon.wait_until_it_says("probe listener of 198.51.100.7:9: ")
        finally:
            daemon.__exit__()


def test_scan_looks_at_the_host_only_when_it_is_asked_to(proxy, dead_address):
    refuse(proxy)
    [silent], [probed] = scan(proxy.error_log), scan("--probe", proxy.error_log)
    assert not said_of(silent, "nobody listens")
    assert said_of(probed, f"nobody listens on {dead_address}")


def test_unknown_probe_in_the_configuration_is_refused_with_its_place(tmp_path):
    (tmp_path / "triaged.yaml").write_text("probes: {off: [listning]}\n")
    done = run("check", "--config", tmp_path / "triaged.yaml")
    assert done.returncode == 2
    assert "triaged.yaml:1:16: error: there is no probe 'listning'; did you mean 'listening'?" in done.stderr
