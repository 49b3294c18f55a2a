"""The order book: no due moment is forgotten and none is answered twice, whatever dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection

from probes.attempts import Attempt
from probes.models import DispatchCursor, DueProbe, LedgerEntry, ProbeResult
from probes.services import orders
from probes.services.dispatch import overdue_batches
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_due, make_endpoint, make_series

pytestmark = pytest.mark.django_db


def later(seconds: float):
    return NOW + timedelta(seconds=seconds)


def resent(now) -> list[tuple[str, float]]:
    """What is sent again now: (region, due_at), noted as sent."""
    found = []
    for batch in overdue_batches(now=now):
        orders.note_sent(batch.order_ids, now=now)
        found += [(batch.region, spec.due_at) for spec in batch.specs]
    return found


def test_an_order_that_never_left_is_sent_by_the_next_tick_but_one():
    make_due(make_endpoint(), due_at=later(10), sent=False)
    assert resent(later(17)) == []
    assert resent(later(18)) == [("seoul", later(10).timestamp())]


def test_an_answer_is_waited_for_until_its_time_limit_and_the_queues_have_passed():
    make_due(make_endpoint())
    patience = 7 + orders.ANSWER_GRACE.total_seconds()
    assert resent(later(patience - 1)) == []
    assert resent(later(patience)) == [("seoul", NOW.timestamp())]


def test_each_sending_waits_twice_as_long_as_the_one_before():
    make_due(make_endpoint())
    moments = [second for second in range(0, 300) if resent(later(second))]
    waits = [b - a for a, b in pairwise(moments)]
    assert waits == [30, 60, 120]


def test_two_dispatchers_do_not_send_the_same_overdue_order():
    make_due(make_endpoint())
    assert len(overdue_batches(now=later(60))) == 1
    assert overdue_batches(now=later(60)) == []


def test_an_order_nobody_answers_becomes_a_missed_row_once():
    order = make_due(make_endpoint())
    assert resent(later(601)) == []
    row = ProbeResult.objects.get()
    assert (row.outcome, row.counts, row.due_at) == ("missed", False, order.due_at)
    assert not DueProbe.objects.exists()


def test_a_result_that_comes_after_it_was_given_up_takes_the_place_of_missed():
    endpoint = make_endpoint()
    make_due(endpoint)
    resent(later(601))
    store_attempts([make_attempt(endpoint)], now=later(700))
    store_attempts([make_attempt(endpoint, "lagged")], now=later(800))
    assert ProbeResult.objects.get().outcome == "ok"


def test_a_region_that_cannot_be_given_up_keeps_no_other_waiting(monkeypatch):
    endpoint = make_endpoint()
    for region in ("oregon", "seoul"):
        make_due(endpoint, region=region)
    make_due(endpoint, due_at=later(500), region="tokyo")
    really = orders.store_unmeasured

    def refuse(moments, outcome, **more):
        if any(region == "oregon" for _, region, _, _ in moments):
            raise IntegrityError("no")
        really(moments, outcome, **more)

    monkeypatch.setattr(orders, "store_unmeasured", refuse)
    assert "tokyo" in {region for region, _ in resent(later(601))}
    assert list(ProbeResult.objects.values_list("region", "outcome")) == [("seoul", "missed")]


def test_an_answer_closes_only_its_own_order():
    endpoint = make_endpoint()
    for seconds in (0, 60):
        for region in ("seoul", "tokyo"):
            make_due(endpoint, due_at=later(seconds), region=region)
    store_attempts([make_attempt(endpoint, region="seoul", at=later(60))], now=later(61))
    left = DueProbe.objects.order_by("due_at", "region").values_list("due_at", "region")
    assert list(left) == [(NOW, "seoul"), (NOW, "tokyo"), (later(60), "tokyo")]


def test_an_answer_delivered_twice_closes_its_order_even_if_the_first_time_failed_to():
    endpoint = make_endpoint()
    attempts = make_series(endpoint, "+")
    store_attempts(attempts, now=NOW)
    make_due(endpoint)
    store_attempts(attempts, now=NOW)
    assert not DueProbe.objects.exists()


def test_a_moment_is_ordered_once():
    order = make_due(make_endpoint(), sent=False)
    assert orders.place("seoul", [(order.target, NOW.timestamp())], now=NOW) == [order.pk]
    assert DueProbe.objects.count() == 1


def test_a_later_attempt_does_not_answer_for_the_first():
    endpoint = make_endpoint()
    make_due(endpoint)
    store_attempts([make_attempt(endpoint, attempt=2)], now=NOW)
    assert DueProbe.objects.exists()
    store_attempts([make_attempt(endpoint)], now=NOW)
    assert not DueProbe.objects.exists()


def test_an_answer_that_cannot_be_stored_leaves_its_order_open():
    endpoint = make_endpoint()
    make_due(endpoint)
    odd = Attempt.from_json({**make_attempt(endpoint).to_json(), "output_tokens": 2**70})
    assert store_attempts([odd], now=NOW) == []
    assert DueProbe.objects.exists()


def test_what_was_too_late_to_be_asked_makes_room_for_an_attempt_that_was_sent():
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint, "lagged")], now=NOW)
    store_attempts([make_attempt(endpoint, sent_ms=1.0)], now=NOW)
    assert ProbeResult.objects.get().outcome == "ok"
    store_attempts([make_attempt(endpoint, "lagged", sent_ms=2.0)], now=NOW)
    assert ProbeResult.objects.get().outcome == "ok"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_giving_up_and_a_late_answer_at_once_leave_one_row_and_book_it_once():
    endpoint = make_endpoint()
    for number in range(40):
        make_due(endpoint, due_at=later(number))
        make_due(endpoint, due_at=later(number), region="tokyo")
    for region in ("seoul", "tokyo"):
        DispatchCursor.objects.create(region=region, dispatched_until=NOW)
    late = [
        make_attempt(endpoint, at=later(number), region=region, sent_ms=1.0)
        for number in range(40)
        for region in ("tokyo", "seoul")
    ]

    def store() -> None:
        for attempt in late:
            store_attempts([attempt], now=later(700))

    def give_up() -> None:
        for _ in range(20):
            orders.give_up(now=later(700))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(alone(store)), threads.submit(alone(give_up))]:
            done.result()
    rows = ProbeResult.objects.values_list("outcome", flat=True)
    assert set(rows) == {"ok"}
    assert len(rows) == len(late)
    assert sum(LedgerEntry.objects.values_list("attempts", flat=True)) == len(late)
    assert not DueProbe.objects.exists()


def alone(work):
    """`work` with a database connection of its thread's own, closed afterwards."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


def test_taking_overdue_orders_costs_the_same_queries_however_many(django_assert_max_num_queries):
    for number in range(20):
        make_due(make_endpoint(model=f"nimbus-{number}"))
    with django_assert_max_num_queries(10):
        resent(later(60))
