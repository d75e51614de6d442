"""triaged never diagnoses its own output, however it comes back: each sink's output is fed to each kind of log that it follows.

A diagnosis quotes the lines that led to it, so without that each notification would count as one more failure, for ever.
"""
import datetime
import json
import os
import re
import socket
import subprocess
import threading
import urllib.request

import pytest

import receivers
from product import Daemon, binary, run, webhook
from refused_connections import RECORDED, GrowingLog, assert_told_once, rules, told_count
from servers import free_port
from waiting import wait_for

QUOTED = b"Connection refused"


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


def stamp():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")


def as_container(line):
    return f"{stamp()}000Z stdout F ".encode() + line


def as_syslog(line):
    """As journald hands it to rsyslog, which writes /var/log/syslog."""
    return f"{stamp()}+00:00 web1 triaged[77]: ".encode() + line


def as_journal(line):
    entry = {"__REALTIME_TIMESTAMP": "1800000000000000", "_SYSTEMD_UNIT": "triaged.service", "SYSLOG_IDENTIFIER": "triaged",
             "_PID": "77", "MESSAGE": line.decode(errors="replace").rstrip("\n")}
    return json.dumps(entry).encode() + b"\n"


class FedBack(Daemon):
    """What the daemon prints goes into `log`, each line written as `form` does."""

    def __init__(self, *arguments, log, form, **options):
        self.fed, self.form = log, form
        super().__init__(*arguments, **options)

    def launch(self, **environment):
        self.states.clear()
        self.process = subprocess.Popen([binary(), "run", "--config", str(self.configuration)], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                        env={**os.environ, "NOTIFY_SOCKET": self.notify_path, **environment})
        self.feeder = threading.Thread(target=self.feed, args=(self.process.stdout,), daemon=True)
        self.feeder.start()

    def feed(self, output):
        with open(self.fed, "ab", buffering=0) as fed, open(self.log, "ab", buffering=0) as said:
            for line in output:
                said.write(line)
                fed.write(self.form(line))


def value_of(metric, port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return int(re.search(rf"^{metric} (\d+)", answer.read().decode(), re.M)[1])


def assert_no_echo(hook, log, port, came_back):
    """Two rounds of failures: what was told of the first one has come back before the second one happens."""
    log.grow(3)
    wait_for(lambda: told_count(hook) >= 3, "the first round is told")
    wait_for(lambda: QUOTED in came_back(), lambda: f"the diagnosis comes back: {came_back()[-500:]}")
    before = value_of("triaged_own_lines_total", port)
    wait_for(lambda: value_of("triaged_own_lines_total", port) > 0, "what came back was read")
    log.grow(2)
    wait_for(lambda: told_count(hook) >= 5, "the second round is told")
    wait_for(lambda: value_of("triaged_own_lines_total", port) > before, "what came back of it was read")
    assert_told_once(hook, 5)


@pytest.mark.parametrize("form", [as_container, as_syslog, as_journal])
def test_standard_output_that_comes_back(tmp_path, hook, form):
    fed = tmp_path / "fed" / "shop_web-7d9f_0a1b" / "triaged" / "0.log"
    fed.parent.mkdir(parents=True)
    source = {"containers": {"paths": [str(tmp_path / "fed" / "*" / "*" / "*.log")]}}
    if form is not as_container:
        source = {"file": {"paths": [str(fed)]}}
    log, port = GrowingLog(tmp_path / "error.log"), free_port()
    with FedBack(tmp_path, [], [webhook(hook), {"stdout": {}}], rules=rules(tmp_path), settle="100ms", update_every="200ms",
                 sources=[{"file": {"paths": [str(log.path)]}}, source], admin={"listen": f"127.0.0.1:{port}"},
                 log=fed, form=form):
        assert_no_echo(hook, log, port, fed.read_bytes)


@pytest.mark.parametrize("name", ["triaged", "watch"])
def test_syslog_sink_that_comes_back_in_a_file(tmp_path, hook, name):
    fed, log, port = tmp_path / "syslog", GrowingLog(tmp_path / "error.log"), free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, open(fed, "ab", buffering=0) as written:
        receiver.bind(("127.0.0.1", 0))
        sink = {"syslog": {"to": f"udp://127.0.0.1:{receiver.getsockname()[1]}", "app_name": name}}
        threading.Thread(target=lambda: [written.write(receiver.recv(65536).rstrip(b"\n") + b"\n") for _ in iter(int, 1)],
                         daemon=True).start()
        with Daemon(tmp_path, [], [webhook(hook), sink], rules=rules(tmp_path), settle="100ms", update_every="200ms",
                    sources=[{"file": {"paths": [str(log.path), str(fed)]}}], admin={"listen": f"127.0.0.1:{port}"}):
            assert_no_echo(hook, log, port, fed.read_bytes)


def test_syslog_sink_that_comes_back_by_syslog(tmp_path, hook):
    log, port, to = GrowingLog(tmp_path / "error.log"), free_port(), f"udp://127.0.0.1:{free_port()}"
    with Daemon(tmp_path, [], [webhook(hook), {"syslog": {"to": to}}], rules=rules(tmp_path), settle="100ms",
                update_every="200ms", sources=[{"file": {"paths": [str(log.path)]}}, {"syslog": {"listen": to}}],
                admin={"listen": f"127.0.0.1:{port}"}):
        assert_no_echo(hook, log, port, lambda: QUOTED)


@pytest.mark.parametrize("way", ["the file itself", "a link"])
def test_file_sink_is_not_followed(tmp_path, hook, way):
    (tmp_path / "logs").mkdir()
    log, port = GrowingLog(tmp_path / "logs" / "error.log"), free_port()
    written = tmp_path / "logs" / "incidents.log" if way == "the file itself" else tmp_path / "incidents.jsonl"
    if way == "a link":
        (tmp_path / "logs" / "linked.log").symlink_to(written)
    daemon = Daemon(tmp_path, [tmp_path / "logs" / "*.log"], [webhook(hook), {"file": {"name": "own", "path": str(written)}}],
                    rules=rules(tmp_path), settle="100ms", update_every="200ms", admin={"listen": f"127.0.0.1:{port}"})
    checked = run("check", "--config", daemon.configuration)
    assert checked.returncode == 0
    warning = "warning: 'sources' match the file of sink 'own': it is not followed"
    assert (warning in checked.stdout + checked.stderr) == (way == "the file itself"), "the link leads nowhere yet"
    with daemon:
        log.grow(3)
        wait_for(lambda: told_count(hook) >= 3 and written.exists() and QUOTED in written.read_bytes(), "told to both sinks")
        log.grow(2)
        wait_for(lambda: told_count(hook) >= 5, "the second round is told")
        wait_for(lambda: value_of("triaged_own_files", port) == 1, "it is counted")
        assert value_of("triaged_files", port) == 1
        daemon.wait_until_it_says("is not followed, because triaged itself writes it")
        assert daemon.said().count("because triaged itself writes it") == 1
        assert_told_once(hook, 5)
    assert warning in run("check", "--config", daemon.configuration).stderr + run("check", "--config", daemon.configuration).stdout


def test_standard_output_into_a_followed_file(tmp_path, hook):
    log, port = GrowingLog(tmp_path / "error.log"), free_port()
    with Daemon(tmp_path, [tmp_path / "*.log"], [webhook(hook), {"stdout": {}}], rules=rules(tmp_path), settle="100ms",
                update_every="200ms", admin={"listen": f"127.0.0.1:{port}"}) as daemon:
        log.grow(3)
        wait_for(lambda: told_count(hook) >= 3 and QUOTED in daemon.log.read_bytes(), "told to both sinks")
        log.grow(2)
        wait_for(lambda: told_count(hook) >= 5, "the second round is told")
        daemon.wait_until_it_says(f"{daemon.log} is not followed, because triaged itself writes it")
        assert_told_once(hook, 5)


def test_scan_passes_them_over(tmp_path):
    (tmp_path / "syslog").write_bytes(as_syslog(RECORDED[0]))
    assert run("scan", "--json", "--rules", rules(tmp_path)[0], "--no-default-rules", tmp_path / "syslog").stdout == ""
    (tmp_path / "syslog").write_bytes(as_syslog(RECORDED[0]).replace(b"triaged[77]", b"nginx"))
    assert run("scan", "--json", "--rules", rules(tmp_path)[0], "--no-default-rules", tmp_path / "syslog").stdout != ""
