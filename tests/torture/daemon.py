"""`triaged run`, started, killed and reloaded. As root it is run as nobody, so that file permissions mean something."""
import atexit
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from lines import FURTHER_RULE, MISTAKE, RULES
from other_user import NOBODY, published

LOST = re.compile(r"truncated before its last (\d+) bytes were read")


class EndedByItself(Exception):
    pass


class Daemon:
    def __init__(self, binary, folder, port, sources, is_slow=False):
        """`sources`: those of the configuration; `is_slow`: its calls to the system wait now and then (slow_calls.c)."""
        self.binary, self.folder, self.port, self.sources = str(published(binary)), folder, port, sources
        self.said_file = folder / "triaged.log"
        self.configuration = folder / "triaged.yaml"
        self.rules = folder / "rules.yaml"
        self.process = None
        self.knows_rotated = True  # older ones refuse that key
        self.reloads = 0
        state = folder / "state"
        state.mkdir()
        self.user = {}
        self.environment = {**os.environ, "LD_PRELOAD": str(published(slow_calls()))} if is_slow else None
        if os.geteuid() == 0:
            os.chown(state, NOBODY, NOBODY)
            self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        self.mend()
        check = subprocess.run([binary, "check", "--config", str(self.configuration)], capture_output=True, text=True)
        if "'rotated'" in check.stdout + check.stderr:
            self.knows_rotated = False
            self.mend()

    def mend(self):
        self.write(self.rules, RULES)
        self.write(self.configuration, json.dumps(self.settings()))

    def settings(self, update_every="500ms"):
        # JSON is YAML, too.
        return {
            "sources": [self.known(each) for each in self.sources],
            "rules": [str(self.rules)],
            "diagnose": {"max_age": "87600h"},  # what they append is old
            "notify": {"settle": "10ms", "update_every": update_every, "resolve_after": "2s"},
            "sinks": [{"webhook": {"url": f"http://127.0.0.1:{self.port}/hook", "timeout": "1s"}}],
            "state": {"path": str(self.folder / "state"), "durability": "process"},
        }

    def known(self, source):
        """The same for a product that does not know `rotated`."""
        if self.knows_rotated:
            return source
        return {kind: {name: value for name, value in options.items() if name != "rotated"} for kind, options in source.items()}

    @staticmethod
    def write(path, text):
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(path)

    @property
    def is_running(self):
        return self.process is not None

    def start(self):
        self.said_before = self.said_file.stat().st_size if self.said_file.exists() else 0
        with open(self.said_file, "ab") as said:
            self.process = subprocess.Popen([self.binary, "run", "--config", str(self.configuration)], stdout=said, stderr=said,
                                            stdin=subprocess.DEVNULL, cwd="/", env=self.environment, **self.user)

    def is_ready(self):
        """It has taken up its work after the last start or reload."""
        with open(self.said_file, "rb") as said:
            said.seek(self.said_before)
            text = said.read()
        return self.is_running and (b" ready: " in text or b" the reload was refused" in text)

    def end(self, number):
        self.check()
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.process = None
        return status

    def check(self):
        """Fails when it has ended by itself."""
        if self.process and self.process.poll() is not None:
            raise EndedByItself(f"triaged ended by itself with status {self.process.returncode}")

    def reload(self, kind):
        """`same`, `rules`, `settings`, or with a `mistake` (which stays until mend())."""
        self.reloads += 1
        if kind == "rules":
            self.write(self.rules, RULES + FURTHER_RULE % (self.reloads, self.reloads))
        elif kind == "settings":
            self.write(self.configuration, json.dumps(self.settings(f"{self.reloads % 50 + 450}ms")))
        elif kind == "mistake":
            self.write(self.rules, RULES + MISTAKE)
        self.said_before = self.said_file.stat().st_size
        self.process.send_signal(signal.SIGHUP)

    def said(self):
        return self.said_file.read_text(errors="replace") if self.said_file.exists() else ""

    def lost_bytes(self):
        """What the product says that it lost."""
        return sum(map(int, LOST.findall(self.said())))


@functools.lru_cache
def slow_calls():
    """The library, built from slow_calls.c beside this file."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="slow-calls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source, library = pathlib.Path(__file__).with_name("slow_calls.c"), folder / "slow_calls.so"
    subprocess.run(["cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def find_binary(named=""):
    root = pathlib.Path(__file__).resolve().parents[2]
    candidates = [named or os.environ.get("TRIAGED_BINARY", "")]
    if not candidates[0]:
        candidates += [root / "build" / name / "triaged" for name in ("check", "release", "dev")]
    found = next((path for path in map(str, candidates) if path and os.access(path, os.X_OK)), None)
    if not found:
        raise SystemExit("no triaged was built; build one, or name it with --binary or in TRIAGED_BINARY")
    return str(pathlib.Path(found).resolve())
