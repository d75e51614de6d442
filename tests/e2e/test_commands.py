"""The commands around the daemon: what they print and how they end."""
import gzip
import json
import re
import subprocess

import pytest

from product import SOURCE, binary, run, scan

SAMPLES = SOURCE / "samples"
RULES = ("--rules", SOURCE / "rules", "--no-default-rules")
OUT_OF_MEMORY = sorted((SAMPLES / "out-of-memory").glob("*.log"))
REFUSED = (SAMPLES / "stale-upstream" / "nginx-error.log").read_text().splitlines()[0]
HEALTHY = (SAMPLES / "backend-down" / "haproxy.log").read_text().splitlines()[0]


@pytest.mark.parametrize("story, cause", [
    ("out-of-memory", "oom-kill"),
    ("stale-upstream", "stale-upstream-registration"),
    ("backend-down", "upstream-down"),
    ("database-down", "dependency-database-down"),
])
def test_scan_names_the_root_cause_of_each_recorded_failure(story, cause):
    incidents = scan(*sorted((SAMPLES / story).glob("*.log")))
    assert incidents[0]["root_cause"]["cause"] == cause


def test_scan_joins_the_files_of_one_story_whatever_their_order():
    causes = [[each["root_cause"]["cause"] for each in scan(*files)] for files in (OUT_OF_MEMORY, OUT_OF_MEMORY[::-1])]
    assert causes[0] == causes[1] == ["oom-kill"]


def test_scan_reads_plain_and_compressed_files_and_standard_input_alike(tmp_path):
    log = SAMPLES / "stale-upstream" / "nginx-error.log"
    compressed = tmp_path / "nginx-error.log.1.gz"
    compressed.write_bytes(gzip.compress(log.read_bytes()))
    causes = {incidents[0]["root_cause"]["cause"] for incidents in
              (scan(log), scan(compressed), scan("-", stdin=log.read_bytes()))}
    assert len(causes) == 1


def test_scan_for_people_shows_cause_workaround_and_dead_end():
    shown = run("scan", *RULES, *OUT_OF_MEMORY)
    incident = scan(*OUT_OF_MEMORY)[0]
    text = " ".join(shown.stdout.split())
    assert shown.returncode == 0
    assert incident["title"] in text
    assert incident["workarounds"][0]["action"] in text
    assert incident["dead_ends"][0]["why_fails"] in text
    assert "\x1b" not in shown.stdout  # no colour in a pipe


def test_scan_as_markdown_starts_with_a_heading():
    assert run("scan", "--markdown", *RULES, *OUT_OF_MEMORY).stdout.startswith("#")


@pytest.mark.parametrize("threshold, status", [("warning", 1), ("critical", 1), ("info", 1)])
def test_scan_fails_on_a_found_severity(threshold, status):
    assert run("scan", "--quiet", "--fail-on", threshold, *RULES, *OUT_OF_MEMORY).returncode == status


def test_scan_does_not_fail_when_nothing_is_that_severe(tmp_path):
    log = tmp_path / "haproxy.log"
    log.write_text(HEALTHY + "\n")
    done = run("scan", "--json", "--fail-on", "info", *RULES, log)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("arguments", [
    ["scan", "--json", *RULES, *OUT_OF_MEMORY], ["rules", "list", *RULES], ["version"],
    ["explain", *RULES, REFUSED]])
def test_output_that_cannot_be_written_is_a_failure(arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary(), *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 2
    assert b"triaged: cannot write to standard output: No space left on device\n" in done.stderr


@pytest.mark.parametrize("arguments, complaint", [
    (["scan"], "PATH"),
    (["scan", "--fail-on", "terrible", "x.log"], "terrible"),
    (["scan", "--format", "nginx.errror=*", "x.log"], "nginx.errror"),
    (["scan", "--since", "yesterday-ish", "x.log"], "yesterday-ish"),
    (["scan", "--unheard-of", "x.log"], "--unheard-of"),
    (["scan", "--nginx-config", "/nowhere/nginx.conf", "x.log"], "/nowhere/nginx.conf"),
    (["scan", "--haproxy-config", "/nowhere/haproxy.cfg", "x.log"], "/nowhere/haproxy.cfg"),
    (["frobnicate"], "there is no command 'triaged frobnicate'; there are: run, check, discover, scan, explain, rules, incidents"),
    (["scna", "x.log"], "there is no command 'triaged scna'; did you mean 'scan'?"),
    (["rules", "lst"], "there is no command 'triaged rules lst'; did you mean 'list'?"),
    (["rules"], "'triaged rules' needs a command; there are: list, show, search"),
    (["scan", "--jsno", "x.log"], "there is no option '--jsno'; did you mean '--json'? ('triaged scan --help' says more)"),
    (["explain", "--format", "nginx", "x"], "there is no format 'nginx'; there are: text, nginx.error"),
    (["scan", "--format", "nginx.eror=*", "x.log"], "there is no format 'nginx.eror'; did you mean 'nginx.error'?"),
    (["scan", "--fail-on", "high", "x.log"], "{info,warning,error,critical}"),
    ([], "'triaged' needs a command; there are: run, check, discover, scan"),
    (["rules", "show", "nginx/no-such-rule"], "nginx/no-such-rule"),
])
def test_wrong_arguments_end_with_2_and_name_the_culprit(arguments, complaint):
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stdout == ""


def test_explain_shows_format_fields_and_the_rule_that_fires():
    told = json.loads(run("explain", "--json", *RULES, REFUSED).stdout)
    assert told["format"] == "nginx.error"
    assert told["fields"]["upstream"] == "127.0.0.1:8003"
    assert told["candidates"][0]["fires"] is True


def test_explain_says_why_a_forged_line_does_not_fire():
    forged = HEALTHY.replace("GET /api", "GET /?q=connect() failed (111: Connection refused) while connecting to upstream")
    told = json.loads(run("explain", "--json", *RULES, "-", stdin=forged.encode()).stdout)
    assert not any(candidate["fires"] is True for candidate in told["candidates"])


def test_version_names_the_program_and_its_libraries():
    done = run("version")
    assert done.returncode == 0
    assert re.match(r"triaged \d+\.\d+\.\d+", done.stdout)


def test_rules_can_be_listed_shown_linted_and_tested():
    listed = run("rules", "list", *RULES).stdout
    assert "nginx/" in listed and "gunicorn/" in listed and "haproxy/" in listed
    first = listed.split()[0]
    assert first in run("rules", "show", first, *RULES).stdout
    assert run("rules", "lint", SOURCE / "rules").returncode == 0
    assert run("rules", "test", SOURCE / "rules").returncode == 0


def test_rules_lint_points_at_the_mistake(tmp_path):
    rule = tmp_path / "rule.yaml"
    rule.write_text("id: mine/broken\ntitle: Broken\nseverity: dreadful\nmatch:\n  - regex: '(unclosed'\n")
    done = run("rules", "lint", tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert f"{rule}:3:" in said and "dreadful" in said
    assert f"{rule}:5:" in said
