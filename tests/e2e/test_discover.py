"""`triaged discover` and `run` without a configuration, on a host where real servers run."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys

import pytest
import yaml

import servers
from product import SOURCE, binary, run
from servers import HERE, Program, free_port
from waiting import wait_for

sys.path.insert(0, str(SOURCE / "tests" / "support"))
from other_user import NOBODY, published  # noqa: E402

INSTALLED = pathlib.Path("/etc/triaged/triaged.yaml")
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs namespaces of its own")


def discovered(*options, **more):
    done = run("discover", "--json", *options, **more)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def found(program):
    """What discover says of a server that runs."""
    mine = [server for server in discovered()["servers"] if server.get("pid") == program.process.pid]
    assert len(mine) == 1, mine
    del mine[0]["pid"]
    return mine[0]


def log(name, path, **more):
    return {"log": name, "to": "file", "place": str(path), **more, "open": True, "readable": True}


@pytest.fixture
def user():
    return pwd.getpwuid(os.geteuid()).pw_name


class TwoSites(Program):
    """nginx with a log_format of its own for one of its sites."""

    def __init__(self, folder, upstream):
        self.ports = [free_port(), free_port()]
        self.folder = folder
        (folder / "sites").mkdir()
        (folder / "nginx.conf").write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
            events {{ worker_connections 64; }}
            http {{
              {"".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
              log_format timed '$remote_addr "$request" $status ' '$request_time';
              upstream shop {{ server {upstream}; server 127.0.0.1:1; }}
              include sites/*.conf;
            }}""")
        (folder / "sites" / "shop.conf").write_text(f"""
            server {{ listen 127.0.0.1:{self.ports[0]}; access_log {folder}/shop.access.log timed;
                      location / {{ proxy_pass http://shop; }} }}""")
        (folder / "sites" / "static.conf").write_text(f"""
            server {{ listen 127.0.0.1:{self.ports[1]}; access_log {folder}/static.access.log; error_log {folder}/static.err; }}""")
        super().__init__("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-e", str(folder / "early.log"),
                                   "-c", str(folder / "nginx.conf")], folder)
        self.wait_until_listening(self.ports[0])


@pytest.fixture
def two_sites(tmp_path, gunicorn):
    folder = tmp_path / "sites"
    folder.mkdir()
    with TwoSites(folder, gunicorn.address) as nginx:
        yield nginx


def test_sites_of_nginx_are_found_with_their_formats(two_sites, gunicorn, user):
    folder = two_sites.folder
    assert found(two_sites) == {
        "program": "nginx", "user": user,
        "configuration": [str(folder / name) for name in ("nginx.conf", "sites/shop.conf", "sites/static.conf")],
        "listens": [f"127.0.0.1:{port}" for port in two_sites.ports],
        "upstreams": [{"name": "shop", "servers": [gunicorn.address, "127.0.0.1:1"]}],
        "logs": [
            log("error log", folder / "error.log", format="nginx.error"),
            log("access log", folder / "shop.access.log", format="nginx.access", format_name="timed",
                log_format='$remote_addr "$request" $status $request_time'),
            log("access log", folder / "static.access.log", format="nginx.access"),
            log("error log", folder / "static.err", format="nginx.error"),
            {**log("error log", folder / "early.log", format="nginx.error"), "open": False},
            log("standard output", folder / "nginx.output"),
        ],
        "problems": []}


def test_gunicorn_with_log_files_is_found(tmp_path, gunicorn, user):
    assert found(gunicorn) == {
        "program": "gunicorn", "user": user, "configuration": [], "listens": [gunicorn.address], "upstreams": [],
        "logs": [log("error log", gunicorn.error_log, format="gunicorn.error"),
                 log("access log", tmp_path / "gunicorn-access.log", format="gunicorn.access"),
                 log("standard output", tmp_path / "gunicorn.output")],
        "problems": []}


def test_gunicorn_that_logs_into_a_pipe_is_told_what_to_do(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        ["/usr/bin/gunicorn", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-", "--chdir", str(HERE), "shop:application"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        wait_for(lambda: servers.listens(port), "Gunicorn listens")
        server = next(each for each in discovered()["servers"] if each.get("pid") == process.pid)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
    reader = f"a pipe that pid {os.getpid()} ({pathlib.Path('/proc/self/comm').read_text().strip()}) reads"
    advice = ("triaged cannot follow this: start Gunicorn with --error-logfile FILE --access-logfile FILE, or as a unit of "
              "systemd")
    assert server["logs"] == [
        {"log": "error log", "to": "pipe", "place": reader, "format": "gunicorn.error", "advice": advice},
        {"log": "access log", "to": "pipe", "place": reader, "format": "gunicorn.access", "advice": advice}]


def test_haproxy_that_logs_to_its_output_is_found(tmp_path, gunicorn, user):
    with servers.Haproxy(tmp_path, {"app1": gunicorn.address}, "stdout format raw local0") as haproxy:
        assert found(haproxy) == {
            "program": "haproxy", "user": user, "configuration": [str(tmp_path / "haproxy.cfg")],
            "listens": [f"127.0.0.1:{haproxy.port}"], "upstreams": [{"name": "app", "servers": [gunicorn.address]}],
            "logs": [log("log", tmp_path / "haproxy.output", format="haproxy.http", format_name="httplog")],
            "problems": []}


def test_haproxy_that_sends_its_log_away_is_told_what_to_do(tmp_path, gunicorn):
    receiver = free_port()
    with servers.Haproxy(tmp_path, {"app1": gunicorn.address}, receiver) as haproxy:
        assert found(haproxy)["logs"][0] == {
            "log": "log", "to": "syslog", "place": f"127.0.0.1:{receiver}", "format": "haproxy.http", "format_name": "httplog",
            "advice": "let triaged receive it (docs/syslog.md), or follow the file into which its receiver writes it"}


def test_uwsgi_is_found_by_its_ini_file(tmp_path, user):
    port = free_port()
    (tmp_path / "shop.ini").write_text(
        f"[uwsgi]\nplugin = python3\nhttp-socket = 127.0.0.1:{port}\nchdir = {HERE}\nmodule = shop:application\n"
        f"logto = {tmp_path}/uwsgi.log\nmaster = true\ndie-on-term = true\n")
    with Program("uwsgi", ["/usr/bin/uwsgi-core", "--ini", str(tmp_path / "shop.ini")], tmp_path,
                 env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}) as uwsgi:
        uwsgi.wait_until_listening(port)
        assert found(uwsgi) == {
            "program": "uwsgi", "user": user, "configuration": [str(tmp_path / "shop.ini")],
            "listens": [f"127.0.0.1:{port}"], "upstreams": [],
            "logs": [log("log", tmp_path / "uwsgi.log", format="uwsgi")], "problems": []}


@pytest.mark.skipif(not pathlib.Path("/usr/sbin/php-fpm8.2").exists(), reason="needs php-fpm")
def test_pools_of_php_fpm_are_found(tmp_path, user):
    port = free_port()
    configuration = tmp_path / "php-fpm.conf"
    configuration.write_text(
        f"[global]\npid = {tmp_path}/fpm.pid\nerror_log = {tmp_path}/fpm.log\ndaemonize = no\n"
        f"[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:{port}\npm = static\npm.max_children = 1\n"
        f"access.log = {tmp_path}/$pool.access.log\n")
    with Program("php-fpm", ["/usr/sbin/php-fpm8.2", "-y", str(configuration)], tmp_path) as php_fpm:
        php_fpm.wait_until_listening(port)
        server = found(php_fpm)
    assert server["listens"] == [f"127.0.0.1:{port}"] and server["configuration"] == [str(configuration)]
    assert server["logs"][:2] == [log("error log", tmp_path / "fpm.log", format="php-fpm"),
                                  log("access log", tmp_path / "www.access.log")]


def test_written_configuration_is_good_and_never_overwritten(tmp_path, two_sites, gunicorn):
    written = tmp_path / "triaged.yaml"
    done = run("discover", "--write", written)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"Wrote {written}. Next:\n  triaged check --config {written}\n  triaged run --config {written}\n")
    configuration = yaml.safe_load(written.read_text())
    paths = [path for source in configuration["sources"] for path in source.get("file", {}).get("paths", [])]
    assert {str(two_sites.folder / "error.log"), str(two_sites.folder / "shop.access.log"),
            str(gunicorn.error_log)} <= set(paths)
    assert str(two_sites.folder / "nginx.conf") in configuration["topology"]["nginx"]
    checked = run("check", "--config", written, env={**os.environ, "STATE_DIRECTORY": str(tmp_path / "state")})
    assert checked.returncode == 0 and ": good: " in checked.stdout, checked.stderr

    deeper = tmp_path / "etc" / "triaged" / "triaged.yaml"
    done = run("discover", "--write", deeper)
    assert done.returncode == 0, done.stderr
    assert f"\nMade the folder {deeper.parent}. Wrote {deeper}. Next:\n" in done.stdout

    written.write_text("sources: []\n")
    refused = run("discover", "--write", written)
    assert refused.returncode == 2
    assert refused.stderr == (f"triaged discover: {written} is there already; name another file, or overwrite it with "
                              "--force\n")
    assert written.read_text() == "sources: []\n"
    assert run("discover", "--write", written, "--force").returncode == 0
    assert str(gunicorn.error_log) in written.read_text()


def test_printed_configuration_is_yaml_alone(gunicorn):
    done = run("discover", "--write", "-")
    assert done.returncode == 0, done.stderr
    paths = [path for source in yaml.safe_load(done.stdout)["sources"] for path in source.get("file", {}).get("paths", [])]
    assert str(gunicorn.error_log) in paths


def test_wrong_options_say_what_is_wrong(tmp_path, gunicorn):
    assert run("discover", "--user", "nobody-here").stderr == "triaged discover: there is no user 'nobody-here' in /etc/passwd\n"
    (tmp_path / "file").write_text("")
    refused = run("discover", "--write", tmp_path / "file" / "triaged.yaml")
    assert (refused.returncode, refused.stderr) == (
        2, f"triaged discover: cannot write {tmp_path}/file/triaged.yaml: Not a directory\n")
    assert run("discover", "--force").returncode == 2


@only_root
def test_another_user_hears_what_it_may_not_see(gunicorn):
    prefix = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    done = subprocess.run([*prefix, published(binary()), "discover", "--json"], capture_output=True, text=True, timeout=300)
    told = json.loads(done.stdout)
    assert told["reader"] == "nobody"
    assert any(text.startswith("cannot see which files ") and text.endswith("run `triaged discover` as root")
               for text in told["unseen"]), told
    server = next(each for each in told["servers"] if each.get("pid") == gunicorn.process.pid)
    assert server["listens"] == [gunicorn.address]
    assert {"log": "error log", "to": "file", "place": str(gunicorn.error_log)}.items() <= server["logs"][0].items()


@only_root
def test_rights_of_the_user_are_checked(tmp_path, gunicorn):
    gunicorn.error_log.chmod(0o600)
    told = next(each for each in discovered("--user", "nobody")["servers"] if each.get("pid") == gunicorn.process.pid)
    assert told["logs"][0]["readable"] is False
    assert told["logs"][0]["why"].startswith("/tmp/") and "setfacl -m u:nobody:" in told["logs"][0]["remedy"]


def start_run(folder, command, **environment):
    home = folder / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in ("STATE_DIRECTORY", "NOTIFY_SOCKET")}
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        return subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
                                env={**kept, "HOME": str(home), "XDG_STATE_HOME": str(home / "states"), **environment})


@contextlib.contextmanager
def running(folder, command):
    process = start_run(folder, command)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


@pytest.mark.skipif(INSTALLED.exists(), reason="a configuration is installed here")
def test_run_without_a_configuration_diagnoses_what_runs_here(tmp_path, two_sites, gunicorn):
    with running(tmp_path, [binary(), "run"]) as process:
        said = lambda: (tmp_path / "err").read_text(errors="replace")  # noqa: E731
        error_log = two_sites.folder / "error.log"
        wait_for(lambda: f"nginx, pid {two_sites.process.pid}, user" in said() and str(error_log) in said(), said)
        gunicorn.kill()

        def told():
            servers.get(two_sites.ports[0], "/api/items")
            assert process.poll() is None, said()
            # Which of the group's addresses it is told of, or that none is left, depends on which nginx asked first.
            out = (tmp_path / "out").read_text(errors="replace")
            return any(words in out for words in (f"127.0.0.1:{gunicorn.port}", "upstream 127.0.0.1:1", "no server of shop"))
        wait_for(told, lambda: f"no diagnosis in {(tmp_path / 'out').read_text()}; {said()}")
        assert (tmp_path / "home" / "states" / "triaged" / "triaged.db").exists()

        with servers.Gunicorn(tmp_path, name="later") as later:
            process.send_signal(signal.SIGHUP)
            wait_for(lambda: f"gunicorn, pid {later.process.pid}, user" in said(), said)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "without a configuration: note: following what runs here" in said()


def alone(*command):
    """In a process table and a /var/log of its own."""
    script = 'mount -t tmpfs none /var/log && exec "$@"'
    return [shutil.which("unshare"), "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script, "sh",
            *map(str, command)]


@only_root
def test_nothing_to_follow_is_said(tmp_path):
    done = subprocess.run(alone(binary(), "discover"), capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "\nNo server was found\n" in done.stdout
    assert done.stderr == ("triaged discover: found no log to follow; start your servers and try again, or name your logs in "
                           "a configuration (docs/configuration.md)\n")
    refused = subprocess.run(alone(binary(), "discover", "--write", tmp_path / "x.yaml"), capture_output=True, timeout=300)
    assert refused.returncode == 1 and not (tmp_path / "x.yaml").exists()


@only_root
@pytest.mark.skipif(INSTALLED.exists(), reason="a configuration is installed here")
def test_run_that_finds_nothing_says_so_and_follows_what_appears(tmp_path):
    line = ('2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, '
            'client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8003/", '
            'host: "shop.example.com"')
    later = tmp_path / "later.sh"
    later.write_text(f"""
        "$1" run & run=$!
        until grep -q 'found no log to follow' {tmp_path}/err; do sleep 0.1; done
        mkdir /var/log/nginx
        while sleep 0.2; do echo '{line}' | sed "s#2026/11/21 01:15:46#$(date '+%Y/%m/%d %H:%M:%S')#" >> /var/log/nginx/error.log; done
        """)
    with running(tmp_path, alone("sh", later, binary())):
        said = lambda: (tmp_path / "err").read_text(errors="replace")  # noqa: E731
        wait_for(lambda: "127.0.0.1:8003" in (tmp_path / "out").read_text(errors="replace"), said)
    assert "without a configuration: warning: found no log to follow on this host; waiting for logs at the usual places" in said()
