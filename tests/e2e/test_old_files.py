"""Old logs: rotated and compressed by the programs themselves, in folders, in a span of time; and what `scan`, `run`, `check`
and `explain` say of lines that nobody understands."""
import datetime
import json
import os
import pathlib
import subprocess

import pytest

from product import SOURCE, run

RULES = ("--rules", SOURCE / "rules", "--no-default-rules")
LINES = (SOURCE / "samples" / "stale-upstream" / "nginx-error.log").read_text().splitlines()
MISSING_PID = LINES[0].replace(LINES[0].split(" ")[3] + " ", "")


def incidents(*arguments):
    done = run("scan", "--json", *RULES, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def family(tmp_path):
    """A log that was rotated four times, every part compressed by another program."""
    folder = tmp_path / "logs"
    folder.mkdir()
    size = -(-len(LINES) // 5)
    parts = [LINES[at:at + size] for at in range(0, len(LINES), size)]
    assert len(parts) == 5
    packers = [["xz"], ["bzip2"], ["zstd", "-q", "--rm"], ["gzip"], None]
    for number, (part, packer) in enumerate(zip(parts, packers)):
        name = folder / ("error.log" if packer is None else f"error.log.{4 - number}")
        name.write_text("\n".join(part) + "\n")
        if packer:
            subprocess.run([*packer, name], check=True)
    return folder


def test_a_rotated_log_is_one_whatever_its_parts_are_compressed_with(family, tmp_path):
    whole = tmp_path / "error.log"
    whole.write_text("\n".join(LINES) + "\n")

    def shape(found):
        return [(each["title"], each["count"], each["first_seen"], each["last_seen"]) for each in found]

    assert sorted(path.name for path in family.iterdir()) == [
        "error.log", "error.log.1.gz", "error.log.2.zst", "error.log.3.bz2", "error.log.4.xz"]
    assert shape(incidents(family)) == shape(incidents(whole)) != []


def test_a_span_of_time_is_given_as_people_say_it(tmp_path):
    now = datetime.datetime.now()
    log = tmp_path / "nginx-error.log"
    refused = next(line for line in LINES if "Connection refused" in line)

    def at(ago):
        time = now - ago
        return f"{time:%Y/%m/%d %H:%M:%S}{refused[19:]}\n"

    log.write_text("".join(at(datetime.timedelta(hours=hours)) for hours in (50, 30, 3, 1)))

    def count(*span):
        return sum(each["count"] for each in incidents(*span, log))

    assert count() == 4
    assert count("--since", "2h") == 1
    assert count("--since", "2d") == count("--since", "2d ago") == 3
    assert count("--since", "1w", "--until", "2h") == 3
    assert count("--until", f"{now - datetime.timedelta(hours=40):%Y-%m-%d %H:%M}") == 1


def test_a_span_of_time_loses_nothing_of_a_pipe():
    lines = "\n".join(LINES).encode() + b"\n"
    done = run("scan", "--json", "--since", "2020-01-01", *RULES, "-", stdin=lines)
    assert done.stdout == run("scan", "--json", *RULES, "-", stdin=lines).stdout != ""


def test_a_span_in_which_no_line_lies_is_said_with_what_the_log_covers(tmp_path):
    log = tmp_path / "nginx-error.log"
    log.write_text("\n".join(LINES) + "\n")
    first, last = (line[:19].replace("/", "-") for line in (LINES[0], LINES[-1]))
    utc = {**os.environ, "TZ": "UTC"}
    done = run("scan", "--since", "2026/11/25 00:00:00", *RULES, log, env=utc)
    assert done.returncode == 0
    assert done.stdout == ""
    assert (f"triaged scan: {log} covers {first} to {last[11:]} UTC; --since 2026-11-25 00:00:00 is behind its end\n"
            in done.stderr)
    before = run("scan", "--until", "[20/Nov/2026:01:15:46 +0000]", *RULES, log, env=utc).stderr
    assert "--until 2026-11-20 01:15:46 is before its beginning\n" in before
    assert " covers " not in run("scan", "--since", first, *RULES, log, env=utc).stderr
    assert " covers " not in run("scan", "--quiet", "--since", "2026-11-25", *RULES, log, env=utc).stderr


def test_a_file_that_is_no_log_is_named_with_what_to_do(tmp_path):
    log = tmp_path / "nginx-error.log"
    log.write_text("\n".join(LINES) + "\n")
    packed, wide = tmp_path / "packed.lz4", tmp_path / "windows.log"
    packed.write_bytes(b"\x04\x22\x4d\x18\x64\x40\xa7")
    wide.write_bytes("\n".join(LINES).encode("utf-16"))
    done = run("scan", *RULES, packed, wide, log)
    assert done.returncode == 0
    assert f"left out, compressed with lz4: {packed}; read it with: lz4 -dc {packed} | triaged scan -\n" in done.stderr
    assert f"left out, text in UTF-16: {wide}; read it with: iconv -f UTF-16 -t UTF-8 {wide} | triaged scan -\n" in done.stderr
    assert f"{len(LINES)} lines read, 1 incident, 2 files not read\n" in done.stderr
    assert run("scan", *RULES, packed).returncode == 2
    as_text = subprocess.run(["iconv", "-f", "UTF-16", "-t", "UTF-8", wide], capture_output=True, check=True).stdout
    assert run("scan", *RULES, "-", stdin=as_text).stdout == run("scan", *RULES, "-", stdin=log.read_bytes()).stdout != ""


def test_evidence_names_the_part_of_a_rotated_log_in_which_its_line_stands(family):
    places = {(piece["source"], piece["line"]) for each in incidents(family) for piece in each["evidence"]}
    assert len({source for source, _ in places}) > 1
    unpackers = {".xz": "xzcat", ".bz2": "bzcat", ".zst": "zstdcat", ".gz": "zcat", ".log": "cat"}
    for source, line in places:
        command = unpackers[pathlib.Path(source).suffix]
        assert line in subprocess.run([command, source], capture_output=True, check=True, text=True).stdout


def test_lines_without_a_time_are_said_to_have_none(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n"
                   "psycopg2.OperationalError: connection to server at \"10.0.0.5\", port 5432 failed: Connection refused\n")
    written = datetime.datetime(2026, 11, 21, 3, 12, 44, tzinfo=datetime.timezone.utc)
    os.utime(log, (written.timestamp(), written.timestamp()))
    found = incidents(log)
    assert [each["written_before"] for each in found] == ["2026-11-21T03:12:44.000000Z"]
    assert all("at" not in piece for piece in found[0]["evidence"])
    shown = " ".join(run("scan", *RULES, log, env={**os.environ, "TZ": "UTC"}).stdout.split())
    assert "time unknown: no line has one; written before 2026-11-21 03:12:44 UTC" in shown


def test_a_folder_of_logs_that_nobody_understands_fills_no_screen(tmp_path):
    for number in range(13):
        (tmp_path / f"{number:02}.log").write_text((MISSING_PID + "\n") * 20)
    said = run("scan", *RULES, tmp_path).stderr
    assert said.count("recognised: ") == 10
    assert said.endswith("triaged scan: … and 3 more logs like that (--verbose names them)\n")
    assert run("scan", "--verbose", *RULES, tmp_path).stderr.count("recognised: ") == 13


def test_a_prefix_that_nobody_knows_is_named_with_how_to_cut_it_off(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("".join(f"app-{number % 12} ## {line}\n" for number, line in enumerate(LINES)))
    done = run("scan", *RULES, log)
    command = f"sed -E 's/^([^ ]+ +){{2}}//' {log} | triaged scan -"
    assert (f'0 of {len(LINES)} lines of {log} recognised: behind "app-0 ## " they are nginx.error, but triaged does not '
            f"know what stands in front; cut it off: {command}") in done.stderr
    cut = subprocess.run(command.split(" | ")[0], shell=True, capture_output=True, check=True).stdout
    assert cut.decode() == "\n".join(LINES) + "\n"
    explained = run("explain", *RULES, f"app-7 ## {LINES[0]}").stdout
    assert ('prefix   behind "app-7 ## " this is nginx.error; triaged does not know what stands in front. Cut it off:\n'
            "           sed -E 's/^([^ ]+ +){2}//' FILE | triaged scan -\n") in explained
    told = json.loads(run("explain", "--json", *RULES, f"app-7 ## {LINES[0]}").stdout)
    assert told["unknown_prefix"] == {"text": "app-7 ## ", "format": "nginx.error"}


def test_a_log_format_of_an_nginx_conf_beside_the_log_is_named_and_read(tmp_path):
    configuration, log = tmp_path / "nginx.conf", tmp_path / "brief.log"
    configuration.write_text("http { log_format brief '$msec|$remote_addr|$status|$request_time|$upstream_addr';\n"
                             "access_log /var/log/nginx/brief.log brief; }\n")
    log.write_text("".join(f"{1795223746 + at}.123|203.0.113.9|502|0.003|127.0.0.1:8003\n" for at in range(30)))
    said = run("scan", *RULES, log).stderr
    assert f"they are written in a log_format of {configuration}; read them with: --nginx-config {configuration}" in said
    assert "recognised" not in run("scan", "--nginx-config", configuration, *RULES, log).stderr


def test_an_empty_span_is_refused(tmp_path):
    done = run("scan", "--since", "2h", "--until", "3h", tmp_path)
    assert done.returncode == 2
    assert "--since: is later than --until: nothing lies between them" in done.stderr


def test_scan_says_what_it_did_not_understand(tmp_path):
    log = tmp_path / "nginx.log"
    log.write_text((MISSING_PID + "\n") * 104)
    done = run("scan", *RULES, log)
    assert done.returncode == 0
    assert f"0 of 104 lines of {log} recognised: they look like nginx.error as far as" in done.stderr
    assert "recognised" not in run("scan", "--quiet", *RULES, log).stderr
    log.write_text("\n".join(LINES) + "\n")
    assert "recognised" not in run("scan", *RULES, log).stderr


def test_explain_shows_the_layers_of_a_line():
    shown = run("explain", *RULES, f"nginx-1  | {LINES[0]}").stdout
    assert shown.startswith('behind compose\'s "nginx-1  | " this is nginx.error\n')
    told = json.loads(run("explain", "--json", *RULES, f"nginx-1  | {LINES[0]}").stdout)
    assert told["wrappers"] == [{"name": "compose's", "text": "nginx-1  | "}]


def test_explain_marks_where_a_line_stops_to_be_of_the_nearest_format():
    shown = run("explain", *RULES, MISSING_PID).stdout.splitlines()
    assert shown[0] == "this is plain text: no format reads it"
    assert shown[2] == "nearest  nginx.error, as far as byte 28; there it goes on like: 31473#31473: "
    assert shown[3].strip() == MISSING_PID[:58].strip()
    assert shown[4] == " " * (11 + 28) + "^"
    told = json.loads(run("explain", "--json", *RULES, MISSING_PID).stdout)
    assert told["nearest"] == {"format": "nginx.error", "stops_at": 28, "expected": "31473#31473: "}


def test_explain_says_when_nothing_comes_near():
    assert "nearest  none: it looks like no known format" in run("explain", *RULES, "order 17 was placed").stdout


def test_check_warns_of_a_path_that_leads_to_no_file(tmp_path):
    (tmp_path / "nginx").mkdir()
    configuration = tmp_path / "triaged.yaml"
    configuration.write_text(f"""sources:
  - file: {{paths: [{tmp_path}/ngnix/*.log]}}
rules: [{SOURCE}/rules]
state: {{path: {tmp_path}/state}}
""")
    done = run("check", "--config", configuration)
    assert done.returncode == 0
    assert (f"{configuration}:2:20: warning: this path matches no file now: there is no such folder in {tmp_path}; did you "
            f"mean {tmp_path}/nginx?") in done.stderr
