import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Creator, Price
from catalog.selectors import model_detail, model_list
from catalog.tests.factories import NOW, make_endpoint, make_model

pytestmark = pytest.mark.django_db


def slugs(**filters: str | bool) -> list[str]:
    return list(model_list(**filters).values_list("slug", flat=True))  # type: ignore[arg-type]


def price(endpoint_id: int, tier: str, **overrides: object) -> Price:
    facts = {"valid_from": NOW, "retrieved_at": NOW, "source_name": "models.dev", "content_hash": "x"}
    return Price.objects.create(endpoint_id=endpoint_id, tier=tier, **(facts | overrides))


def test_models_come_by_name_without_the_simulated_ones() -> None:
    make_model("b", name="Beta")
    make_model("a", name="Alpha")
    make_model("aurora-1", name="Aurora 1", simulated=True)
    assert slugs() == ["a", "b"]
    assert slugs(simulated=True) == ["a", "aurora-1", "b"]


def test_filters_narrow_the_list() -> None:
    meta = Creator.objects.create(slug="meta", name="Meta")
    make_model("gpt-4.1", functions=["chat", "vision"])
    make_model("llama-3.3-70b", creator=meta, functions=["chat", "code"], lifecycle="deprecated")
    assert slugs(creator="meta") == ["llama-3.3-70b"]
    assert slugs(function="vision") == ["gpt-4.1"]
    assert slugs(function="chat") == ["gpt-4.1", "llama-3.3-70b"]
    assert slugs(function='"') == []
    assert slugs(lifecycle="deprecated") == ["llama-3.3-70b"]
    assert slugs(q="META 70b") == ["llama-3.3-70b"]
    assert slugs(q="meta gpt") == []


def test_the_list_takes_two_queries_however_many_models(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        make_endpoint("openai", make_model(f"m{number}"))
    with django_assert_num_queries(2):
        found = [
            (model.creator.name, [row.provider.name for row in model.endpoints.all()])
            for model in model_list()
        ]
    assert len(found) == 20


def test_a_retired_endpoint_is_listed_but_not_counted() -> None:
    model = make_model()
    make_endpoint("openai", model)
    make_endpoint("azure", model, lifecycle="retired")
    (found,) = model_list()
    assert found.endpoint_count == 1  # type: ignore[attr-defined]
    assert len(found.endpoints.all()) == 2


def test_a_detail_has_endpoints_and_open_prices_standard_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    model = make_model()
    for provider in ("azure", "openai", "openrouter"):
        endpoint = make_endpoint(provider, model)
        price(endpoint.pk, "batch")
        price(endpoint.pk, "standard")
        price(endpoint.pk, "standard", valid_from=NOW - dt.timedelta(days=1), valid_to=NOW)
    with django_assert_num_queries(4):
        facts = model_detail("gpt-4.1")
        assert facts is not None
        shown = [
            (row.endpoint.provider.slug, [amount.tier for amount in row.prices]) for row in facts.endpoints
        ]
    assert shown == [(provider, ["standard", "batch"]) for provider in ("azure", "openai", "openrouter")]


def test_a_models_slug_stands_for_its_creators_own_endpoint() -> None:
    model = make_model()
    make_endpoint("azure", model, watched=True)
    make_endpoint("openai", model)
    facts = model_detail("gpt-4.1")
    assert facts is not None
    assert facts.chosen is not None
    assert facts.chosen.slug == "openai--gpt-4.1"


def test_an_endpoints_slug_stands_for_itself() -> None:
    model = make_model()
    make_endpoint("azure", model)
    make_endpoint("openai", model)
    facts = model_detail("azure--gpt-4.1")
    assert facts is not None
    assert facts.model == model
    assert facts.chosen is not None
    assert facts.chosen.slug == "azure--gpt-4.1"


@pytest.mark.parametrize("slug", ["nothing", "nobody--nothing"])
def test_an_unknown_slug_is_none(slug: str) -> None:
    assert model_detail(slug) is None


def test_a_model_that_nobody_serves_has_no_chosen_endpoint() -> None:
    make_model()
    facts = model_detail("gpt-4.1")
    assert facts is not None
    assert facts.chosen is None
