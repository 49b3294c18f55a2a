"""Counts of all endpoints at once say what an endpoint's own timeline says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aigo.lib.regions import ALL
from probes import tallies
from probes.attempts import Attempt
from probes.history import Grid
from probes.models import RollupMark
from probes.services.ingest import store_attempts
from probes.services.rollups import roll_up
from probes.tallies import Count, Stretch
from probes.tests.factories import make_attempt, make_endpoint
from probes.timeline import load_timeline

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=8, minutes=20)
#: Of eight hours, every ten minutes; a name that does not resolve for one region only is nobody's fault.
OUTCOMES = ["ok", "ok", "http_5xx", "ok", "rate_limited", "ok", "timeout", "ok", "dns_error", "ok", "ok"]


def measured(*, model: str = "nimbus-1", shift: int = 0) -> int:
    """An endpoint that is asked from two regions; its id."""
    endpoint = make_endpoint("nimbus", model)
    found: list[Attempt] = []
    for region, later in (("seoul", 0), ("tokyo", 3)):
        one = make_attempt(endpoint, region=region, at=BEGAN)
        for n in range(48):
            outcome = OUTCOMES[(n + shift + later) % len(OUTCOMES)]
            at_s = one.due_at + 600 * n + 61 * later
            total_ms = one.total_ms if outcome == "ok" else None
            found.append(replace(one, outcome=outcome, due_at=at_s, started_at=at_s, total_ms=total_ms))
    # Two regions within five minutes, across the hour's edge: charged.
    for region, minutes in (("seoul", 118), ("tokyo", 121)):
        at_s = BEGAN.timestamp() + 60 * minutes
        one = make_attempt(endpoint, "dns_error", region=region, at=BEGAN)
        found.append(replace(one, due_at=at_s, started_at=at_s))
    store_attempts(found, now=NOW)
    return endpoint.pk


def by_timeline(pk: int, since: datetime, until: datetime) -> Count:
    grid = Grid(int(since.timestamp()), 60, int((until - since).total_seconds() // 60))
    tally = load_timeline(pk, tier="B", region=ALL, grid=grid).tally
    return Count(int(tally.attempts.sum()), int((tally.attempts - tally.ok).sum()))


def test_minutes_of_all_endpoints_are_those_of_each_timeline():
    one, other = measured(), measured(model="nimbus-2", shift=4)
    silent = make_endpoint("nimbus", "nimbus-3").pk
    spans = [(BEGAN, NOW), (NOW - timedelta(minutes=125), NOW - timedelta(minutes=5))]
    minutes = tallies.load_minutes(
        [one, other, silent], BEGAN.timestamp(), NOW.timestamp(), tier="B", left_out={}
    )
    for since, until in spans:
        for pk in (one, other):
            found = minutes.between(pk, since.timestamp(), until.timestamp())
            assert found == by_timeline(pk, since, until)
            assert found.failed > 0
        assert minutes.between(silent, since.timestamp(), until.timestamp()) == Count()
    assert minutes.between(one, BEGAN.timestamp() - 9_000, BEGAN.timestamp()) == Count()


def test_long_sums_are_those_of_the_timeline_and_leave_out_what_they_are_told_to():
    one, other = measured(), measured(model="nimbus-2", shift=4)
    assert tallies.settled_until(NOW) == BEGAN, "nothing is summed up yet"
    roll_up(now=NOW)
    until = tallies.settled_until(NOW)
    assert until == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    starts = [tallies.bucket_of(BEGAN), datetime(2026, 11, 21, 6, 0, tzinfo=UTC)]
    sums = tallies.sum_up([one, other], starts, until, tier="B", left_out={})
    for pk in (one, other):
        assert sums[pk] == (by_timeline(pk, BEGAN, until), by_timeline(pk, starts[1], until))

    quiet = BEGAN + timedelta(hours=4, minutes=30), BEGAN + timedelta(hours=5, minutes=10)
    everywhere = {one: [Stretch(quiet[0].timestamp(), quiet[1].timestamp())]}
    without = tallies.sum_up([one, other], starts, until, tier="B", left_out=everywhere)
    assert without[other] == sums[other]
    inside = by_timeline(one, *quiet)
    assert inside.failed > 0
    assert without[one] == (sums[one][0] - inside, sums[one][1] - inside)
    span = (BEGAN.timestamp(), until.timestamp())
    minutes = tallies.load_minutes([one], *span, tier="B", left_out=everywhere)
    assert minutes.between(one, *span) == without[one][0], "both ways agree"

    in_seoul = {one: [everywhere[one][0]._replace(regions=frozenset({"seoul"}))]}
    partly = tallies.sum_up([one], starts, until, tier="B", left_out=in_seoul)[one][0]
    assert without[one][0].counted < partly.counted < sums[one][0].counted


def test_a_clock_that_was_ahead_leaves_no_sums_beyond_now():
    measured()
    roll_up(now=NOW)
    RollupMark.objects.update(until=NOW + timedelta(days=1))
    assert tallies.settled_until(NOW) == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
