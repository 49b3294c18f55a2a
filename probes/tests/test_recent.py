"""Availability and p95 of all endpoints over the last five minutes."""

from datetime import timedelta

import pytest

from probes.selectors import five_minute_figures
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint

pytestmark = pytest.mark.django_db


def figures(tier: str = "B") -> dict[tuple[int, str], tuple[int, int, float | None, float | None]]:
    found = five_minute_figures(now=NOW, tier=tier)
    return {(f.endpoint_id, f.region): (f.attempts, f.ok, f.availability_pct, f.p95_ms) for f in found}


def test_figures_are_exact_and_of_each_endpoint_and_region():
    first, second = make_endpoint(), make_endpoint(model="nimbus-2")
    totals = [100.125 + 10 * n for n in range(20)]
    attempts = [
        make_attempt(first, at=NOW - timedelta(seconds=10 * n), total_ms=total)
        for n, total in enumerate(reversed(totals))
    ]
    attempts += [
        make_attempt(first, "http_5xx", at=NOW - timedelta(seconds=5)),
        make_attempt(first, "rate_limited", at=NOW - timedelta(seconds=6)),
        make_attempt(second, at=NOW - timedelta(seconds=7), region="tokyo", total_ms=321.5),
        make_attempt(second, "timeout", at=NOW - timedelta(seconds=8)),
    ]
    store_attempts(attempts, now=NOW)

    assert figures() == {
        (first.pk, "seoul"): (21, 20, pytest.approx(100 * 20 / 21), pytest.approx(totals[18])),
        (second.pk, "tokyo"): (1, 1, 100.0, pytest.approx(321.5)),
        (second.pk, "seoul"): (1, 0, 0.0, None),
    }


@pytest.mark.parametrize(("seconds", "seen"), [(0, 1), (299, 1), (300, 0), (-1, 0)])
def test_the_window_is_that_of_the_due_moment(seconds: int, seen: int):
    endpoint = make_endpoint()
    at = NOW - timedelta(seconds=seconds)
    store_attempts([make_attempt(endpoint, at=at)], now=NOW + timedelta(minutes=1))

    assert len(figures()) == seen


def test_tiers_are_not_mixed():
    endpoint = make_endpoint(tiers="AB")
    store_attempts([make_attempt(endpoint, tier="A"), make_attempt(endpoint, "http_5xx")], now=NOW)

    assert figures(tier="A") == {(endpoint.pk, "seoul"): (1, 1, 100.0, 500.0)}
    assert figures(tier="B") == {(endpoint.pk, "seoul"): (1, 0, 0.0, None)}


def test_a_name_that_does_not_resolve_counts_once_two_regions_see_it():
    one, two = make_endpoint(), make_endpoint(model="nimbus-2")
    attempts = [make_attempt(one, "dns_error"), make_attempt(one, region="tokyo")]
    attempts += [make_attempt(two, "dns_error", region=region) for region in ("seoul", "tokyo")]
    store_attempts(attempts, now=NOW)

    assert figures() == {
        (one.pk, "tokyo"): (1, 1, 100.0, 500.0),
        (two.pk, "seoul"): (1, 0, 0.0, None),
        (two.pk, "tokyo"): (1, 0, 0.0, None),
    }


def test_nothing_measured_is_nothing():
    assert figures() == {}
