"""No secret of a configuration is ever repeated, however the file is damaged: not by `check`, not by `run`, not by a
reload that is refused, and not on a page."""
import os
import random
import re
import urllib.request

import pytest

import servers
from product import SOURCE, Daemon, run
from refused_connections import GrowingLog, rules
from waiting import wait_for

MARKER = "Xq7fK2mZ9pLw4RtB"
PIECES = [MARKER[at:at + 8] for at in range(len(MARKER) - 7)]
SYNTAX = "'\"{}[],:-#&*!|>%@`\\ \n?~=$"


def configuration_text(folder):
    (folder / "url").write_text(f"https://127.0.0.1:9/{MARKER}\n")
    (folder / "secret").write_text(MARKER)
    return f"""\
sources:
  - file: {{paths: [{folder}/error.log], format: nginx.error}}
rules: ["{SOURCE}/rules/gunicorn"]
topology: {{}}
admin: {{listen: '127.0.0.1:ADMIN', token: '{MARKER}'}}
sinks:
  - slack: {{name: a, url: "https://127.0.0.1:9/services/{MARKER}", timeout: 1s}}
  - webhook:
      name: b
      url_file: {folder}/url
      hmac_secret: {MARKER}
      headers: {{Authorization: Bearer {MARKER}}}
  - webhook: {{name: c, url: "${{TRIAGED_E2E_URL}}", hmac_secret_file: "{folder}/secret"}}
  - stdout: {{}}
state: {{path: "{folder}/state", durability: process}}
"""


ENVIRONMENT = {"TRIAGED_E2E_URL": f"https://127.0.0.1:9/{MARKER}"}


def damaged(text, seed):
    """The slips of a hand: characters lost, added or doubled, lines cut or joined, other quotes, another indentation."""
    dice = random.Random(seed)
    places = [match.start() for match in re.finditer(f"{MARKER}|_file|url|token|hmac", text)]
    for _ in range(dice.randint(1, 3)):
        at = min(max(dice.choice(places) + dice.randint(-12, 30), 0), len(text) - 1)  # near a secret
        length = dice.choice([1, 2, 3, dice.randint(1, 40)])
        slip = dice.randrange(6)
        if slip == 0:
            text = text[:at] + text[at + length:]
        elif slip == 1:
            text = text[:at] + dice.choice(SYNTAX) + text[at:]
        elif slip == 2:
            text = text[:at] + dice.choice(SYNTAX) + text[at + 1:]
        elif slip == 3:
            text = text[:at] + text[at:at + length] + text[at:]
        elif slip == 4:
            line_end = text.find("\n", at)
            text = text[:at] + text[line_end if line_end >= 0 else len(text):]
        else:
            line = text.rfind("\n", 0, at) + 1
            text = text[:line] + " " * dice.randint(1, 3) + text[line:]
    return text


def leaks(text):
    return [line for line in text.splitlines() if any(piece in line for piece in PIECES)]


SLIPS = [
    'admin: {listen: "0.0.0.0:1", token: "Xq7fK2mZ"}',
    f"sinks: [{{slack: https://hooks.example.com/services/{MARKER}}}]",
    f'sinks: [{{slack: {{url_file: "https://hooks.example.com/services/{MARKER}"}}}}]',
    f'sinks: [{{slack: {{url: "https://hooks.example.com/services/{MARKER}}}}}]',
    f'sinks: [{{webhook: {{url: "https://x/", hmac_secret: abc,{MARKER}}}}}]',
    f"state: {{path: {MARKER}}}",
    f"rules: [{MARKER}]",
    f"sources: [{{file: {{paths: [{MARKER}]}}}}]",
]


@pytest.mark.parametrize("slip", SLIPS)
def test_check_does_not_repeat_a_secret_that_stands_in_a_wrong_place(tmp_path, slip):
    path = tmp_path / "triaged.yaml"
    path.write_text(slip + "\n")
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert f"{path}:1:" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


def test_check_does_not_repeat_a_state_folder_of_the_environment(tmp_path):
    path = tmp_path / "triaged.yaml"
    path.write_text('state: {path: "${TRIAGED_E2E_STATE}"}\nadmin: {listen: no}\n')
    for value in (MARKER, f"/{MARKER}/{MARKER}"):
        done = run("check", "--config", path, env={**os.environ, "TRIAGED_E2E_STATE": value})
        assert done.returncode == 2
        assert leaks(done.stdout + done.stderr) == []


def test_check_names_the_state_folder_and_what_lies_there_as_it_is_written(tmp_path):
    path = tmp_path / "triaged.yaml"
    path.write_text(f'rules: ["{SOURCE}/rules/gunicorn"]\nstate: {{path: "${{TRIAGED_E2E_STATE}}"}}\n')
    (tmp_path / MARKER).write_text("a file: no cache of patterns can be kept below it")
    environment = {name: value for name, value in os.environ.items() if name != "CACHE_DIRECTORY"}
    done = run("check", "--config", path, env={**environment, "TRIAGED_E2E_STATE": f"{tmp_path / MARKER}/state"})
    assert "${TRIAGED_E2E_STATE}/cache/" in done.stderr and "cannot be cached" in done.stderr
    assert "state in ${TRIAGED_E2E_STATE}" in done.stdout + done.stderr
    assert leaks(done.stdout + done.stderr) == []


def test_start_names_a_state_folder_of_the_environment_as_it_is_written(tmp_path):
    path = tmp_path / "triaged.yaml"
    path.write_text(f'rules: ["{SOURCE}/rules/gunicorn"]\nstate: {{path: "/proc/${{TRIAGED_E2E_STATE}}"}}\n')
    done = run("run", "--config", path, env={**os.environ, "TRIAGED_E2E_STATE": MARKER})
    assert done.returncode == 1
    assert "/proc/${TRIAGED_E2E_STATE}" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("command", ["incidents list", "incidents show 1", "incidents learnt", "outbox list", "outbox retry --all"])
def test_commands_name_a_state_folder_of_the_environment_as_it_is_written(tmp_path, command):
    path = tmp_path / "triaged.yaml"
    path.write_text(f'state: {{path: "{tmp_path}/${{TRIAGED_E2E_STATE}}"}}\n')
    done = run(*command.split(), "--config", path, env={**os.environ, "TRIAGED_E2E_STATE": MARKER})
    assert done.returncode == 2
    assert f"there is no {tmp_path}/${{TRIAGED_E2E_STATE}}/triaged.db: no daemon has used this state folder yet" in done.stderr
    (tmp_path / MARKER).mkdir()
    (tmp_path / MARKER / "triaged.db").write_text("no database " * 1000)
    done = run(*command.split(), "--config", path, env={**os.environ, "TRIAGED_E2E_STATE": MARKER})
    assert done.returncode == 2
    assert f"cannot read {tmp_path}/${{TRIAGED_E2E_STATE}}/triaged.db: file is not a database" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


def test_running_daemon_names_its_ledger_as_it_is_written(tmp_path):
    log = GrowingLog(tmp_path / "error.log")
    with Daemon(tmp_path, [log.path], [{"stdout": {}}], rules=rules(tmp_path)) as daemon:
        daemon.terminate()
        daemon.configuration.write_text(daemon.configuration.read_text().replace(f"{tmp_path}/state", f"{tmp_path}/${{TRIAGED_E2E_STATE}}"))
        daemon.start(TRIAGED_E2E_STATE=MARKER)
        (tmp_path / MARKER / "triaged.db").write_text("no database " * 1000)
        daemon.wait_until_it_says(f"{tmp_path}/${{TRIAGED_E2E_STATE}}/triaged.db was set aside as {tmp_path}/${{TRIAGED_E2E_STATE}}/triaged.db.corrupt-")
        daemon.wait_until_it_says(" info: ready: ", count=3)  # two starts, and from where the new ledger stands
        (tmp_path / MARKER).rename(tmp_path / "elsewhere")
        (tmp_path / MARKER).write_text("in the way of a new folder")
        log.grow(1)
        daemon.wait_until_it_says(f"cannot open {tmp_path}/${{TRIAGED_E2E_STATE}}/triaged.lock: Not a directory")
        assert daemon.terminate() == 0
        assert leaks(daemon.said()) == []


@pytest.mark.parametrize("command", ["check", "run"])
def test_no_command_repeats_a_secret_of_a_damaged_configuration(tmp_path, command):
    text = configuration_text(tmp_path).replace("ADMIN", "1")
    path = tmp_path / "triaged.yaml"
    refused = 0
    for seed in range(60):
        path.write_text(damaged(text, seed))
        if command == "run" and run("check", "--config", path, env={**os.environ, **ENVIRONMENT}).returncode == 0:
            continue  # it would run
        done = run(command, "--config", path, env={**os.environ, **ENVIRONMENT})
        refused += done.returncode != 0
        assert leaks(done.stdout + done.stderr) == [], f"seed {seed}"
        if refused == 15:
            break
    assert refused == 15


class Hidden(Daemon):
    """A daemon with a configuration full of secrets."""

    def __init__(self, folder, admin_port):
        super().__init__(folder, [], [])
        self.good = configuration_text(folder).replace("ADMIN", str(admin_port))
        self.configuration.write_text(self.good)
        self.admin_port = admin_port

    def start(self, **environment):
        return super().start(**ENVIRONMENT, **environment)

    def pages(self):
        texts = []
        for page in ("/", "/metrics", "/api/v1/incidents", "/readyz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{page}", timeout=30) as answer:
                texts.append(answer.read().decode(errors="replace"))
        return "\n".join(texts)


def test_refused_reload_repeats_no_secret_in_the_log_or_on_a_page(tmp_path):
    (tmp_path / "error.log").write_text("")
    with Hidden(tmp_path, servers.free_port()) as daemon:
        refused = 0
        for text in [*SLIPS, *(damaged(daemon.good, seed) for seed in range(1000, 1012))]:
            daemon.configuration.write_text(text)
            if run("check", "--config", daemon.configuration, env={**os.environ, **ENVIRONMENT}).returncode == 0:
                continue  # it would be taken over
            refused += 1
            daemon.reload()
            daemon.wait_until_it_says("the old configuration and rules keep running", count=refused)
            assert leaks(daemon.said()) == [], text
        assert refused > len(SLIPS)
        assert "triaged_" in daemon.pages()
        assert leaks(daemon.pages()) == []
        assert daemon.terminate() == 0
        assert leaks(daemon.said()) == []


def test_reload_that_a_stop_ends_is_not_said_to_be_refused_for_errors(tmp_path):
    cache = tmp_path / "cache"  # empty: the reload has something to compile
    with Daemon(tmp_path, [tmp_path / "error.log"], [{"stdout": {}}], rules=[SOURCE / "rules" / "gunicorn"]) as daemon:
        daemon.terminate()
        daemon.start(CACHE_DIRECTORY=str(cache))
        daemon.configuration.write_text(daemon.configuration.read_text().replace("rules/gunicorn", "rules"))
        daemon.reload()
        wait_for(lambda: "reloading the configuration" in daemon.said(), daemon.said)
        assert daemon.terminate() == 0
        assert "refused for the errors above" not in daemon.said()
