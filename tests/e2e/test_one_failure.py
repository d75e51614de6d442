"""One failure is one incident: a unit of systemd and its program, the servers of one upstream block; and unrelated ones are two."""
import pytest

from product import scan

DAY = "2026/11/21 01:15"
REFUSED = ('{at} [error] 1851#1851: *{connection} connect() failed (111: Connection refused) while connecting to upstream, '
           'client: 198.51.100.7, server: {site}, request: "GET /{connection} HTTP/1.1", upstream: "http://{upstream}/{connection}", '
           'host: "{site}"\n')
GUNICORN = """\
[2026-11-21 01:15:10 +0000] [2001] [INFO] Starting gunicorn 20.1.0
[2026-11-21 01:15:10 +0000] [2001] [INFO] Listening at: http://127.0.0.1:8000 (2001)
[2026-11-21 01:15:10 +0000] [2003] [INFO] Booting worker with pid: 2003
[2026-11-21 01:15:18 +0000] [2003] [INFO] Parent changed, shutting down: <Worker 2003>
[2026-11-21 01:15:18 +0000] [2003] [INFO] Worker exiting (pid: 2003)
"""


def refused(second, upstream, connection, site="www.example.com"):
    return REFUSED.format(at=f"{DAY}:{second:02}", upstream=upstream, connection=connection, site=site)


def systemd(second, unit, how="Main process exited, code=killed, status=9/KILL", result="signal"):
    head = f"2026-11-21T01:15:{second:02}.733285+00:00 web1 systemd[1]: {unit}: "
    return f"{head}{how}\n{head}Failed with result '{result}'.\n"


@pytest.fixture
def found(tmp_path):
    """The incidents in logs with these texts."""
    def scanned(*options, **logs):
        for name, text in logs.items():
            (tmp_path / f"{name}.log").write_text(text)
        return scan(*options, *(tmp_path / f"{name}.log" for name in logs))
    return scanned


def rules(incident):
    return set(incident["rules"])


def test_a_unit_that_is_killed_is_one_incident_with_gunicorn_in_it_and_the_proxy_in_front(found):
    [incident] = found(journal=systemd(18, "gunicorn.service"), gunicorn=GUNICORN,
                       nginx=refused(19, "127.0.0.1:8000", 7) + refused(20, "127.0.0.1:8000", 8))
    assert rules(incident) >= {"systemd/main-process-killed", "gunicorn/master-gone", "nginx/upstream-connection-refused"}
    assert incident["rules"][0] == "systemd/main-process-killed"


def test_a_job_that_fails_in_the_same_minute_has_nothing_to_do_with_it(found):
    failed = systemd(12, "backup.service", "Main process exited, code=exited, status=1/FAILURE", "exit-code")
    incidents = found(journal=failed, nginx=refused(15, "127.0.0.1:8000", 7) + refused(18, "127.0.0.1:8000", 8))
    assert len(incidents) == 2
    [of_nginx] = [incident for incident in incidents if "nginx/upstream-connection-refused" in rules(incident)]
    assert of_nginx["causes"][0]["cause"] == "upstream-down"


def test_nginx_that_is_killed_is_no_reason_for_what_it_said_of_its_upstream(found):
    assert len(found(journal=systemd(17, "nginx.service"), nginx=refused(15, "127.0.0.1:8000", 7))) == 2


def test_the_servers_of_an_upstream_block_are_one_incident_that_names_them(tmp_path, found):
    configuration = tmp_path / "nginx.conf"
    configuration.write_text("events {} http { upstream shop { server 10.0.0.5:8003; server 10.0.0.6:8003; }\n"
                             "upstream api { server 10.0.0.7:8003; }\n"
                             "server { listen 80; location / { proxy_pass http://shop; }\n"
                             "location /api { proxy_pass http://api; } } }\n")
    logs = "".join(refused(10 + number, f"10.0.0.{5 + number}:8003", number) for number in range(3))
    incidents = found("--nginx-config", configuration, nginx=logs)
    texts = sorted(incident["causes"][0]["text"] for incident in incidents)
    assert len(texts) == 2
    assert sum(text.endswith("The same holds for 10.0.0.6:8003.") for text in texts) == 1


def test_a_request_that_nginx_tried_at_two_servers_tells_that_they_are_of_one_block(found):
    [incident] = found(nginx=refused(15, "10.0.0.5:8003", 7) + refused(15, "10.0.0.6:8003", 7))
    assert incident["causes"][0]["text"].endswith("The same holds for 10.0.0.6:8003.")
    assert len(found(nginx=refused(15, "10.0.0.5:8003", 7) + refused(15, "10.0.0.6:8003", 8))) == 2
