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
    """A request each ten seconds; the `failing`th of them is answered with 503."""
    for number, at in enumerate(range(second, second + seconds, 10), start=1):
        yield line(FAILED if number % failing == 0 else ANSWERED, at)


def written(path, *parts):
    path.write_text("".join(text + "\n" for part in parts for text in part))
    return path


HOUR = 3600


def test_what_a_log_holds_every_day_is_no_news_once_that_is_known(tmp_path):
    incidents = product.scan(written(tmp_path / "access.log", day(0, 48 * HOUR, failing=12)))
    assert [incident["root_cause"]["cause"] for incident in incidents] == ["upstream-app-returned-5xx"]
    last = datetime.datetime.fromisoformat(incidents[0]["last_seen"].replace("Z", "+00:00"))
    assert last <= BEGIN + datetime.timedelta(hours=7), "it was told while nobody knew, and then it was over"


def test_many_times_as_many_are_a_failure_of_their_own(tmp_path):
    log = written(tmp_path / "access.log", day(0, 40 * HOUR, failing=12), day(40 * HOUR, HOUR, failing=1), day(41 * HOUR, HOUR, failing=12))
    incidents = product.scan(log)
    assert len(incidents) == 2
    failure = next(one for one in incidents if one["first_seen"] >= (BEGIN + datetime.timedelta(hours=40)).isoformat()[:19])
    assert failure["entity"] == {"kind": "upstream", "value": "127.0.0.1:8081"}
    assert 300 <= failure["count"] <= 400
    own = [reason["text"] for reason in failure["causes"][0]["because"]]
    assert any(text.endswith("usually up to 5 times in ten minutes") for text in own), json.dumps(own)
