"""Small listings, curations and rows; every argument has a default that a test may override."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from catalog.adapters.curation import Curation, ProviderFacts, WatchEntry
from catalog.listing import ListedModel, ListedProvider, Listing, Rates
from catalog.models import AIModel, CatalogChange, Creator, Endpoint, Price, Provider
from catalog.stated import StatedModel, facts_of

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def make_rates(**overrides: Any) -> Rates:
    rates = Rates("standard", "models.dev", "", input=Decimal("2"), output=Decimal("8"))
    return replace(rates, **overrides)


def make_listed_model(id: str = "gpt-4.1", **overrides: Any) -> ListedModel:
    model = ListedModel(
        id=id, name=id, modalities_in=("text",), modalities_out=("text",), rates=(make_rates(),)
    )
    return replace(model, **overrides)


def make_listed_provider(slug: str = "openai", *models: ListedModel, **overrides: Any) -> ListedProvider:
    provider = ListedProvider(
        slug=slug,
        name=slug.title(),
        key_env="OPENAI_API_KEY",
        base_url="https://api.test/v1",
        protocol="openai_chat",
        models=models or (make_listed_model(),),
    )
    return replace(provider, **overrides)


def make_listing(*providers: ListedProvider, **overrides: Any) -> Listing:
    return replace(Listing("models.dev", providers or (make_listed_provider(),)), **overrides)


def make_curation(*watched: tuple[str, str], facts: tuple[ProviderFacts, ...] = ()) -> Curation:
    entries = {key: WatchEntry(key[0], key[1], "", None, {}) for key in watched}
    return Curation({row.slug: row for row in facts}, entries)


def make_model(slug: str = "gpt-4.1", **overrides: Any) -> AIModel:
    creator, _ = Creator.objects.get_or_create(slug="openai", defaults={"name": "OpenAI"})
    return AIModel.objects.create(**({"slug": slug, "name": slug, "creator": creator} | overrides))


def make_endpoint(provider: str = "openai", model: AIModel | None = None, **overrides: Any) -> Endpoint:
    row, _ = Provider.objects.get_or_create(slug=provider, defaults={"name": provider})
    served = model or make_model()
    facts = {
        "slug": f"{provider}--{served.slug}",
        "provider_model_id": served.slug,
        "protocol": "openai_chat",
        "base_url": "https://api.test/v1",
    }
    return Endpoint.objects.create(provider=row, model=served, **(facts | overrides))


def make_stated(id: str = "gpt-4.1", **overrides: Any) -> StatedModel:
    """A model as the list states it; `rates` by short name: rates={"input": "2"}."""
    rates = {f"{name}_usd_per_mtok": Decimal(rate) for name, rate in overrides.pop("rates", {}).items()}
    return StatedModel(id=id, rates=rates, **overrides)


def make_price(endpoint: Endpoint, **overrides: Any) -> Price:
    """An open standard price of 2 in and 8 out per million tokens."""
    facts: dict[str, Any] = {"input_usd_per_mtok": Decimal(2), "output_usd_per_mtok": Decimal(8)}
    facts |= {"valid_from": NOW, "retrieved_at": NOW, "source_name": "models.dev", "content_hash": "x"}
    return Price.objects.create(endpoint=endpoint, **facts | overrides)


def make_change(endpoint: Endpoint, **overrides: Any) -> CatalogChange:
    """A proposal to call the endpoint deprecated."""
    facts = {
        "provider": endpoint.provider,
        "endpoint": endpoint,
        "provider_model_id": endpoint.provider_model_id,
        "kind": "lifecycle",
        "field": "lifecycle",
        "old_value": "active",
        "new_value": "deprecated",
        "source_name": "provider-list",
        "source_url": "https://api.test/v1/models",
        "first_seen_at": NOW,
        "last_seen_at": NOW,
    }
    return CatalogChange.objects.create(**facts | overrides)


def make_newcomer(provider: Provider, id: str, **stated: Any) -> CatalogChange:
    """A proposal of a model that the catalogue does not know; `stated` as make_stated takes it."""
    return CatalogChange.objects.create(
        provider=provider,
        provider_model_id=id,
        kind="new_model",
        field="presence",
        old_value="absent",
        new_value="listed",
        facts=facts_of(make_stated(id, **stated)),
        source_name="provider-list",
        source_url="https://api.test/v1/models",
        first_seen_at=NOW,
        last_seen_at=NOW,
    )
