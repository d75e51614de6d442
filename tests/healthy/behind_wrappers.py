"""The logs of the healthy site as they stand where its programs run in containers: all of them in the output of
`docker compose logs`, and for each program what kubelet makes of its output."""
import datetime
import heapq
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wrapped"))

from wrappers import behind, time_in


def dated_lines(service, log):
    """(time, service, number, line); a line without a time has that of the one above it."""
    began = datetime.datetime.fromtimestamp(log.stat().st_mtime, datetime.timezone.utc)
    known = None
    with open(log, "rb") as lines:
        for number, line in enumerate(lines, 1):
            time = time_in(line, began.year)
            known = max(known or time, time) if time else known
            yield known or began, service, number, line.rstrip(b"\n")


def write(wrapper, logs, path):
    """`logs`: (service, path) of each file, a service's older files first."""
    with open(path, "wb") as file:
        merged = heapq.merge(*(dated_lines(service, log) for service, log in logs), key=lambda each: each[0])
        file.writelines(behind(wrapper, service, number, time, line) for time, service, number, line in merged)
    return path


def write_compose(logs, folder):
    return [write("compose", logs, folder / "compose.log")]


def write_cri(logs, folder):
    services = dict.fromkeys(service for service, _ in logs)
    return [write("cri", [each for each in logs if each[0] == service], folder / f"{service}.cri.log") for service in services]


WAYS = {"compose": write_compose, "cri": write_cri}
