#!/usr/bin/env python3
"""How long `triaged run` takes from its start until it follows its sources (READY=1 to the service manager).

usage: bench/start_time.py TRIAGED [RULES...]       default rules: the shipped ones and, when they are there, the public
                                                    ones in ../shared/data

The first start compiles everything into an empty cache; it is shown apart. The others find the cache warm.
"""
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
PUBLIC = [SOURCE.parent / "shared" / "data" / name for name in ("cre/rules", "deadends/canons")]
STARTS = 15


def processor_time(pid):
    """Seconds that all threads of the process have computed so far."""
    numbers = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def start(binary, folder, configuration):
    """Seconds until it is ready, and seconds of processor time until then."""
    path = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
        notifications.bind(path)
        notifications.settimeout(300)
        begin = time.perf_counter()
        process = subprocess.Popen([binary, "run", "--config", configuration], stdout=subprocess.DEVNULL,
                                   stderr=open(folder / "log", "wb"), stdin=subprocess.DEVNULL,
                                   env={**os.environ, "NOTIFY_SOCKET": path, "CACHE_DIRECTORY": str(folder / "cache")})
        try:
            while b"READY=1" not in notifications.recv(65536):
                pass
            waited, used = time.perf_counter() - begin, processor_time(process.pid)
            return waited, used
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)
            os.unlink(path)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    rules = sys.argv[2:] or [SOURCE / "rules", *(path for path in PUBLIC if path.is_dir())]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "empty.log").touch()
        configuration = folder / "triaged.yaml"
        configuration.write_text(f"""
sources: [{{file: {{paths: [{folder}/empty.log]}}}}]
rules: [{", ".join(str(pathlib.Path(path).resolve()) for path in rules)}]
sinks: [{{file: {{name: ledger, path: {folder}/incidents.jsonl}}}}]
state: {{path: {folder}/state}}
""")
        cold = start(binary, folder, configuration)
        # A start that public rules were left out of compiles them while it runs: let one do so to its end.
        subprocess.run([binary, "check", "--config", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "CACHE_DIRECTORY": str(folder / "cache")})
        warm = [start(binary, folder, configuration) for _ in range(STARTS)]
        counted = subprocess.run([binary, "rules", "list", *(word for path in rules for word in ("--rules", path)),
                                  "--no-default-rules"], capture_output=True, text=True,
                                 env={**os.environ, "CACHE_DIRECTORY": str(folder / "cache")}).stderr.splitlines()
        print(counted[-1] if counted else "")
        for what, times in (("cold cache", [cold]), ("warm cache", warm)):
            waited, used = zip(*times)
            print(f"{what}  {statistics.median(waited) * 1000:5.0f} ms ({min(waited) * 1000:.0f} to"
                  f" {max(waited) * 1000:.0f}), processor time {statistics.median(used) * 1000:.0f} ms")


main()
