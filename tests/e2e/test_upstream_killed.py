"""Gunicorn dies under traffic: every sink hears of it once, with the right address and the right cause."""
import pytest

import receivers
import servers
from product import Daemon, webhook
from waiting import wait_for

DEAD = {"upstream-down", "upstream-process-killed"}


def proxy_and_application_logs(nginx, gunicorn):
    return [nginx.error_log, nginx.access_log, gunicorn.error_log]


def about(incident, address):
    return incident["entity"]["value"] == address or address in incident["root_cause"]["text"]


def test_webhook_gets_one_incident_that_names_the_killed_upstream(tmp_path, gunicorn, nginx, traffic):
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn), [webhook(hook)]) as daemon:
        gunicorn.kill()
        traffic.wait_for(20, 502)
        incident = hook.wait_for_opened()
        traffic.wait_for(40, 502)
        assert daemon.terminate() == 0

        assert len(hook.opened()) == 1, hook.incidents()
        assert about(incident, gunicorn.address)
        assert incident["root_cause"]["cause"] in DEAD
        assert incident["severity"] in {"error", "critical"}
        assert incident["schema"] == 1 and incident["state"] == "open"
        assert hook.keys()[0] == f'{incident["incident"]}/1'
        assert incident["workarounds"] and incident["dead_ends"]


def test_clean_stop_of_the_application_is_an_upstream_that_is_down(tmp_path, gunicorn, nginx, traffic):
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn), [webhook(hook)]):
        gunicorn.terminate()
        traffic.wait_for(20, 502)
        assert about(hook.wait_for_opened(), gunicorn.address)
        # In the first second it may still be a restart; as nothing comes back, the diagnosis is told anew.
        wait_for(lambda: hook.incidents()[-1]["root_cause"]["cause"] == "upstream-down",
                 lambda: f'the cause is upstream-down: {hook.incidents()[-1]["causes"]}')
        assert len(hook.opened()) == 1


@pytest.mark.parametrize("answers", [[500], [503, 503], [429]])
def test_webhook_that_refuses_at_first_gets_the_same_incident_again(tmp_path, gunicorn, nginx, traffic, answers):
    with receivers.WebhookReceiver(answers) as hook, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn), [webhook(hook)]) as daemon:
        gunicorn.kill()
        wait_for(lambda: len(hook.requests) > len(answers), lambda: f"a try after {answers}: {daemon.said()}")
        assert daemon.terminate() == 0
        assert set(hook.keys()) == {hook.keys()[0]}
        assert len(hook.opened()) == 1
        assert hook.incidents()[0]["incident"] == hook.incidents()[-1]["incident"]


def test_slack_takes_the_message_and_shows_cause_and_address(tmp_path, gunicorn, nginx, traffic):
    with receivers.SlackReceiver() as slack, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn), [{"slack": {"name": "ops", "url": slack.url}}],
                   settle="3s") as daemon:  # long enough for all that the kill causes: one diagnosis, one message
        gunicorn.kill()
        traffic.wait_for(20, 502)
        wait_for(lambda: slack.messages, "a message reaches Slack")
        traffic.wait_for(40, 502)
        assert daemon.terminate() == 0

        assert len(slack.messages) == 1
        message = slack.messages[0]
        assert "wrong" not in message
        assert gunicorn.address in str(message["blocks"])
        assert message.get("text")  # what a notification on a telephone shows


def test_syslog_gets_one_message_as_rfc_5424_wants_it(tmp_path, gunicorn, nginx, traffic):
    with receivers.SyslogReceiver() as syslog, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn),
                   [{"syslog": {"name": "local", "to": syslog.url, "facility": "daemon"}}], settle="3s") as daemon:
        gunicorn.kill()
        traffic.wait_for(20, 502)
        wait_for(lambda: syslog.messages, "a datagram arrives")
        traffic.wait_for(40, 502)
        assert daemon.terminate() == 0

        assert len(syslog.messages) == 1
        message = syslog.messages[0]
        assert "wrong" not in message, message
        assert message["application"] == "triaged"
        assert int(message["priority"]) // 8 == 3  # daemon
        assert int(message["priority"]) % 8 <= 3   # error or worse
        assert gunicorn.address in message["text"] + message["data"]


def test_two_sinks_are_both_told_although_one_is_dead(tmp_path, gunicorn, nginx, traffic):
    nobody = {"webhook": {"name": "nobody", "url": f"http://127.0.0.1:{servers.free_port()}/"}}
    with receivers.WebhookReceiver() as hook, \
            Daemon(tmp_path, proxy_and_application_logs(nginx, gunicorn), [nobody, webhook(hook)]):
        gunicorn.kill()
        assert about(hook.wait_for_opened(), gunicorn.address)


def test_haproxy_names_the_backend_and_the_server_that_died(tmp_path, gunicorn):
    with servers.Rsyslog(tmp_path) as rsyslog, \
            servers.Haproxy(tmp_path, {"app1": gunicorn.address}, rsyslog.port) as haproxy, \
            servers.Traffic(haproxy.port) as traffic, receivers.WebhookReceiver() as hook:
        traffic.wait_for(20, 200)
        with Daemon(tmp_path, [rsyslog.log], [webhook(hook)]) as daemon:
            gunicorn.kill()
            traffic.wait_for(20, 503)
            incident = hook.wait_for_opened()
            traffic.wait_for(40, 503)
            assert daemon.terminate() == 0

    assert len(hook.opened()) == 1, hook.incidents()
    assert "app" in incident["entity"]["value"].split("/")
    assert "app/app1" in str(incident["evidence"])
    assert incident["root_cause"]["cause"] in DEAD | {"all-upstreams-down"}


def test_haproxy_with_one_of_two_servers_down_says_that_the_others_carry_on(tmp_path, gunicorn):
    with servers.Gunicorn(tmp_path, name="second") as second, servers.Rsyslog(tmp_path) as rsyslog, \
            servers.Haproxy(tmp_path, {"app1": gunicorn.address, "app2": second.address}, rsyslog.port) as haproxy, \
            servers.Traffic(haproxy.port) as traffic, receivers.WebhookReceiver() as hook:
        traffic.wait_for(20, 200)
        with Daemon(tmp_path, [rsyslog.log], [webhook(hook)]):
            second.kill()
            incident = hook.wait_for_opened()
    assert "app2" in incident["entity"]["value"] + incident["root_cause"]["text"]
    assert incident["root_cause"]["cause"] == "one-backend-server-down"
