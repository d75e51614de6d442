"""Every shape of rotation that the torture knows, by name: the log of each is followed by a source of its own.

Those of `HAND_MADE` are done by the harness itself, which is fast and does also what tools do only by accident; those of
`REAL` by logrotate and svlogd.
"""
import fnmatch

from containers import DockerLog, KubeletLog
from logs import COPIED, RENAMED, LinkedLog, Log, StrftimeLog
from rotators import LogrotateLog, SvlogdLog

FAMILY = "error.log*"

HAND_MADE = {
    "plain": (Log, {}),
    "header": (Log, {"header": True}),
    "dates": (Log, {"names": "dates", "glob": FAMILY}),
    "globbed": (Log, {"glob": FAMILY}),
    "positional": (Log, {"appends": False}),
    "linked": (LinkedLog, {}),
    "ascending": (Log, {"names": "ascending", "kinds": RENAMED}),
    "ascending-copies": (Log, {"names": "ascending", "kinds": COPIED}),
    "copies": (Log, {"kinds": COPIED}),
    "nocreate": (Log, {"nocreate": True, "kinds": RENAMED}),
    "seconds": (Log, {"names": "seconds", "kinds": RENAMED + COPIED}),
    "olddir": (Log, {"away": "old", "kinds": RENAMED + COPIED}),
    "current": (Log, {"name": "current", "names": "tai64n", "kinds": RENAMED}),
    "strftime": (StrftimeLog, {"glob": "error-*.log"}),
    "folders": (StrftimeLog, {"glob": "*/error.log", "folders": True}),
    "kubelet": (KubeletLog, {}),
    "docker": (DockerLog, {}),
}


def logrotate(*directives, **options):
    return (LogrotateLog, {"directives": directives, **options})


REAL = {
    "logrotate-create": logrotate("create 0644"),
    "logrotate-nocreate": logrotate("nocreate"),
    "logrotate-start": logrotate("create 0644", "start 0"),
    "logrotate-copytruncate": logrotate("copytruncate"),
    "logrotate-copytruncate-compress": logrotate("copytruncate", "compress"),
    "logrotate-copy": logrotate("copy"),
    "logrotate-dateext": logrotate("create 0644", "dateext", "dateformat -%Y%m%d-%s"),
    "logrotate-dateext-extension": logrotate("create 0644", "dateext", "dateformat -%Y%m%d-%s", "extension .log"),
    "logrotate-compress": logrotate("create 0644", "compress"),
    "logrotate-delaycompress": logrotate("create 0644", "compress", "delaycompress"),
    "logrotate-nocreate-delaycompress": logrotate("nocreate", "compress", "delaycompress"),
    "logrotate-olddir": logrotate("create 0644", away="old"),
    "logrotate-olddir-copytruncate": logrotate("copytruncate", away="old"),
    "logrotate-olddir-compress": logrotate("nocreate", "compress", "delaycompress", away="old"),
    "logrotate-size": logrotate("create 0644", "size 2k", force=False),
    "logrotate-maxsize": logrotate("create 0644", "weekly", "maxsize 1k", "notifempty", force=False),
    "logrotate-family": logrotate("create 0644", "compress", "delaycompress", glob=FAMILY),
    "svlogd": (SvlogdLog, {}),
}

ALL = {**HAND_MADE, **REAL}


def named(patterns):
    """`plain,logrotate-*`: names and globs of them."""
    chosen = [name for name in ALL if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(","))]
    if not chosen:
        raise SystemExit(f"no shape is called {patterns}; there are: {', '.join(ALL)}")
    return chosen


def make(name, folder, lines, random):
    kind, options = ALL[name]
    options = {"name": "error.log", **options}
    return kind(folder / name, lines=lines, random=random, **options)
