"""A sequence of failures of one site, what triaged says of it, and how that is counted."""
import collections
import datetime
import json
import subprocess

START = datetime.datetime(2026, 11, 21, 6, 0, 0)
SECOND = datetime.timedelta(seconds=1)
LOUD = ("warning", "error", "critical")


class Sequence:
    """Where each failure begins and ends, and the lines of every log."""

    def __init__(self, recordings, healthy, chance, pauses=(120, 480), begin=START):
        self.begin = begin
        self.failures = []  # (recording, begin, end)
        self.logs = collections.defaultdict(list)
        each = chance.choice([0.2, 0.5, 1, 2])
        at = self._pass_healthily(healthy, begin, begin + 120 * SECOND, each)
        for recording in recordings:
            end = at + (recording.end - recording.begin)
            self._add(recording.at(at))
            self.failures.append((recording, at, end))
            at = self._pass_healthily(healthy, end + SECOND, end + chance.uniform(*pauses) * SECOND, each)
        self.end = at

    @classmethod
    def that_ends_now(cls, recordings, healthy, chance):
        state = chance.getstate()
        length = cls(recordings, healthy, chance).end - START
        chance.setstate(state)
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        return cls(recordings, healthy, chance, begin=now.replace(microsecond=0) - length)

    def _add(self, lines):
        for log, of_log in lines.items():
            self.logs[log] += of_log

    def _pass_healthily(self, healthy, begin, end, each):
        self._add(healthy.between(begin, end, each))
        return end

    def write(self, folder):
        paths = []
        for log, lines in self.logs.items():
            paths.append(folder / log)
            paths[-1].write_bytes(b"\n".join(lines) + b"\n")
        return paths


def incidents_of(binary, paths):
    done = subprocess.run([binary, "scan", "--json", "--quiet", *map(str, paths)], capture_output=True, text=True)
    if done.returncode > 1:
        raise RuntimeError(f"scan ended with {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _time(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


class Counted:
    """Which failures have an incident of their own that names the right cause, and how many incidents are loud."""

    def __init__(self, sequence, incidents):
        self.loud = sum(each["severity"] in LOUD for each in incidents)
        self.missed = []  # (recording, causes of the incidents that began meanwhile)
        starts = [begin for _, begin, _ in sequence.failures]
        for (recording, begin, _), until in zip(sequence.failures, [*starts[1:], datetime.datetime.max]):
            own = [each for each in incidents if begin - SECOND <= _time(each["first_seen"]) < until - SECOND]
            named = [each["root_cause"]["cause"] for each in own]
            if not recording.causes & set(named):
                self.missed.append((recording, named))
        self.failures = len(sequence.failures)
        self.right = self.failures - len(self.missed)
