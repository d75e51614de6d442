"""Access logs of applications, of Traefik and of AWS's load balancers: what is a failure in them, and what is everyday life."""

import product

# As the servers wrote them; only times, ports and paths are set.
UVICORN = 'INFO:     127.0.0.1:46228 - "GET /%s HTTP/1.1" %s'
RAISED = """ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/srv/app/main.py", line 7, in boom
    def boom(): raise ValueError("no price for item 7")
ValueError: no price for item 7"""
GUNICORN = '127.0.0.1 - - [30/Nov/2026:09:40:%02d +0000] "GET /boom HTTP/1.1" 500 265 "-" "curl/7.88.1"'
GUNICORN_RAISED = """[2026-11-30 09:40:39 +0000] [29717] [INFO] Listening at: http://127.0.0.1:28306 (29717)
[2026-11-30 09:40:46,959] ERROR in app: Exception on /boom [GET]
Traceback (most recent call last):
  File "/srv/app/wsgi.py", line 6, in boom
    def boom(): raise ValueError("no price for item 7")
ValueError: no price for item 7"""
TRAEFIK = '172.19.0.2 - - [05/Oct/2026:13:17:%02d +0000] "GET / HTTP/2.0" %s "-" "-" 992 "shop@kubernetes" "http://127.0.0.1:28306" 1ms'

# The form of AWS's documentation.
GROUP = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067"
BALANCER = ('http 2026-11-30T09:%02d:%02d.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 %s 34 366 '
            '"GET http://www.example.com:80/p/%d HTTP/1.1" "curl/7.46.0" - - ' + GROUP +
            ' "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-30T09:00:00.364000Z "forward" "-" "-" "-" "-" "-" "-"')
ANSWERED = "10.0.0.%d:80 0.000 0.001 0.000 200 200"


def balanced(second, words):
    return BALANCER % (second // 60, second % 60, words, second)


def found(tmp_path, lines, name="access.log"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return product.scan(path)


def loud(incidents):
    return [incident for incident in incidents if incident["severity"] != "info"]


def test_what_clients_do_wrong_is_no_failure_of_an_application(tmp_path):
    assert found(tmp_path, [UVICORN % ("nowhere", "404 Not Found")] * 200) == []


def test_four_answers_of_500_are_no_incident_and_five_are_one(tmp_path):
    healthy = [UVICORN % ("", "200 OK")] * 20
    failed = UVICORN % ("boom", "500 Internal Server Error")
    assert found(tmp_path, healthy + [failed] * 4) == []
    incidents = found(tmp_path, healthy + [failed] * 5)
    assert [incident["title"] for incident in incidents] == ["The application answers 500"]
    assert incidents[0]["root_cause"]["cause"] == "app-exception"


def test_a_traceback_is_the_root_of_the_answers_that_it_caused(tmp_path):
    """uvicorn writes the answer before the traceback, Gunicorn behind it."""
    failed = UVICORN % ("boom", "500 Internal Server Error")
    incidents = found(tmp_path, [failed, RAISED] * 6)
    assert [incident["title"] for incident in incidents] == ["500: an ASGI application raised an exception"]
    assert incidents[0]["root_cause"]["cause"] == "app-exception"


def test_an_exception_its_answers_and_the_proxy_in_front_are_one_incident(tmp_path):
    (tmp_path / "traefik.log").write_text("".join(TRAEFIK.replace("05/Oct/2026:13:17", "30/Nov/2026:09:40") % (second, "500 265") + "\n"
                                                  for second in range(44, 52)))
    (tmp_path / "gunicorn.log").write_text("\n".join([GUNICORN_RAISED, *(GUNICORN % second for second in range(46, 52))]) + "\n")
    incidents = product.scan(tmp_path / "traefik.log", tmp_path / "gunicorn.log")
    assert [incident["title"] for incident in incidents] == ["ValueError: no price for item 7 in boom() at app/wsgi.py:6"]
    assert incidents[0]["entity"] == {"kind": "upstream", "value": "127.0.0.1:28306"}


def test_a_single_refusal_behind_traefik_is_told_from_five_on(tmp_path):
    lines = [TRAEFIK % (second, "200 454") for second in range(50)]
    assert found(tmp_path, lines[:45] + [TRAEFIK % (46, "502 11")] * 4) == []
    incidents = found(tmp_path, lines[:45] + [TRAEFIK % (46, "502 11")] * 5)
    assert [incident["title"] for incident in incidents] == ["502s in the access log of a proxy"]
    assert found(tmp_path, lines[:45] + [TRAEFIK % (46, "502 1521")] * 5)[0]["root_cause"]["cause"] == "upstream-app-returned-5xx"


def test_everyday_lines_of_a_load_balancer_are_no_alarm(tmp_path):
    lines = [balanced(second, ANSWERED % 1) for second in range(600)]
    lines[10:500:10] = [balanced(second, "- -1 -1 -1 460 -") for second in range(10, 500, 10)]
    lines[15:500:10] = [balanced(second, "10.0.0.1:80 0.000 0.001 0.000 404 404") for second in range(15, 500, 10)]
    lines[100] = balanced(100, "10.0.0.1:80 0.000 0.001 -1 502 -")
    lines[300] = balanced(300, "10.0.0.1:80 0.000 -1 -1 504 -")
    assert loud(found(tmp_path, lines)) == []


def test_many_targets_that_close_idle_connections_are_one_incident_of_their_group(tmp_path):
    lines = [balanced(second, (ANSWERED if second % 11 else "10.0.0.%d:80 0.000 0.001 -1 502 -") % (second % 3)) for second in range(600)]
    incidents = found(tmp_path, lines)
    assert [incident["entity"] for incident in incidents] == [{"kind": "target_group", "value": GROUP}]
    assert incidents[0]["root_cause"]["cause"] == "upstream-keepalive-race"


def test_a_load_balancer_that_cannot_connect_is_told_apart_from_one_that_waits(tmp_path):
    def root(words):
        incidents = found(tmp_path, [balanced(second, ANSWERED % 1 if second % 4 else words) for second in range(100)])
        return [(incident["title"], incident["root_cause"]["cause"]) for incident in incidents]

    assert root("10.0.0.1:80 -1 -1 -1 504 -") == [("504: connecting to a target takes longer than 10 seconds", "upstream-connect-timeout")]
    assert root("10.0.0.1:80 0.000 -1 -1 504 -")[0][0] == "504: a target does not answer within the idle time-out"
    assert root("10.0.0.1:80 -1 -1 -1 502 -") == [("502: the load balancer cannot connect to a target", "upstream-down")]
    assert root("- -1 -1 -1 503 -") == [("503: the load balancer has no target to send requests to", "all-upstreams-down")]


def test_a_client_cannot_write_a_failure_of_a_target(tmp_path):
    forged = balanced(0, ANSWERED % 1).replace("/p/0 ", "/x,10.0.0.1:80,-1,-1,-1,504,- ").replace("curl/7.46.0", '\\" 504 - LambdaThrottling \\"')
    assert loud(found(tmp_path, [forged] * 20)) == []
