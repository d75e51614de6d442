"""What transport puts around the lines of a log, each as the program does it that is named.

A wrapper is a function of the service, the number of the line, its time (UTC) and its text.
"""
import datetime
import json
import re

NANOSECONDS = "%Y-%m-%dT%H:%M:%S.{:09d}Z"


def nano(time):
    return time.strftime(NANOSECONDS.format(time.microsecond * 1000 + 117))


def micro(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def forego(service, number, time, line):
    return f"{service + '.1':12}| {line}"


def tai64n(time):
    return f"@{int(time.timestamp()) + (1 << 62) + 10:016x}{time.microsecond * 1000:08x}"


WRAPPERS = {
    "compose": lambda s, n, t, line: f"{s + '-1':14}| {line}",
    "compose-v1": lambda s, n, t, line: f"{s + '_1':14}| {line}",
    "compose-coloured": lambda s, n, t, line: f"\x1b[36m{s + '-1':14}|\x1b[0m {line}",
    "compose-times": lambda s, n, t, line: f"{s + '-1':14}| {nano(t)} {line}",
    "docker-times": lambda s, n, t, line: f"{nano(t)} {line}",
    "docker-desktop": lambda s, n, t, line: f"{t:%Y-%m-%d %H:%M:%S} {line}",
    "kubectl-prefix": lambda s, n, t, line: f"[pod/{s}-7d9f8b6c5-x2x4q/{s}] {line}",
    "kubectl-prefix-times": lambda s, n, t, line: f"[pod/{s}-7d9f8b6c5-x2x4q/{s}] {nano(t)} {line}",
    "stern": lambda s, n, t, line: f"{s}-7d9f8b6c5-x2x4q {s} {line}",
    "stern-coloured": lambda s, n, t, line: f"\x1b[91m{s}-7d9f8b6c5-x2x4q\x1b[0m \x1b[31m{s}\x1b[0m {line}",
    "kubetail": lambda s, n, t, line: f"[{s}-7d9f8b6c5-x2x4q] {line}",
    "kubetail-container": lambda s, n, t, line: f"[{s}-7d9f8b6c5-x2x4q {s}] {line}",
    "cri": lambda s, n, t, line: f"{nano(t)} stderr F {line}",
    "cri-local": lambda s, n, t, line: f"{micro(t)}117+00:00 stdout F {line}",
    "json-file": lambda s, n, t, line: compact({"log": line + "\n", "stream": "stderr", "time": nano(t)}),
    "foreman": lambda s, n, t, line: f"{t:%H:%M:%S} {s + '.1':10} | {line}",
    "forego": forego,
    "pm2": lambda s, n, t, line: f"0|{s:8} | {line}",
    "fluent-bit": lambda s, n, t, line: compact({
        "date": t.timestamp(), "stream": "stderr", "logtag": "F", "log": line,
        "kubernetes": {"pod_name": f"{s}-7d9f8b6c5-x2x4q", "namespace_name": "prod", "container_name": s}}),
    "filebeat": lambda s, n, t, line: compact({
        "@timestamp": f"{micro(t)[:-3]}Z", "log": {"offset": n, "file": {"path": f"/var/log/{s}.log"}}, "message": line,
        "input": {"type": "log"}, "host": {"name": "web1"}, "agent": {"type": "filebeat"}}),
    "vector": lambda s, n, t, line: compact({
        "container_name": s, "host": "web1", "message": line, "source_type": "docker_logs", "stream": "stderr",
        "timestamp": f"{micro(t)}Z"}),
    "gcp": lambda s, n, t, line: compact({
        "textPayload": line, "insertId": f"k{n}", "resource": {"type": "k8s_container", "labels": {
            "container_name": s, "namespace_name": "prod", "pod_name": f"{s}-7d9f8b6c5-x2x4q"}},
        "timestamp": f"{micro(t)}Z", "severity": "ERROR"}),
    "gcp-json": lambda s, n, t, line: compact({
        "jsonPayload": {"message": line}, "resource": {"labels": {"container_name": s}}, "timestamp": f"{micro(t)}Z"}),
    "journal-json": lambda s, n, t, line: compact({
        "__CURSOR": f"s=1;i={n:x}", "__REALTIME_TIMESTAMP": str(int(t.timestamp() * 1e6)), "PRIORITY": "6",
        "_HOSTNAME": "web1", "_SYSTEMD_UNIT": f"{s}.service", "_PID": "812", "MESSAGE": line}),
    "cloudwatch": lambda s, n, t, line: f"{micro(t)[:-3]}Z\t{line}",
    "svlogd": lambda s, n, t, line: f"{t:%Y-%m-%d_%H:%M:%S}.{t.microsecond // 10:05d} {line}",
    "multilog": lambda s, n, t, line: f"{tai64n(t)} {line}",
    "supervisor-stdout": lambda s, n, t, line: f"{s} stderr | {line}",
    "stern-namespaces": lambda s, n, t, line: f"prod {s}-7d9f8b6c5-x2x4q {s} {line}",
    "pm2-times": lambda s, n, t, line: f"0|{s:8} | {t:%Y-%m-%dT%H:%M:%S}: {line}",
    "grep-one": lambda s, n, t, line: f"{n}:{line}",
    "grep": lambda s, n, t, line: f"logs/{s}.log:{line}",
    "grep-numbered": lambda s, n, t, line: f"/var/log/{s}.log:{n}:{line}",
    "indented": lambda s, n, t, line: f"    {line}",
    "quoted": lambda s, n, t, line: f"> {line}",
    "tab": lambda s, n, t, line: f"\t{line}",
}


def behind(wrapper, service, number, time, line):
    """The bytes of the wrapped line, with its end."""
    text = WRAPPERS[wrapper](service, number, time, line.decode(errors="surrogateescape"))
    return text.encode(errors="surrogateescape") + b"\n"


MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
FORMS = [
    (re.compile(rb"(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?"), "ymd"),
    (re.compile(rb"(\d\d)[/-](\w{3})[/-](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?"), "dmy"),
    (re.compile(rb"(\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})"), "ctime"),
    (re.compile(rb"^(?:<\d+>)?(\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)"), "traditional"),
]


def time_in(line, year):
    """When the line was written, as it says itself, in a year that not every form says; None when it does not."""
    for form, kind in FORMS:
        found = form.search(line[:200])
        if not found:
            continue
        part = [piece.decode() if piece else "" for piece in found.groups()]
        try:
            if kind == "ymd":
                date, clock, rest = (int(part[0]), int(part[1]), int(part[2])), part[3:6], part[6]
            elif kind == "dmy":
                date, clock, rest = (int(part[2]), MONTHS.index(part[1]) // 3 + 1, int(part[0])), part[3:6], part[6]
            elif kind == "ctime":
                date, clock, rest = (int(part[5]), MONTHS.index(part[0]) // 3 + 1, int(part[1])), part[2:5], ""
            else:
                date, clock, rest = (year, MONTHS.index(part[0]) // 3 + 1, int(part[1])), part[2:5], ""
            return datetime.datetime(*date, *map(int, clock), int((rest or "0").ljust(6, "0")), datetime.timezone.utc)
        except ValueError:
            continue
    return None
