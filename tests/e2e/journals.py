"""Journals of systemd with the entries that a test wants, written by systemd-journal-remote as hosts that send theirs are."""
import itertools
import subprocess

REMOTE = "/lib/systemd/systemd-journal-remote"
BOOT = "0" * 31 + "1"
MACHINE = "0" * 31 + "2"


def field_of(name, value):
    value = value if isinstance(value, bytes) else str(value).encode()
    if b"\n" in value or any(byte < 32 and byte != 9 for byte in value):
        return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
    return name.encode() + b"=" + value + b"\n"


def entry(message, at, program="app", unit=None, **fields):
    """An entry of a service's standard output, `at` seconds since the epoch."""
    return {"MESSAGE": message, "__REALTIME_TIMESTAMP": round(at * 1e6), "_TRANSPORT": "stdout", "_BOOT_ID": BOOT,
            "_MACHINE_ID": MACHINE, "_HOSTNAME": "web1", "_PID": "77", "SYSLOG_IDENTIFIER": program,
            "_SYSTEMD_UNIT": unit or f"{program}.service", "PRIORITY": "6", **fields}


def kernel_entry(message, at, **fields):
    """As journald writes what it reads from /dev/kmsg."""
    wanted = entry(message, at, "kernel", _TRANSPORT="kernel", SYSLOG_FACILITY="0", **fields)
    return {name: value for name, value in wanted.items() if name not in ("_PID", "_SYSTEMD_UNIT")}


class Journal:
    """A folder with the files of a journal; all entries are of one boot and come in the order of writing."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.monotonic = itertools.count(1_000_000, 1000)

    def text_of(self, entries):
        return b"".join(b"".join(field_of(*field) for field in {"__MONOTONIC_TIMESTAMP": next(self.monotonic), **one}.items())
                        + b"\n" for one in entries)

    def write(self, entries, file="system.journal"):
        """Appends to a file of the journal."""
        self.import_export(self.text_of(entries), file)

    def import_export(self, text, file="system.journal"):
        """The same with entries as `journalctl -o export` writes them."""
        subprocess.run([REMOTE, f"--output={self.folder / file}", "-"], input=text, check=True, capture_output=True)
