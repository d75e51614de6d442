"""Recorded failures are explained, not only named: the root cause says what it is about, something speaks for it, and the
lines that decide are shown."""

import importlib.util
import json
import os
import pathlib
import subprocess

import pytest
import yaml

import product

SHARED = pathlib.Path(os.environ.get("TRIAGED_CORPUS_KIT", pathlib.Path(__file__).resolve().parents[3] / "shared"))
CORPUS = SHARED / "corpus"

# Where the line that decides is not one that a rule should match: Node's stack names the exception on a line of its own
# between its source and its frames; the rule matches what Node itself says around it.
OTHER_LINES = {("nginx-node-crash", "backend.log")}


def labels():
    if not CORPUS.exists():
        return {}
    found = {path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(CORPUS.glob("*/label.yaml"))}
    return {name: label for name, label in found.items() if not label["root_cause"].startswith("none")}


@pytest.fixture(scope="module")
def score():
    specification = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.skipif(not CORPUS.exists(), reason=f"NO RECORDED FAILURES AT {CORPUS}")
def test_there_are_recorded_failures():
    assert len(labels()) >= 130


@pytest.mark.parametrize("case", labels())
def test_a_recorded_failure_is_explained(case, score):
    label = labels()[case]
    files = score.logs_of(str(CORPUS / case))
    run = subprocess.run([product.binary(), "scan", "--json", "--quiet", *files], capture_output=True, timeout=120, check=True)
    incidents = [json.loads(line) for line in run.stdout.splitlines()]
    assert incidents, "nothing was found"

    root = incidents[0]["root_cause"]
    entity = incidents[0]["entity"]
    if entity["kind"] != "source" and entity.get("value"):
        assert entity["value"] in root["text"]
    because = incidents[0]["causes"][0]["because"]
    assert any(reason["log_odds"] > 0 for reason in because), because

    shown = {
        (pathlib.Path(line["source"]).name, line["line"])
        for incident in incidents
        for line in incident.get("evidence", []) + incident.get("chain", [])
    }
    names = {pathlib.Path(file).name for file in files}
    for log, numbers in (label.get("decisive_lines") or {}).items():
        if log not in names or not numbers or (case, log) in OTHER_LINES:
            continue
        lines = (CORPUS / case / log).read_text(errors="replace").split("\n")
        assert any((log, lines[number - 1]) in shown for number in numbers), f"no decisive line of {log} is shown"
