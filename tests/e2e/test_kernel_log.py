"""/dev/kmsg as a source: a process is killed for want of memory in a control group of its own, and the kernel's own words about
it are an incident; what a process writes into /dev/kmsg is not."""
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

from product import SOURCE, Daemon
from waiting import wait_for

KMSG = pathlib.Path("/dev/kmsg")
GROUPS = pathlib.Path("/sys/fs/cgroup/memory")  # version 1

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not KMSG.exists() or not (GROUPS / "memory.limit_in_bytes").exists(),
                                reason="needs root, /dev/kmsg and control groups of version 1")


def die_for_want_of_memory(name):
    """The pid of a process that the kernel has killed."""
    group = GROUPS / f"triaged-test-{os.getpid()}-{name}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text("32M")
        eater = f"import os; open({str(group / 'cgroup.procs')!r}, 'w').write(str(os.getpid())); bytearray(os.urandom(1)) * (256 << 20)"
        process = subprocess.Popen([sys.executable, "-c", eater])
        assert process.wait(60) == -9
        return process.pid
    finally:
        wait_for(lambda: not (group / "cgroup.procs").read_text().split(), "an empty control group")
        group.rmdir()


class Told:
    def __init__(self, folder):
        self.path = folder / "incidents.jsonl"
        self.sink = {"file": {"path": str(self.path), "min_severity": "info"}}

    def times_of(self, pid):
        """When the death of that process was, as incidents told so far quote it."""
        times = set()
        for text in self.path.read_text().splitlines() if self.path.exists() else []:
            with contextlib.suppress(json.JSONDecodeError):
                incident = json.loads(text)
                times |= {datetime.datetime.fromisoformat(one["at"].replace("Z", "+00:00")).timestamp()
                          for one in incident["chain"] + incident["evidence"] if f"Killed process {pid} " in one.get("line", "")}
        return times


def test_a_process_that_the_kernel_killed_is_told_and_a_forged_one_is_not(tmp_path):
    told = Told(tmp_path)
    with Daemon(tmp_path, [], [told.sink], sources=[{"kernel": {}}], probes={"enabled": False}, update_every="10ms") as daemon:
        KMSG.write_text("<3>kernel: Memory cgroup out of memory: Killed process 4194999 (forged) total-vm:1kB, anon-rss:1kB\n")
        begin = time.time()
        pid = die_for_want_of_memory("live")
        end = time.time()
        wait_for(lambda: told.times_of(pid), lambda: f"the death of {pid}; {daemon.said()}")
        # The kernel's clock is read when the daemon starts, and what comes is never dated before it could be seen.
        assert begin - 1.5 < min(told.times_of(pid)) <= max(told.times_of(pid)) < end + 1.5
        assert not told.times_of(4194999)
        # What is written while nobody reads.
        daemon.kill()
        second = die_for_want_of_memory("unseen")
        daemon.start()
        wait_for(lambda: told.times_of(second), lambda: f"the death of {second}; {daemon.said()}")
        assert daemon.terminate() == 0
    assert not told.times_of(4194999)
