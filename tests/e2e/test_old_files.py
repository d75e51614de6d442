"""Old logs: rotated and compressed by the programs themselves, in folders, in a span of time; and what `scan`, `run`, `check`
and `explain` say of lines that nobody understands."""
import datetime
import json
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
