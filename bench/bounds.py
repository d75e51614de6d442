#!/usr/bin/env python3
"""What a daemon holds while its only sink is dead and clients invent entities: lines read, memory, database, over time.

usage: TRIAGED_BINARY=build/release/triaged bench/bounds.py FOLDER [ENTITIES] [OUTBOX]
Each line is a recorded one with an upstream address of its own, so every line is a new incident."""
import pathlib
import re
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from product import Daemon  # noqa: E402
from refused_connections import RECORDED, rules  # noqa: E402

AT_A_TIME = 20_000


def address(number):
    return b"10.%d.%d.%d:80" % (number >> 16 & 255, number >> 8 & 255, number & 255)


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def look(daemon, folder, written, started):
    state = folder / "state"
    with sqlite3.connect(f"file:{state}/triaged.db?mode=ro", uri=True) as ledger:
        rows, incidents = (ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("outbox", "state WHERE kind = 'incident'"))
    disk = sum(path.stat().st_size for path in state.iterdir()) / 2**20
    print(f"{time.monotonic() - started:6.0f} s {written:9} lines written, {incidents:6} open, {rows:7} in the outbox, "
          f"{resident_mib(daemon.process.pid):6.0f} MiB resident, {disk:6.0f} MiB state", flush=True)


def main():
    folder = pathlib.Path(sys.argv[1])
    entities = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    outbox = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "error.log"
    dead = {"webhook": {"name": "dead", "url": "http://127.0.0.1:9/"}}
    with Daemon(folder, [log], [dead], state={"outbox": outbox}, rules=rules(folder), settle="100ms", update_every="1s") as daemon:
        started = time.monotonic()
        for first in range(0, entities, AT_A_TIME):
            with open(log, "ab") as file:
                for number in range(first, min(first + AT_A_TIME, entities)):
                    file.write(RECORDED[0].replace(b"127.0.0.1:8003", address(number)))
            look(daemon, folder, first + AT_A_TIME, started)
            time.sleep(2)
        print(daemon.read_states()[-1])


main()
