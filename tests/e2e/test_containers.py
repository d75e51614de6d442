"""Logs of containers: as podman writes them, as containerd and kubelet do, and stories told by them."""
import contextlib
import datetime
import gzip
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import pytest

import product
import receivers
from product import Daemon, run, webhook
from refused_connections import RECORDED, assert_told_once, rules, told_count
from test_replay import CASES, CHOSEN, CORPUS, END_RULE, REPLAYS_ALL, ToldIncidents, essence, stories  # noqa: F401
from waiting import wait_for

BUSYBOX = pathlib.Path("/bin/busybox")


@pytest.fixture
def short_folder():
    """Everybody may enter it, and podman takes no long paths."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


def lines_of(hook):
    return lambda: f"{told_count(hook)} lines were told"


def follower_of(paths, tmp_path, hook, **options):
    return Daemon(tmp_path, [], [webhook(hook)], rules=rules(tmp_path), settle="100ms", update_every="200ms",
                  sources=[{"containers": {"paths": [str(path) for path in paths], **options}}])


def cri(text, at=None, stream=b"stderr", tag=b"F"):
    """As containerd and CRI-O write a line: pkg/kubelet/kuberuntime/logs of Kubernetes reads this form."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z").encode() + b" %s %s " % (stream, tag) + text.rstrip(b"\n") + b"\n"


class Pod:
    """A pod's folder, with the link that kubelet makes for its container."""

    def __init__(self, root, name, container="nginx", space="shop"):
        self.folder = root / "pods" / f"{space}_{name}_0a1b2c3d-0000-4000-8000-{abs(hash(name)) % 10**12:012}" / container
        self.folder.mkdir(parents=True)
        self.log = self.folder / "0.log"
        (root / "containers").mkdir(exist_ok=True)
        self.link = root / "containers" / f"{name}_{space}_{container}-{os.urandom(32).hex()}.log"
        self.log.touch()
        self.link.symlink_to(self.log)

    def write(self, *lines, tag=b"F"):
        with open(self.log, "ab") as log:
            log.write(b"".join(cri(line, tag=tag) for line in lines))

    def rotate(self, stamp):
        """As kubelet does: the last rotated file is compressed, the log renamed, and the runtime opens a new one."""
        for old in self.folder.glob("0.log.*-??????"):
            packed = gzip.compress(old.read_bytes())
            (self.folder / f"{old.name}.tmp").write_bytes(packed)
            (self.folder / f"{old.name}.tmp").rename(self.folder / f"{old.name}.gz")
            old.unlink()
        self.log.rename(self.folder / f"0.log.{stamp}")
        self.log.touch()

    def remove(self):
        self.link.unlink()
        shutil.rmtree(self.folder.parent)


def test_pods_that_come_rotate_and_go_lose_no_line(tmp_path, hook):
    first = Pod(tmp_path, "web-1")
    paths = [tmp_path / "containers" / "*.log", tmp_path / "pods" / "*" / "*" / "*.log"]
    with follower_of(paths, tmp_path, hook) as daemon:
        first.write(*RECORDED[:2])
        wait_for(lambda: told_count(hook) == 2, lines_of(hook))
        for number in range(3):
            first.write(RECORDED[0])
            first.rotate(f"20261121-01154{number}")
            first.write(RECORDED[1])
        half = len(RECORDED[0]) // 2
        first.write(RECORDED[0][:half], tag=b"P")
        first.write(RECORDED[0][half:])
        second = Pod(tmp_path, "web-2")
        second.write(*RECORDED[:2])
        wait_for(lambda: told_count(hook) == 11, lines_of(hook))
        first.remove()
        daemon.kill()
        second.write(RECORDED[0])
        second.rotate("20261121-021546")
        second.write(RECORDED[1])
        daemon.start()
        wait_for(lambda: told_count(hook) == 13, lines_of(hook))
        assert_told_once(hook, 13)
    evidence = json.dumps(hook.incidents())
    assert "shop/web-1/nginx" in evidence and str(tmp_path) not in evidence


def test_only_containers_that_are_asked_for(tmp_path, hook):
    asked, other = Pod(tmp_path, "web-1"), Pod(tmp_path, "dns-1", space="kube-system")
    with follower_of([tmp_path / "pods" / "*" / "*" / "*.log"], tmp_path, hook, namespaces=["shop"]):
        other.write(*RECORDED[:3])
        asked.write(RECORDED[0])
        wait_for(lambda: told_count(hook) == 1, lines_of(hook))
        other.write(*RECORDED[:3])
        asked.write(RECORDED[1])
        wait_for(lambda: told_count(hook) >= 2, lines_of(hook))
        assert_told_once(hook, 2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_check_says_which_right_is_missing(short_folder):
    for name, mode, group in [("of-adm", 0o750, 4), ("of-root", 0o700, 0)]:
        (short_folder / name).mkdir()
        os.chown(short_folder / name, 0, group)
        (short_folder / name).chmod(mode)
    configuration = short_folder / "triaged.yaml"
    configuration.write_text(json.dumps({
        "sources": [{"containers": {"paths": [str(short_folder / "of-adm" / "*.log"), str(short_folder / "of-root" / "*.log")]}}],
        "rules": [str(rules(short_folder)[0])], "state": {"path": str(short_folder / "state")}}))
    checked = run("check", "--config", configuration, prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    assert checked.returncode == 0, checked.stderr
    said = checked.stdout + checked.stderr
    assert (f"warning: cannot list {short_folder}/of-adm: permission denied; add the user that runs triaged to the group 'adm' "
            "(SupplementaryGroups= in the unit)") in said
    assert (f"warning: cannot list {short_folder}/of-root: permission denied; only root may read it: give it CAP_DAC_READ_SEARCH "
            "(AmbientCapabilities= in the unit)") in said


class Podman:
    """Containers of a root file system with busybox alone; needs root. Nothing of the host's podman is touched."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "root" / "bin").mkdir(parents=True)
        shutil.copy(BUSYBOX, folder / "root" / "bin" / "busybox")
        (folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits=["nofile=1024:4096","nproc=10000:10000"]\nlog_driver="k8s-file"\n'
            '[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="runc"\n')

    def __call__(self, *arguments):
        return subprocess.run(["podman", "--root", self.folder / "D", "--runroot", self.folder / "R", "--storage-driver", "vfs",
                               *arguments], env={**os.environ, "CONTAINERS_CONF": str(self.folder / "containers.conf")},
                              capture_output=True, text=True, timeout=120)

    @property
    def logs(self):
        return self.folder / "D" / "*-containers" / "*" / "userdata" / "ctr.log"


@pytest.mark.skipif(not shutil.which("podman") or not BUSYBOX.exists() or os.geteuid() != 0,
                    reason="needs root, podman and a static busybox")
def test_containers_of_podman(tmp_path, short_folder, hook):
    podman = Podman(short_folder)
    (short_folder / "root" / "lines").write_bytes(b"".join(RECORDED[:4]))
    half = len(RECORDED[4]) // 2
    (short_folder / "root" / "begin").write_bytes(RECORDED[4][:half])
    (short_folder / "root" / "end").write_bytes(RECORDED[4][half:])
    with follower_of([podman.logs], tmp_path, hook):
        ran = podman("run", "--rm=false", "--network", "none", "--rootfs", short_folder / "root",
                     "/bin/busybox", "sh", "-c",
                     "busybox cat /lines >&2; busybox cat /begin >&2; busybox sleep 1; busybox cat /end >&2")
        assert ran.returncode == 0, ran.stderr
        [log] = (short_folder / "D").glob("*-containers/*/userdata/ctr.log")
        assert b" stderr P 20" in log.read_bytes(), "the line in two parts"
        wait_for(lambda: told_count(hook) >= 5, lines_of(hook))
        assert_told_once(hook, 5)
    assert log.parent.parent.name[:12] in json.dumps(hook.incidents()), "the short id"


# By what its log is called, which container writes it.
def container_of(log):
    return re.sub(r"[^a-z0-9-]+", "-", log.removesuffix(".log"))


def replay(story, folder, form):
    """What a daemon told of the story's logs as those of containers, and what `scan` says of them as files."""
    (folder / "end.yaml").write_text(END_RULE)
    told = ToldIncidents(folder / "incidents.jsonl")
    daemon = Daemon(folder, [], [{"file": {"path": str(told.path), "min_severity": "info"}}],
                    rules=(product.SOURCE / "rules", folder / "end.yaml"), probes={"enabled": False}, update_every="1ms",
                    sources=[{"containers": {"paths": [str(folder / "pods" / "*" / "*" / "*.log"),
                                                       str(folder / "docker" / "*" / "*-json.log")]}}])
    logs = {}
    (folder / "logs").mkdir()
    for number, log in enumerate(story.logs):
        if form == "cri":
            logs[log] = Pod(folder, f"web-{number}", container_of(log)).log
        else:
            container = f"{number:064x}"
            logs[log] = folder / "docker" / container / f"{container}-json.log"
            logs[log].parent.mkdir(parents=True)
            (logs[log].parent / "config.v2.json").write_text(json.dumps({"ID": container, "Name": f"/shop-{container_of(log)}-1"}))

    def wrapped(text, at):
        moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        if form == "cri":
            return cri(text, moment)
        entry = {"log": text.decode("utf-8", "replace").rstrip("\n") + "\n", "stream": "stderr",
                 "time": moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")}
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

    with contextlib.ExitStack() as stack:
        stack.callback(daemon.__exit__)
        files = {log: stack.enter_context(open(path, "ab", buffering=0)) for log, path in logs.items()}
        plain = {log: stack.enter_context(open(folder / "logs" / log, "ab", buffering=0)) for log in logs}
        daemon.start(TZ=story.posix_zone)
        begin, speed = time.time(), 1000
        seconds = math.floor(begin + (story.end - story.begin) / speed - story.end)
        for line in story.lines:
            if (pause := begin + (line.at - story.begin) / speed - time.time()) > 0:
                time.sleep(pause)  # the story's own
            text = story.moved(line.text, seconds)
            plain[line.log].write(text)
            files[line.log].write(wrapped(text, line.at + seconds))
        scanned = product.scan("--quiet", *(file.name for file in plain.values()))
        for log, file in files.items():
            file.write(wrapped(b"Here ends the story of %s" % log.encode(), story.end + seconds))
        wait_for(lambda: told.ended_logs() == set(story.logs), lambda: f"{story.case}: all logs have ended; {daemon.said()}")
        return without_sources(told.read()), without_sources(scanned)


def without_sources(incidents):
    """As essence(): but a container is not called as a file."""
    return sorted((severity, cause, kind, "" if kind == "source" else name, count)
                  for severity, cause, kind, name, count in essence(incidents))


@pytest.mark.skipif(not CORPUS.exists(), reason=f"NO RECORDED STORIES AT {CORPUS}")
@pytest.mark.parametrize("form", ["cri", "json-file"])
@pytest.mark.parametrize("case", CASES if REPLAYS_ALL else CHOSEN[1:10:2])
def test_a_story_told_by_containers_is_the_same(tmp_path, stories, case, form):  # noqa: F811
    followed, scanned = replay(stories[case], tmp_path, form)
    assert scanned or not stories[case].is_of_failure, "nothing was found"
    assert followed == scanned
