"""SIGHUP: all of the new configuration or none of it."""
import os
import resource
import threading

import pytest

import receivers
from product import Daemon, SOURCE, webhook
from waiting import wait_for


@pytest.fixture
def hooks():
    with receivers.WebhookReceiver() as first, receivers.WebhookReceiver() as second:
        yield first, second


def test_bad_configuration_keeps_the_old_one_and_says_where_it_is_wrong(tmp_path, gunicorn, nginx, traffic, hooks):
    first, _ = hooks
    with Daemon(tmp_path, [nginx.error_log], [webhook(first)]) as daemon:
        good = daemon.configuration.read_text()
        daemon.configuration.write_text(good.replace("settle:", "settel:"))
        line = next(number for number, text in enumerate(good.splitlines(), 1) if "settle:" in text)
        daemon.reload()
        daemon.wait_until_it_says(f"{daemon.configuration}:{line}:3: ")
        daemon.wait_until_it_says("did you mean 'settle'?")
        gunicorn.kill()
        assert first.wait_for_opened()["entity"]["value"] == gunicorn.address


def test_bad_rule_keeps_the_old_rules(tmp_path, gunicorn, nginx, traffic, hooks):
    first, _ = hooks
    with Daemon(tmp_path, [nginx.error_log], [webhook(first)]) as daemon:
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "rule.yaml").write_text("id: mine/broken\ntitle: Broken\nmatch:\n  - regex: '(unclosed'\n")
        daemon.configuration.write_text(daemon.configuration.read_text().replace(str(SOURCE / "rules"), str(broken)))
        daemon.reload()
        daemon.wait_until_it_says(f"{broken / 'rule.yaml'}:4:")
        gunicorn.kill()
        assert first.wait_for_opened()["entity"]["value"] == gunicorn.address


def test_good_configuration_is_taken_over(tmp_path, gunicorn, nginx, traffic, hooks):
    first, second = hooks
    with Daemon(tmp_path, [nginx.error_log], [webhook(first)]) as daemon:
        daemon.write_configuration([nginx.error_log], [webhook(first), webhook(second, "other")])
        daemon.reload()
        daemon.wait_until_it_says("2 sinks")  # READY=1 also comes when the public rules are taken in
        gunicorn.kill()
        assert second.wait_for_opened()["entity"]["value"] == gunicorn.address
        assert first.wait_for_opened()["incident"] == second.opened()[0]["incident"]


def test_sources_may_change_on_reload(tmp_path, gunicorn, nginx, traffic, hooks):
    first, _ = hooks
    with Daemon(tmp_path, [tmp_path / "nothing.log"], [webhook(first)]) as daemon:
        daemon.write_configuration([nginx.error_log], [webhook(first)])
        daemon.reload()
        daemon.wait_for_state("READY=1", count=2)
        gunicorn.kill()
        assert first.wait_for_opened()["entity"]["value"] == gunicorn.address


def test_more_files_than_descriptors_are_taken_over_by_a_reload_and_all_of_them_read(tmp_path, hooks):
    """They are followed in turn, and the rest of the daemon finds descriptors, too."""
    first, _ = hooks
    folder = tmp_path / "logs"
    folder.mkdir()
    logs = [folder / f"log{number}.log" for number in range(300)]
    for number, log in enumerate(logs):
        log.write_text(f"2026/11/29 08:00:00 [emerg] 9#9: bind() to 0.0.0.0:{number + 1} failed (98: Address already in use)\n")
    with Daemon(tmp_path, logs[:1], [webhook(first)], update_every="1s") as daemon:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (128, 128))
        daemon.configuration.write_text(daemon.configuration.read_text().replace(str(logs[0]), str(folder / "*.log")))
        daemon.reload()
        daemon.wait_until_it_says("300 files are followed but only 64 can be open at a time, so they take turns")
        wait_for(lambda: sum(last_counts(first).values()) == len(logs), lambda: f"told {last_counts(first)} of {len(logs)}")
        assert daemon.terminate() == 0


def last_counts(hook):
    return {incident["incident"]: incident["count"] for incident in hook.incidents()}


def test_configuration_that_breaks_while_public_rules_are_compiled_is_said(tmp_path, hooks):
    """The start takes them in later, when it reads the configuration again; here from a pipe, which gives another one then."""
    daemon = Daemon(tmp_path, [tmp_path / "error.log"], [webhook(hooks[0])], rules=[SOURCE / "rules" / "gunicorn", SOURCE / "rules" / "errorcanon"])
    good = daemon.configuration.read_text()
    daemon.configuration.unlink()
    os.mkfifo(daemon.configuration)

    def write_both():
        for text in (good, good.replace("settle:", "settel:")):
            daemon.configuration.write_text(text)
            daemon.wait_until_it_says("compiling the public rules")
    writer = threading.Thread(target=write_both, daemon=True)
    writer.start()
    try:
        daemon.start(CACHE_DIRECTORY=str(tmp_path / "cache"))  # an empty one: there is something to compile
        daemon.wait_until_it_says("the public rules are left out because of the errors above; fix them and reload")
        assert "did you mean 'settle'?" in daemon.said()
        assert daemon.terminate() == 0
    finally:
        daemon.__exit__()
        writer.join(60)
