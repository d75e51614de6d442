"""Somebody stops Gunicorn while a request is on its way: recorded by nginx and HAProxy in front of it (tests/e2e/recorded/stopped).
It was started again six seconds later."""
import pathlib

import pytest

import product

RECORDED = pathlib.Path(__file__).resolve().parent / "recorded" / "stopped"
ADDRESS = "127.0.0.1:24503"


@pytest.fixture
def haproxy_configuration(tmp_path):
    path = tmp_path / "haproxy.cfg"
    path.write_text(f"backend app\n  server app1 {ADDRESS} check\n  server app2 127.0.0.1:24504 check\n")
    return path


def logs_until(folder, time):
    """As they were at that second: the time of day stands in each line's first 40 bytes."""
    for log in RECORDED.iterdir():
        clock = [(line, line[:60].split(b"03:07:")) for line in log.read_bytes().splitlines(keepends=True)]
        (folder / log.name).write_bytes(b"".join(line for line, at in clock if len(at) == 1 or int(at[1][:2]) <= time))
    return [folder / log.name for log in RECORDED.iterdir()]


def test_it_is_down_because_it_was_stopped_and_not_for_what_the_proxies_saw_first(tmp_path, haproxy_configuration):
    told = product.scan("--haproxy-config", haproxy_configuration, *logs_until(tmp_path, 12))
    assert len(told) == 1, [incident["title"] for incident in told]
    [down, *_] = told[0]["causes"]
    assert down["cause"] == "upstream-down" and down["probability"] > 0.5
    assert any("the master began to shut down" in reason["text"] for reason in down["because"])
