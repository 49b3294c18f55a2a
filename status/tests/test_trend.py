"""The counts over time: what is kept each minute, how it is thinned out, and what the API tells."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from aigo.lib.events import event_log
from aigo.lib.regions import ALL, SLUGS
from probes.history import fewest_points
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_pop, make_series
from status.kept import keeper
from status.models import CountsSample
from status.selectors import load_stats
from status.services import COUNTS_KEPT, judge_endpoints, prune_counts, sample_counts
from status.trend import DEFAULT_POINTS, WINDOWS, load_trend

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def make_sample(at: datetime, region: str = ALL, **states: int) -> CountsSample:
    """Ten endpoints that work, less those in other `states`."""
    wrong = {"degraded": 0, "outage": 0, "unknown": 0} | states
    counts: dict[str, Any] = wrong | {"operational": 10 - sum(wrong.values()), "total": 10}
    counts["active"] = 10 - wrong["unknown"]
    more = {"simulated": 10, "not_measured": 0, "catalogue_models": 100}
    return CountsSample.objects.create(
        region=region, minute=int(at.timestamp()) // 60, **{name: counts[name] for name in counts}, **more
    )


def test_a_minute_is_kept_once_in_every_region_as_the_board_counts_it():
    make_pop("seoul")
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    store_attempts(make_series(endpoint, "+" * 20, every_s=10), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    before = event_log().last_id()
    assert sample_counts(now=NOW) == 1 + len(SLUGS)
    assert sample_counts(now=NOW + timedelta(seconds=59)) == 0
    told = [(event.type, event.data) for event in event_log().read_after(before)]
    assert told == [("stats", {"minute": int(NOW.timestamp()) // 60})]
    stats = load_stats(now=NOW)
    for region, counts in {ALL: stats.counts, **stats.by_region}.items():
        kept = CountsSample.objects.get(region=region)
        assert kept.at == NOW
        for name in counts.__slots__:
            assert getattr(kept, name) == getattr(counts, name)
    assert sample_counts(now=NOW + MINUTE) == 1 + len(SLUGS)


def test_two_who_count_the_same_minute_leave_one_row(monkeypatch):
    sample_counts(now=NOW)
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda self: False)
    sample_counts(now=NOW)
    assert CountsSample.objects.filter(region=ALL).count() == 1


def test_counts_that_do_not_add_up_are_refused():
    sample = make_sample(NOW)
    sample.pk, sample.minute, sample.unknown = None, sample.minute + 1, 3
    with pytest.raises(IntegrityError):
        sample.save()


@pytest.mark.parametrize(
    ("window", "points", "width_min"),
    [
        ("24h", 300, 5),
        ("24h", 288, 5),
        ("24h", 287, 10),
        ("24h", 1440, 1),
        ("7d", 300, 60),
        ("90d", 90, 1440),
    ],
)
def test_a_window_has_the_narrowest_points_that_fit(window: str, points: int, width_min: int):
    trend = load_trend(ALL, window=window, points=points, now=NOW)
    assert trend.width_s == width_min * 60
    assert len(trend.points) == WINDOWS[window] // trend.width_s


def test_the_worst_minute_survives_beside_the_last_one():
    moments: list[dict[str, Any]] = [{}, {"outage": 4}, {"degraded": 3, "unknown": 2}, {}, {"outage": 1}]
    for minute, states in enumerate(moments):
        make_sample(NOW + minute * MINUTE, **states)
    make_sample(NOW + MINUTE, "seoul", outage=9)
    point = load_trend(ALL, window="24h", now=NOW + 4.5 * MINUTE).points[-1]
    assert (point.at, point.minutes) == (NOW, 5)
    assert (point.counts.outage, point.counts.operational, point.counts.total) == (1, 9, 10)
    assert (point.worst.outage, point.worst.degraded, point.worst.unknown) == (4, 3, 2)
    assert point.worst.available == 6


def test_minutes_that_nobody_counted_are_a_gap_and_stay_one():
    make_sample(NOW - 10 * MINUTE)
    make_sample(NOW)
    trend = load_trend(ALL, window="24h", now=NOW)
    assert len(trend.points) == 288
    assert [point.at for point in trend.points] == [NOW - 5 * n * MINUTE for n in range(287, -1, -1)]
    assert [point.minutes for point in trend.points[-3:]] == [1, 0, 1]
    gap = trend.points[-2]
    assert (gap.counts, gap.worst) == (None, None)


def test_points_begin_at_whole_hours_and_days_of_utc():
    at = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
    days = load_trend(ALL, window="90d", points=90, now=at).points
    assert (len(days), days[-1].at) == (90, datetime(2026, 11, 21, tzinfo=UTC))
    points = load_trend(ALL, window="7d", now=at).points
    assert (len(points), points[-1].at) == (168, datetime(2026, 11, 21, 12, tzinfo=UTC))


def test_counts_older_than_half_a_year_are_forgotten():
    make_sample(NOW - COUNTS_KEPT - MINUTE)
    make_sample(NOW - COUNTS_KEPT)
    assert prune_counts(now=NOW) == 1
    assert CountsSample.objects.get().at == NOW - COUNTS_KEPT


@pytest.mark.parametrize("minutes", [3, 900])
def test_a_trend_costs_two_queries_whatever_its_length(django_assert_num_queries, minutes: int):
    for minute in range(minutes):
        make_sample(NOW - minute * MINUTE)
    with django_assert_num_queries(2):
        load_trend(ALL, window="24h", now=NOW)


def test_the_api_tells_the_trend_of_a_region(client, one_moment):
    now = timezone.now()
    make_sample(now, "seoul", outage=2)
    body = client.get("/api/v1/stats/history?window=24h&region=seoul").json()
    assert (body["region"], body["window"], body["width_s"], body["simulated"]) == ("seoul", "24h", 300, True)
    assert (body["age_s"], body["away"], len(body["points"])) == (0, None, 288)
    last, gap = body["points"][-1], body["points"][-5]
    assert (last["counts"]["outage"], last["counts"]["available"], last["worst"]["outage"]) == (2, 8, 2)
    assert (gap["minutes"], gap["counts"], gap["worst"]) == (0, None, None)
    keeper().forget()
    assert client.get("/api/v1/stats/history").json()["points"][-1]["counts"] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("window=15m", "window"), ("region=mars", "region"), ("points=0", "points"), ("points=1441", "points"),
     ("window=90d&points=89", "points"), ("sort=usage", "sort")],
)  # fmt: skip
def test_a_parameter_that_cannot_be_accepted_is_named(client, query: str, parameter: str):
    answer = client.get(f"/api/v1/stats/history?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


def test_every_window_can_be_asked_for_in_its_fewest_points():
    for window in WINDOWS:
        assert len(load_trend(ALL, window=window, points=fewest_points(WINDOWS[window]), now=NOW).points) >= 1
        assert len(load_trend(ALL, window=window, now=NOW).points) <= DEFAULT_POINTS
