#!/usr/bin/env python3
"""What following costs at its bounds: many files, an endless line, a head of NUL bytes, a busy neighbour.

usage: TRIAGED_BINARY=build/release/triaged bench/file_bounds.py FOLDER {files|line|nul|neighbour} [NUMBER]
NUMBER: files, MiB of the line, MiB of NUL, MiB a second."""
import os
import pathlib
import re
import resource
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from product import Daemon, webhook  # noqa: E402
from receivers import WebhookReceiver  # noqa: E402
from refused_connections import RECORDED, rules  # noqa: E402

MIB = 2**20


def memory(daemon, what):
    return int(re.search(rf"Vm{what}:\s+(\d+)", pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text())[1]) / 1024


def processor(daemon):
    """Seconds of all threads."""
    user, system = pathlib.Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def at(address):
    return RECORDED[0].replace(b"127.0.0.1:8003", address)


def wait_for_entity(hook, address):
    while not any(incident["entity"]["value"] == address.decode() for incident in hook.incidents()):
        time.sleep(0.002)


def many_files(folder, daemon, hook, number):
    print(f"{number} files: {memory(daemon, 'RSS'):.0f} MiB resident", flush=True)
    log = folder / f"{number - 1}.log"
    before = processor(daemon)
    time.sleep(20)
    print(f"idle: {(processor(daemon) - before) / 20:.1%} of a core")
    started = time.monotonic()
    log.write_bytes(log.read_bytes() + at(b"10.0.0.1:80"))
    wait_for_entity(hook, b"10.0.0.1:80")
    print(f"a line in the last of them: told after {time.monotonic() - started:.2f} s")


def endless_line(folder, daemon, hook, number):
    before, cpu, started = memory(daemon, "HWM"), processor(daemon), time.monotonic()
    with open(folder / "0.log", "ab", buffering=0) as file:
        for _ in range(number):
            file.write(b"x" * MIB)
        file.write(b"\n" + at(b"10.0.0.2:80"))
    wait_for_entity(hook, b"10.0.0.2:80")
    print(f"a line of {number} MiB: {memory(daemon, 'HWM') - before:.0f} MiB more at most, {processor(daemon) - cpu:.2f} s of processor, "
          f"the next line told after {time.monotonic() - started:.1f} s (with the writing)")


def nul_head(folder, daemon, hook, number):
    fresh = folder / "fresh"
    fresh.write_bytes(bytes(number * MIB) + at(b"10.0.0.3:80"))
    cpu = processor(daemon)
    fresh.rename(folder / "1.log")
    wait_for_entity(hook, b"10.0.0.3:80")
    print(f"{number} MiB of NUL bytes before the first line: {processor(daemon) - cpu:.2f} s of processor")


def neighbour(folder, daemon, hook, number):
    healthy = b'192.0.2.1 - - [21/Nov/2026:01:15:46 +0000] "GET /api/items?id=1750 HTTP/1.1" 200 612 "-" "curl/7.88.1"\n'
    block = healthy * (MIB // len(healthy))
    done = threading.Event()

    def write():
        started, written = time.monotonic(), 0
        with open(folder / "0.log", "ab", buffering=0) as file:
            while not done.is_set():
                written += file.write(block)
                time.sleep(max(0, written / (number * MIB) - (time.monotonic() - started)))
                if file.tell() > 512 * MIB:
                    file.truncate(0)
        print(f"written: {written / MIB / (time.monotonic() - started):.0f} MiB/s")

    writer = threading.Thread(target=write)
    writer.start()
    delays = []
    for attempt in range(30):
        time.sleep(0.5)
        address = b"10.1.0.%d:80" % attempt
        started = time.monotonic()
        with open(folder / "1.log", "ab") as file:
            file.write(at(address))
        wait_for_entity(hook, address)
        delays.append(time.monotonic() - started)
    done.set()
    writer.join()
    delays.sort()
    print(f"a line in the other file was told after {delays[len(delays) // 2]:.2f} s (median), {delays[-1]:.2f} s (longest of 30)")


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
    measure, usual = {"files": (many_files, 10_000), "line": (endless_line, 1024), "nul": (nul_head, 124), "neighbour": (neighbour, 100)}[kind]
    number = int(sys.argv[3]) if len(sys.argv) > 3 else usual
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for at_path in range(number if kind == "files" else 1):
        (logs / f"{at_path}.log").write_bytes(RECORDED[0] if kind == "files" else b"")
    with WebhookReceiver() as hook:
        with Daemon(folder, [logs / "*.log"], [webhook(hook)], rules=rules(folder), settle="100ms", update_every="1h") as daemon:
            time.sleep(2)
            while kind == "files" and f"STATUS=following {number} files" not in "\n".join(daemon.read_states()):
                time.sleep(0.5)
            measure(logs, daemon, hook, number)


main()
