"""Reloads while logs are being written: every line is counted once, whatever is reloaded."""
import contextlib
import threading

import pytest

import receivers
from product import Daemon, webhook
from refused_connections import GrowingLog, assert_told_once, rules, told_count
from waiting import wait_for



@pytest.fixture
def notify(tmp_path):
    return {"rules": rules(tmp_path), "settle": "100ms", "update_every": "200ms"}


class Writer:
    """Lets logs grow all the time."""

    def __init__(self, logs):
        self.logs = logs
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended.wait(0.002):
            for log in self.logs:
                log.grow(1)

    def stop(self):
        self.ended.set()
        self.thread.join()
        return sum(log.lines for log in self.logs)


@pytest.fixture
def logs(tmp_path):
    return [GrowingLog(tmp_path / f"{name}.log") for name in "ab"]


@contextlib.contextmanager
def writing(logs):
    writer = Writer(logs)
    try:
        yield writer
    finally:
        writer.stop()


def wait_until_told(hook, lines, daemon):
    wait_for(lambda: told_count(hook) >= lines, lambda: f"{lines} lines, {told_count(hook)} told: {daemon.said()}")


def test_reloads_of_every_kind_lose_and_double_nothing(tmp_path, logs, notify):
    paths = [log.path for log in logs]
    with receivers.WebhookReceiver() as hook, receivers.WebhookReceiver() as other:
        with Daemon(tmp_path, paths, [webhook(hook)], **notify) as daemon, writing(logs) as writer:
            hook.wait_for_opened()
            daemon.write_configuration(paths, [webhook(hook), webhook(other, "other")], **notify)
            daemon.reload()
            daemon.wait_until_it_says("running with the new configuration", count=1)
            other_opened = wait_for(other.requests.copy, "the new sink is told")
            assert other_opened
            daemon.write_configuration(paths[:1], [webhook(hook)], **notify)  # one source and one sink less
            daemon.reload()
            daemon.wait_until_it_says("running with the new configuration", count=2)
            daemon.write_configuration(paths, [webhook(hook)], **{**notify, "update_every": "300ms"})
            good = daemon.configuration.read_text()
            daemon.configuration.write_text(good.replace("settle:", "settel:"))
            line = next(number for number, text in enumerate(good.splitlines(), 1) if "settle:" in text)
            daemon.reload()
            daemon.wait_until_it_says(f"{daemon.configuration}:{line}:3: error: unknown field 'settel'")
            daemon.wait_until_it_says("the old configuration and rules keep running")
            daemon.configuration.write_text(good)
            daemon.reload()
            daemon.wait_until_it_says("running with the new configuration", count=3)
            lines = writer.stop()
            wait_until_told(hook, lines, daemon)
            assert daemon.terminate() == 0
            assert_told_once(hook, lines)


def test_storm_of_reloads_is_safe_and_the_last_configuration_wins(tmp_path, logs, notify):
    paths = [log.path for log in logs]
    with receivers.WebhookReceiver() as hook, receivers.WebhookReceiver() as last:
        with Daemon(tmp_path, paths, [webhook(hook)], **notify) as daemon, writing(logs) as writer:
            hook.wait_for_opened()
            tick = threading.Event()
            for _ in range(100):
                daemon.reload()
                tick.wait(0.01)
            daemon.write_configuration(paths, [webhook(hook), webhook(last, "last")], **notify)
            daemon.reload()
            wait_for(lambda: last.requests, lambda: f"the sink of the last reload is told: {daemon.said()[-2000:]}")
            lines = writer.stop()
            wait_until_told(hook, lines, daemon)
            assert daemon.terminate() == 0
            assert_told_once(hook, lines)


def test_removed_sink_is_delivered_to_when_it_comes_back(tmp_path, logs, notify):
    log = logs[0]
    with receivers.WebhookReceiver() as hook, receivers.WebhookReceiver(answers=[503] * 1000) as other:
        with Daemon(tmp_path, [log.path], [webhook(hook), webhook(other, "other")], **notify) as daemon:
            log.grow(5)
            wait_until_told(hook, log.lines, daemon)
            wait_for(lambda: other.requests, "a delivery that fails")
            daemon.write_configuration([log.path], [webhook(hook)], **notify)
            daemon.reload()
            daemon.wait_until_it_says("sink 'other' is no longer configured: its ")
            other.answers.clear()
            daemon.write_configuration([log.path], [webhook(hook), webhook(other, "other")], **notify)
            daemon.reload()
            wait_until_told(other, log.lines, daemon)
            assert_told_once(other, log.lines)


def test_sink_that_hangs_does_not_hold_a_reload_up(tmp_path, logs, notify):
    log = logs[0]
    release = threading.Event()

    class Hanging(receivers.WebhookReceiver):
        def answer(self, body):
            release.wait(60)
            return super().answer(body)

    with Hanging() as hanging, receivers.WebhookReceiver() as hook:
        try:
            with Daemon(tmp_path, [log.path], [webhook(hanging, "hanging"), webhook(hook)], **notify) as daemon:
                log.grow(5)
                wait_for(lambda: hanging.requests, "a delivery that hangs")
                daemon.reload()
                daemon.wait_until_it_says("running with the new configuration")
                log.grow(5)
                wait_until_told(hook, log.lines, daemon)
                assert len(hanging.requests) == 1, "the first delivery still hangs"
                release.set()
        finally:
            release.set()
