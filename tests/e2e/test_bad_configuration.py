"""`check` and `run` refuse a wrong configuration: all mistakes at once, each with its place."""
import os

import pytest

from product import SOURCE, run

GOOD = f"""\
sources:
  - file: {{paths: [/var/log/nginx/error.log]}}
rules: ["{SOURCE}/rules/gunicorn"]
notify: {{settle: 1s}}
sinks:
  - stdout: {{name: terminal}}
state: {{path: /tmp}}
"""


@pytest.fixture
def configuration(tmp_path):
    path = tmp_path / "triaged.yaml"

    def write(old="", new=""):
        assert old in GOOD
        path.write_text(GOOD.replace(old, new) if old else GOOD)
        return path
    return write


def test_good_configuration_is_accepted(configuration):
    assert run("check", "--config", configuration()).returncode == 0


def test_shipped_sample_configuration_is_accepted():
    done = run("check", "--config", SOURCE / "systemd" / "triaged.yaml")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("old, new, place, reason", [
    ("settle: 1s", "settel: 1s", "4:10", "did you mean 'settle'?"),
    ("settle: 1s", "timezone: Europe/Berln", "4:20", "did you mean 'Europe/Berlin'?"),
    ("notify: {settle: 1s}", "notify:\n\tsettle: 1s", "5:1", "a tab indents this line"),
    ("settle: 1s", "settle: soon", "4:18", "must be a duration"),
    ("settle: 1s", "settle: [1s]", "4:18", "not a list"),
    ("paths: [/var/log/nginx/error.log]", "paths: [error.log]", "2:20", "not absolute"),
    ("paths: [/var/log/nginx/error.log]", "path: /var/log/nginx/error.log", "2:12", "did you mean 'paths'?"),
    ("paths: [/var/log/nginx/error.log]", "paths: [/x], format: nginx.eror", "2:33", "did you mean 'nginx.error'?"),
    ("stdout: {name: terminal}", "stdoot: {name: terminal}", "6:5", "stdoot"),
    ("stdout: {name: terminal}", "webhook: {name: hook}", "6:", "url"),
    ("stdout: {name: terminal}", 'slack: {name: ops, url: "${TRIAGED_E2E_NOT_SET}"}', "6:29", "TRIAGED_E2E_NOT_SET is not set"),
    ("stdout: {name: terminal}", "stdout: {name: terminal, min_severity: eror}", "6:44", "did you mean 'error'?"),
    ("notify: {settle: 1s}", "notify: {settle: 1s", "", "not valid YAML"),
    ("state: {path: /tmp}", "stat: {path: /tmp}", "7:1", "did you mean 'state'?"),
])
def test_mistake_is_reported_with_its_line_and_column(configuration, old, new, place, reason):
    path = configuration(old, new)
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert f"{path}:{place}" in done.stderr
    assert reason in done.stderr


def test_all_mistakes_are_reported_at_once(configuration):
    path = configuration()
    path.write_text(GOOD.replace("settle", "settel").replace("stdout", "stdoot").replace("state:", "stat:"))
    done = run("check", "--config", path)
    assert [f"{path}:{line}:" in done.stderr for line in (4, 6, 7)] == [True, True, True]


def test_run_refuses_what_check_refuses(configuration):
    done = run("run", "--config", configuration("settle: 1s", "settel: 1s"))
    assert done.returncode == 2
    assert ":4:10: error: unknown field 'settel'" in done.stderr


def test_missing_configuration_is_named(tmp_path):
    done = run("check", "--config", tmp_path / "none.yaml")
    assert done.returncode == 2
    assert str(tmp_path / "none.yaml") in done.stderr and "No such file" in done.stderr


def test_configuration_has_a_limit(configuration):
    path = configuration()
    path.write_text(GOOD + "#" * (1 << 20))
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert f"it has {path.stat().st_size} bytes, and the limit is 1048576" in done.stderr
    assert "it has more than 1048576 bytes, the limit" in run("check", "--config", "/dev/zero").stderr


def test_values_from_the_environment_have_a_limit(configuration):
    path = configuration("path: /tmp", "path: '/" + "${TRIAGED_E2E_LONG}" * 20 + "'")
    done = run("check", "--config", path, env={**os.environ, "TRIAGED_E2E_LONG": "x" * 100_000})
    assert done.returncode == 2
    assert f"{path}:7:15: error: the values from the environment are larger than 1048576 bytes together" in done.stderr


def test_pattern_that_would_take_minutes_is_refused_by_name(configuration, tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    regex = r"\S*((xa{0,8}[^x]x{1,100})((a|b|cc)){1,50}\d\w{2,20}){1,100}\S{1,100}z"
    (rules / "mine.yaml").write_text(f"id: mine/slow\ntitle: Slow\nmatch:\n  - regex: '{regex}'\n")
    done = run("check", "--config", configuration(f'"{SOURCE}/rules/gunicorn"', f'"{rules}"'))
    assert done.returncode == 2
    assert f"{rules}/mine.yaml:4:" in done.stderr
    assert "the limit is 10000" in done.stderr and "Lower the numbers in {}" in done.stderr


def test_bad_rule_is_reported_with_its_place(configuration, tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.yaml").write_text("id: mine/broken\ntitle: Broken\nmatch:\n  - regex: 'a(b'\n")
    done = run("check", "--config", configuration(f'"{SOURCE}/rules/gunicorn"', f'"{rules}"'))
    assert done.returncode == 2
    assert f"{rules}/mine.yaml:4:" in done.stderr


def test_state_folder_that_cannot_be_written_stops_the_start(configuration, tmp_path):
    path = configuration("path: /tmp", "path: /proc/triaged-state")
    done = run("run", "--config", path)
    assert done.returncode == 1  # not 2: what is wrong is the world, and the service manager tries again
    assert "/proc/triaged-state" in done.stderr


def test_port_of_a_sink_that_nobody_serves_does_not_stop_the_start(configuration):
    path = configuration("stdout: {name: terminal}", "webhook: {name: hook, url: 'http://127.0.0.1:9/'}")
    assert run("check", "--config", path).returncode == 0
