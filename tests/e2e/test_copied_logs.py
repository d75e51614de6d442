"""Logs that somebody copied from a screen, and what else was on it."""
import json

from product import run, scan

HEROKU = """\
2020-06-11T09:27:53.992672+00:00 app[web.1]: File "<frozen importlib._bootstrap>", line 953, in _find_and_load_unlocked
2020-06-11T09:27:53.992677+00:00 app[web.1]: ModuleNotFoundError: No module named 'shopsite'
2020-06-11T09:27:54.028863+00:00 app[web.1]: [2020-06-11 09:27:54 +0000] [4] [INFO] Shutting down: Master
2020-06-11T09:27:54.028955+00:00 app[web.1]: [2020-06-11 09:27:54 +0000] [4] [INFO] Reason: Worker failed to boot.
2020-06-11T09:27:54.083635+00:00 heroku[web.1]: Process exited with status 3
"""
REFUSED = (
    '2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, '
    'client: 127.0.3.235, server: shop.example.com, request: "GET /api/items?id=1750 HTTP/1.1", '
    'upstream: "http://127.0.0.1:8003/api/items?id=1750", host: "shop.example.com"\n')


def broken_at(columns, text):
    return "".join(line[at:at + columns] + "\n" for line in text.splitlines() for at in range(0, len(line), columns))


def test_scan_puts_lines_together_that_a_terminal_broke(tmp_path):
    log = tmp_path / "heroku.log"
    log.write_text(broken_at(80, HEROKU))
    found = scan(log)
    assert [each["root_cause"]["cause"] for each in found] == ["gunicorn-module-not-found"]
    assert found[0]["evidence"][0]["line"].endswith("ModuleNotFoundError: No module named 'shopsite'")


def test_scan_puts_together_what_is_piped_into_it_without_a_last_line_end():
    [found] = scan("-", stdin=broken_at(100, REFUSED).rstrip("\n").encode())
    assert found["entity"]["value"] == "127.0.0.1:8003"


def test_explain_puts_a_broken_line_together():
    done = run("explain", "--json", "-", stdin=broken_at(120, REFUSED).encode())
    explained = json.loads(done.stdout)
    assert explained["format"] == "nginx.error"
    assert explained["fields"]["upstream"] == "127.0.0.1:8003"
