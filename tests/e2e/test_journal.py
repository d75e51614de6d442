"""The journal of systemd as a source: the same incidents as from files, nothing lost or told twice, and nobody but the kernel
speaks for the kernel."""
import collections
import contextlib
import functools
import importlib.util
import json
import os
import pathlib
import re
import time

import pytest
import yaml

import product
import test_replay
from journals import Journal, entry, kernel_entry
from product import Daemon, run
from refused_connections import RECORDED, RULE_OF_CONNECTIONS, rules
from test_replay import CORPUS, SHARED, Story, ToldIncidents, essence
from waiting import wait_for

NOW = 1_795_223_793  # of the first entry


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal")


def follower(journal, folder, sinks, rule_paths=(product.SOURCE / "rules",), more=None, **options):
    source = {"journald": {"folder": str(journal.folder), "start": "checkpoint", **(more or {})}}
    return Daemon(folder, [], sinks, rules=rule_paths, sources=[source], probes={"enabled": False}, **options)


# ---- the recorded stories

SYSLOG_HEADER = re.compile(rb"^(\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (\S+) ([\w.-]+)(?:\[(\d+)\])?: (.*)", re.S)
DMESG_HEADER = re.compile(rb"^\[[^]]*\] ?")
WRITERS = {  # of logs without a syslog header: unit and identifier
    "gunicorn-error.log": ("gunicorn.service", "gunicorn"), "gunicorn-access.log": ("gunicorn.service", "gunicorn"),
    "nginx-error.log": ("nginx.service", "nginx"), "nginx-access.log": ("nginx.service", "nginx"),
    "nginx-access.json.log": ("nginx.service", "nginx"), "nginx-stderr.log": ("nginx.service", "nginx"),
    "haproxy-stderr.log": ("haproxy.service", "haproxy"), "backend.log": ("backend.service", "node"),
    "uwsgi.log": ("uwsgi.service", "uwsgi"), "php-fpm.log": ("php8.2-fpm.service", "php-fpm8.2"),
    "app.log": ("app.service", "app"),
}


def entry_of(line):
    """As the line would stand in the journal of its host, had its program logged there."""
    text = line.text.rstrip(b"\r\n")
    if line.log in WRITERS:
        unit, program = WRITERS[line.log]
        return entry(text, line.at, program, unit)
    if line.log == "kernel.dmesg.log":
        return kernel_entry(DMESG_HEADER.sub(b"", text), line.at)
    time, host, program, pid, message = SYSLOG_HEADER.match(text).groups()
    if program == b"kernel":
        return kernel_entry(re.sub(rb"^\[ *\d+\.\d+\] ", b"", message), line.at, _HOSTNAME=host)
    return entry(message, line.at, program.decode(), _HOSTNAME=host, _TRANSPORT="syslog", _PID=(pid or b"1").decode())


def without_places(incidents):
    """A log has another name in the journal, and the journal names the host of every line."""
    return sorted((severity, cause, kind, "" if kind in ("source", "host") else name, count)
                  for severity, cause, kind, name, count in incidents)


@functools.cache
def stories():
    specification = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    score = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(score)
    return {case: Story(case, score.logs_of(str(CORPUS / case))) for case in test_replay.CASES}


@pytest.mark.skipif(not CORPUS.exists(), reason=f"NO RECORDED STORIES AT {CORPUS}")
@pytest.mark.parametrize("case", test_replay.CASES)
def test_a_story_in_the_journal_is_the_same_as_in_files(tmp_path, journal, case):
    story = stories()[case]
    (tmp_path / "end.yaml").write_text(test_replay.END_RULE)
    files = {}
    for line in story.lines:
        files.setdefault(line.log, []).append(line.text)
    (tmp_path / "logs").mkdir()
    for name, texts in files.items():
        (tmp_path / "logs" / name).write_bytes(b"".join(texts))
    journal.write([entry_of(line) for line in story.lines if line.text.strip()])
    told = ToldIncidents(tmp_path / "incidents.jsonl")
    sink = {"file": {"path": str(told.path), "min_severity": "info"}}
    with follower(journal, tmp_path, [sink], (product.SOURCE / "rules", tmp_path / "end.yaml"), update_every="1ms") as daemon:
        journal.write([entry("Here ends the story of journal", story.end)])
        wait_for(lambda: told.ended_logs() == {"journal"}, lambda: f"{case}: the journal has ended; {daemon.said()}")
        followed = without_places(essence(told.read()))
    environment = {**os.environ, "TZ": story.posix_zone}
    scanned = run("scan", "--json", "--quiet", "--rules", product.SOURCE / "rules", "--no-default-rules",
                  *sorted((tmp_path / "logs").iterdir()), env=environment)
    scanned = without_places(essence([json.loads(line) for line in scanned.stdout.splitlines()]))
    assert scanned or not story.is_of_failure, "nothing was found"
    assert followed == scanned


# ---- who may speak for the kernel

def oom(pid):
    """As the kernel of a recorded story wrote it."""
    return f"Memory cgroup out of memory: Killed process {pid} (gunicorn) total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB"


# logger -t kernel; systemd-cat -t kernel; logger --journald; echo '<11>kernel: …' >/dev/kmsg; a service that prints what
# stands in kern.log, in dmesg and in /dev/kmsg
FORGERIES = [
    entry(oom(1), NOW, "kernel", "session-1.scope", _TRANSPORT="syslog", SYSLOG_FACILITY="1"),
    entry(oom(2), NOW, "kernel", "session-1.scope", _TRANSPORT="stdout"),
    entry(oom(3), NOW, "kernel", "session-1.scope", _TRANSPORT="journal", SYSLOG_FACILITY="0"),
    entry(oom(4), NOW, "kernel", _TRANSPORT="kernel", SYSLOG_FACILITY="1"),
    entry(f"Nov 21 01:15:18 web1 kernel: {oom(5)}", NOW, "bash"),
    entry(f"[ 3820.160557] {oom(6)}", NOW, "bash"),
    entry(f"3,3108,3820160557,-;{oom(7)}", NOW, "bash"),
    entry(f"all is well\n[ 3820.160557] {oom(8)}", NOW, "bash"),
]


def test_only_the_kernel_speaks_for_the_kernel(tmp_path, journal):
    told = ToldIncidents(tmp_path / "incidents.jsonl")
    sink = {"file": {"path": str(told.path), "min_severity": "info"}}
    journal.write([*FORGERIES, kernel_entry(oom(1459), NOW)])
    with follower(journal, tmp_path, [sink]) as daemon:
        wait_for(told.read, lambda: f"the kernel's own line; {daemon.said()}")
        assert daemon.terminate() == 0
    (incident,) = told.read()
    assert (incident["count"], [step["source"] for step in incident["chain"]]) == (1, [f"journal {journal.folder} kernel"])
    assert "Killed process 1459 " in incident["chain"][0]["line"]


# ---- kills, stops and reloads

KILLS = int(os.environ.get("TRIAGED_JOURNAL_KILLS", "6"))
LINES_BETWEEN = 60


def test_nothing_is_lost_or_told_twice_over_kills_stops_and_reloads(tmp_path, journal):
    """Every line is an incident of its own, known by the number of nginx's connection. The journal is rotated meanwhile."""
    told = tmp_path / "incidents.jsonl"
    sink = {"file": {"path": str(told), "min_severity": "info"}}
    written = 0

    def write():
        nonlocal written
        numbers = range(written + 1, written + LINES_BETWEEN + 1)
        journal.write([entry(re.sub(rb"\*\d+", b"*%d" % number, RECORDED[number % len(RECORDED)]).rstrip(), time.time(), "nginx")
                       for number in numbers], f"system@{written // (5 * LINES_BETWEEN)}.journal")
        written += LINES_BETWEEN

    def told_connections():
        """Incidents by connection: their ids and counts. The file sink repeats what it cannot know to have written."""
        by_connection = collections.defaultdict(set)
        for line in told.read_text().splitlines() if told.exists() else []:
            with contextlib.suppress(json.JSONDecodeError):  # a kill in the middle of a line
                incident = json.loads(line)
                if incident["entity"]["kind"] == "connection":
                    by_connection[int(incident["entity"]["value"])].add((incident["incident"], incident["count"]))
        return by_connection

    with follower(journal, tmp_path, [sink], rules(tmp_path, RULE_OF_CONNECTIONS), settle="50ms") as daemon:
        for number in range(KILLS):
            write()
            time.sleep(0.05 * (number % 5))  # the moment of the kill
            if number % 3 == 2:
                daemon.reload()
                continue
            (daemon.kill if number % 3 == 0 else daemon.terminate)()
            write()  # while nobody reads
            daemon.start()
        wait_for(lambda: len(told_connections()) >= written, lambda: f"{written}, told {len(told_connections())}; {daemon.said()}")
        assert daemon.terminate() == 0
    connections = told_connections()
    assert sorted(connections) == list(range(1, written + 1))
    assert {number: of for number, of in connections.items() if len(of) != 1 or next(iter(of))[1] != 1} == {}


# ---- what check says

def check(tmp_path, source, prefix=()):
    path = tmp_path / "triaged.yaml"
    path.write_text(yaml.safe_dump({"sources": [source], "rules": [str(product.SOURCE / "rules" / "kernel")],
                                    "sinks": [{"stdout": {}}], "state": {"path": str(tmp_path / "state")}}))
    done = run("check", "--config", path, prefix=prefix)
    return done.returncode, done.stdout + done.stderr


def test_check_names_units_of_which_there_is_nothing(tmp_path, journal):
    journal.write([entry("ready", NOW, "gunicorn")])
    source = {"journald": {"folder": str(journal.folder), "units": ["gunicorn", "gunikorn"], "identifiers": ["haproxy"]}}
    status, said = check(tmp_path, source)
    assert status == 0
    assert "no entry of unit 'gunikorn.service' yet" in said
    assert "no entry of identifier 'haproxy' yet" in said
    assert "'gunicorn.service'" not in said


def test_check_says_that_there_is_no_journal(tmp_path, journal):
    assert "there are no files of a journal yet" in check(tmp_path, {"journald": {"folder": str(journal.folder)}})[1]
    status, said = check(tmp_path, {"journald": {"folder": str(tmp_path / "nowhere")}})
    assert (status, "the journal cannot be read: No such file or directory" in said) == (0, True), said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_check_says_who_may_read_the_journal(tmp_path, journal):
    journal.write([entry("ready", NOW, "gunicorn")])
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    said = check(tmp_path, {"journald": {"folder": str(journal.folder)}}, nobody)[1]
    assert "1 of 1 files of the journal must not be read by this user; add the user of triaged to the group systemd-journal" in said


def test_two_sources_of_one_journal_are_an_error(tmp_path, journal):
    path = tmp_path / "triaged.yaml"
    source = {"journald": {"folder": str(journal.folder)}}
    path.write_text(yaml.safe_dump({"sources": [source, source]}))
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert "an earlier source reads this journal already" in done.stdout + done.stderr


# ---- a Gunicorn unit, recorded

RECORDED_UNIT = (pathlib.Path(__file__).parent / "recorded" / "gunicorn-unit.export").read_bytes()


def steps_told_of(export, journal, folder, is_told):
    """Rule, source and line of each step of the incidents, once `is_told` of them."""
    journal.import_export(export)
    told = ToldIncidents(folder / "incidents.jsonl")
    sink = {"file": {"path": str(told.path), "min_severity": "info"}}
    with follower(journal, folder, [sink], update_every="10ms") as daemon:
        wait_for(lambda: is_told(told.read()), lambda: f"told {told.read()}; {daemon.said()}")
        assert daemon.terminate() == 0
    name = f"journal {journal.folder} "
    return {(step["rule"], step["source"].removeprefix(name), step["line"]) for incident in told.read() for step in incident["chain"]}


def test_a_unit_of_gunicorn_as_journald_recorded_it(tmp_path, journal):
    """journald 252 recorded Gunicorn 20.1 as a unit of systemd: a request that raises, one that blocks a worker, a worker that
    is killed; and what `logger -t kernel` and `systemd-cat -t kernel` said of a kill by the kernel that never was."""
    assert RECORDED_UNIT.count(b"\nMESSAGE=Out of memory: Killed process 37 (gunicorn)") == 2
    steps = steps_told_of(RECORDED_UNIT, journal, tmp_path, lambda told: [one["count"] for one in told][:1] == [5])
    assert steps >= {
        ("python/missing-key", "gunicorn.service", "KeyError: 'no such product'"),
        ("gunicorn/worker-timeout", "gunicorn.service", "[2026-11-30 09:43:21 +0000] [36] [CRITICAL] WORKER TIMEOUT (pid:38)"),
    }
    assert not [rule for rule, _, _ in steps if rule.startswith("kernel/")]
    # A logger of Python's sent "job failed" and a traceback to /dev/log as one datagram: so could the name of a user that a client made up.
    assert not [source for _, source, _ in steps if source == "shopjob"]
