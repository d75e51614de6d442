"""The daemon is stopped or killed in the middle of an incident: nothing is lost and nothing is told twice."""
import sqlite3

import pytest

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, RULE_OF_CONNECTIONS, counts, rules
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


def test_file_that_is_read_from_its_end_goes_on_there_although_no_line_came_before_the_kill(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    log.grow(20)
    with receivers.WebhookReceiver() as hook:
        daemon = Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path, RULE_OF_CONNECTIONS), settle="100ms")
        daemon.configuration.write_text(daemon.configuration.read_text().replace("start: checkpoint", "start: end"))
        try:
            daemon.start()
            database = sqlite3.connect(f"file:{tmp_path / 'state' / 'triaged.db'}?mode=ro", uri=True)
            wait_for(lambda: database.execute("SELECT count(*) FROM cursors WHERE stream LIKE 'file:%'").fetchone() == (1,),
                     lambda: daemon.said())
            daemon.kill()
            log.grow(10)
            daemon.start()
            wait_for(lambda: len(counts(hook)) == 10, lambda: f"{len(counts(hook))} of 10 told: {daemon.said()}")
            assert daemon.terminate() == 0
            assert [number for number, count in counts(hook).items() if count != 1] == []
        finally:
            daemon.__exit__()
