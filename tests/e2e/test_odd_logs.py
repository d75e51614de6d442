"""Logs as they are on bad days: empty, damaged, binary, endless, forbidden. Never a crash, never a lost good line."""
import gzip
import json
import os
import shutil
import subprocess
import sys

import pytest

from product import SOURCE, binary, run, scan as scan_with

sys.path.insert(0, str(SOURCE / "tests" / "support"))

from other_user import NOBODY, published

REFUSED = (SOURCE / "samples" / "stale-upstream" / "nginx-error.log").read_bytes().splitlines()[0]
RULES = ("--rules", SOURCE / "rules" / "nginx", "--no-default-rules")


def scan(path):
    return scan_with(path, rules=SOURCE / "rules" / "nginx")


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "nginx-error.log"

    def write(content):
        path.write_bytes(content)
        return path
    return write


def test_empty_file_holds_no_incident(log):
    assert scan(log(b"")) == []


@pytest.mark.parametrize("content", [
    pytest.param(REFUSED, id="no newline at the end"),
    pytest.param(REFUSED + b"\r\n", id="CRLF"),
    pytest.param(b"\n\n" + REFUSED + b"\n\n", id="empty lines"),
    pytest.param(b"\xff\xfe\x80\xc3\x28\n" + REFUSED + b"\n", id="invalid UTF-8 before"),
    pytest.param(REFUSED.replace(b"/api/items", b"/\xff\xfe\xed\xa0\x80") + b"\n", id="invalid UTF-8 inside"),
    pytest.param(b"\0" * 4096 + b"\n" + REFUSED + b"\n", id="NUL bytes before"),
    pytest.param(REFUSED.replace(b"/api/items", b"/\0\0") + b"\n", id="NUL bytes inside"),
    pytest.param(b"x" * (1 << 20) + b"\n" + REFUSED + b"\n", id="a line of 1 MiB before"),
    pytest.param(REFUSED + b"y" * (1 << 20) + b"\n", id="a line of 1 MiB that matches"),
    pytest.param(b"\x1b[31m\x07\n" + REFUSED + b"\n", id="terminal escapes"),
    pytest.param(b"\xef\xbb\xbf" + b"\n" + REFUSED + b"\n", id="byte order mark"),
])
def test_refused_connection_is_found_in(log, content):
    incidents = scan(log(content))
    assert [each["entity"]["value"] for each in incidents] == ["127.0.0.1:8003"]
    assert [each["count"] for each in incidents] == [1]


def test_escape_sequence_of_a_client_does_not_reach_the_terminal(log):
    path = log(REFUSED.replace(b"/api/items", b"/\x1b]0;owned\x07\x9b31m") + b"\n")
    shown = run("scan", *RULES, path)
    assert "\x1b" not in shown.stdout and "\x07" not in shown.stdout and "\x9b" not in shown.stdout


def test_a_hundred_megabytes_without_a_newline_are_read_in_bounded_memory(tmp_path):
    path = tmp_path / "endless.log"
    with open(path, "wb") as endless:
        endless.truncate(100 << 20)
    done = run("scan", "--json", *RULES, path, prefix=["/bin/sh", "-c", 'ulimit -v 1500000; exec "$@"', "sh"])
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


KILLED = "Memory cgroup out of memory: Killed process 1459 (gunicorn) total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB"


def first_seen(folder, texts, modified_at):
    for name, text in texts.items():
        (folder / name).write_text(text + "\n")
        os.utime(folder / name, (modified_at, modified_at))
    (incident,) = scan_with(*[folder / name for name in texts], rules=SOURCE / "rules" / "kernel")
    return incident["first_seen"]


def test_lines_without_any_time_have_that_of_their_file(tmp_path):
    assert first_seen(tmp_path, {"dmesg.txt": f"[ 3820.160557] {KILLED}"}, 1795223793) == "2026-11-21T01:16:33.000000Z"


def test_dated_lines_say_the_year_where_the_files_were_copied_years_later(tmp_path):
    dated = "[2020-02-24 08:04:14 +0000] [6831] [INFO] Booting worker with pid: 1459"
    texts = {"gunicorn.log": dated, "kern.log": f"Feb 24 08:04:15 web1 kernel: [ 3820.160557] {KILLED}"}
    assert first_seen(tmp_path, texts, 1795223793) == "2020-02-24T08:04:15.000000Z"
    assert first_seen(tmp_path, texts, 1582531500) == "2020-02-24T08:04:15.000000Z"


def test_damaged_compression_is_reported_after_what_could_be_read(tmp_path):
    path = tmp_path / "nginx-error.log.1.gz"
    path.write_bytes(gzip.compress((REFUSED + b"\n") * 5000, 1)[:-100])
    done = run("scan", "--json", *RULES, path)
    assert done.returncode == 0
    assert [json.loads(line)["entity"]["value"] for line in done.stdout.splitlines()] == ["127.0.0.1:8003"]
    assert f"{path}: damaged gzip data at byte {path.stat().st_size}: the file ends in the middle of it; the " in done.stderr


def test_missing_file_is_named_and_the_others_are_read(log, tmp_path):
    done = run("scan", "--json", *RULES, tmp_path / "none.log", log(REFUSED + b"\n"))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert f"triaged scan: no file at {tmp_path}/none.log: there is no such file in {tmp_path}" in done.stderr


def test_nothing_but_missing_files_is_a_failure(tmp_path):
    done = run("scan", "--json", *RULES, tmp_path / "none.log", tmp_path / "*.gz")
    assert done.returncode == 2
    assert f"no file at {tmp_path}/*.gz: no name in {tmp_path} fits the pattern" in done.stderr


def test_file_that_may_not_be_read_is_named(log, tmp_path):
    path = log(REFUSED + b"\n")
    path.chmod(0)
    done = scan_as_nobody(path, tmp_path)
    assert done.returncode == 2
    assert str(path) in done.stderr and "Permission denied" in done.stderr


def scan_as_nobody(path, *folders):
    """Without root's rights, for which no file is forbidden. The other user may enter neither pytest's folders nor, perhaps,
    the one in which this repository stands."""
    prefix = []
    if os.geteuid() == 0:
        prefix = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for folder in folders:
            for parent in (folder, *folder.parents):
                if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):
                    parent.chmod(parent.stat().st_mode | 0o055)
    command = [*prefix, published(binary()), "scan", "--rules", published(SOURCE / "rules" / "nginx"), "--no-default-rules", path]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
