"""Secrets in log lines never leave: whatever kind they are of, they are in no sink, no page, no file of the state folder and
in nothing that a command prints."""
import json
import re
import urllib.request

import pytest
import yaml

import receivers
from product import SOURCE, Daemon, run, webhook
from servers import free_port
from waiting import wait_for

# What a rule catches of a line goes into its title, its entity and its words, and the windows keep whole lines.
RULES = """\
id: app/failed
title: 'Job {job} failed: {detail}'
says: 'job {job} failed: {detail}'
severity: error
entity: detail
match:
  - {formats: [text], regex: '^job (?<job>\\d+) failed: (?<detail>.*)$', examples: ['job 7 failed: no such file']}
causes:
  - {id: app-exception, prior: 1, text: 'The job says {detail}.'}
---
id: app/failed-twice
title: Jobs failed and were not repeated
severity: warning
entity: host
match:
  - set:
      window: 1h
      of: [{formats: [text], regex: '^job \\d+ failed: (?<detail>.*)$'}, {formats: [text], regex: '^job \\d+ was repeated'}]
causes:
  - {id: app-exception, prior: 1, text: The jobs fail.}
---
id: app/exception
title: 'Exception: {exception_text}'
severity: error
entity: host
match:
  - {formats: [python.traceback], regex: '^(?<exception>OperationalError): (?<exception_text>.*)$'}
causes:
  - {id: app-exception, prior: 1, text: 'It says {exception_text}.'}
"""

JOINT, MARKED = "¦", re.compile("«(?:[a-z]+\\|)?(.*?)»", re.S)


def cases():
    """(text, its secrets) of each text of the unit tests' corpus that can stand on one line."""
    kinds = yaml.safe_load((SOURCE / "tests" / "formats" / "redaction_cases.yaml").read_text())["secrets"]
    for texts in kinds.values():
        for text in (text.replace(JOINT, "") for text in texts):
            plain = MARKED.sub(lambda found: found[1], text)
            if "\n" not in text and not text.startswith("«MII"):  # that one is known by standing alone
                yield plain, MARKED.findall(text)


CASES = list(cases())
# Short and everyday words among the secrets stand elsewhere, too.
SECRETS = sorted({secret for _, secrets in CASES for secret in secrets if len(secret) > 5 and secret not in
                  ("secret", "hunter", "tiger", "guest")})
NGINX = ('2026/11/21 01:15:46 [error] 1851#1851: *{} connect() failed (111: Connection refused) while connecting to upstream, '
         'client: 10.0.0.9, server: shop.example.com, request: "GET /x?{} HTTP/1.1", upstream: '
         '"http://10.0.0.5:8003/x?{}", host: "shop.example.com", referrer: "https://shop.example.com/{}"\n')


def lines():
    for number, (text, _) in enumerate(CASES):
        yield f"job {number} failed: {text}\n"
    for number, (text, _) in enumerate(CASES):
        if '"' not in text:
            yield NGINX.format(number, text, text, text)
    for text, _ in CASES:
        yield f"OperationalError: {text}\n"


def found_in(what, where):
    data = what if isinstance(what, bytes) else what.encode()
    # JSON escapes quotes and backslashes, and state of readers every byte that is no letter.
    shown = data.replace(b'\\"', b'"').replace(b"\\/", b"/")
    return [f"{secret!r} in {where}" for secret in SECRETS if secret.encode() in shown or secret.encode() in data]


@pytest.fixture
def log(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    path = tmp_path / "app.log"
    path.write_text("".join(lines()))
    return path


def test_every_secret_is_found_where_nothing_is_redacted():
    assert len(CASES) > 150 and len(SECRETS) > 80
    assert len(found_in("".join(lines()), "the log")) == len(SECRETS)


def test_nothing_leaves_a_daemon(tmp_path, log):
    incidents, port = tmp_path / "incidents.jsonl", free_port()
    text = log.read_text()
    log.write_text("")
    with receivers.WebhookReceiver() as hook, receivers.SyslogReceiver() as syslog:
        sinks = [webhook(hook), {"file": {"name": "file", "path": str(incidents)}}, {"stdout": {}}, {"syslog": {"to": syslog.url}}]
        with Daemon(tmp_path, [log], sinks, rules=[tmp_path / "rules.yaml", SOURCE / "rules" / "nginx"], settle="100ms",
                    admin={"listen": f"127.0.0.1:{port}"}) as daemon:
            with open(log, "a") as more:  # lines without a time that are there at the start are nobody's news
                more.write(text)
            wait_for(lambda: len(hook.opened()) > len(CASES) / 2, lambda: f"{len(hook.opened())} incidents are told")
            with open(log, "a") as more:  # the reader remembers a record that is not over
                more.write("[2026-11-21 01:16:00 +0000] [812] [ERROR] Error handling request /x?password=open-record-secret\n")
            wait_for(lambda: any(i["entity"]["value"] == "10.0.0.5:8003" for i in hook.opened()), "the upstream is told")
            wait_for(lambda: b"gunicorn.error" in b"".join(path.read_bytes() for path in (tmp_path / "state").glob("*.db*")),
                     "the reader's memory is kept")
            pages = {}
            for path in ("/", "/api/v1/incidents", "/metrics"):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                    pages[path] = answer.read()
            for incident in hook.opened()[:20]:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/incidents/{incident['incident']}") as answer:
                    pages[incident["incident"]] = answer.read()
            assert daemon.terminate() == 0
        told = b"".join(body for _, body in hook.requests)
        assert b"[redacted: password]" in told and b"[redacted: webhook]" in told
        leaks = found_in(told, "the webhook") + found_in(incidents.read_bytes(), "the file") + found_in(daemon.said(), "stdout")
        leaks += found_in(str(syslog.messages), "syslog")
        for name, page in pages.items():
            leaks += found_in(page, name)
        for path in (tmp_path / "state").rglob("*"):
            if path.is_file():
                leaks += found_in(path.read_bytes(), path.name)
                assert b"open-record-secret" not in path.read_bytes()
    assert leaks == []


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_nothing_is_printed_by_scan(tmp_path, log, form):
    done = run("scan", *form, "--rules", tmp_path / "rules.yaml", "--no-default-rules", log)
    assert done.returncode == 0 and "redacted: password" in done.stdout
    assert found_in(done.stdout + done.stderr, "what scan prints") == []


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("line", ["job 7 failed: postgres://shop:hunter2@10.0.0.5/shop", NGINX.format(7, *["token=q1w2e3r4"] * 3)])
def test_nothing_is_printed_by_explain(tmp_path, log, form, line):
    done = run("explain", *form, "--rules", tmp_path / "rules.yaml", line)
    assert done.returncode == 0 and "[redacted: " in done.stdout
    assert "hunter2" not in done.stdout and "q1w2e3r4" not in done.stdout


def test_no_redact_shows_the_line_as_it_is(tmp_path, log):
    line = "job 7 failed: postgres://shop:hunter2@10.0.0.5/shop"
    done = run("explain", "--json", "--no-redact", "--rules", tmp_path / "rules.yaml", line)
    assert json.loads(done.stdout)["spans"]["program"]["text"] == line
    everything = run("scan", "--json", "--no-redact", "--rules", tmp_path / "rules.yaml", "--no-default-rules", log)
    assert len(found_in(everything.stdout, "what scan prints")) > len(SECRETS) / 2
    done = run("scan", "--json", "--no-redact", "--rules", tmp_path / "rules.yaml", "--no-default-rules", stdin=line.encode())
    assert json.loads(done.stdout)["entity"]["value"] == "postgres://shop:hunter2@10.0.0.5/shop"


def test_scan_redacts_as_the_named_configuration_says(tmp_path, log):
    configuration = tmp_path / "redact.yaml"
    configuration.write_text("redact: {extra: ['customer (?<secret>C-\\d+)'], except: [email]}\nnonsense: true\n")
    line = b"job 7 failed: customer C-4711, bob@example.com, password=hunter2"
    done = run("scan", "--json", "--config", configuration, "--rules", tmp_path / "rules.yaml", "--no-default-rules", stdin=line)
    assert json.loads(done.stdout)["entity"]["value"] == \
        "customer [redacted: extra], bob@example.com, password=[redacted: password]"


def test_a_mistake_in_the_section_is_told_with_its_place(tmp_path, log):
    configuration = tmp_path / "redact.yaml"
    configuration.write_text("redact:\n  extra: ['(?<secret>C-']\n  except: [emial]\n")
    done = run("scan", "--config", configuration, "--rules", tmp_path / "rules.yaml", "--no-default-rules", stdin=b"x")
    assert done.returncode == 2
    assert "redact.yaml:2:11: error: RE2 does not take this pattern: missing )" in done.stderr
    assert "redact.yaml:3:12: error: there is no kind of secret 'emial'; did you mean 'email'?" in done.stderr


def test_a_reload_changes_what_is_redacted(tmp_path, log):
    with receivers.WebhookReceiver() as hook:
        with Daemon(tmp_path, [log], [webhook(hook)], rules=[tmp_path / "rules.yaml"], settle="100ms") as daemon:
            configuration = daemon.configuration.read_text()
            daemon.configuration.write_text(configuration + "redact: {default: false, extra: ['C-[0-9]+']}\n")
            daemon.reload()
            daemon.wait_for_state("READY=1", 2)
            with open(log, "a") as more:
                more.write("job 900 failed: C-4711 has password=hunter2\n")
            wait_for(lambda: any(i["entity"]["value"] == "[redacted: extra] has password=hunter2" for i in hook.opened()),
                     "the new line is told")
