"""What triaged finds in two sets of logs, one forged and one with letters instead, and where they differ."""
import concurrent.futures
import dataclasses
import functools
import json
import pathlib
import tempfile
import time
import urllib.request

import yaml

import carriers
import grammar
import product
import servers
from waiting import wait_for


@dataclasses.dataclass(frozen=True, order=True)
class Found:
    """Of an incident, what a client's words must not change. `log` is empty when all logs were read as one story."""
    log: str
    rule: str
    severity: str = ""
    entity: str = ""

    def __str__(self):
        return " ".join(filter(None, [f"{self.log or 'all logs'}:", self.severity, self.rule, self.entity]))


CLIENT = "<words of a client>"
OWN_HOST = "shop.example.com"  # the site is called so, whoever says it as well


def scan(paths, rules):
    done = product.run("scan", "--json", "--quiet", "--jobs", "1", "--rules", rules, "--no-default-rules", *paths)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Scanned:
    """The incidents of a set of logs, of each log alone and of all together."""

    def __init__(self, folder, rules, only=None):
        paths = sorted(folder.iterdir()) if only is None else [path for path in [folder / only] if path.exists()]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            together = pool.submit(scan, paths, rules) if only is None and paths else None
            self.incidents = {path.name: pool.submit(scan, [path], rules) for path in paths}
            self.incidents = {name: future.result() for name, future in self.incidents.items()}
            self.together = together.result() if together else []

    def all(self):
        return [(name, incident) for name, incidents in self.incidents.items() for incident in incidents]

    def entities(self):
        return {entity_of(incident) for _, incident in self.all()}

    def found(self, blob, honest):
        """Entities that are words of a client (they are somewhere in `blob` and no program of ours is called so) count as one."""
        named = {}
        for name, incident in self.all():
            entity = entity_of(incident)
            if entity and entity not in honest and entity.encode() in blob:
                entity = CLIENT
            kind = incident["entity"]["kind"]
            root = incident["root_cause"]["rule"] if "root_cause" in incident else incident["rules"][0]
            named.setdefault(Found(name, root, incident["severity"], f"{kind} {entity}"), incident)
            for rule in incident["rules"]:
                named.setdefault(Found(name, rule), incident)
        for incident in self.together:
            for rule in incident["rules"]:
                named.setdefault(Found("", rule), incident)
        return named


def entity_of(incident):
    entity = incident["entity"]
    value = entity.get("value", "")
    return value.rsplit("/", 1)[-1] if entity["kind"] == "source" else value


def blob_of(site, requests, as_twin):
    """All that clients said, as logs may show it."""
    words = []
    for request in requests:
        carrier = site.carriers[request.stream, request.carrier]
        text = carrier.clean(request.text())
        if as_twin or request.honest:
            text = carrier.swap(text, carrier.kept)
        words += [text, carriers.coded(text)]
    return b"\n".join(words)


class Difference:
    """Two maps from what was found to an incident that shows it; `known` are the entities that are really there."""

    def __init__(self, forged, twin, known):
        self.known = known
        self.added = {
            found: forged[found]
            for found in sorted(forged.keys() - twin.keys()) if not is_there_otherwise(found, twin)
        }
        # Only whole rules: what else a real incident says may change with what others were found, and those are reported.
        self.hidden = {found: twin[found] for found in sorted(twin.keys() - forged.keys()) if not found.severity}


def is_there_otherwise(found, twin):
    """The rule fires in the twin of that log, too, and the entity is no client's word. Of a line that was tampered with, triaged may believe what
    happened and not to whom (the incident is then about the log), and incidents of one entity join as their times have it."""
    return CLIENT not in found.entity and Found(found.log, found.rule) in twin


@functools.lru_cache
def rules_by_id(rules):
    return {rule["id"]: rule for rule in grammar.all_rules(rules)}


def fires_alone(found, logs, rules):
    """Does that rule find something in its log when there is no other rule?"""
    paths = sorted(logs.iterdir()) if not found.log else [path for path in [logs / found.log] if path.exists()]
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "rule.yaml").write_text(yaml.safe_dump([rules_by_id(rules)[found.rule]]))
        return bool(paths and scan(paths, folder))


def without_the_absorbed(differences, other_logs, rules):
    """Leaves out what nobody is told of (info) and what the other logs hold, too. Which incident takes in which others depends on the times and
    entities of all of them, those of honest requests among them; so an incident of level info that stands alone in one set of logs may be a part of
    another one in the other set, with the same lines."""
    return {
        found: incident
        for found, incident in differences.items()
        if incident["severity"] != "info" or CLIENT in found.entity or not fires_alone(found, other_logs, rules)
    }


def compare(site, requests, forged_logs, twin_logs, rules, only=None):
    forged, twin = Scanned(forged_logs, rules, only), Scanned(twin_logs, rules, only)
    known = twin.entities() - {entity for entity in twin.entities() if entity.encode() in blob_of(site, requests, True)}
    known.add(OWN_HOST)
    difference = Difference(forged.found(blob_of(site, requests, False), known),
                            twin.found(blob_of(site, requests, True), known), known)
    difference.added = without_the_absorbed(difference.added, twin_logs, rules)
    difference.hidden = without_the_absorbed(difference.hidden, forged_logs, rules)
    return difference


def told_live(folder, logs, rules, play):
    """The rules of which a daemon told that followed `logs` while `play` was called."""
    folder.mkdir()
    address = f"127.0.0.1:{servers.free_port()}"
    sink = folder / "told.jsonl"
    with product.Daemon(folder, [logs / "*"], [{"file": {"name": "told", "path": str(sink)}}], rules=(rules, ),
                        probes={"enabled": False}, admin={"listen": address}, settle="200ms") as daemon:
        play()
        wait_until_read(address)
        assert daemon.terminate() == 0, daemon.said()
    told = [json.loads(line) for line in sink.read_text().splitlines()] if sink.exists() else []
    return {Found("live", rule): incident for incident in told for rule in incident["rules"]}


def wait_until_read(address):
    """Until nothing has been left to read, and no incident has changed, for a second."""
    names = ("triaged_read_bytes_total", "triaged_notifications_total", "triaged_symptoms_total", "triaged_commits_total")
    seen, since = None, time.monotonic()

    def is_quiet():
        nonlocal seen, since
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
            metrics = dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line and line[0] != "#")
        now = [metrics.get(name) for name in names]
        if now != seen or float(metrics.get("triaged_unread_bytes", 0)):
            seen, since = now, time.monotonic()
        return time.monotonic() > since + 1

    wait_for(is_quiet, "the daemon has read all logs")
