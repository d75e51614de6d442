"""From thousands of requests that make a difference to the few that are needed, and of those to the parts that are needed."""
import dataclasses
import shutil

from oracle import Scanned, blob_of, is_there_otherwise


class Shrinker:
    """Plays fewer and fewer requests until nothing can be left out of them without losing `wanted` of one log."""

    def __init__(self, site, scratch, rules, wanted, known, tries=120):
        self.site, self.scratch, self.rules, self.wanted, self.known, self.tries = site, scratch, rules, wanted, known, tries
        self.incident = None

    def find(self, requests, as_twin):
        """The incident, when it is there."""
        self.tries -= 1
        self.folder = self.scratch / ("twin" if as_twin else "forged")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.statuses = self.site.play(requests, as_twin)
        self.site.take_logs(self.folder)
        scanned = Scanned(self.folder, self.rules, self.wanted.log)
        self.found = scanned.found(blob_of(self.site, requests, as_twin), self.known)
        return self.found.get(self.wanted)

    def shows(self, requests):
        incident = self.find(requests, as_twin=False)
        self.incident = incident or self.incident
        return bool(incident)

    def is_hidden(self, requests):
        """Who forges may hide what he does himself and what stands within 2,048 bytes; not all of what the others do, who send letters in both
        sets, many one after the other."""
        return not self.find(requests, as_twin=False) and bool(
            self.find([request for request in requests if request.honest], as_twin=True))

    def candidates(self, requests, incident):
        """Those whose words are in the lines that the incident shows."""
        lines = [each["line"].encode() for each in incident.get("evidence", [])
                 ] + [each["line"].encode() for each in incident.get("chain", []) if "line" in each]

        def is_in(request):
            return any(
                len(piece) >= 8 and any(piece[:24] in line or piece[-24:] in line for line in lines)
                for name, part in request.parts if name in ("line", "access") for piece in part.split(b"\n"))

        return [request for request in requests if is_in(request)]

    def minimal(self, requests, incident):
        """The requests that are needed; none when it was not possible to see the difference again."""
        near = self.candidates(requests, incident)
        if near and self.shows(near):
            requests = near
        elif not self.shows(requests):
            return []
        requests = self.fewer(requests)
        if len(requests) <= 4:
            for at in range(len(requests)):
                requests = self.simpler(requests, at)
        return requests

    def fewer(self, requests):
        """Delta debugging."""
        pieces = 2
        while len(requests) > 1 and self.tries > 0:
            size = -(-len(requests) // pieces)
            cuts = [requests[at:at + size] for at in range(0, len(requests), size)]
            options = [
                *cuts, *([sum((each for each in cuts if each is not cut), []) for cut in cuts] if len(cuts) > 2 else [])
            ]
            smaller = next((option for option in options if self.tries > 0 and self.shows(option)), None)
            if smaller is not None:
                pieces = 2 if len(smaller) <= size else max(2, pieces - 1)
                requests = smaller
            elif pieces >= len(requests):
                break
            else:
                pieces = min(len(requests), pieces * 2)
        return requests

    def simpler(self, requests, at):
        """Leaves parts of one request out, the last first."""
        part = len(requests[at].parts) - 1
        while part >= 0 and self.tries > 0:
            parts = requests[at].parts
            if len(parts) > 1:
                less = [
                    *requests[:at],
                    dataclasses.replace(requests[at], parts=parts[:part] + parts[part + 1:]), *requests[at + 1:]
                ]
                if self.shows(less):
                    requests = less
            part -= 1
        return requests

    def is_confirmed(self, requests):
        """Both forms of what is left are treated alike, and differ. Leaves the forged logs in their folder."""
        twin = self.find(requests, as_twin=True) or is_there_otherwise(self.wanted, self.found)
        statuses = self.statuses
        return not twin and bool(self.find(requests, as_twin=False)) and self.statuses == statuses
