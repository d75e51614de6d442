"""What an access log holds every day is no news; what comes more often than that is. Recorded lines, moved over two days."""

import datetime
import json

import product

# As nginx wrote them (log_format escape=json); only the times are set.
ANSWERED = ('{"time":"%s","remote_addr":"127.0.0.241","request":"GET /api/items?id=1865 HTTP/1.1","status":200,"body_bytes_sent":22,'
            '"request_time":0.000,"upstream_addr":"127.0.0.1:8081","upstream_status":"200","upstream_connect_time":"0.000",'
            '"upstream_header_time":"0.000","upstream_response_time":"0.000","host":"shop.example.com",'
            '"http_referer":"https://shop.example.com/","http_user_agent":"curl/7.88.1","request_id":"daa14c5937c31ac8a25bde0ecea56b6f"}')
FAILED = ('{"time":"%s","remote_addr":"127.0.2.122","request":"GET / HTTP/1.1","status":503,"body_bytes_sent":11,"request_time":0.000,'
          '"upstream_addr":"127.0.0.1:8081","upstream_status":"503","upstream_connect_time":"0.001","upstream_header_time":"0.001",'
          '"upstream_response_time":"0.001","host":"shop.example.com","http_referer":"https://shop.example.com/",'
          '"http_user_agent":"curl/7.88.1","request_id":"2b6cba0c3741d3e4953be99443bff8f4"}')
BEGIN = datetime.datetime(2026, 11, 19, tzinfo=datetime.timezone.utc)


def line(text, second):
    return text % (BEGIN + datetime.timedelta(seconds=second)).isoformat()


def day(second, seconds, failing):
    """A request each two seconds; the `failing`th of them is answered with 503."""
    for number, at in enumerate(range(second, second + seconds, 2), start=1):
        yield line(FAILED if number % failing == 0 else ANSWERED, at)


def written(path, *parts):
    path.write_text("".join(text + "\n" for part in parts for text in part))
    return path


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


HOUR = 3600
# Ten minutes in which the outage still counts, ten until it is over; everyday lines that come meanwhile are of it.
QUIET = datetime.timedelta(minutes=21)


def test_what_a_log_holds_every_day_is_no_news_once_that_is_known(tmp_path):
    incidents = product.scan(written(tmp_path / "access.log", day(0, 48 * HOUR, failing=100)))
    assert [incident["root_cause"]["cause"] for incident in incidents] == ["upstream-app-returned-5xx"]
    assert time_of(incidents[0]["last_seen"]) <= BEGIN + datetime.timedelta(hours=7), "until it was known"


def test_many_times_as_many_are_a_failure_as_often_as_they_come(tmp_path):
    """An outage of six hours teaches nothing: two hours later the same is told again."""
    log = written(tmp_path / "access.log", day(0, 30 * HOUR, 100), day(30 * HOUR, 6 * HOUR, 1), day(36 * HOUR, 2 * HOUR, 100),
                  day(38 * HOUR, 3 * HOUR, 1), day(41 * HOUR, HOUR, 100))
    incidents = sorted(product.scan(log), key=lambda incident: incident["first_seen"])
    assert len(incidents) == 3
    for failure, first, last in ((incidents[1], 30, 36), (incidents[2], 38, 41)):
        assert failure["entity"] == {"kind": "upstream", "value": "127.0.0.1:8081"}
        assert abs(time_of(failure["first_seen"]) - BEGIN - datetime.timedelta(hours=first)) < datetime.timedelta(minutes=1)
        assert abs(time_of(failure["last_seen"]) - BEGIN - datetime.timedelta(hours=last)) < QUIET
        own = [reason["text"] for reason in failure["causes"][0]["because"]]
        assert any("usually one line in 100 of its log" in text for text in own), json.dumps(own)


def test_an_outage_from_the_first_line_on_is_not_over_before_it_is(tmp_path):
    incidents = product.scan(written(tmp_path / "access.log", day(0, 24 * HOUR, failing=1)))
    assert len(incidents) == 1
    assert time_of(incidents[0]["last_seen"]) >= BEGIN + datetime.timedelta(hours=24, seconds=-2)
