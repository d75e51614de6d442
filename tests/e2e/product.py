"""triaged as its user meets it: the command line, the daemon, its configuration file."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading

import yaml

from waiting import wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def binary():
    candidates = [os.environ.get("TRIAGED_BINARY", ""), *(SOURCE / "build" / name / "triaged"
                                                          for name in ("check", "release", "dev"))]
    found = next((path for path in map(str, candidates) if path and os.access(path, os.X_OK)), None)
    assert found, "no triaged was built; build one or name it in TRIAGED_BINARY"
    return str(pathlib.Path(found).resolve())


def run(*arguments, stdin=b"", prefix=(), **options):
    """One command to its end. Output is text in which bytes that are not UTF-8 are replaced."""
    done = subprocess.run([*prefix, binary(), *map(str, arguments)], input=stdin, capture_output=True, timeout=300, **options)
    done.stdout, done.stderr = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    return done


def scan(*arguments, stdin=b"", rules=SOURCE / "rules"):
    """The incidents that `scan --json` finds."""
    done = run("scan", "--json", "--rules", rules, "--no-default-rules", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Daemon:
    """`triaged run` in `folder`, told by its own service notifications when it is ready."""

    def __init__(self, folder, logs, sinks, state=None, rules=(SOURCE / "rules",), topology=None, probes=None, admin=None,
                 sources=None, max_age="87600h", **notify):
        self.folder = folder
        self.configuration = folder / "triaged.yaml"
        self.log = folder / "triaged.log"
        self.topology = topology or {}  # not that of the machine on which the tests run
        self.admin = {} if admin is None else {"admin": admin}
        self.sources = sources  # instead of one of `logs`
        self.max_age = max_age  # recorded lines are old and stand in the logs at the start: they are news to most tests
        self.stdin = subprocess.DEVNULL
        self.write_configuration(logs, sinks, state, rules, probes, **notify)
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify_path = str(folder / "notify.socket")
        self.notifications.bind(self.notify_path)
        self.notifications.settimeout(0.1)
        self.states = []  # every KEY=VALUE that the daemon told
        self.is_open = True
        self.reader = threading.Thread(target=self.keep_reading, daemon=True)  # a daemon that nobody listens to waits
        self.reader.start()
        self.process = None

    def write_configuration(self, logs, sinks, state=None, rules=(SOURCE / "rules",), probes=None, **notify):
        (self.folder / "state").mkdir(exist_ok=True)
        configuration = {
            "sources": self.sources or [{"file": {"paths": [str(log) for log in logs], "format": "auto", "start": "checkpoint"}}],
            "rules": [str(path) for path in rules],
            "diagnose": {"max_age": self.max_age},
            "notify": {"settle": "500ms", "update_every": "15m", "resolve_after": "10m", "language": "en", **notify},
            "topology": self.topology,
            **self.admin,
            "sinks": sinks,
            "state": {"path": str(self.folder / "state"), "durability": "process", **(state or {})},
        }
        if probes is not None:
            configuration["probes"] = probes
        self.configuration.write_text(yaml.safe_dump(configuration, sort_keys=False))

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.kill()
        self.is_open = False
        self.reader.join()
        self.notifications.close()

    def start(self, **environment):
        self.launch(**environment)
        self.wait_for_state("READY=1")
        return self

    def launch(self, **environment):
        """Starts and does not wait."""
        self.states.clear()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "run", "--config", str(self.configuration)], stdout=log, stderr=log, stdin=self.stdin,
                env={**os.environ, "NOTIFY_SOCKET": self.notify_path, **environment})

    def keep_reading(self):
        while self.is_open:
            with contextlib.suppress(TimeoutError):
                self.states += self.notifications.recv(65536).decode().split("\n")

    def read_states(self):
        return list(self.states)

    def wait_for_state(self, beginning, count=1):
        def told():
            states = [state for state in self.read_states() if state.startswith(beginning)]
            assert states or self.process.poll() is None, f"triaged ended: {self.said()}"
            return states if len(states) >= count else None
        return wait_for(told, lambda: f"{count} times {beginning}; told {self.states}; said {self.said()}")

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait_until_it_says(self, text, count=1):
        wait_for(lambda: self.said().count(text) >= count, lambda: f"{count} times {text!r} in {self.said()}")

    def terminate(self):
        """A clean stop; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)


def webhook(receiver, name="hook"):
    return {"webhook": {"name": name, "url": receiver.url}}
