"""`/api/v1/models/<slug>/history`: the same counts as the raw rows, whichever store it was read from."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from aigo.lib.regions import ALL
from probes.attempts import Attempt
from probes.history import DNS_REGIONS, DNS_WITHIN_S
from probes.models import Gap
from probes.services import rollups
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_series
from status import rules
from status.history import Point, load_history
from status.rules import percentile

pytestmark = pytest.mark.django_db
REGIONS = ("seoul", "tokyo", "oregon")


def shown(endpoint, *, window="24h", region=ALL, points=300, tier="B", now=NOW):
    return load_history(endpoint, tier=tier, region=region, window=window, points=points, now=now)


def store_random(endpoint, *, hours, every_s=900, seed=1):
    """Attempts of three regions, nine in ten right, all of them before NOW."""
    chance = random.Random(seed)
    attempts = []
    for region in REGIONS:
        for n in range(hours * 3600 // every_s):
            at = NOW - timedelta(seconds=every_s * n + chance.uniform(1, every_s - 1))
            outcome = chance.choices(["ok", "http_5xx", "rate_limited"], [90, 7, 3])[0]
            total_ms = round(chance.lognormvariate(6, 0.8), 3) if outcome == "ok" else None
            ttft_ms = round(total_ms / 3, 3) if total_ms else None
            more = {"total_ms": total_ms, "first_answer_ms": ttft_ms, "first_token_ms": ttft_ms}
            attempts.append(make_attempt(endpoint, outcome, at=at, region=region, **more))
    store_attempts(attempts, now=NOW)
    return attempts


@pytest.mark.parametrize(
    ("window", "points", "width_s"),
    [("15m", 300, 60), ("24h", 300, 300), ("24h", 24, 3600), ("7d", 60, 10_800), ("30d", 90, 28_800)],
)
def test_every_point_is_what_the_attempts_say_before_and_after_roll_up(window, points, width_s):
    endpoint = make_endpoint()
    hours = {"15m": 1, "24h": 26, "7d": 60, "30d": 60}[window]
    attempts = store_random(endpoint, hours=hours, every_s=60 if window == "15m" else 900)
    for region in (ALL, "tokyo"):
        assert_as(attempts, shown(endpoint, window=window, points=points, region=region), width_s)
    rollups.roll_up(now=NOW)
    for region in (ALL, "tokyo"):
        assert_as(attempts, shown(endpoint, window=window, points=points, region=region), width_s)


def assert_as(attempts, history, width_s):
    assert history.width_s == width_s
    found: dict[float, tuple[Point, list[Attempt]]] = {
        point.at.timestamp(): (point, []) for point in history.points
    }
    for attempt in attempts:
        start = attempt.due_at // width_s * width_s
        if history.region in (ALL, attempt.region) and start in found:
            found[start][1].append(attempt)
    for point, own in found.values():
        assert_same(point, own, exact=history.relative_error == 0)
    assert history.total.attempts == sum(point.attempts for point in history.points) > 0


def assert_same(point, own, *, exact):
    outcomes = Counter(attempt.outcome for attempt in own)
    totals = [attempt.total_ms for attempt in own if attempt.outcome == "ok"]
    ttfts = [attempt.first_answer_ms for attempt in own if attempt.outcome == "ok"]
    counted = outcomes["ok"] + outcomes["http_5xx"]
    assert (point.attempts, point.ok, point.samples) == (counted, outcomes["ok"], len(totals))
    assert point.failures.get("http_5xx", 0) == outcomes["http_5xx"]
    assert point.uncounted.get("rate_limited", 0) == outcomes["rate_limited"]
    if not counted:
        assert point.availability_pct is None
        assert point.worst_availability_pct is None
    else:
        assert point.availability_pct == pytest.approx(100 * outcomes["ok"] / counted, abs=0.001)
        assert point.worst_availability_pct == pytest.approx(worst(own), abs=0.001)
    figures = [point.p50_ms, point.p95_ms, point.p99_ms, point.max_ms]
    expected = [percentile(totals, share) for share in (0.5, 0.95, 0.99, 1.0)]
    figures += [point.ttft_p50_ms, point.ttft_p95_ms]
    expected += [percentile(ttfts, share) for share in (0.5, 0.95)]
    for figure, value in zip(figures, expected, strict=True):
        assert (figure is None) is (value is None)
        assert value is None or figure == pytest.approx(value, rel=0 if exact else 0.01, abs=0.051)


def worst(own):
    slots: dict[int, list[bool]] = {}
    for attempt in own:
        if attempt.outcome in ("ok", "http_5xx"):
            slots.setdefault(int(attempt.due_at) // 300, []).append(attempt.outcome == "ok")
    return min(100 * sum(right) / len(right) for right in slots.values())


def test_a_short_outage_shows_in_a_wide_point():
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "+" * 200 + "-----" + "+" * 101, end=NOW), now=NOW)
    bad = [point for point in shown(endpoint, points=8).points if point.worst_availability_pct == 0]
    assert len(bad) == 1
    assert bad[0].availability_pct > 90


def test_a_gap_stays_a_gap_and_says_why():
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "++" + "?" * 5 + "++", end=NOW, every_s=3600), now=NOW)
    gap = Gap.objects.create(
        region="seoul", reason="no_worker", started_at=NOW - timedelta(hours=2), ended_at=NOW
    )
    Gap.objects.create(region="tokyo", reason="no_worker", started_at=NOW - timedelta(hours=2), ended_at=None)
    history = shown(endpoint, points=24, region="seoul")
    assert len(history.points) == 24
    silent = [point for point in history.points[-9:] if point.attempts == 0]
    assert len(silent) == 5
    assert all(point.uncounted == {"rate_limited": 1} for point in silent)
    assert all(point.p50_ms is None and point.availability_pct is None for point in silent)
    assert [absence.started_at for absence in history.gaps] == [gap.started_at]
    assert len(shown(endpoint, region=ALL).gaps) == 2


def test_a_gap_that_goes_on_is_told_before_many_that_are_over(monkeypatch):
    monkeypatch.setattr("status.history.MOST_GAPS", 2)
    reason, hours = Gap.Reason.NO_WORKER, [NOW - timedelta(hours=n) for n in (20, 9, 8, 7, 6, 5, 4)]
    Gap.objects.create(region="seoul", reason=reason, started_at=hours[0])
    for start, end in ((1, 2), (3, 4), (5, 6)):
        Gap.objects.create(region="tokyo", reason=reason, started_at=hours[start], ended_at=hours[end])
    history = shown(make_endpoint(), region=ALL)
    assert [absence.started_at for absence in history.gaps] == [hours[0], hours[5]]
    assert history.gaps_left_out == 2


@pytest.mark.parametrize("points", [300, 24, 3])
def test_a_name_counts_as_unresolved_once_two_regions_see_it(points):
    endpoint = make_endpoint()
    moments = [("seoul", 600), ("seoul", 200), ("tokyo", 200)]
    attempts = [
        make_attempt(endpoint, "dns_error", at=NOW - timedelta(minutes=minutes), region=region)
        for region, minutes in moments
    ]
    store_attempts(attempts, now=NOW)
    rollups.roll_up(now=NOW)
    seoul = shown(endpoint, points=points, region="seoul").total
    assert (seoul.attempts, seoul.failures, seoul.uncounted) == (1, {"dns_error": 1}, {"dns_error": 1})
    pool = shown(endpoint, points=points).total
    assert (pool.attempts, pool.failures, pool.uncounted) == (2, {"dns_error": 2}, {"dns_error": 1})


@pytest.mark.parametrize(("seconds", "counted"), [(300, 2), (355, 2), (360, 0)])
def test_a_name_counts_the_same_whichever_store_tells_of_it(seconds, counted):
    endpoint = make_endpoint()
    first = NOW - timedelta(minutes=8)
    store_attempts(
        [
            make_attempt(endpoint, "dns_error", at=first),
            make_attempt(endpoint, "dns_error", at=first + timedelta(seconds=seconds), region="tokyo"),
        ],
        now=NOW,
    )
    found = {window: shown(endpoint, window=window).total.attempts for window in ("15m", "24h")}
    assert found == {"15m": counted, "24h": counted}


def test_a_bucket_that_was_made_before_it_was_over_is_not_shown(monkeypatch):
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "+", end=NOW - timedelta(hours=3)), now=NOW)
    rollups.roll_up(now=NOW + timedelta(days=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    store_attempts(make_series(endpoint, "+" * 5, end=NOW - timedelta(minutes=1)), now=NOW)
    assert shown(endpoint, window="30d", points=90).total.attempts == 6


def test_the_rule_for_names_is_that_of_verdicts():
    assert (rules.DNS_REGIONS, rules.WINDOW.total_seconds()) == (DNS_REGIONS, DNS_WITHIN_S)


def test_provenance_says_where_the_figures_are_from():
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "+++", end=NOW - timedelta(minutes=3)), now=NOW)
    fine, wide = shown(endpoint, window="15m"), shown(endpoint, window="90d")
    assert (fine.source, fine.relative_error, wide.source, wide.relative_error) == (
        "attempts",
        0.0,
        "probes_eighthourrollup",
        0.01,
    )
    assert fine.last_sample_at == wide.last_sample_at == NOW - timedelta(minutes=3)
    assert len(wide.points) == 270


def test_a_history_costs_the_same_queries_however_long(django_assert_max_num_queries):
    endpoint = make_endpoint()
    store_random(endpoint, hours=26)
    rollups.roll_up(now=NOW)
    for window in ("15m", "24h", "7d", "30d", "90d"):
        with django_assert_max_num_queries(9):
            shown(endpoint, window=window)
