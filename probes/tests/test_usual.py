"""What was usual at this hour on the days before."""

from datetime import timedelta

import pytest

from aigo.lib.regions import SLUGS
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint
from probes.usual import same_hours

pytestmark = pytest.mark.django_db
HOUR_S = int(NOW.timestamp())


def store(
    endpoint, outcomes: str, *, days: int, ms: float = 500.0, regions=SLUGS[:2], hours: int = 0
) -> None:
    """An attempt a minute of each region, that many days and hours before."""
    words = {"+": "ok", "-": "http_5xx", "?": "rate_limited", "d": "dns_error"}
    begin = NOW - timedelta(days=days, hours=hours)
    store_attempts(
        [
            make_attempt(
                endpoint,
                words[sign],
                at=begin + timedelta(minutes=minute),
                region=region,
                total_ms=ms + minute if sign == "+" else None,
            )
            for region in regions
            for minute, sign in enumerate(outcomes)
        ],
        now=NOW,
    )


def test_each_day_has_its_hour_pooled_over_regions():
    endpoint = make_endpoint()
    store(endpoint, "++++-?", days=1)
    store(endpoint, "+" * 40, days=3, ms=1000)
    store(endpoint, "-" * 5, days=3, hours=1)
    store(endpoint, "-" * 5, days=8)
    found = same_hours(HOUR_S, tiers="AB", days=7)[endpoint.pk, "B"]
    assert [(hour.attempts, hour.ok) for hour in found] == [(10, 8), (80, 80)]
    assert found[0].p95_ms == pytest.approx(503, rel=0.01)
    assert found[1].p95_ms == pytest.approx(1037, rel=0.01)


def test_without_right_answers_there_is_no_p95():
    endpoint = make_endpoint()
    store(endpoint, "---", days=2)
    (hour,) = same_hours(HOUR_S, tiers="AB", days=7)[endpoint.pk, "B"]
    assert (hour.attempts, hour.ok, hour.p95_ms) == (6, 0, None)


def test_a_name_that_one_region_could_not_resolve_is_not_charged():
    endpoint = make_endpoint()
    store(endpoint, "++", days=1)
    store(endpoint, "ddd", days=1, regions=SLUGS[2:3])
    (hour,) = same_hours(HOUR_S, tiers="AB", days=7)[endpoint.pk, "B"]
    assert (hour.attempts, hour.ok) == (4, 4)


@pytest.mark.parametrize("count", [1, 5])
def test_many_endpoints_cost_a_query_for_each_day(django_assert_max_num_queries, count: int):
    for number in range(count):
        store(make_endpoint(model=f"nimbus-{number}"), "+++", days=1)
    with django_assert_max_num_queries(7):
        assert len(same_hours(HOUR_S, tiers="AB", days=7)) == count
    assert same_hours(HOUR_S, tiers="A", days=7) == {}
