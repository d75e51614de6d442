"""Syslog as real programs send it: HAProxy, nginx, rsyslog and syslog-ng, over every transport; and who may send what."""
import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest

import receivers
import servers
from product import SOURCE, Daemon, run, webhook
from refused_connections import RECORDED, RULE, assert_told_once, told_count
from servers import free_port
from test_https import make_certificate
from waiting import wait_for

DOWN_RULE = """\
id: haproxy/down
title: A server is down
severity: error
entity: server
match:
  - formats: [haproxy.event]
    regex: 'Server \\S+ is DOWN'
causes:
  - {id: server-down, prior: 1, text: It does not answer.}
"""
KILLED_RULE = """\
id: kernel/killed
title: The kernel killed a process
severity: error
entity: process
match:
  - formats: [kernel]
    regex: 'Out of memory: Killed process'
causes:
  - {id: oom, prior: 1, text: Memory ran out.}
"""
BAD_GATEWAY_RULE = """\
id: nginx/bad-gateway
title: An upstream answers 502
severity: error
entity: upstream
match:
  - formats: [nginx.access]
    where: {upstream_status: 502}
causes:
  - {id: upstream-down, prior: 1, text: Nobody listens there.}
"""
SYSLOG_NG = pathlib.Path(os.environ.get("TRIAGED_SYSLOG_NG", SOURCE / "build" / "syslog-ng"))
RATE = 100_000 if os.environ.get("TRIAGED_LONG") else 20_000  # datagrams a second
FLOOD_SECONDS = 10 if os.environ.get("TRIAGED_LONG") else 2


@pytest.fixture
def hook():
    with receivers.WebhookReceiver() as receiver:
        yield receiver


def listener(folder, hook, addresses, options=None, rule=DOWN_RULE, **arguments):
    (folder / "rules").mkdir()
    for number, text in enumerate([rule] if isinstance(rule, str) else rule):
        (folder / "rules" / f"{number}.yaml").write_text(text)
    source = {"syslog": {"listen": addresses, **(options or {})}}
    return Daemon(folder, [], [webhook(hook)], rules=[folder / "rules"], settle="100ms", update_every="100ms",
                  sources=[source], **arguments)


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        lines = page.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def total(values, name, label=""):
    return sum(value for key, value in values.items() if key.split("{")[0] == name and label in key)


# What HAProxy says behind `log`, and the section that it needs, for each transport and each of its formats with a header.
HAPROXY_LOGS = {
    "udp": ("udp", "{host} local0", ""),
    "udp-host": ("udp", "{host} format rfc3164 local0", ""),
    "udp-rfc5424": ("udp", "{host} format rfc5424 local0", ""),
    "unixgram": ("unixgram", "{path} local0", ""),
    "tcp": ("tcp", "tcp@{host} local0", ""),
    "unix": ("unix", "uxst@{path} local0", ""),
    "tcp-octet-count": ("tcp", "ring@to-triaged local0", "ring to-triaged\n  format rfc5424\n  maxlen 2000\n  size 65536\n"
                        "  timeout connect 5s\n  timeout server 10s\n  server triaged {host} log-proto octet-count\n"),
}


@pytest.mark.parametrize("way", HAPROXY_LOGS)
def test_haproxy_sends_and_its_failure_is_diagnosed(tmp_path, hook, way):
    scheme, log, more = HAPROXY_LOGS[way]
    port, path = free_port(), tmp_path / "log"
    address = f"{scheme}://{path}" if scheme.startswith("unix") else f"{scheme}://127.0.0.1:{port}"
    host = f"127.0.0.1:{port}"
    with listener(tmp_path, hook, [address]) as daemon:
        with servers.Haproxy(tmp_path, {"app1": f"127.0.0.1:{free_port()}"}, log.format(host=host, path=path),
                             more=more.format(host=host)):
            incident = hook.wait_for_opened()
        assert incident["rules"] == ["haproxy/down"]
        assert incident["entity"] == {"kind": "server", "value": "app/app1"}
        assert daemon.terminate() == 0
    assert not path.exists()


@pytest.mark.parametrize("options", ["", ",nohostname", ",facility=local3,tag=edge"])
@pytest.mark.parametrize("scheme", ["udp", "unixgram"])
def test_nginx_sends_and_its_failure_is_diagnosed(tmp_path, hook, scheme, options):
    port, path = free_port(), tmp_path / "log"
    address, server = (f"unixgram://{path}", f"unix:{path}") if scheme == "unixgram" else \
        (f"udp://127.0.0.1:{port}", f"127.0.0.1:{port}")
    dead = f"127.0.0.1:{free_port()}"
    log = f"syslog:server={server}{options}"
    with listener(tmp_path, hook, [address], rule=RULE) as daemon:
        with servers.Nginx(tmp_path, [dead], error_log=log, access_log=log) as nginx:
            assert servers.get(nginx.port, "/api/items") == 502
            incident = hook.wait_for_opened()
        assert incident["rules"] == ["nginx/refused"]
        assert incident["entity"] == {"kind": "upstream", "value": dead}
        assert daemon.terminate() == 0


@pytest.mark.parametrize("tag", ["nginx", "edge"])
def test_nginx_sends_access_lines_in_a_form_of_its_own(tmp_path, hook, tag):
    port, dead = free_port(), f"127.0.0.1:{free_port()}"
    log = f"syslog:server=127.0.0.1:{port},tag={tag}"
    with servers.Nginx(tmp_path, [dead], access_log=log,
                       log_format="$request_method $status us=$upstream_status to=$upstream_addr") as nginx:
        with listener(tmp_path, hook, [f"udp://127.0.0.1:{port}"], rule=BAD_GATEWAY_RULE,
                      topology={"nginx": [str(tmp_path / "nginx.conf")]}) as daemon:
            assert servers.get(nginx.port, "/api/items") == 502
            incident = hook.wait_for_opened()
            assert incident["entity"] == {"kind": "upstream", "value": dead}
            assert f"GET 502 us=502 to={dead}" in incident["evidence"][0]["line"]
            assert daemon.terminate() == 0


def test_a_line_feed_of_a_client_makes_no_message(tmp_path, hook):
    """nginx writes the path of a file decoded: in its message stand a line of nginx's and one with a header of HAProxy's."""
    port, dead = free_port(), f"127.0.0.1:{free_port()}"
    log = f"syslog:server=127.0.0.1:{port}"
    forged = RECORDED[0].decode().split(", upstream:")[0] + ', upstream: "http://10.9.9.9:1/", host: "a"'
    header = "<129>Nov 30 09:00:00 web1 haproxy[7]: Server app/app1 is DOWN, reason: Layer4 timeout."
    path = urllib.parse.quote(f"/files/a\n{forged}\n{header}\n{forged}\n")
    with listener(tmp_path, hook, [f"udp://127.0.0.1:{port}"], rule=(RULE, DOWN_RULE)):
        with servers.Nginx(tmp_path, [dead], error_log=log, access_log=log) as nginx:
            assert servers.get(nginx.port, path) == 404
            assert servers.get(nginx.port, "/api/items") == 502
            hook.wait_for_opened()
    assert {incident["entity"]["value"] for incident in hook.incidents()} == {dead}


class Relay(servers.Program):
    """Takes HAProxy's datagrams and forwards them to triaged."""

    def wait_until_it_relays(self, receiver):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            def relays():
                sender.sendto(b"<134>Nov 21 00:00:00 e2e: the relay is ready", ("127.0.0.1", self.port))
                return receiver() > 0
            self.wait_until(relays, "the relay forwards what it receives")


class ForwardingRsyslog(Relay):
    def __init__(self, folder, target, action):
        self.port = free_port()
        configuration = folder / "rsyslog.conf"
        configuration.write_text(f"""
            global(workDirectory="{folder}")
            module(load="imudp") input(type="imudp" address="127.0.0.1" port="{self.port}")
            action(type="omfwd" target="127.0.0.1" port="{target}" action.resumeInterval="1" {action})
            """)
        super().__init__("rsyslog", ["/usr/sbin/rsyslogd", "-n", "-f", str(configuration),
                                     "-i", str(folder / "rsyslog.pid")], folder)


class ForwardingSyslogNg(Relay):
    def __init__(self, folder, destination):
        self.port = free_port()
        configuration = folder / "syslog-ng.conf"
        configuration.write_text(f"""@version: 3.38
            source in {{ network(ip(127.0.0.1) port({self.port}) transport("udp")); }};
            destination out {{ {destination} }};
            log {{ source(in); destination(out); }};
            """)
        library = SYSLOG_NG / "usr" / "lib" / "syslog-ng"
        modules = next(library.glob("3.*"), library)
        super().__init__("syslog-ng", [
            str(SYSLOG_NG / "usr" / "sbin" / "syslog-ng"), "-F", "--no-caps", "-f", str(configuration),
            "-R", str(folder / "persist"), "-c", str(folder / "control"), "-p", str(folder / "syslog-ng.pid"),
            "--module-path", str(modules)], folder,
            env={**os.environ, "LD_LIBRARY_PATH": f"{library}:{library.parent}"})


def relayed_haproxy_is_diagnosed(folder, hook, address, options, start_relay):
    admin = free_port()
    with listener(folder, hook, [address], options, admin={"listen": f"127.0.0.1:{admin}"}) as daemon:
        with start_relay() as relay:
            relay.wait_until_it_relays(lambda: total(metrics(admin), "triaged_syslog_messages_total"))
            with servers.Haproxy(folder, {"app1": f"127.0.0.1:{free_port()}"}, relay.port):
                incident = hook.wait_for_opened()
        assert incident["rules"] == ["haproxy/down"]
        assert incident["entity"] == {"kind": "server", "value": "app/app1"}
        assert daemon.terminate() == 0
    return incident


def tls(folder):
    """The options of triaged and the files of a sender that it trusts."""
    key, certificate = make_certificate(folder, "127.0.0.1")
    client_key, client_certificate = make_certificate(folder, "sender.example")
    options = {"tls": {"certificate": str(certificate), "key": str(key), "client_ca": str(client_certificate)}}
    return options, certificate, client_certificate, client_key


RSYSLOG_ACTIONS = {
    "udp": ("udp", 'protocol="udp"'),
    "tcp": ("tcp", 'protocol="tcp"'),
    "tcp-rfc5424-octet-counted": ("tcp", 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'),
}


@pytest.mark.parametrize("way", RSYSLOG_ACTIONS)
def test_rsyslog_forwards(tmp_path, hook, way):
    scheme, action = RSYSLOG_ACTIONS[way]
    port = free_port()
    relayed_haproxy_is_diagnosed(tmp_path, hook, f"{scheme}://127.0.0.1:{port}", {},
                                 lambda: ForwardingRsyslog(tmp_path, port, action))


def test_rsyslog_forwards_rfc5424_over_tls(tmp_path, hook):
    port = free_port()
    options, certificate, client_certificate, client_key = tls(tmp_path)
    action = f"""protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" StreamDriver="ossl"
        StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid" StreamDriver.CAFile="{certificate}"
        StreamDriver.CertFile="{client_certificate}" StreamDriver.KeyFile="{client_key}" """
    relayed_haproxy_is_diagnosed(tmp_path, hook, f"tls://127.0.0.1:{port}", options,
                                 lambda: ForwardingRsyslog(tmp_path, port, action))


needs_syslog_ng = pytest.mark.skipif(not SYSLOG_NG.exists(), reason=f"NO SYSLOG-NG AT {SYSLOG_NG} (scripts/syslog-ng.sh)")


@needs_syslog_ng
@pytest.mark.parametrize("destination", ['network("127.0.0.1" port({port}) transport("tcp"));',
                                         'syslog("127.0.0.1" port({port}) transport("tcp"));'], ids=["bsd", "rfc5424"])
def test_syslog_ng_forwards(tmp_path, hook, destination):
    port = free_port()
    relayed_haproxy_is_diagnosed(tmp_path, hook, f"tcp://127.0.0.1:{port}", {},
                                 lambda: ForwardingSyslogNg(tmp_path, destination.format(port=port)))


@needs_syslog_ng
def test_syslog_ng_forwards_rfc5424_over_tls(tmp_path, hook):
    port = free_port()
    options, certificate, client_certificate, client_key = tls(tmp_path)
    destination = f"""syslog("127.0.0.1" port({port}) transport("tls") tls(ca-file("{certificate}") peer-verify(yes)
        cert-file("{client_certificate}") key-file("{client_key}")));"""
    relayed_haproxy_is_diagnosed(tmp_path, hook, f"tls://127.0.0.1:{port}", options,
                                 lambda: ForwardingSyslogNg(tmp_path, destination))


def test_tls_refuses_whoever_shows_no_certificate(tmp_path, hook):
    port, admin = free_port(), free_port()
    options, certificate, *_ = tls(tmp_path)
    with listener(tmp_path, hook, [f"tls://127.0.0.1:{port}"], options, admin={"listen": f"127.0.0.1:{admin}"}) as daemon:
        client = ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}", "-CAfile", str(certificate)]
        subprocess.run(["timeout", "5", *client], input=b"8 <134>one", capture_output=True)
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(b"<134>this is no TLS\n")
            plain.settimeout(10)
            with contextlib.suppress(ConnectionResetError):
                while plain.recv(1000):
                    pass
        wait_for(lambda: total(metrics(admin), "triaged_syslog_closed_connections_total", 'why="tls"') == 2,
                 lambda: f"two refused: {metrics(admin)}")
        assert total(metrics(admin), "triaged_syslog_messages_total") == 0
        daemon.wait_until_it_says(f"connections to tls://127.0.0.1:{port} failed before TLS was set up")


# As the kernel of the recorded machine wrote it.
KILLED = "Out of memory: Killed process 1459 (gunicorn) total-vm:96116kB, anon-rss:60928kB"


@pytest.mark.parametrize("trusts", [False, True])
def test_only_a_trusted_sender_speaks_for_the_kernel(tmp_path, hook, trusts):
    port, path = free_port(), tmp_path / "log"
    options = {"trust_kernel": True} if trusts else {}
    with listener(tmp_path, hook, [f"udp://127.0.0.1:{port}", f"unixgram://{path}"], options, (KILLED_RULE, DOWN_RULE)):
        for way in (["--server", "127.0.0.1", "--port", str(port), "--udp"], ["--socket", str(path)]):
            subprocess.run(["logger", *way, "--rfc3164", "-t", "kernel", "-p", "kern.err", KILLED], check=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as raw:
            raw.sendto(f"<0>{time.strftime('%b %e %H:%M:%S')} kernel: [ 3820.160557] {KILLED}".encode(), str(path))
            if trusts:
                wait_for(lambda: told_count(hook) == 3, lambda: f"three kills; {hook.incidents()}")
            for server in ("app/app1", "api/api1"):  # whatever came before the second one is judged
                raw.sendto(f"<129>{time.strftime('%b %e %H:%M:%S')} haproxy[7]: Server {server} is DOWN".encode(), str(path))
                wait_for(lambda: any(incident["entity"]["value"] == server for incident in hook.incidents()),
                         lambda: f"{server} is down; {hook.incidents()}")
    kills = [incident for incident in hook.incidents() if incident["rules"] == ["kernel/killed"]]
    assert bool(kills) == trusts


def numbered(numbers, priority=b"<187>"):
    """One recorded line of nginx's, as nginx would send it."""
    number = next(numbers)
    line = re.sub(rb"\*\d+", b"*%d" % number, RECORDED[number % len(RECORDED)]).rstrip(b"\n")
    return priority + time.strftime("%b %e %H:%M:%S web1 nginx: ").encode() + line


def test_reloads_lose_nothing(tmp_path, hook):
    """Connections stay open, and what comes while the road is built anew waits in the kernel's buffers."""
    udp, tcp = free_port(), free_port()
    with listener(tmp_path, hook, [f"udp://127.0.0.1:{udp}", f"tcp://127.0.0.1:{tcp}"], rule=RULE) as daemon:
        numbers, lines = itertools.count(1), 0
        with socket.create_connection(("127.0.0.1", tcp)) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for reload in range(1, 4):
                for _ in range(50):
                    stream.sendall(numbered(numbers) + b"\n")
                    datagrams.sendto(numbered(numbers), ("127.0.0.1", udp))
                daemon.reload()
                for _ in range(50):
                    stream.sendall(numbered(numbers) + b"\n")
                    datagrams.sendto(numbered(numbers), ("127.0.0.1", udp))
                daemon.wait_for_state("READY=1", count=reload + 1)
                lines += 200
        wait_for(lambda: told_count(hook) >= lines, lambda: f"{lines} lines, {told_count(hook)} told: {daemon.said()}")
        assert daemon.terminate() == 0
    assert_told_once(hook, lines)


def test_a_full_road_makes_connections_wait_and_loses_nothing(tmp_path):
    port, numbers = free_port(), itertools.count(1)
    with receivers.WebhookReceiver(answers=[503] * 1000) as hook:
        with listener(tmp_path, hook, [f"tcp://127.0.0.1:{port}"], rule=RULE, state={"outbox": 3}) as daemon:
            with socket.create_connection(("127.0.0.1", port)) as stream:
                lines = 0
                while "the outbox of sink hook is full" not in daemon.said():
                    stream.sendall(numbered(numbers) + b"\n")
                    lines += 1
                    threading.Event().wait(0.05)
                text = b"".join(numbered(numbers) + b"\n" for _ in range(100_000))
                sent = []
                writer = threading.Thread(target=lambda: sent.append(stream.sendall(text)), daemon=True)
                writer.start()
                writer.join(3)
                assert not sent, "the sender waits"
                hook.answers.clear()
                writer.join(60)
                assert sent
            wait_for(lambda: told_count(hook) >= lines + 100_000, lambda: f"{told_count(hook)} told: {daemon.said()}")
            assert daemon.terminate() == 0
        assert_told_once(hook, lines + 100_000)


class Flood:
    """Sends the same datagrams again and again, as many at once as a system call takes: faster than Python alone."""

    class Header(ctypes.Structure):  # struct mmsghdr
        _fields_ = [("name", ctypes.c_void_p), ("name_size", ctypes.c_uint32), ("parts", ctypes.c_void_p),
                    ("part_count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_size", ctypes.c_size_t),
                    ("flags", ctypes.c_int), ("padding", ctypes.c_int), ("sent", ctypes.c_uint)]

    class Part(ctypes.Structure):  # struct iovec
        _fields_ = [("base", ctypes.c_char_p), ("size", ctypes.c_size_t)]

    def __init__(self, sender, messages):
        self.sender, self.messages = sender, messages  # what the structures point at
        self.parts = (self.Part * len(messages))(*((message, len(message)) for message in messages))
        self.headers = (self.Header * len(messages))()
        for number, header in enumerate(self.headers):
            header.parts = ctypes.addressof(self.parts[number])
            header.part_count = 1
        self.libc = ctypes.CDLL(None, use_errno=True)

    def send_some(self):
        sent = self.libc.sendmmsg(self.sender.fileno(), ctypes.byref(self.headers), len(self.headers), 0)
        assert sent >= 0, os.strerror(ctypes.get_errno())
        return sent


def test_a_flood_of_datagrams_adds_up(tmp_path, hook):
    """What was received and what the kernel dropped is what was sent; and of what was received, what was given out is told."""
    port, admin = free_port(), free_port()
    with listener(tmp_path, hook, [f"udp://127.0.0.1:{port}"], rule=RULE, admin={"listen": f"127.0.0.1:{admin}"}) as daemon:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", port))
            begin, sent = time.monotonic(), 0
            flood = Flood(sender, [numbered(itertools.count(number)) for number in range(200)])
            while (elapsed := time.monotonic() - begin) < FLOOD_SECONDS:
                if sent < int(elapsed * RATE):
                    sent += flood.send_some()
                else:
                    time.sleep(0.0005)  # the pace of the flood

        def adds_up():
            values = metrics(admin)
            received, lost = (total(values, f"triaged_syslog_{name}_total") for name in ("messages", "kernel_dropped"))
            return values if received + lost >= sent else None
        values = wait_for(adds_up, lambda: f"{sent} sent; {metrics(admin)}")
        received, by_kernel, by_queue = (total(values, f"triaged_syslog_{name}_total")
                                         for name in ("messages", "kernel_dropped", "dropped"))
        print(f"sent {sent}, {sent / FLOOD_SECONDS:.0f} a second; received {received:.0f}, dropped by the kernel "
              f"{by_kernel:.0f}, by the queue {by_queue:.0f}")
        assert received + by_kernel == sent
        told = received - total(metrics(admin), "triaged_syslog_dropped_total")
        wait_for(lambda: told_count(hook) >= received - total(metrics(admin), "triaged_syslog_dropped_total"),
                 lambda: f"{told} lines, {told_count(hook)} told: {daemon.said()}")
        assert told_count(hook) == received - total(metrics(admin), "triaged_syslog_dropped_total")
        assert daemon.terminate() == 0


def test_check_says_what_is_wrong(tmp_path):
    configuration = tmp_path / "triaged.yaml"
    configuration.write_text("""sources:
  - syslog: {listen: ['udp://0.0.0.0:5514', 'udp://5514', 'tls://127.0.0.1:6514', 'udp://0.0.0.0:5514']}
  - syslog: {listen: 'unixgram:///nowhere/at/all', socket_mode: 9}
""")
    said = run("check", "--config", configuration)
    assert said.returncode == 2
    for message in ["2:23: warning: whoever reaches udp://0.0.0.0:5514 can write log lines into triaged",
                    "2:45: error: the port is missing or is none: write udp://127.0.0.1:5514",
                    "2:59: error: tls:// needs 'tls: {certificate: /path/to/chain.pem, key: /path/to/key.pem}'",
                    "2:83: error: line 2 receives at this address already: leave one of them out",
                    "3:22: warning: the folder of this socket does not exist yet: make it before triaged starts",
                    "3:65: error: 'socket_mode' must be an octal mode such as '0660'"]:
        assert message in said.stdout + said.stderr
