"""Dead letters: what a receiver rejected is shown, delivered after all, or dropped, beside a running daemon."""
import json

import receivers
from product import Daemon, run, webhook
from refused_connections import GrowingLog, rules
from waiting import wait_for

GONE = "it is kept as a dead letter"


def outbox(daemon, command, *arguments):
    return run("outbox", command, "--config", daemon.configuration, *arguments)


def letters(daemon):
    listed = outbox(daemon, "list", "--json")
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


def test_a_dead_letter_is_shown_and_delivered_after_all(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    with receivers.WebhookReceiver(answers=[410]) as hook:
        with Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path), settle="100ms") as daemon:
            log.grow(1)
            daemon.wait_until_it_says(GONE)
            letter, = letters(daemon)
            assert letter["sink"] == "hook" and "410" in letter["why"]
            assert letter["incident"]["title"] == "An upstream refuses connections"
            assert letter["idempotency_key"] == hook.keys()[0]
            shown = outbox(daemon, "list").stdout
            assert "hook: 0 waiting, 0 delivered, 1 rejected\n" in shown
            assert "opened: An upstream refuses connections" in shown and letter["why"] in shown

            assert outbox(daemon, "retry").returncode == 2, "which ones was not said"
            unknown = outbox(daemon, "retry", letter["row"] + 1)
            assert (unknown.returncode, unknown.stdout) == (1, "0 to be delivered again\n")
            retried = outbox(daemon, "retry", letter["row"])
            assert (retried.returncode, retried.stdout) == (0, f"1 to be delivered again: {letter['row']}\n")
            wait_for(lambda: len(hook.keys()) == 2, lambda: daemon.said())
            assert hook.keys()[0] == hook.keys()[1]
            wait_for(lambda: "0 waiting, 1 delivered, 1 rejected" in outbox(daemon, "list").stdout, lambda: daemon.said())
            assert letters(daemon) == []


def test_a_dead_letter_is_dropped_also_while_no_daemon_runs(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    with receivers.WebhookReceiver(answers=[410]) as hook:
        with Daemon(tmp_path, [log.path], [webhook(hook)], rules=rules(tmp_path), settle="100ms") as daemon:
            log.grow(1)
            daemon.wait_until_it_says(GONE)
            assert daemon.terminate() == 0
            dropped = run("outbox", "drop", "--all", "--state", tmp_path / "state")
            assert (dropped.returncode, dropped.stdout) == (0, "1 dropped: 1\n")
            assert letters(daemon) == []
            assert "no dead letters\n" in outbox(daemon, "list").stdout


def test_outbox_says_when_there_is_nothing_to_look_at(tmp_path):
    listed = run("outbox", "list", "--state", tmp_path)
    assert listed.returncode == 2
    assert f"there is no {tmp_path}/triaged.db: no daemon has used this state folder yet" in listed.stderr
