"""Operators: they see incidents, acknowledge and resolve them, and say what helped, beside a running daemon and without one."""
import json
import pathlib
import signal
import time

import pytest

import product
import receivers
from product import Daemon, run, webhook
from refused_connections import RULE, GrowingLog
from waiting import wait_for

WORKAROUNDS = """\
workarounds:
  - {id: start, action: Start the application, success_rate: 0.9}
  - {id: replace, action: Take the address out of the upstream block, success_rate: 0.6}
  - {action: Ask whoever deployed last, success_rate: 0.5}
"""
START, REPLACE, ASK = (line.split("action: ")[1].split(",")[0] for line in WORKAROUNDS.splitlines()[1:])
CAUSE = "text: Nothing listens at the upstream address."


def rules(folder):
    path = folder / "refused.yaml"
    path.write_text(RULE.replace(CAUSE, CAUSE + ", workarounds: [start, replace]").replace("}\n", "}\n" + WORKAROUNDS))
    return [path]


@pytest.fixture
def log(tmp_path):
    return GrowingLog(tmp_path / "error.log")


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def daemon(tmp_path, log, hook):
    with Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path), settle="100ms", update_every="200ms") as program:
        yield program


def incidents(daemon, command, *arguments, status=0):
    done = run("incidents", command, *arguments, "--config", daemon.configuration)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def listed(daemon, *arguments):
    return [json.loads(line) for line in incidents(daemon, "list", "--json", *arguments).splitlines()]


def next_told(hook, log, change, seen):
    """Grows the log until the hook was told of `change` more often than `seen` times; what it was told."""
    def told():
        changes = [incident for incident in hook.incidents() if incident["change"] == change]
        return changes[-1] if len(changes) > seen else None
    log.grow(1)
    return wait_for(told, lambda: f"{change}; told {[incident['change'] for incident in hook.incidents()]}")


def actions(incident):
    return [workaround["action"] for workaround in incident["workarounds"]]


def test_an_incident_from_its_first_line_to_what_was_learnt_of_it(daemon, hook, log):
    first = next_told(hook, log, "opened", 0)
    assert actions(first) == [START, REPLACE, ASK]
    name = first["incident"]
    wait_for(lambda: listed(daemon), "the incident is listed")
    assert listed(daemon, "--severity", "critical") == [] and listed(daemon, "--since", "2h") == []  # of recorded lines
    assert [one["incident"] for one in listed(daemon, "--open", "--severity", "error")] == [name]
    table = incidents(daemon, "list").splitlines()
    assert table[0].split() == ["INCIDENT", "SEVERITY", "STATE", "LAST", "SEEN", f"({time.strftime('%Z')})", "COUNT", "TITLE"]
    assert table[1].startswith(f"{name}  error     open  ")
    shown = incidents(daemon, "show", name[:20].lower())
    assert shown.startswith("ERROR  An upstream refuses connections") and f"Do this first  works in 90% of cases\n  {START}\n" in shown
    assert f"triaged incidents feedback {name} --worked N" in shown

    asked = incidents(daemon, "ack", name)  # "noted" when the machine is so busy that the daemon takes longer
    assert asked.startswith((f"acknowledged: {name}  An upstream refuses", f"noted: {name}  An upstream refuses"))
    wait_for(lambda: listed(daemon)[0].get("acknowledged"), lambda: daemon.said())
    told = len(hook.requests)
    log.grow(3)
    daemon.kill()
    daemon.start()
    log.grow(3)
    assert "  acknowledged   " in incidents(daemon, "list")

    for times in range(1, 11):
        given = incidents(daemon, "feedback", name, "--failed", "1")
        assert given == f"failed: {START}\n  of rule nginx/refused against upstream-down, worked 0 of {times} time{'s' if times > 1 else ''} here\n"
    incidents(daemon, "feedback", name, "--worked", "2", "--failed", "3")
    assert incidents(daemon, "feedback", name, "--undo").startswith("taken back: ")

    assert incidents(daemon, "resolve", name).startswith((f"resolved: {name}  ", f"noted: {name}  "))
    resolved = wait_for(lambda: [one for one in hook.incidents() if one["change"] == "resolved"], "resolved is told")[0]
    assert len(hook.requests) == told + 1, "what is acknowledged was told again"
    assert (resolved["incident"], resolved["state"]) == (name, "resolved")
    assert listed(daemon) == [] and [one["state"] for one in listed(daemon, "--all")] == ["resolved"]
    assert "is resolved already" in incidents(daemon, "ack", name, status=1)

    daemon.kill()
    daemon.start()
    second = next_told(hook, log, "opened", 1)
    assert second["incident"] != name
    assert actions(second)[-1] == START
    assert second["workarounds"][-1]["here"] == {"worked": 0, "failed": 10, "rule_success_rate": 0.9, "rule_weight": 2}
    assert second["workarounds"][-1]["success_rate"] == 0.15
    assert "worked 0 of 10 times here" in incidents(daemon, "show", second["incident"])


def test_what_is_asked_while_no_daemon_runs_is_done_by_the_next(daemon, hook, log):
    name = next_told(hook, log, "opened", 0)["incident"]
    assert daemon.terminate() == 0
    assert incidents(daemon, "feedback", name, "--worked", "replace").startswith(f"worked: {REPLACE}\n")
    noted = incidents(daemon, "ack", name)
    assert noted.startswith(f"noted: {name}") and "the incident will be acknowledged as soon as one runs" in noted
    assert f"{name}  error     acknowledging" in incidents(daemon, "list")
    daemon.start()
    wait_for(lambda: "  acknowledged   " in incidents(daemon, "list"), lambda: daemon.said())
    assert listed(daemon)[0]["change"] == "opened"


@pytest.mark.skipif(b"TRIAGED_CRASH_AT" not in pathlib.Path(product.binary()).read_bytes(),
                    reason="this build has no crash points (CMake option TRIAGED_CRASH_POINTS)")
@pytest.mark.parametrize("point", ["before-commit", *(f"inside-commit:{n}" for n in range(1, 6)), "after-commit"])
def test_a_crash_while_an_incident_is_resolved_resolves_it_once(daemon, hook, log, point):
    name = next_told(hook, log, "opened", 0)["incident"]
    assert daemon.terminate() == 0
    incidents(daemon, "resolve", name)
    daemon.launch(TRIAGED_CRASH_AT=point)
    assert daemon.process.wait(60) == -signal.SIGKILL, daemon.said()
    daemon.start()
    wait_for(lambda: "resolved" in [one["change"] for one in hook.incidents()], lambda: daemon.said())
    wait_for(lambda: not listed(daemon), "no incident is open")
    assert daemon.terminate() == 0
    assert [one["change"] for one in hook.incidents()] in (["opened", "resolved"], ["opened", "updated", "resolved"])
    assert len(set(hook.keys())) == len(hook.keys())
    assert daemon.said().count("resolved by an operator: it was over already") == 0


def test_what_one_site_has_learnt_is_taken_to_another_and_counts_once(tmp_path, daemon, hook, log):
    name = next_told(hook, log, "opened", 0)["incident"]
    wait_for(lambda: listed(daemon), "the incident is listed")
    for _ in range(10):
        incidents(daemon, "feedback", name, "--failed", "start")
    file = tmp_path / "learnt.json"
    assert incidents(daemon, "learnt", "export", file) == f"10 reports written to {file}\n"
    other = tmp_path / "other"
    other.mkdir()
    with Daemon(other, [other / "none.log"], [webhook(hook)], rules=rules(tmp_path)) as elsewhere:
        assert incidents(elsewhere, "learnt", "import", file) == "10 reports imported, 0 known already\n"
        assert incidents(elsewhere, "learnt", "import", file) == "0 reports imported, 10 known already\n"
        assert incidents(elsewhere, "learnt").splitlines()[1:] == ["     0      10  start of nginx/refused against upstream-down"]
        scan = ["scan", "--json", "--quiet", "--no-default-rules", "--rules", rules(tmp_path)[0], log.path]
        assert actions(json.loads(run(*scan).stdout)) == [START, REPLACE, ASK]
        assert actions(json.loads(run(*scan, "--state", other / "state").stdout)) == [REPLACE, ASK, START]
    file.write_text('{"triaged_learnt": 7, "reports": []}')
    refused = incidents(daemon, "learnt", "import", file, status=2)
    assert f"{file}: it has version 7; this version of triaged reads 1; nothing was imported" in refused


def test_the_page_about_it_says_what_can_be_run(tmp_path, daemon, hook, log):
    page = (product.SOURCE / "docs" / "operating.md").read_text()
    name = next_told(hook, log, "opened", 0)["incident"]
    wait_for(lambda: listed(daemon), "the incident is listed")
    lines = [line.split("   ")[0] for line in page.splitlines() if line.startswith("triaged incidents ")]
    assert len(lines) == 8
    for line in lines:
        words = line.replace("01KAJ0Z5", name).replace("/var/lib/triaged", str(tmp_path / "state")).split()[1:]
        where = [] if "--state" in words else ["--config", daemon.configuration]
        done = run(*words, *where, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout, f"{line}: {done.stderr}"
    example = page.split("```json\n")[1].split("```")[0]
    imported = run("incidents", "learnt", "import", "-", "--config", daemon.configuration, stdin=example.encode())
    assert imported.stdout == "1 report imported, 0 known already\n", imported.stderr


def test_commands_say_what_to_do_next(tmp_path, daemon, hook, log):
    assert "no open incidents" in run("incidents", "list", "--state", tmp_path / "state").stderr
    name = next_told(hook, log, "opened", 0)["incident"]
    wait_for(lambda: listed(daemon), "the incident is listed")
    for command, arguments in (("show", ["ZZZ"]), ("ack", [""]), ("resolve", [name + "0"]), ("feedback", ["ZZZ", "--worked", "1"])):
        said = incidents(daemon, command, *arguments, status=1)
        assert f"no incident's id begins with '{arguments[0]}'; `triaged incidents list --all` shows" in said
    for number in ("0", "4", "-1", "restart"):
        said = incidents(daemon, "feedback", name, f"--failed={number}", status=1)
        assert f"there is no workaround '{number}': incident {name} has workarounds 1 to 3" in said
    assert f"there is no feedback on incident {name}" in incidents(daemon, "feedback", name, "--undo", status=1)
    assert "--worked N" in incidents(daemon, "feedback", name, status=2)
    assert run("incidents", "learnt", "--config", daemon.configuration).stdout == ""
    nowhere = run("incidents", "list", "--state", tmp_path)
    assert nowhere.returncode == 2 and f"there is no {tmp_path}/triaged.db: no daemon has used this state folder yet" in nowhere.stderr
    assert "'sometime' is not a time: write how long ago (2h, 90m" in incidents(daemon, "list", "--since", "sometime", status=2)
