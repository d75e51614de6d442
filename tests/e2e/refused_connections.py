"""A log that grows by what nginx wrote about an upstream address where nothing listens, and what is told of it."""
import itertools
import re

from product import SOURCE

RECORDED = [line for line in (SOURCE / "samples" / "stale-upstream" / "nginx-error.log").read_bytes().splitlines(keepends=True)
            if b"Connection refused" in line]

# One rule of its own, so that a daemon that starts many times starts at once.
RULE = """\
id: nginx/refused
title: An upstream refuses connections
severity: error
entity: upstream
match:
  - formats: [nginx.error]
    regex: 'connect\\(\\) failed \\(111: Connection refused\\) while connecting to upstream'
causes:
  - {id: upstream-down, prior: 1, text: Nothing listens at the upstream address.}
"""


# The same, but every line is an incident of its own, known by the number of nginx's connection.
RULE_OF_CONNECTIONS = RULE.replace("entity: upstream", "entity: connection")


def rules(folder, rule=RULE):
    """What to give a Daemon in `folder` as its rules."""
    path = folder / "refused.yaml"
    path.write_text(rule)
    return [path]


class GrowingLog:
    """Recorded lines again and again, each with a connection number of its own."""

    def __init__(self, path):
        self.path = path
        self.lines = 0
        self.numbers = itertools.count(1)

    def grow(self, lines):
        text = b"".join(re.sub(rb"\*\d+", b"*%d" % next(self.numbers), RECORDED[i % len(RECORDED)]) for i in range(lines))
        with open(self.path, "ab") as log:
            log.write(text)
        self.lines += lines


def about_nginx(hook):
    """(key, body, incident) of what was told of nginx; triaged may speak of itself as well."""
    told = [(key, body, incident) for key, (_, body), incident in zip(hook.keys(), list(hook.requests), hook.incidents())]
    return [entry for entry in told if entry[2]["rules"] != ["triaged/ledger"]]


def told_count(hook):
    """How many lines the newest notification speaks of."""
    return max((incident["count"] for _, _, incident in about_nginx(hook)), default=0)


def assert_told_once(hook, lines):
    """One incident with every line counted once, and no notification that was decided twice."""
    told = about_nginx(hook)
    assert len({incident["incident"] for _, _, incident in told}) == 1
    assert told_count(hook) == lines
    bodies = {}
    for key, body, _ in told:
        assert bodies.setdefault(key, body) == body, f"{key} was decided twice"
    numbers = [int(key.rsplit("/", 1)[1]) for key in bodies]
    assert numbers == list(range(1, len(numbers) + 1)), f"out of order, or one is missing: {numbers}"


def counts(hook):
    """With RULE_OF_CONNECTIONS: connection -> how many lines its incidents count, each in its newest form."""
    newest = {}
    for incident in hook.incidents():
        if incident["rules"] == ["nginx/refused"]:
            known = newest.get(incident["incident"])
            if known is None or incident["change_number"] >= known["change_number"]:
                newest[incident["incident"]] = incident
    found = {}
    for incident in newest.values():
        number = int(incident["entity"]["value"])
        found[number] = found.get(number, 0) + incident["count"]
    return found
