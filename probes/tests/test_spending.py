"""The ledger, the cap of the day and the cadence, on a database."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from catalog.services import correct_price
from probes.costs import seconds_left
from probes.models import LedgerEntry, ProbeBudget, ProbeResult
from probes.services import spending
from probes.services.ingest import store_attempts
from probes.services.spending import Cost
from probes.tests.factories import NOW, make_attempt, make_due, make_endpoint
from probes.tests.money import TODAY, make_paid, make_price, make_real, spend

pytestmark = pytest.mark.django_db


# --- what attempts cost -------------------------------------------------------------------------


def test_costs_come_in_the_order_of_their_attempts_with_one_query_for_all_prices(django_assert_num_queries):
    priced, unpriced = make_endpoint(), make_endpoint(model="free-form")
    make_price(priced)
    ids = {priced.slug: priced.pk, unpriced.slug: unpriced.pk}
    attempts = [
        make_attempt(unpriced, input_tokens=20, output_tokens=4),
        make_attempt(priced, input_tokens=20, output_tokens=4),
        make_attempt(priced, "http_5xx", http_status=503),
        make_attempt(priced, "truncated", http_status=200, chunks=5),
        make_attempt(priced, input_tokens=20, output_tokens=4, reported_cost_usd=0.5),
    ]
    with django_assert_num_queries(1):
        costs = spending.costs_of(attempts, ids)
    assert costs == [
        Cost(None, False),
        Cost(Decimal("0.000072"), False),
        Cost(Decimal(0), False),
        Cost(Decimal("0.000094"), True),
        Cost(Decimal("0.5"), False),
    ]


def test_tier_a_and_nothing_at_all_need_no_query(django_assert_num_queries):
    endpoint = make_endpoint(tiers="A")
    attempt, ids = make_attempt(endpoint), {endpoint.slug: endpoint.pk}
    with django_assert_num_queries(0):
        assert spending.costs_of([attempt], ids) == [Cost(Decimal(0), False)]
        assert spending.costs_of([], {}) == []


def test_a_dated_row_prices_the_attempts_of_its_time():
    endpoint = make_endpoint()
    make_price(endpoint, "1", "1", valid_from=NOW - timedelta(days=9), valid_to=NOW - timedelta(hours=1))
    make_price(endpoint, valid_from=NOW - timedelta(hours=1))
    make_price(endpoint, "99", "99", tier="batch")
    make_price(endpoint, "99", "99", region_scope="eu")
    make_price(endpoint, "99", "99", tier="over_20tokens")
    make_price(endpoint, "4", None, tier="over_200k")
    tokens: dict[str, Any] = {"input_tokens": 1_000, "output_tokens": 0}
    attempts = [
        make_attempt(endpoint, at=NOW - timedelta(days=10), **tokens),
        make_attempt(endpoint, at=NOW - timedelta(hours=2), **tokens),
        make_attempt(endpoint, at=NOW, **tokens),
        make_attempt(endpoint, at=NOW, **tokens | {"input_tokens": 300_000}),
    ]
    costs = [cost.usd for cost in spending.costs_of(attempts, {endpoint.slug: endpoint.pk})]
    assert costs == [None, Decimal("0.001"), Decimal("0.002"), Decimal("1.2")]


def test_a_corrected_price_changes_no_cost_of_the_past():
    endpoint = make_real()
    wrong = make_price(endpoint)
    paid = make_paid(endpoint)
    amounts = {"input_usd_per_mtok": Decimal(1), "output_usd_per_mtok": Decimal(4)}
    source = {"source_name": "list", "source_url": "https://prices.test/"}
    correct_price(wrong, amounts, reason="read from another line", now=NOW + timedelta(hours=1), **source)
    store_attempts(paid, now=NOW + timedelta(hours=2))  # delivered once more
    spending.pace(now=NOW + timedelta(hours=2))
    assert ProbeResult.objects.get().cost_usd == Decimal("0.004")
    assert LedgerEntry.objects.get().cost_usd == Decimal("0.004")
    later = make_attempt(endpoint, at=NOW + timedelta(minutes=5), input_tokens=1000, output_tokens=250)
    store_attempts([later], now=NOW + timedelta(hours=2))
    assert LedgerEntry.objects.get().cost_usd == Decimal("0.006")


# --- the ledger ---------------------------------------------------------------------------------


def test_a_line_per_day_provider_tier_and_region_adds_up_what_was_told():
    endpoint, other = make_endpoint(tiers="AB"), make_endpoint("stratus", "s-1")
    provider_of = {endpoint.slug: endpoint.provider_id, other.slug: other.provider_id}
    tokens: dict[str, Any] = {"input_tokens": 20, "output_tokens": 4}
    booked = [
        (make_attempt(endpoint, tier="B", **tokens), Cost(Decimal("0.1"), False)),
        (make_attempt(endpoint, tier="B", **tokens), Cost(Decimal("0.2"), True)),
        (make_attempt(endpoint, tier="B", **tokens), Cost(None, False)),
        (make_attempt(endpoint, tier="A"), Cost(Decimal(0), False)),
        (make_attempt(endpoint, tier="B", region="tokyo"), Cost(Decimal(0), False)),
        (make_attempt(endpoint, tier="B", at=NOW - timedelta(hours=12, seconds=1)), Cost(Decimal(1), False)),
        (make_attempt(other), Cost(Decimal(2), False)),
    ]
    for half in (booked[:3], booked[3:]):
        spending.book([attempt for attempt, _ in half], [cost for _, cost in half], provider_of)
    lines = {
        (f"{line.date:%m-%d}", line.provider.slug, line.tier, line.region): (
            *(line.attempts, line.input_tokens, line.output_tokens, line.unpriced),
            *(line.cost_usd, line.estimated_usd),
        )
        for line in LedgerEntry.objects.select_related("provider")
    }
    assert lines == {
        ("11-21", "nimbus", "B", "seoul"): (3, 60, 12, 1, Decimal("0.3"), Decimal("0.2")),
        ("11-21", "nimbus", "A", "seoul"): (1, 0, 0, 0, Decimal(0), Decimal(0)),
        ("11-21", "nimbus", "B", "tokyo"): (1, 0, 0, 0, Decimal(0), Decimal(0)),
        ("11-20", "nimbus", "B", "seoul"): (1, 0, 0, 0, Decimal(1), Decimal(0)),
        ("11-21", "stratus", "B", "seoul"): (1, 0, 0, 0, Decimal(2), Decimal(0)),
    }


def test_booking_takes_the_same_queries_for_one_line_and_for_many(django_assert_num_queries):
    endpoints = [make_endpoint(f"provider-{n}", f"model-{n}") for n in range(6)]
    provider_of = {endpoint.slug: endpoint.provider_id for endpoint in endpoints}
    for chosen in (endpoints[:1], endpoints):
        attempts = [make_attempt(endpoint) for endpoint in chosen]
        with django_assert_num_queries(5):  # three, between a savepoint and its release
            spending.book(attempts, [Cost(Decimal(1), False)] * len(attempts), provider_of)
    with django_assert_num_queries(2):
        spending.book([], [], {})


def test_a_delivery_that_comes_twice_is_paid_once():
    endpoint = make_endpoint()
    make_price(endpoint)
    for _ in range(2):
        make_paid(endpoint, 3)
    line = LedgerEntry.objects.get()
    assert (line.attempts, line.cost_usd) == (3, Decimal("0.012"))


def test_a_line_never_holds_more_than_its_column():
    endpoint = make_endpoint()
    spend(endpoint.provider, "999999.9")
    spending.book([make_attempt(endpoint)], [Cost(Decimal(900), True)], {endpoint.slug: endpoint.provider_id})
    line = LedgerEntry.objects.get()
    assert (line.cost_usd, line.estimated_usd) == (spending.MOST_USD, Decimal(900))


def test_a_line_adds_up_whatever_number_of_tokens_is_reported():
    endpoint = make_endpoint()
    for n in range(12):
        attempt = make_attempt(
            endpoint, at=NOW + timedelta(seconds=n), input_tokens=10**18, output_tokens=-(10**18)
        )
        spending.book([attempt], [Cost(None, False)], {endpoint.slug: endpoint.provider_id})
    line = LedgerEntry.objects.get()
    assert (line.attempts, line.input_tokens, line.output_tokens) == (12, 12 * (2**31 - 1), 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_on("postgresql")
def test_batches_that_are_booked_at_the_same_time_add_up():
    endpoints = [make_endpoint(f"provider-{n}", f"model-{n}") for n in range(5)]
    provider_of = {endpoint.slug: endpoint.provider_id for endpoint in endpoints}
    attempts = [make_attempt(endpoint) for endpoint in endpoints]
    costs = [Cost(Decimal("0.01"), False)] * 5
    failures: list[Exception] = []

    def book_often(order: int) -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    spending.book(attempts[::order], costs, provider_of)
        except Exception as exc:
            failures.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=book_often, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(LedgerEntry.objects.values_list("attempts", "cost_usd")) == {(80, Decimal("0.8"))}


# --- the cap ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spent", "reached"), [("0.99", False), ("1.00", True), ("7", True)])
def test_a_provider_is_exhausted_at_its_cap_and_not_before(spent, reached):
    provider = make_real().provider
    spend(provider, spent)
    spend(provider, "50", date=TODAY - timedelta(days=1))
    spend(make_real("other", "other-1").provider, "0.5")
    assert spending.exhausted(now=NOW) == ({provider.pk} if reached else frozenset())


def test_the_day_ends_at_midnight_utc_wherever_the_clock_stands():
    provider = make_real().provider
    spend(provider, "1")
    kst = datetime.fromisoformat("2026-11-22T08:59:59+09:00")
    assert spending.exhausted(now=kst) == {provider.pk}
    assert spending.exhausted(now=kst + timedelta(seconds=1)) == frozenset()
    assert seconds_left(kst) == 1
    assert seconds_left(kst + timedelta(seconds=1)) == 86_400


def test_a_budget_of_its_own_replaces_the_default(settings):
    settings.PROBE_BUDGET_USD_PER_DAY = Decimal("0.10")
    rich, poor = make_real().provider, make_real("other", "other-1").provider
    ProbeBudget.objects.create(provider=rich, usd_per_day=Decimal(5))
    spend(rich, "0.2")
    spend(poor, "0.2")
    assert spending.exhausted(now=NOW) == {poor.pk}


def test_orders_on_their_way_count_so_that_the_cap_is_not_overshot():
    endpoint = make_real()
    make_price(endpoint, "2000", "8000")  # 27 in and 8 out, thrice if it must be confirmed: 0.354 USD
    spend(endpoint.provider, "0.60")
    make_due(endpoint)
    assert spending.exhausted(now=NOW) == frozenset()
    make_due(endpoint, due_at=NOW + timedelta(seconds=60))
    assert spending.exhausted(now=NOW) == {endpoint.provider_id}


def test_at_a_cap_of_nothing_only_what_is_known_to_be_free_is_asked(settings):
    settings.PROBE_BUDGET_USD_PER_DAY = Decimal(0)
    paid, unknown, free, embedding, reachable = (
        make_real("paid", "paid-1"),
        make_real("unknown", "unknown-1"),
        make_real("free", "free-1"),
        make_real("embedding", "embedding-1", functions=["embedding"]),
        make_real("reachable", "reachable-1", functions=["image"]),
    )
    make_price(paid)
    make_price(free, "0", "0")
    make_price(embedding, "0", None)
    make_price(reachable)
    assert spending.exhausted(now=NOW) == {paid.provider_id, unknown.provider_id}


def test_invented_prices_are_booked_and_bound_only_by_a_budget_of_their_own():
    endpoint = make_endpoint()
    spend(endpoint.provider, "500")
    assert spending.exhausted(now=NOW) == frozenset()
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal(500))
    assert spending.exhausted(now=NOW) == {endpoint.provider_id}


def test_the_cap_is_read_in_three_queries_whatever_there_is(django_assert_num_queries):
    for n in range(5):
        endpoint = make_real(f"provider-{n}", f"model-{n}")
        make_price(endpoint)
        make_due(endpoint)
        spend(endpoint.provider, "0.1")
    with django_assert_num_queries(3):
        assert spending.exhausted(now=NOW) == frozenset()
