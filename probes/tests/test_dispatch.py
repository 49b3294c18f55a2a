"""Due moments become orders and batches, on a real database."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError

from probes import schedule
from probes.attempts import ProbeSpec
from probes.models import DispatchCursor, DueProbe, Gap, ProbeResult, ProbeTarget
from probes.services import dispatch, orders, spending
from probes.services.ingest import store_attempts
from probes.services.pops import register_pop
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop, make_series

pytestmark = pytest.mark.django_db


def due_specs(now: datetime = NOW, region: str = "seoul") -> list[ProbeSpec]:
    return [spec for b in dispatch.due_batches(now=now) if b.region == region for spec in b.specs]


class EmptyTill:
    """Money for what is free alone."""

    def take(self, target: ProbeTarget) -> bool:
        return target.tier == "A"


def run_ticks(seconds: range, region: str = "seoul") -> list[ProbeSpec]:
    """What is handed out while beat ticks at these seconds after NOW, its worker there all the time."""
    specs = []
    for tick in seconds:
        now = NOW + timedelta(seconds=tick)
        register_pop(region=region, worker=f"{region}-1", real=False, keys=[], now=now, announced_at=now)
        specs += due_specs(now, region)
    return specs


def test_a_region_that_begins_asks_everything_within_the_first_round():
    endpoint = make_endpoint()
    make_pop()
    (spec,) = due_specs()
    assert spec.endpoint == endpoint.slug
    assert 0 <= spec.due_at - NOW.timestamp() < schedule.LEAD_S


def test_every_due_moment_is_handed_out_once():
    make_endpoint()
    due = [spec.due_at for spec in run_ticks(range(0, 185, 5))]
    regular = due[1:] if due[1] - due[0] != 60 else due
    assert [round(b - a) for a, b in pairwise(regular)] == [60] * (len(regular) - 1)
    assert len(regular) >= 3
    assert due_specs(NOW + timedelta(seconds=180)) == []


def test_every_due_moment_is_an_order_until_it_is_answered():
    endpoint = make_endpoint()
    make_pop()
    (spec,) = due_specs()
    order = DueProbe.objects.get()
    assert (order.endpoint, order.region, order.tier) == (endpoint, "seoul", "B")
    assert order.due_at.timestamp() == spec.due_at
    store_attempts([make_attempt(endpoint, due_at=spec.due_at)], now=NOW)
    assert not DueProbe.objects.exists()


def test_ticks_that_were_missed_are_a_gap_and_are_never_measured_late():
    make_endpoint()
    run_ticks(range(0, 30, 5))
    away = NOW + timedelta(seconds=25 + schedule.LEAD_S)
    late = run_ticks(range(600, 610, 5))
    gap = Gap.objects.get()
    assert (gap.region, gap.reason) == ("seoul", Gap.Reason.NOT_DISPATCHED)
    assert (gap.started_at, gap.ended_at) == (away, NOW + timedelta(seconds=600))
    assert gap.probes in (9, 10)
    assert all(spec.due_at >= (NOW + timedelta(seconds=600)).timestamp() for spec in late)


def test_a_rare_tier_whose_moment_was_missed_is_asked_once_when_ticks_resume():
    make_endpoint(tiers="C")
    target = ProbeTarget.objects.get()
    first = run_ticks(range(0, target.interval_s + 10, 20))
    assert len(first) == 1
    start = 2 * target.interval_s + 100
    phase = schedule.phase(target.endpoint.slug, "seoul", "C")
    regular = schedule.due_count(
        target.interval_s, phase, NOW.timestamp() + start + 10, NOW.timestamp() + start + 65
    )
    resumed = run_ticks(range(start, start + 60, 5))
    assert len(resumed) == 1 + regular
    assert resumed[0].due_at < NOW.timestamp() + start + schedule.LEAD_S


def test_a_first_round_never_comes_upon_a_regular_moment():
    for number in range(60):
        make_endpoint(model=f"nimbus-{number}")
    specs = run_ticks(range(0, 120, 5))
    keys = [(spec.endpoint, spec.due_at) for spec in specs]
    assert len(keys) == len(set(keys))
    assert DueProbe.objects.count() == len(keys)


def test_a_clock_that_is_set_back_does_not_stop_measuring(caplog):
    make_endpoint()
    run_ticks(range(7200, 7230, 5))
    assert len(run_ticks(range(0, 125, 5))) >= 2
    assert "the clock was set back" in caplog.text


def test_a_region_that_cannot_be_ordered_keeps_no_other_waiting(monkeypatch, caplog):
    make_endpoint()
    make_pop("frankfurt")
    make_pop("seoul")
    place = orders.place

    def refuse(region, due, *, now):
        if region == "frankfurt":
            raise DatabaseError("no")
        return place(region, due, now=now)

    monkeypatch.setattr(orders, "place", refuse)
    assert len(due_specs()) == 1
    assert "frankfurt were not ordered" in caplog.text


def test_a_stretched_target_is_asked_every_so_many_intervals():
    make_endpoint()
    ProbeTarget.objects.update(stretch=4)
    due = [spec.due_at for spec in run_ticks(range(0, 725, 5))]
    assert [round(b - a) for a, b in pairwise(due[1:])] == [240] * (len(due) - 2)


def test_a_used_up_budget_is_a_row_for_every_due_moment_and_reaches_nobody(monkeypatch):
    make_endpoint(tiers="AB")
    monkeypatch.setattr(spending, "till", lambda now: EmptyTill())
    make_pop()
    assert [spec.tier for spec in due_specs()] == ["A"]
    row = ProbeResult.objects.get()
    assert (row.tier, row.outcome, row.counts) == ("B", "budget", False)
    assert [order.tier for order in DueProbe.objects.all()] == ["A"]


def test_a_region_without_a_worker_is_sent_nothing_and_has_a_gap_until_one_is_back():
    make_endpoint()
    make_pop(now=NOW - timedelta(seconds=121))
    DispatchCursor.objects.create(region="tokyo", dispatched_until=NOW)  # the centre itself was there
    assert due_specs() == []
    gap = Gap.objects.get()
    assert (gap.reason, gap.ended_at) == (Gap.Reason.NO_WORKER, None)
    assert gap.started_at == NOW - timedelta(seconds=121)
    run_ticks(range(30, 35, 5))
    gap.refresh_from_db()
    assert gap.ended_at == NOW + timedelta(seconds=30)


def test_simulated_fleets_play_in_the_regions_and_never_on_this_machine():
    make_endpoint()
    make_pop("local", real=True)
    assert dispatch.due_batches(now=NOW) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("+", True),
        ("+-", True),
        ("+--", False),
        ("--+", False),
        ("--++", False),
        ("--+++", True),
        ("--+-+++", True),
    ],
)
def test_failures_in_a_row_are_expected_to_go_on_until_three_right_answers_in_a_row(pattern, expected):
    endpoint = make_endpoint()
    make_pop()
    series = make_series(endpoint, pattern)
    store_attempts(series[:2], now=NOW)
    store_attempts(series[2:], now=NOW)
    store_attempts(series, now=NOW)  # delivered again
    (spec,) = due_specs()
    assert spec.expect_ok is expected


def test_a_confirmed_surprise_asks_everything_else_of_the_provider_at_once():
    failing, sibling = make_endpoint(), make_endpoint(model="nimbus-2")
    make_endpoint(provider="stratus", model="stratus-1")
    make_pop("seoul")
    make_pop("tokyo")
    confirmed = [make_attempt(failing, "timeout", attempt=3)]
    batches = dispatch.suspicion_batches(confirmed, now=NOW)
    asked = {(spec.endpoint, spec.region) for batch in batches for spec in batch.specs}
    assert asked == {(failing.slug, "tokyo"), (sibling.slug, "seoul"), (sibling.slug, "tokyo")}
    assert dispatch.suspicion_batches(confirmed, now=NOW) == []


def test_an_old_surprise_spreads_no_suspicion():
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    make_pop()
    confirmed = [make_attempt(endpoint, "timeout", attempt=3)]
    assert dispatch.suspicion_batches(confirmed, now=NOW + timedelta(seconds=61)) == []


def test_an_end_of_an_outage_spreads_even_right_after_its_beginning():
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    make_pop()
    assert dispatch.suspicion_batches([make_attempt(endpoint, "timeout", attempt=3)], now=NOW)
    assert dispatch.suspicion_batches([make_attempt(endpoint, "ok", attempt=3)], now=NOW)


def test_a_single_failure_spreads_no_suspicion():
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    make_pop()
    assert dispatch.suspicion_batches([make_attempt(endpoint, "timeout", attempt=1)], now=NOW) == []


def test_sending_out_costs_the_same_queries_whatever_the_fleet(django_assert_max_num_queries):
    make_pop()
    for number in range(15):
        make_endpoint(model=f"nimbus-{number}")
    with django_assert_max_num_queries(20):
        dispatch.due_batches(now=NOW)
