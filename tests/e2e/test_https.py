"""A webhook over HTTPS: who cannot prove to be the receiver that the configuration names gets nothing."""
import subprocess

import pytest

import receivers
from product import Daemon, SOURCE
from waiting import wait_for

RECORDED = SOURCE / "samples" / "stale-upstream" / "nginx-error.log"


def make_certificate(folder, name):
    """A key and a certificate for `name` that nobody but itself vouches for."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    kind = "IP" if name[0].isdigit() else "DNS"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "error.log"
    path.write_bytes(RECORDED.read_bytes())
    return path


def hook_to(receiver, **fields):
    return {"webhook": {"name": "hook", "url": receiver.url, **fields}}


def test_certificate_of_the_named_authority_is_accepted(tmp_path, log):
    key, certificate = make_certificate(tmp_path, "127.0.0.1")
    with receivers.HttpsReceiver(key, certificate) as hook:
        with Daemon(tmp_path, [log], [hook_to(hook, ca_file=str(certificate))]):
            assert hook.wait_for_opened()["change"] == "opened"


@pytest.mark.parametrize("name, trusts_it, reason", [
    ("127.0.0.1", False, "self-signed certificate"),
    ("elsewhere.example", True, "no alternative certificate subject name matches"),
], ids=["self-signed", "another host's name"])
def test_certificate_that_proves_nothing_gets_nothing(tmp_path, log, name, trusts_it, reason):
    key, certificate = make_certificate(tmp_path, name)
    with receivers.HttpsReceiver(key, certificate) as hook:
        trust = {"ca_file": str(certificate)} if trusts_it else {}
        with Daemon(tmp_path, [log], [hook_to(hook, **trust)]) as daemon:
            wait_for(lambda: reason.lower() in daemon.said().lower(), lambda: f"{reason!r} in {daemon.said()}")
            assert "sink hook: cannot post to https://127.0.0.1:" in daemon.said()
            daemon.wait_for_state("STATUS=following 1 files, 1 open incidents; failing sinks: hook: cannot post to")
            assert hook.requests == []
