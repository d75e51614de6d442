"""The daemon is stopped or killed in the middle of an incident: nothing is lost and nothing is told twice."""
import pytest

import receivers
from product import Daemon, webhook
from waiting import wait_for


def last_count(hook):
    incidents = hook.incidents()
    return incidents[-1]["count"] if incidents else 0


def refused_lines(nginx):
    return nginx.error_log.read_bytes().count(b"Connection refused) while connecting to upstream")


@pytest.mark.parametrize("stop", [Daemon.terminate, Daemon.kill], ids=["sigterm", "sigkill"])
def test_restart_in_the_middle_neither_loses_nor_repeats_the_incident(tmp_path, gunicorn, nginx, traffic, stop):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)], update_every="1s") as daemon:
        gunicorn.kill()
        first = hook.wait_for_opened()
        for _ in range(2):
            stop(daemon)
            traffic.wait_for(20, 502)  # while nobody is looking
            daemon.start()
            traffic.wait_for(20, 502)
        traffic.stop()
        wait_for(lambda: last_count(hook) >= refused_lines(nginx),
                 lambda: f"{refused_lines(nginx)} refused connections are told, {last_count(hook)} so far")

        assert [incident["incident"] for incident in hook.opened()] == [first["incident"]]
        assert {incident["incident"] for incident in hook.incidents()} == {first["incident"]}
        assert {incident["key"] for incident in hook.incidents()} == {first["key"]}


def test_no_line_is_counted_twice_or_left_out_over_kills(tmp_path, gunicorn, nginx, traffic):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)], update_every="1s") as daemon:
        gunicorn.kill()
        for _ in range(4):
            traffic.wait_for(15, 502)
            daemon.kill()
            daemon.start()
        traffic.stop()
        lines = nginx.error_log.read_text(errors="replace").splitlines()
        wait_for(lambda: last_count(hook) >= len(lines), lambda: f"{len(lines)} lines, told {last_count(hook)}: {lines[:3]}")
        assert daemon.terminate() == 0
        assert last_count(hook) == len(lines)


def test_incident_that_could_not_be_delivered_survives_a_kill(tmp_path, gunicorn, nginx, traffic):
    with receivers.WebhookReceiver(answers=[503]) as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)]) as daemon:
        gunicorn.kill()
        wait_for(lambda: hook.requests, "a first, refused delivery")
        daemon.kill()
        daemon.start()
        wait_for(lambda: len(hook.requests) > 1, "a second delivery")
        assert set(hook.keys()[:2]) == {f'{hook.incidents()[0]["incident"]}/1'}


def test_failure_during_down_time_is_found_at_the_next_start(tmp_path, gunicorn, nginx, traffic):
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)]) as daemon:
        assert daemon.terminate() == 0
        gunicorn.kill()
        traffic.wait_for(20, 502)
        traffic.stop()
        daemon.start()
        assert gunicorn.address in str(hook.wait_for_opened()["evidence"])
