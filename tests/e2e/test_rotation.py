"""Log rotation under load: every line counts once, whichever file it ends up in."""
import shutil

import receivers
import servers
from product import Daemon, webhook
from waiting import wait_for


def last_count(hook):
    incidents = hook.incidents()
    return incidents[-1]["count"] if incidents else 0


def lines_of(*logs):
    return sum(len(log.read_bytes().splitlines()) for log in logs)


def test_rotation_by_rename_loses_and_doubles_nothing(tmp_path, gunicorn, nginx, traffic):
    rotated = [tmp_path / f"nginx-error.log.{number}" for number in (1, 2, 3)]
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)], update_every="1s"):
        gunicorn.kill()
        for old in rotated:
            traffic.wait_for(15, 502)
            nginx.error_log.rename(old)
            traffic.wait_for(5, 502)  # nginx still writes into the renamed file
            nginx.reopen_logs()
            wait_for(nginx.error_log.exists, "nginx opens its new log")
        traffic.wait_for(15, 502)
        traffic.stop()
        written = lines_of(nginx.error_log, *rotated)
        wait_for(lambda: last_count(hook) >= written, lambda: f"{written} lines, told {last_count(hook)}")
        assert last_count(hook) == written
        assert len(hook.opened()) == 1


def test_rotation_by_copy_and_truncate_goes_on_with_the_new_lines(tmp_path, gunicorn, nginx, traffic):
    copy = tmp_path / "nginx-error.log.1"
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [nginx.error_log], [webhook(hook)], update_every="1s"):
        gunicorn.kill()
        traffic.wait_for(30, 502)
        traffic.stop()
        before = lines_of(nginx.error_log)
        wait_for(lambda: last_count(hook) == before, lambda: f"{before} lines, told {last_count(hook)}")
        shutil.copy(nginx.error_log, copy)
        with open(nginx.error_log, "r+b") as log:
            log.truncate(0)

        with servers.Traffic(nginx.port) as more:
            more.wait_for(20, 502)
        written = before + lines_of(nginx.error_log)
        wait_for(lambda: last_count(hook) >= written, lambda: f"{written} lines, told {last_count(hook)}")
        assert last_count(hook) == written
        assert len(hook.opened()) == 1


def test_file_that_appears_later_is_followed_from_its_start(tmp_path, gunicorn, nginx, traffic):
    later = tmp_path / "later.log"
    with receivers.WebhookReceiver() as hook, Daemon(tmp_path, [later], [webhook(hook)]):
        gunicorn.kill()
        traffic.wait_for(10, 502)
        shutil.copy(nginx.error_log, later)
        assert hook.wait_for_opened()["entity"]["value"] == gunicorn.address
