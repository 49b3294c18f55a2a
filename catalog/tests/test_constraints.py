"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import DocRef, Endpoint, Price
from catalog.tests.factories import NOW, make_endpoint, make_model

pytestmark = pytest.mark.django_db


def make_price(endpoint: Endpoint, **overrides: Any) -> Price:
    facts = {"valid_from": NOW, "retrieved_at": NOW, "source_name": "models.dev", "content_hash": "x"}
    return Price.objects.create(**({"endpoint": endpoint} | facts | overrides))


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
