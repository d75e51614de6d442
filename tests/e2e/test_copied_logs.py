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


# https://github.com/ehoppmann/mlocate-web/issues/1
STATUS = """\
● gunicorn.service - gunicorn daemon
   Loaded: loaded (/etc/systemd/system/gunicorn.service; enabled; vendor preset: enabled)
   Active: failed (Result: exit-code) since Wed 2018-01-24 21:39:43 PST; 15s ago
 Main PID: 15935 (code=exited, status=203/EXEC)

"""
JOURNAL = """\
Jan 24 21:39:43 nuc systemd[1]: Started gunicorn daemon.
Jan 24 21:39:43 nuc systemd[1]: gunicorn.service: Main process exited, code=exited, status=203/EXEC
Jan 24 21:39:43 nuc systemd[1]: gunicorn.service: Unit entered failed state.
Jan 24 21:39:43 nuc systemd[1]: gunicorn.service: Failed with result 'exit-code'.
"""


def test_journal_lines_below_the_status_of_a_unit_are_read_and_have_its_year(tmp_path):
    log = tmp_path / "status.log"
    log.write_text(STATUS + JOURNAL)
    [found] = scan(log)
    [bare] = scan("-", stdin=JOURNAL.encode())
    assert found["root_cause"]["cause"] == bare["root_cause"]["cause"] == "unit-file-wrong"
    assert found["count"] == bare["count"]
    assert found["first_seen"].startswith("2018-01-2")


def test_the_status_of_a_unit_alone_says_nothing():
    assert scan("-", stdin=STATUS.encode()) == []


def test_what_a_pager_leaves_around_a_journal_changes_nothing():
    [found] = scan("-", stdin=(JOURNAL + "lines 1-4/4 (END)\n").encode())
    assert found["root_cause"]["cause"] == "unit-file-wrong"


def test_lines_that_a_pager_cut_are_not_put_together():
    cut = "".join(f'Nov 21 01:15:4{second} web-1 nginx[1851]: 2026/11/21 01:15:4{second} [error] 1851#1851: *115 connect() '
                  'failed (111: Connection refused) while connecting to upst>\n' for second in range(3))
    killed = "Nov 21 01:15:48 web-1 systemd[1]: gunicorn.service: Main process exited, code=killed, status=9/KILL\n"
    assert [each["rules"] for each in scan("-", stdin=(cut + killed).encode())] == [["systemd/main-process-killed"]]
