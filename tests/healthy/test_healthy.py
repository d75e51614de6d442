"""The short form of the healthy hour."""
from healthy_hour import HealthyHour


def test_a_healthy_site_raises_nothing(tmp_path):
    hour = HealthyHour(tmp_path, requests=20_000)
    hour.run()
    assert hour.told == []
    assert hour.found == []
    assert hour.found_behind == {"compose": [], "cri": []}
    assert hour.answered >= 20_000
    assert {incident["root_cause"]["cause"] for incident in hour.failure} & {"upstream-down", "all-upstreams-down"}
