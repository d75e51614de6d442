"""The tools of people who write rules: explain, search, lint, test, diff and the faces of a rule."""
import json
import os
import shutil
import subprocess

import pytest

from product import SOURCE, binary, run

SAMPLES = SOURCE / "samples"
RULES = ("--rules", SOURCE / "rules", "--no-default-rules")
CANONS = SOURCE.parent / "shared" / "data" / "deadends" / "canons"
REFUSED = (SAMPLES / "stale-upstream" / "nginx-error.log").read_text().splitlines()[0]
RULE = """
id: redis/refused
title: Redis refuses connections
root_cause: Redis is down.
match: {formats: [text], regex: 'redis: Connection refused', examples: ['redis: Connection refused'], near_misses: ['redis: timeout']}
entity: host
"""


def explained(message, *options):
    return json.loads(run("explain", "--json", *options, message).stdout)


def lines_of_json(shown):
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_explain_puts_the_rule_that_fires_first_and_shows_what_its_score_is_made_of():
    candidates = explained(REFUSED, *RULES)["candidates"]
    assert candidates[0]["rule"] == "nginx/upstream-connection-refused"
    assert candidates[0]["fires"]
    assert abs(sum(candidates[0]["parts"].values()) - candidates[0]["score"]) < 0.01
    assert all(each["fires"] or each["why_not"] for each in candidates)


def test_explain_says_how_far_a_pattern_matches(tmp_path):
    (tmp_path / "a.yaml").write_text(RULE)
    candidate = explained("redis: Connection reset", "--rules", tmp_path / "a.yaml", "--no-default-rules")["candidates"][0]
    assert not candidate["fires"]
    assert candidate["why_not"] == "its pattern matches as far as 'redis: Connection re', and then 'fused' is missing"


def test_explain_names_the_field_in_which_a_client_wrote_the_words(tmp_path):
    (tmp_path / "a.yaml").write_text("{id: nginx/x, title: t, root_cause: r, match: {formats: [nginx.error], regex: 'no live upstreams'}}")
    forged = REFUSED.replace('request: "GET /', 'request: "GET /no live upstreams/')
    candidate = explained(forged, "--rules", tmp_path / "a.yaml", "--no-default-rules")["candidates"][0]
    assert not candidate["fires"]
    assert "only where a client may write" in candidate["why_not"]
    span = candidate["client_text"]
    assert forged.encode()[span["begin"]:span["end"]] == b"no live upstreams"


def test_explain_reads_a_message_of_several_lines():
    message = 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 41, in <module>\nMemoryError\n'
    shown = run("explain", "--json", *RULES, "-", stdin=message.encode())
    assert "python" in json.loads(shown.stdout)["candidates"][0]["rule"]


STORY = """
id: app/lost-orders
title: Orders are lost
root_cause: The queue was not reachable.
match:
  - set:
      window: 30s
      of: [{formats: [text], regex: 'queue not reachable'}, {formats: [text], regex: 'order dropped'}]
      unless: [{formats: [text], regex: 'order restored', window: 60s}]
"""


def told_of_story(tmp_path, *lines):
    (tmp_path / "story.yaml").write_text(STORY)
    times = (f"2026-11-21T00:00:{second:02}Z " for second in range(60))
    message = "".join(time + line + "\n" for time, line in zip(times, lines))
    shown = run("explain", "--json", "--rules", tmp_path / "story.yaml", "--no-default-rules", "-", stdin=message.encode())
    return json.loads(shown.stdout)["candidates"][0]


def test_explain_names_the_line_that_a_condition_over_several_lines_lacks(tmp_path):
    candidate = told_of_story(tmp_path, "queue not reachable", "GET /")
    assert (candidate["fires"], candidate["counts"]) == (False, True)
    assert candidate["why_not"] == "a set within 30s lacks a line with 'order dropped'"


def test_explain_quotes_the_line_that_forbids(tmp_path):
    candidate = told_of_story(tmp_path, "queue not reachable", "order dropped", "order restored")
    assert not candidate["fires"]
    assert candidate["why_not"] == "a set within 30s is forbidden by the line '2026-11-21T00:00:02Z order restored'"


def test_explain_lets_several_lines_fire_together(tmp_path):
    assert told_of_story(tmp_path, "queue not reachable", "order dropped")["fires"]


def test_explain_knows_the_near_misses_of_a_rule(tmp_path):
    (tmp_path / "a.yaml").write_text(RULE)
    candidate = explained("redis: timeout", "--rules", tmp_path / "a.yaml", "--no-default-rules")["candidates"][0]
    assert candidate["why_not"].endswith("it is one of the rule's own near misses")


def explained_by_several(line, folder, count=4):
    """What as many processes say that all start at once with the cache in `folder`."""
    environment = {**os.environ, "CACHE_DIRECTORY": str(folder)}
    command = [binary(), "explain", "--json", *map(str, RULES), line]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
                 for _ in range(count)]
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * count, said
    return said


def test_processes_that_start_together_share_a_cache(tmp_path):
    said = explained_by_several(REFUSED, tmp_path / "cache")
    assert all(output == said[0][0] and not errors for output, errors in said)
    kept = {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()}
    assert "rules" in kept and any(name.endswith(".hsdb") for name in kept)
    assert not [name for name in kept if name.endswith(".new")]


def test_a_broken_cache_is_made_anew(tmp_path):
    folder = tmp_path / "cache"
    expected = explained_by_several(REFUSED, folder, 1)[0][0]
    for path in folder.iterdir():
        content = path.read_bytes()
        path.write_bytes(content[:len(content) // 2] + b"\x7f" + content[len(content) // 2 + 1:])
    said = explained_by_several(REFUSED, folder)
    assert all(output == expected for output, _ in said)
    assert any("broken; its patterns are compiled anew" in errors for _, errors in said)
    assert explained_by_several(REFUSED, folder, 1) == [(expected, "")]


def test_search_finds_a_rule_by_words():
    found = lines_of_json(run("rules", "search", "--json", *RULES, "limit", "req", "rate"))
    assert found[0]["rule"] == "nginx/rate-limit"
    assert run("rules", "search", *RULES, "qqqq").returncode == 1


def test_several_paths_may_follow_a_rule_folder():
    log = SAMPLES / "stale-upstream" / "nginx-error.log"
    assert json.loads(run("scan", "--json", "--no-default-rules", "--rules", SOURCE / "rules", log).stdout.splitlines()[0])


@pytest.mark.parametrize("face, beginning", [("text", ""), ("markdown", "# "), ("html", "<!DOCTYPE html>"), ("json", "{")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_rule_has_four_faces_in_two_languages(face, beginning, language):
    shown = run("rules", "show", "nginx/rate-limit", "--as", face, "--lang", language, *RULES)
    assert shown.returncode == 0
    assert shown.stdout.startswith(beginning)
    assert ("limit_req 拒绝或延迟请求" in shown.stdout) == (language == "zh" or face == "json")


def test_lint_gives_each_finding_its_place_and_a_suggestion(tmp_path):
    (tmp_path / "a.yaml").write_text(RULE)
    findings = lines_of_json(run("rules", "lint", "--json", tmp_path / "a.yaml"))
    assert any(each["message"].endswith("has no workarounds") and each["suggestion"] and each["line"] for each in findings)
    assert run("rules", "lint", "--strict", tmp_path / "a.yaml").returncode == 1


EXAMPLE_RULE = """id: mine/refused
title: Refused
says: '{upstream} refused'
root_cause: Nobody listens.
match:
  - formats: [FORMATS]
    regex: 'failed \\(\\d+: Connection refused\\) while connecting to upstream'
    examples: ['EXAMPLE']
"""
REFUSED = next(line for line in (SAMPLES / "stale-upstream" / "nginx-error.log").read_text().splitlines() if "111:" in line)
NO_ROUTE = (
    "2026/11/21 01:16:07 [error] 2155#2155: *109 connect() failed (113: No route to host) while connecting to upstream, "
    'client: 127.0.3.186, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", '
    'host: "shop.example.com"'
)
RATE_LIMITED = (
    '2026/11/21 01:06:50 [error] 18761#18761: *120 limiting requests, excess: 5.650 by zone "perip", client: 127.0.9.9, '
    'server: shop.example.com, request: "GET /old-page-777.html HTTP/1.1", host: "shop.example.com"'
)


@pytest.mark.parametrize("formats, example, reason", [
    ("nginx.error", NO_ROUTE, "its pattern matches as far as 'failed \\(\\d+: '; 'Connection"),
    ("nginx.error", RATE_LIMITED, "not even the beginning of its pattern is in the line"),
    ("kernel, python.traceback", "KeyError: 3", "a traceback begins with its line 'Traceback (most recent call last):'"),
])
def test_an_example_that_does_not_match_says_why(tmp_path, formats, example, reason):
    (tmp_path / "a.yaml").write_text(EXAMPLE_RULE.replace("FORMATS", formats).replace("EXAMPLE", example))
    tried = run("rules", "test", tmp_path / "a.yaml")
    assert tried.returncode == 1
    assert "an example of mine/refused does not match: " in tried.stderr
    assert reason in tried.stderr


def test_an_example_has_the_fields_that_the_rules_words_name(tmp_path):
    rule = EXAMPLE_RULE.replace("FORMATS", "nginx.error").replace("EXAMPLE", REFUSED)
    (tmp_path / "a.yaml").write_text(rule)
    assert run("rules", "test", tmp_path / "a.yaml").stderr == ""
    (tmp_path / "a.yaml").write_text(rule.replace("{upstream}", "{server_name}"))
    tried = run("rules", "test", tmp_path / "a.yaml")
    assert "an example of mine/refused has no field 'server_name', which its 'says' names" in tried.stderr


def test_rules_are_tried_on_recorded_logs(tmp_path):
    shutil.copytree(SOURCE / "rules", tmp_path / "rules")
    story = tmp_path / "rules" / "recorded" / "stale"
    shutil.copytree(SAMPLES / "stale-upstream", story)
    (story / "expected.incidents").write_text("# nobody knows yet\n")
    unexpected = run("rules", "test", tmp_path / "rules")
    assert unexpected.returncode == 1
    found = [line.removeprefix("  + ") for line in unexpected.stderr.splitlines() if line.startswith("  + ")]
    assert "stale-upstream-registration" in found[0]
    (story / "expected.incidents").write_text("\n".join(found) + "\n")
    expected = run("rules", "test", tmp_path / "rules")
    assert "1 recorded logs: 1 as expected" in expected.stdout, expected.stderr
    assert expected.returncode == 0


def test_two_packs_are_compared_on_old_logs(tmp_path):
    logs = sorted((SAMPLES / "backend-down").glob("*.log"))
    same = run("rules", "diff", SOURCE / "rules", SOURCE / "rules", *logs)
    assert same.returncode == 0, same.stdout + same.stderr
    shutil.copytree(SOURCE / "rules", tmp_path / "fewer")
    shutil.rmtree(tmp_path / "fewer" / "haproxy")
    fewer = run("rules", "diff", "--json", SOURCE / "rules", tmp_path / "fewer", *logs)
    assert fewer.returncode == 1
    shown = lines_of_json(fewer)
    assert any(each.get("difference") in ("disappears", "changes") for each in shown)
    sink = [each for each in shown if "sink" in each][0]
    assert sink["messages_before"] >= sink["messages_after"]


@pytest.mark.skipif(not CANONS.is_dir(), reason=f"NOT TESTED: there is no {CANONS}")
def test_public_records_are_off_outside_of_operations():
    options = ("--rules", CANONS, "--no-default-rules")
    listed = run("rules", "list", *options)
    assert "2522 rules" in listed.stderr
    assert "[off: domain 'visa' is of everyday life, not of operations]" in listed.stdout
    assert "[supporting only: its pattern insists on" in listed.stdout
    message = "visa overstay peru 183 days"
    hidden = explained(message, *options)["candidates"]
    assert not any(each["domain"] == "visa" for each in hidden)
    assert explained(message, *options, "--all-domains")["candidates"][0]["domain"] == "visa"
