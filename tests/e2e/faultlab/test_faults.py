"""Real programs, real faults, and the notification that arrives: the right cause about the right thing, as one incident."""
import concurrent.futures
import datetime
import socket
import time

import pytest

import product
import programs
import receivers
import servers
from product import Daemon, webhook
from waiting import wait_for

# From the moment at which a fault can be seen to the notification: what the product promises. It takes one to two, of which
# one is the second that logs round down to and notify.settle another.
PROMISED = 5  # seconds
# What is concluded from a line that is absent is not decided in the first ten seconds after a start.
PROMISED_AFTER_A_START = 15

PROXY = "location / { proxy_pass http://shop_app; proxy_read_timeout 1s; proxy_connect_timeout 1s; }"


class Lab:
    """A webhook and a daemon that follows what the programs of a fault write."""

    def __init__(self, folder, record):
        self.folder = folder
        self.record = record
        self.hook = receivers.WebhookReceiver()
        self.open = []

    def start(self, program):
        self.open.append(program.__enter__())
        return self.open[-1]

    def follow(self, *logs, min_severity="warning"):
        for log in logs:
            log.touch()
        self.start(self.hook)
        sink = webhook(self.hook)
        sink["webhook"]["min_severity"] = min_severity
        return self.start(Daemon(self.folder, logs, [sink]))

    def close(self):
        for program in reversed(self.open):
            program.__exit__(None, None, None)

    def told(self, *causes, promised=PROMISED):
        """The first form of the incident that names one of `causes`; nothing else may have been opened beside it. Somebody is
        told of the incident as soon as promised, whatever it names first."""
        def named():
            return [incident for incident in self.hook.incidents() if incident["root_cause"]["cause"] in causes]
        wait_for(named, lambda: f"{causes}; told {[i['root_cause'] for i in self.hook.incidents()]}")
        ids = {incident["incident"] for incident in self.hook.incidents() if "merged_into" not in incident}
        assert len(ids) == 1, [(i["incident"], i["change"], i["root_cause"]["cause"], i["title"]) for i in self.hook.incidents()]
        first = named()[0]
        assert first["workarounds"] and first["dead_ends"]
        visible = datetime.datetime.fromisoformat(first["first_seen"]).timestamp()  # many logs round it down to a second
        seconds = self.hook.arrived[self.hook.incidents().index(first)] - visible
        self.record("seconds to tell", seconds)
        assert self.hook.arrived[0] - visible <= PROMISED
        assert seconds <= promised
        return first


@pytest.fixture
def lab(tmp_path, record_property):
    laboratory = Lab(tmp_path, record_property)
    yield laboratory
    laboratory.close()


def ask(port, path, times=8, at_once=1):
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: servers.get(port, path), range(times)))


def behind_nginx(lab, *options, **settings):
    """Gunicorn with the faulty shop behind nginx, both followed."""
    gunicorn = lab.start(programs.Gunicorn(lab.folder, *options, **settings))
    nginx = lab.start(programs.Nginx(lab.folder, PROXY, upstreams=[gunicorn.address]))
    assert servers.get(nginx.port) == 200
    lab.follow(gunicorn.error_log, nginx.error_log, nginx.access_log)
    return gunicorn, nginx


# A page of the shop, what it needs, and what must be told.
PAGES = {
    "a bug": ("/bug", {"app-exception"}),
    "a recursion without end": ("/recursion", {"app-exception"}),
    "a crash in native code": ("/crash", {"gunicorn-worker-segfault"}),
    "a worker killed by somebody": ("/killed", {"worker-killed-sigkill"}),
    "a full disk": ("/full-disk", {"disk-full"}),
    "a memory limit": ("/memory", {"app-memory-limit"}),
    "no descriptors left": ("/descriptors", {"file-descriptors-exhausted"}),
    "headers that are too big": ("/big-header", {"upstream-too-big-header"}),
    "a page that is slower than nginx waits": ("/slow?3", {"upstream-slow", "gunicorn-workers-saturated"}),
}


@pytest.mark.parametrize("page, causes", PAGES.values(), ids=PAGES)
def test_a_page_with(lab, page, causes):
    gunicorn, nginx = behind_nginx(lab)
    ask(nginx.port, page)
    incident = lab.told(*causes)
    assert gunicorn.address in incident["root_cause"]["text"] + str(incident["entity"])


def line_in_shop(words):
    """Where in the faulty shop these words stand."""
    source = (programs.HERE / "faulty_shop.py").read_text().splitlines()
    return next(number for number, line in enumerate(source, start=1) if words in line)


def test_an_exception_says_where_it_came_about_and_how_many_requests_it_fails(lab):
    gunicorn, nginx = behind_nginx(lab)
    ask(nginx.port, "/cart?sku=book", times=3)
    ask(nginx.port, "/cart?sku=pen", times=8)
    incident = lab.told("app-exception")
    at = line_in_shop("return PRICES[")
    title = f"KeyError: 'pen' in cart() at faultlab/faulty_shop.py:{at}"
    assert incident["title"] == title
    assert incident["code"] == {"file": str(programs.HERE / "faulty_shop.py"), "line": at, "function": "cart"}
    assert incident["requests"]["path"] == "/cart" and incident["requests"]["failed"] == incident["requests"]["of"]
    assert f"It failed in cart() at {programs.HERE}/faulty_shop.py:{at}." in incident["root_cause"]["text"]
    told = product.scan(gunicorn.error_log, nginx.error_log, nginx.access_log)
    assert [(incident["title"], incident["requests"]) for incident in told] == [
        (title, {"method": "GET", "path": "/cart", "failed": 8, "of": 8})]


def test_exceptions_at_two_places_are_two_incidents_and_one_message_each(lab):
    gunicorn, nginx = behind_nginx(lab)
    for _ in range(6):
        ask(nginx.port, "/cart?sku=pen", times=1)
        ask(nginx.port, "/pay?amount=x", times=1)
    titles = {f"KeyError: 'pen' in cart() at faultlab/faulty_shop.py:{line_in_shop('return PRICES[')}",
              f"ValueError: invalid literal for int() with base 10: 'x' in pay() at faultlab/faulty_shop.py:{line_in_shop('return int(')}"}
    wait_for(lambda: {incident["title"] for incident in lab.hook.incidents()} >= titles,
             lambda: f"both; told {[incident['title'] for incident in lab.hook.incidents()]}")
    ask(nginx.port, "/cart?sku=pen", times=4)
    time.sleep(3)  # longer than it takes to tell of a change
    # Ten failures of a view that always fails are worse than the six that were told: that is a change.
    told = [incident for incident in lab.hook.incidents() if incident["change"] == "opened"]
    assert {incident["title"] for incident in told} == titles and len(told) == 2, [(i["title"], i["change"]) for i in told]
    assert len({incident["key"] for incident in told}) == 2


def test_a_rule_of_ones_own_for_an_exception_speaks_in_place_of_the_shipped_ones(lab):
    own = lab.folder / "rules"
    own.mkdir()
    (own / "shop.yaml").write_text("""
- id: shop/no-such-sku
  title: A cart holds a sku that is not for sale
  severity: error
  match:
    - formats: [python.traceback]
      regex: "^KeyError: 'pen'"
  entity: upstream
  causes: [{id: app-exception, text: The catalogue lost a sku., prior: 0.9}]
""")
    gunicorn, nginx = behind_nginx(lab)
    ask(nginx.port, "/cart?sku=pen", times=8)
    wait_for(lambda: "KeyError: 'pen'" in gunicorn.error_log.read_text(), "Gunicorn wrote it")
    told = product.scan(gunicorn.error_log, nginx.error_log, nginx.access_log, "--rules", own)
    assert [incident["title"] for incident in told] == ["A cart holds a sku that is not for sale"]
    assert "python/missing-key" not in told[0]["rules"] and "gunicorn/request-error" in told[0]["rules"]


def test_a_page_that_calls_sys_exit(lab):
    gunicorn, nginx = behind_nginx(lab)
    ask(nginx.port, "/exit")
    incident = lab.told("gunicorn-worker-exit", promised=PROMISED_AFTER_A_START)
    assert gunicorn.address in incident["root_cause"]["text"] + str(incident["entity"])


def test_a_database_that_is_down(lab):
    _, nginx = behind_nginx(lab)
    ask(nginx.port, f"/database?{servers.free_port()}")
    lab.told("dependency-down", "dependency-database-down")


def test_a_service_that_hangs(lab):
    _, nginx = behind_nginx(lab)
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen()
        ask(nginx.port, f"/hanging-service?{service.getsockname()[1]}", times=4)
    lab.told("dependency-timeout")


def test_a_worker_that_blocks_too_long(lab):
    gunicorn, nginx = behind_nginx(lab, "--timeout", "1")
    nginx.configure("location / { proxy_pass http://shop_app; }", upstreams=[gunicorn.address])
    nginx.reload()
    ask(nginx.port, "/slow?30", times=2)
    assert gunicorn.address in lab.told("gunicorn-worker-timeout")["root_cause"]["text"]


@pytest.mark.parametrize("source, cause", [
    ("def application(:\n", "app-syntax-error"),
    ("import a_package_that_nobody_installed\n", "app-module-not-found"),
    ("from os import a_name_that_is_not_there\n", "app-import-error"),
    ("import os\nurl = os.environ['DATABASE_URL']\n", "app-missing-configuration"),
], ids=["a syntax error", "a missing package", "a missing name", "a missing setting"])
def test_a_deploy_with(lab, source, cause):
    (lab.folder / "deployed_shop.py").write_text(source)
    log = lab.folder / "gunicorn-error.log"
    lab.follow(log)
    gunicorn = lab.start(programs.Gunicorn(lab.folder, application="deployed_shop:application", chdir=lab.folder,
                                           starts=False))
    assert gunicorn.address in lab.told(cause)["root_cause"]["text"]


def test_an_address_in_use(lab):
    first = lab.start(programs.Gunicorn(lab.folder, name="first"))
    lab.follow(lab.folder / "gunicorn-error.log")
    lab.start(programs.Gunicorn(lab.folder, port=first.port, starts=False))
    lab.told("address-in-use")


def test_one_server_of_three_that_is_not_there(lab):
    shops = [lab.start(programs.Gunicorn(lab.folder, name=name)) for name in ("one", "two")]
    gone = f"127.0.0.1:{servers.free_port()}"
    nginx = lab.start(programs.Nginx(lab.folder, PROXY, upstreams=[*(shop.address for shop in shops), gone]))
    lab.follow(nginx.error_log, nginx.access_log)
    assert set(ask(nginx.port, "/", times=60)) == {200}
    incident = lab.told("stale-upstream-registration", "one-backend-server-down")
    assert gone in incident["root_cause"]["text"]


def test_an_application_that_is_stopped(lab):
    gunicorn, nginx = behind_nginx(lab)
    gunicorn.terminate()
    ask(nginx.port, "/", times=20)
    assert gunicorn.address in lab.told("upstream-down")["root_cause"]["text"]


def test_a_socket_that_is_not_there(lab):
    nginx = lab.start(programs.Nginx(lab.folder, PROXY, upstreams=[f"unix:{lab.folder}/shop.sock"]))
    lab.follow(nginx.error_log, nginx.access_log)
    ask(nginx.port, "/")
    assert "shop.sock" in lab.told("upstream-socket-missing")["root_cause"]["text"]


def test_a_reload_with_a_mistake(lab):
    gunicorn, nginx = behind_nginx(lab)
    nginx.configure(PROXY.replace("proxy_read_timeout", "proxy_reed_timeout"), upstreams=[gunicorn.address])
    nginx.reload()
    lab.told("nginx-config-syntax")
    assert servers.get(nginx.port) == 200  # the old configuration goes on


def test_tls_spoken_to_a_plain_port(lab):
    backend = lab.start(programs.Nginx(lab.folder, "location / { return 200; }"))
    (lab.folder / "front").mkdir()
    front = lab.start(programs.Nginx(lab.folder / "front", f"location / {{ proxy_pass https://127.0.0.1:{backend.port}; }}"))
    lab.follow(front.error_log, front.access_log)
    ask(front.port, "/")
    assert str(backend.port) in lab.told("tls-to-plaintext-upstream")["root_cause"]["text"]


def test_a_certificate_that_nobody_signed(lab):
    certificate, key = programs.certificate(lab.folder)
    gunicorn = lab.start(programs.Gunicorn(lab.folder, "--certfile", str(certificate), "--keyfile", str(key)))
    nginx = lab.start(programs.Nginx(lab.folder, f"""location / {{
        proxy_pass https://{gunicorn.address}; proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; }}"""))
    lab.follow(nginx.error_log, nginx.access_log)
    ask(nginx.port, "/")
    assert gunicorn.address in lab.told("upstream-cert-untrusted")["root_cause"]["text"]


def test_a_certificate_that_has_expired(lab):
    certificate, key = programs.expired_certificate(lab.folder, "127.0.0.1")
    gunicorn = lab.start(programs.Gunicorn(lab.folder, "--certfile", str(certificate), "--keyfile", str(key)))
    nginx = lab.start(programs.Nginx(lab.folder, f"""location / {{
        proxy_pass https://{gunicorn.address}; proxy_ssl_verify on; proxy_ssl_trusted_certificate {certificate}; }}"""))
    lab.follow(nginx.error_log, nginx.access_log)
    ask(nginx.port, "/")
    assert gunicorn.address in lab.told("upstream-cert-expired")["root_cause"]["text"]


@pytest.mark.skipif(not programs.ControlGroup.is_possible(), reason="needs a control group (version 1) and /dev/kmsg")
def test_a_worker_that_the_kernel_kills_for_memory(lab):
    group = lab.start(programs.ControlGroup(mebibytes=200))
    kernel = lab.start(programs.KernelLog(lab.folder))
    gunicorn = lab.start(programs.Gunicorn(lab.folder))
    nginx = lab.start(programs.Nginx(lab.folder, PROXY, upstreams=[gunicorn.address]))
    lab.follow(kernel.path, gunicorn.error_log, nginx.error_log, nginx.access_log)
    group.take(gunicorn.process.pid)
    ask(nginx.port, "/hog?400", times=1)
    incident = lab.told("oom-kill")
    assert any("Memory cgroup out of memory: Killed process" in each["line"] for each in incident["evidence"])


def test_a_disk_that_is_full_below_nginx(lab):
    disk = lab.start(programs.SmallDisk(lab.folder / "small", mebibytes=1))
    if not disk.is_there:
        pytest.skip("needs the right to mount a file system")
    gunicorn = lab.start(programs.Gunicorn(lab.folder))
    nginx = lab.start(programs.Nginx(lab.folder, f"""location / {{
        proxy_pass http://shop_app; proxy_temp_path {disk.path}; proxy_buffers 4 4k; proxy_buffer_size 4k;
        proxy_busy_buffers_size 8k; }}""", upstreams=[gunicorn.address]))
    lab.follow(gunicorn.error_log, nginx.error_log, nginx.access_log)
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=10) as client:  # which does not read the answer
        client.sendall(b"GET /export?32 HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        incident = lab.told("disk-full")
    assert any("No space left on device" in each["line"] for each in incident["evidence"])


SITES = {
    "files that a deploy forgot": ("root {folder}; location / { }", "", "/static/app.css", "file-missing"),
    "a redirect without end": ("root {folder}; location / { try_files $uri /app/index.html; }", "", "/app/",
                               "nginx-rewrite-cycle"),
    "no resolver": ("set $name app.internal; location / { proxy_pass http://$name; }", "", "/", "nginx-no-resolver"),
    "a rate limit that is too low": ("root {folder}; location / { limit_req zone=perip; }",
                                     "limit_req_zone $binary_remote_addr zone=perip:1m rate=1r/s;", "/nginx.conf",
                                     "nginx-rate-limit"),
}


@pytest.mark.parametrize("site, http, path, cause", SITES.values(), ids=SITES)
def test_a_site_with(lab, site, http, path, cause):
    nginx = lab.start(programs.Nginx(lab.folder, site.replace("{folder}", str(lab.folder)), http))
    lab.follow(nginx.error_log, nginx.access_log, min_severity="info")  # what clients may cause is mild
    ask(nginx.port, path, times=12)
    lab.told(cause)


def test_a_queue_that_is_full(lab):
    gunicorn = lab.start(programs.Gunicorn(lab.folder))
    rsyslog = lab.start(servers.Rsyslog(lab.folder))
    haproxy = lab.start(servers.Haproxy(lab.folder, {"app1": gunicorn.address}, rsyslog.port, of_server="maxconn 1",
                                        of_backend=["timeout queue 300ms"]))
    assert servers.get(haproxy.port) == 200
    lab.follow(rsyslog.log)
    ask(haproxy.port, "/slow?1", times=12, at_once=6)
    assert "app" in lab.told("backend-saturated-queue")["root_cause"]["text"]


def test_a_health_check_for_a_path_that_is_not_there(lab):
    rsyslog = lab.start(servers.Rsyslog(lab.folder))
    backend = lab.start(programs.Nginx(lab.folder, "location = / { return 200; } location / { return 404; }"))
    lab.follow(rsyslog.log)
    lab.start(servers.Haproxy(lab.folder, {"app1": f"127.0.0.1:{backend.port}"}, rsyslog.port,
                              of_backend=["option httpchk GET /health-v2"]))
    lab.told("healthcheck-misconfigured")


def test_two_faults_at_once_are_two_incidents(lab):
    """A worker dies at one address in the second in which another address is not there."""
    gunicorn = lab.start(programs.Gunicorn(lab.folder))
    gone = f"127.0.0.1:{servers.free_port()}"
    nginx = lab.start(programs.Nginx(lab.folder, f"""
        location / {{ proxy_pass http://{gunicorn.address}; }}
        location /other/ {{ proxy_pass http://{gone}; }}"""))
    lab.follow(gunicorn.error_log, nginx.error_log, nginx.access_log)
    for _ in range(6):
        ask(nginx.port, "/killed", times=1)
        ask(nginx.port, "/other/", times=1)
        wait_for(lambda: servers.get(nginx.port) == 200, "Gunicorn has started another worker")

    def causes():
        return {(incident["entity"]["value"], incident["root_cause"]["cause"]) for incident in lab.hook.incidents()}
    wait_for(lambda: {(gunicorn.address, "worker-killed-sigkill"), (gone, "upstream-down")} <= causes(), causes)
    assert len(lab.hook.opened()) == 2
