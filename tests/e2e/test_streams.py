"""Named pipes and standard input: who writes into them waits, comes and goes, and no line is lost or counted twice."""
import itertools
import os
import re
import signal
import subprocess
import threading
import urllib.request

import pytest

import receivers
import servers
from product import Daemon, run, scan, webhook
from refused_connections import RECORDED, assert_told_once, rules, told_count
from waiting import wait_for


def some_lines(count, numbers=None):
    numbers = numbers or itertools.count(1)
    return b"".join(re.sub(rb"\*\d+", b"*%d" % next(numbers), RECORDED[i % len(RECORDED)]) for i in range(count))


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "log.fifo"
    os.mkfifo(path)
    return path


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


def reader_of(fifo, tmp_path, hook, at_end="wait", **options):
    return Daemon(tmp_path, [], [webhook(hook)], rules=rules(tmp_path), settle="100ms", update_every="200ms",
                  sources=[{"pipe": {"path": str(fifo), "at_end": at_end}}], **options)


def wait_for_lines(hook, lines, daemon):
    wait_for(lambda: told_count(hook) >= lines, lambda: f"{lines} lines, {told_count(hook)} told: {daemon.said()}")


class Writer:
    """Writes into a pipe on a thread of its own, for it may have to wait."""

    def __init__(self, fifo, text):
        self.fifo, self.text, self.written = fifo, text, 0
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.thread.start()

    def write(self):
        with open(self.fifo, "wb", buffering=0) as pipe:
            view = memoryview(self.text)
            while self.written < len(self.text):
                self.written += pipe.write(view[self.written:self.written + 4096])

    def stands_still(self):
        before = self.written
        threading.Event().wait(0.5)
        return 0 < before == self.written

    def has_written_all(self):
        self.thread.join(60)
        return not self.thread.is_alive()


def fill_outbox(daemon, pipe, numbers):
    """Lines until what came of them has filled the outbox; how many."""
    for count in itertools.count(1):
        pipe.write(some_lines(1, numbers))
        threading.Event().wait(0.05)
        if "the outbox of sink hook is full" in daemon.said():
            return count


def test_status_names_the_pipe(tmp_path, fifo, hook):
    with reader_of(fifo, tmp_path, hook) as daemon:
        daemon.wait_for_state(f"STATUS=following {fifo}, 0 open incidents")
        assert daemon.terminate() == 0


def test_writers_come_and_go(tmp_path, fifo, hook):
    numbers = itertools.count(1)
    with reader_of(fifo, tmp_path, hook) as daemon:
        for _ in range(5):
            with open(fifo, "wb") as pipe:
                pipe.write(some_lines(3, numbers))
        wait_for_lines(hook, 15, daemon)
        assert daemon.terminate() == 0
    assert_told_once(hook, 15)


def test_a_full_road_makes_the_writer_wait_and_loses_nothing(tmp_path, fifo):
    """40,000 lines are 12 MiB: more than what may be on the road, so the writer waits until the sink delivers again."""
    numbers = itertools.count(1)
    with receivers.WebhookReceiver(answers=[503] * 1000) as hook:
        with reader_of(fifo, tmp_path, hook, state={"outbox": 3}) as daemon:
            with open(fifo, "wb", buffering=0) as pipe:
                lines = fill_outbox(daemon, pipe, numbers)
            writer = Writer(fifo, some_lines(40000, numbers))
            wait_for(writer.stands_still, "the writer waits")
            assert writer.written < len(writer.text)
            assert told_count(hook) <= lines
            hook.answers.clear()
            assert writer.has_written_all()
            wait_for_lines(hook, lines + 40000, daemon)
            assert daemon.terminate() == 0
            assert_told_once(hook, lines + 40000)


def test_reloads_keep_the_pipe_open_and_every_line(tmp_path, fifo, hook):
    with reader_of(fifo, tmp_path, hook) as daemon:
        numbers = itertools.count(1)
        with open(fifo, "wb", buffering=0) as pipe:
            for reload in range(1, 6):
                pipe.write(some_lines(200, numbers))
                daemon.reload()
                text = some_lines(200, numbers)
                pipe.write(text[:-7])  # the reload comes in the middle of a line
                daemon.wait_until_it_says("running with the new configuration", reload)
                pipe.write(text[-7:])
        wait_for_lines(hook, 2000, daemon)
        assert daemon.terminate() == 0
    assert_told_once(hook, 2000)


def test_a_reload_gives_out_again_what_could_not_be_committed(tmp_path, fifo):
    """The outbox is full, so that nothing that is read gets further, and the old road ends with lines on it."""
    with receivers.WebhookReceiver(answers=[503] * 1000) as hook:
        with reader_of(fifo, tmp_path, hook, state={"outbox": 3}) as daemon:
            numbers = itertools.count(1)
            with open(fifo, "wb", buffering=0) as pipe:
                lines = fill_outbox(daemon, pipe, numbers) + 2000
                Writer(fifo, some_lines(2000, numbers)).has_written_all()
                daemon.reload()
                daemon.wait_until_it_says("running with the new configuration")
                pipe.write(some_lines(100, numbers))
                lines += 100
                daemon.wait_until_it_says("the outbox of sink hook is full", 2)
                hook.answers.clear()
                wait_for_lines(hook, lines, daemon)
            assert daemon.terminate() == 0
            assert_told_once(hook, lines)


def test_what_stands_in_the_pipe_survives_a_kill(tmp_path, fifo, hook):
    with reader_of(fifo, tmp_path, hook) as daemon, open(os.open(fifo, os.O_RDWR), "wb", buffering=0) as pipe:
        pipe.write(some_lines(10))
        wait_for_lines(hook, 10, daemon)  # what is told is committed
        daemon.process.send_signal(signal.SIGSTOP)
        pipe.write(some_lines(20))
        daemon.kill()
        daemon.start()
        wait_for_lines(hook, 30, daemon)
        assert daemon.terminate() == 0
    assert_told_once(hook, 30)


def test_a_pipe_that_is_made_later_is_found(tmp_path, hook):
    fifo = tmp_path / "log.fifo"
    with reader_of(fifo, tmp_path, hook) as daemon:
        daemon.wait_until_it_says(f"cannot read {fifo}: No such file or directory (will try again)")
        os.mkfifo(fifo)
        daemon.wait_until_it_says(f"{fifo} can be read now")
        with open(fifo, "wb") as pipe:
            pipe.write(some_lines(3))
        wait_for_lines(hook, 3, daemon)
        assert daemon.terminate() == 0


def test_the_end_of_a_pipe_ends_the_daemon_when_it_is_told_to(tmp_path, fifo, hook):
    with reader_of(fifo, tmp_path, hook, at_end="stop") as daemon:
        with open(fifo, "wb") as pipe:
            pipe.write(some_lines(3))
        assert daemon.process.wait(60) == 0
    assert_told_once(hook, 3)


def test_standard_input_is_read_to_its_end_and_all_is_delivered_before_the_daemon_ends(tmp_path):
    """The receiver refuses twice, and only what is tried again arrives."""
    with receivers.WebhookReceiver(answers=[503, 503]) as hook:
        daemon = Daemon(tmp_path, [], [webhook(hook)], rules=rules(tmp_path), sources=[{"stdin": {}}])
        daemon.stdin = subprocess.PIPE
        with daemon:
            daemon.process.stdin.write(some_lines(500)[:-1])
            daemon.process.stdin.close()
            assert daemon.process.wait(60) == 0
            assert "standard input has ended" in daemon.said()
            assert "stopping: every source with 'at_end: stop' has ended" in daemon.said()
        assert told_count(hook) == 500
        assert len(hook.opened()) == 1


def test_standard_input_that_has_ended_leaves_the_daemon_running_when_it_is_told_to(tmp_path, hook, fifo):
    daemon = Daemon(tmp_path, [], [webhook(hook)], rules=rules(tmp_path),
                    sources=[{"stdin": {"at_end": "wait"}}, {"pipe": {"path": str(fifo)}}])
    with daemon:
        daemon.wait_until_it_says("standard input has ended")
        with open(fifo, "wb") as pipe:
            pipe.write(some_lines(3))
        wait_for_lines(hook, 3, daemon)
        assert daemon.terminate() == 0


def test_metrics_name_the_stream(tmp_path, fifo, hook):
    port = servers.free_port()
    with reader_of(fifo, tmp_path, hook, admin={"listen": f"127.0.0.1:{port}"}) as daemon:
        text = some_lines(3)
        with open(fifo, "wb") as pipe:
            pipe.write(text)
        wait_for_lines(hook, 3, daemon)

        def metrics():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                return answer.read().decode()
        wait_for(lambda: f'triaged_stream_read_bytes_total{{source="{fifo}"}} {len(text)}\n' in metrics(), metrics)
        assert "triaged_files" not in metrics(), "there is no source of files"
        assert daemon.terminate() == 0


def test_scan_reads_what_is_piped_into_it():
    for arguments in ([], ["-"]):
        assert [incident["rules"] for incident in scan(*arguments, stdin=some_lines(3))] == [["nginx/upstream-connection-refused"]]


def test_scan_reads_a_named_pipe(fifo):
    writer = threading.Thread(target=lambda: fifo.write_bytes(some_lines(3)), daemon=True)
    writer.start()
    assert [incident["count"] for incident in scan(fifo)] == [3]
    writer.join()


def test_scan_of_nothing_at_all_says_that_a_path_is_missing():
    done = run("scan")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no PATH is named, and standard input is empty" in done.stderr


@pytest.mark.parametrize("source, place, reason", [
    ("pipe: {}", "2:11", "source 'pipe' has no 'path'"),
    ("pipe: {path: /etc/passwd}", "2:18", "this is a regular file, not a named pipe: follow it with a source 'file'"),
    ("pipe: {path: /etc}", "2:18", "this is not a named pipe (create one with mkfifo)"),
    ("pipe: {path: '-'}", "2:18", "'-' is not the path of a pipe: for standard input write 'stdin: {}'"),
    ("stdin: {}\n  - stdin: {}", "3:12", "an earlier source already reads standard input: remove one of them"),
    ("stdin: {at_end: go}", "2:21", "'at_end' of source 'stdin' must be stop or wait"),
])
def test_check_says_what_is_wrong_with_a_stream(tmp_path, source, place, reason):
    path = tmp_path / "triaged.yaml"
    path.write_text(f"sources:\n  - {source}\nrules: {rules(tmp_path)[0]}\nstate: {{path: /tmp}}\n")
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert f"{path}:{place}: error: {reason}" in done.stderr
