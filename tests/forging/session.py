"""One site, the requests of one seed, batch after batch, and what was found."""
import concurrent.futures
import dataclasses
import fnmatch
import shutil

from forge import RULES, Generator, Site
from oracle import compare, fires_alone, told_live
from shrink import Shrinker


class Finding:
    """A difference, the requests that it needs, and the lines that they leave in the log."""

    def __init__(self, found, incident, requests, wire, lines):
        self.found, self.incident, self.requests, self.wire, self.lines = found, incident, requests, wire, lines

    def __str__(self):
        text = [f"added: {self.found}  ({self.incident['severity']}: {self.incident['title']}; {self.incident['entity']})"]
        for request, wire in zip(self.requests, self.wire):
            text.append(
                f"  {request.stream} {request.carrier}{' (letters)' if request.honest else ''}: {' + '.join(name for name, _ in request.parts)}"
            )
            text += [f"    {name}: {part[:400]!r}" for name, part in request.parts]
            text.append(f"    sent: {wire[:900]!r}")
        if len(self.requests) > len(self.wire):
            text.append(f"  and {len(self.requests) - len(self.wire)} more requests")
        text += [f"  log: {line[:600]!r}" for line in self.lines[:12]]
        return "\n".join(text)


def brief(incident):
    """An incident with its lines, for a difference that was not reduced."""
    lines = [
        f"{each.get('source', '').rsplit('/', 1)[-1]}: {each['line'][:300]!r}"
        for each in [*incident["chain"], *incident["evidence"]] if "line" in each
    ]
    return "\n    ".join([f"{incident['severity']}: {incident['title']}", *dict.fromkeys(lines)])


class Session:
    """Plays batches and judges them. Every `live_every`th batch is also followed by a daemon while the servers write."""

    def __init__(self, folder, seed, rules=RULES, new_gunicorn=None, ambiguous=False, most_findings=10, only="*",
                 live_every=10, keep=None, said=print):
        self.folder, self.seed, self.rules, self.said = folder, seed, rules, said
        self.most_findings, self.only, self.live_every = most_findings, only, live_every
        self.keep = keep  # a folder for the logs that differ
        self.site = Site(folder, new_gunicorn, ambiguous)
        self.played = self.pairs_treated_differently = 0
        self.treated_differently = {}  # by carrier, an example
        self.findings, self.seen = [], set()
        self.not_reduced = {}  # differences that did not come again with fewer requests, or belong to all logs together
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def __enter__(self):
        self.site.__enter__()
        self.generator = Generator(self.site, self.seed, self.site.learn(self.folder / "learnt"))
        return self

    def __exit__(self, *problem):
        self.site.__exit__(*problem)
        self.pool.shutdown()

    def run(self, requests, batch):
        """Compares a batch while the next one is played."""
        waiting = None
        for number in range(-(-requests // batch)):
            played = self.play(number, min(batch, requests - number * batch))
            if waiting:
                self.judge(*waiting)
            waiting = (number, *played, self.pool.submit(compare, self.site, *played, self.rules))
            self.said(
                f"seed {self.seed}: {self.played} requests, {len(self.findings)} findings, {len(self.not_reduced)} not reduced"
            )
        self.judge(*waiting)

    def play(self, number, size):
        """The requests of a batch and both sets of logs."""
        requests = self.generator.batch(number, size)
        logs, statuses, told = [], [], []
        for as_twin in (False, True):

            def play():
                statuses.append(self.site.play(requests, as_twin))

            if number % self.live_every == 0:
                told.append(told_live(self.folder / f"live-{number}-{as_twin}", self.site.logs, self.rules, play))
            else:
                play()
            logs.append(self.site.take_logs(self.folder / f"{number}-{'twin' if as_twin else 'forged'}"))
        self.played += len(requests)
        self.note_statuses(requests, *statuses)
        if told:
            forged, twin = told
            # Whether somebody is told of a rule that honest requests bring about, too, is a matter of the incident that took it in.
            added = [
                found for found in forged.keys() - twin.keys()
                if not fires_alone(dataclasses.replace(found, log=""), logs[1], self.rules)
            ]
            self.not_reduced.update({("live", found.rule): (number, forged[found]) for found in added})
            if self.keep and added:
                self.keep_logs(number, *logs)
        return requests, *logs

    def note_statuses(self, requests, forged, twin):
        for request in requests:
            if forged.get(request.number) != twin.get(request.number):
                self.pairs_treated_differently += 1
                self.treated_differently[request.stream, request.carrier] = (forged.get(request.number),
                                                                             twin.get(request.number), request.text()[:80])

    def judge(self, number, requests, forged_logs, twin_logs, comparison):
        difference = comparison.result()
        for hidden, differences in ((False, difference.added), (True, difference.hidden)):
            # Whole incidents first, then rules that were added to one.
            for found, incident in sorted(differences.items(), key=lambda item: (not item[0].severity, item[0])):
                if found.log:
                    self.consider(number, found, incident, requests, difference.known, hidden)
            logged = {found.rule for found in differences if found.log}
            together = {
                found: incident
                for found, incident in differences.items() if not found.log and found.rule not in logged
            }
            self.not_reduced.update({("hidden in all logs" if hidden else "in all logs", found.rule): (number, incident)
                                     for found, incident in together.items()})
            if self.keep and differences:
                self.keep_logs(number, forged_logs, twin_logs, {found.log for found in differences})
        shutil.rmtree(forged_logs)
        shutil.rmtree(twin_logs)

    def keep_logs(self, number, forged_logs, twin_logs, names=None):
        for folder in (forged_logs, twin_logs):
            into = self.keep / f"{self.seed}-{number}" / folder.name.split("-")[1]
            into.mkdir(parents=True, exist_ok=True)
            for path in folder.iterdir():
                if names is None or path.name in names:
                    shutil.copy(path, into)

    def consider(self, number, found, incident, requests, known, hidden):
        # A line of HAProxy is in three logs, and the error logs of nginx are of one kind.
        kind = (hidden, found.log.split("-")[0].split(".")[0], "error" in found.log, found.rule)
        if kind in self.seen or len(self.findings) >= self.most_findings or not fnmatch.fnmatch(found.log, self.only):
            return
        self.seen.add(kind)
        shrinker = Shrinker(self.site, self.folder, self.rules, found, known)
        if hidden:
            if found.log.startswith("nginx") and shrinker.is_hidden(requests):
                self.not_reduced["hidden", str(found)] = (number, incident)
            return
        minimal = shrinker.minimal(requests, incident)
        if not minimal or not shrinker.is_confirmed(minimal):
            self.not_reduced["added", str(found)] = (number, incident)
            return
        lines = (self.folder / "forged" / found.log).read_bytes().split(b"\n")[:-1] if (self.folder / "forged" /
                                                                                        found.log).exists() else []
        self.findings.append(
            Finding(found, shrinker.incident, minimal, [self.wire(request) for request in minimal[:4]], lines))
        self.said(str(self.findings[-1]))

    def wire(self, request):
        sent = self.site.carriers[request.stream, request.carrier].requests(request.parts, request.honest)
        return b" | ".join(data if isinstance(data, bytes) else repr(data).encode() for data, _ in sent)

    def report(self):
        """All that is no finding, but no proof of health either."""
        text = [
            f"treated differently: {stream} {carrier}: {example}"
            for (stream, carrier), example in sorted(self.treated_differently.items())
        ]
        return "\n".join(text + [
            f"not reduced: {' '.join(what)} (batch {number}): {brief(incident)}"
            for what, (number, incident) in sorted(self.not_reduced.items())
        ])
