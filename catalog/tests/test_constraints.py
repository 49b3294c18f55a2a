"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import DocRef, Endpoint, RateLimit
from catalog.tests.factories import NOW, make_change, make_endpoint, make_model, make_price

pytestmark = pytest.mark.django_db


def test_an_endpoint_has_one_open_price_per_tier_and_region() -> None:
    endpoint = make_endpoint()
    make_price(endpoint)
    make_price(endpoint, tier="batch")
    make_price(endpoint, region_scope="eu")
    make_price(endpoint, valid_to=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_price(endpoint)


@pytest.mark.parametrize(
    "wrong",
    [{"input_usd_per_mtok": -1}, {"currency": "EUR"}, {"valid_to": NOW.replace(year=2020)}],
    ids=["negative", "not in dollars", "ends before it starts"],
)
def test_an_impossible_price_is_refused(wrong: dict[str, Any]) -> None:
    endpoint = make_endpoint()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_price(endpoint, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lifecycle": "gone"},
        {"slug": "openai-gpt-4.1"},
        {"watched": True, "protocol": ""},
        {"watched": True, "base_url": ""},
    ],
    ids=["unknown lifecycle", "slug without provider", "watched without protocol", "watched without address"],
)
def test_an_impossible_endpoint_is_refused(wrong: dict[str, Any]) -> None:
    model = make_model()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_endpoint("openai", model, **wrong)


def test_a_provider_serves_an_id_once() -> None:
    model = make_model()
    make_endpoint("openai", model)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_endpoint("openai", model, slug="openai--other")


def test_a_model_cannot_take_an_endpoints_slug() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_model("openai--gpt-4.1")


def test_a_provider_has_one_link_of_a_kind() -> None:
    provider = make_endpoint().provider
    DocRef.objects.create(provider=provider, kind="docs", url="https://docs.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        DocRef.objects.create(provider=provider, kind="docs", url="https://other.test")


def test_the_board_shows_watched_endpoints_that_still_exist() -> None:
    model = make_model()
    shown = make_endpoint("openai", model, watched=True)
    make_endpoint("azure", model)
    make_endpoint("groq", model, watched=True, lifecycle="retired")
    invented = make_endpoint(
        "aurora-labs", make_model("aurora-1", simulated=True), watched=True, simulated=True
    )
    assert list(Endpoint.objects.for_board(simulation=False)) == [shown]
    assert set(Endpoint.objects.for_board(simulation=True)) == {shown, invented}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "rumour"},
        {"state": "forgotten", "decided_at": NOW},
        {"state": "approved"},
        {"decided_at": NOW},
        {"lapsed_at": NOW},
        {"last_seen_at": NOW.replace(year=2020)},
    ],
    ids=["kind", "state", "decided never", "decided and open", "lapsed and open", "seen before"],
)
def test_an_impossible_proposal_is_refused(wrong: dict[str, Any]) -> None:
    endpoint = make_endpoint()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_change(endpoint, **wrong)


def test_a_field_of_a_model_has_one_open_proposal_and_one_standing_rejection() -> None:
    endpoint = make_endpoint()
    rejected = {"state": "rejected", "decided_at": NOW}
    make_change(endpoint)
    make_change(endpoint, field="retires_at")
    make_change(endpoint, **rejected)
    make_change(endpoint, **rejected, lapsed_at=NOW)
    for twice in ({}, rejected):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_change(endpoint, **twice)


def test_a_date_without_a_source_is_refused() -> None:
    model = make_model()
    for wrong in ({}, {"dates_source_name": "provider-list"}, {"dates_seen_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_endpoint("openai", model, retires_at=NOW, **wrong)
    make_endpoint("openai", model, retires_at=NOW, dates_source_name="provider-list", dates_seen_at=NOW)


def make_limit(endpoint: Endpoint, **overrides: Any) -> RateLimit:
    facts = {"kind": "requests", "window": "minute", "limit": 60, "source": "headers", "region": "seoul"}
    moments = {"first_seen_at": NOW, "last_seen_at": NOW}
    return RateLimit.objects.create(**({"endpoint": endpoint} | facts | moments | overrides))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "prayers"},
        {"window": "hour"},
        {"source": "hearsay"},
        {"region": ""},
        {"source_url": "https://docs.test"},
        {"source": "documentation", "region": ""},
        {"limit": 0},
        {"last_seen_at": NOW.replace(year=2020)},
        {"ended_at": NOW.replace(year=2020)},
    ],
)
def test_an_impossible_limit_is_refused(wrong: dict[str, Any]) -> None:
    endpoint = make_endpoint()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_limit(endpoint, **wrong)


def test_a_limit_has_one_open_row() -> None:
    endpoint = make_endpoint()
    make_limit(endpoint)
    make_limit(endpoint, region="tokyo")
    make_limit(endpoint, tier="scale")
    make_limit(endpoint, ended_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_limit(endpoint)
