"""Prices of the PyPI package `genai-prices` (https://github.com/pydantic/genai-prices, MIT). Pure.

A second source: it fills the standard price of an endpoint that models.dev lists without one, and adds the
tier "batch", which models.dev does not have. Where both state a standard price, models.dev's row stays and
the difference is reported, so that one source speaks for one number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from genai_prices import types
from genai_prices.data import providers as packaged_providers

from catalog.listing import RATE_LIMIT, RATE_STEP, ListedModel, ListedProvider, Listing, Rates

SOURCE = "genai-prices"
_FALLBACK_URL = "https://github.com/pydantic/genai-prices"

# Provider ids of the package and of models.dev. Amazon Bedrock is not joined: its ids there stand for a whole
# region group, so that a price of one region would land on another.
_SLUG_BY_ID = {
    "anthropic": "anthropic",
    "azure": "azure",
    "baseten": "baseten",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "databricks": "databricks",
    "deepseek": "deepseek",
    "fireworks": "fireworks-ai",
    "google": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "novita": "novita-ai",
    "openai": "openai",
    "openrouter": "openrouter",
    "ovhcloud": "ovhcloud",
    "perplexity": "perplexity",
    "together": "togetherai",
    "x-ai": "xai",
    "zai": "zai",
    "zhipuai": "zhipuai",
}
_FIELD_BY_KEY = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
}
_BATCH = {"processing": "batch"}


def add_prices(listing: Listing, *, as_of: dt.datetime) -> tuple[Listing, tuple[str, ...]]:
    """The listing with the package's prices, and a line per standard price on which the sources differ.

    `as_of` (aware) picks the rows in force, since the package knows some price changes by their date.
    """
    by_slug = {_SLUG_BY_ID[row.id]: row for row in packaged_providers if row.id in _SLUG_BY_ID}
    differences: list[str] = []
    providers = tuple(
        _with_prices(provider, by_slug[provider.slug], as_of, differences)
        if provider.slug in by_slug
        else provider
        for provider in listing.providers
    )
    return replace(listing, providers=providers), tuple(differences)


def _with_prices(
    listed: ListedProvider, packaged: types.Provider, as_of: dt.datetime, differences: list[str]
) -> ListedProvider:
    models = []
    for model in listed.models:
        found = next((row for row in packaged.models if row.is_match(model.id)), None)
        if found is None or _varies_by_hour(found):
            models.append(model)
            continue
        offered = tuple(_rates(found, (packaged.pricing_urls or [_FALLBACK_URL])[0], as_of))
        models.append(_merged(listed.slug, model, offered, differences))
    return replace(listed, models=tuple(models))


def _merged(
    provider: str, model: ListedModel, offered: tuple[Rates, ...], differences: list[str]
) -> ListedModel:
    have = {rates.tier: rates for rates in model.rates}
    theirs = next((rates for rates in offered if rates.tier == "standard"), None)
    ours = have.get("standard")
    if ours and theirs and (ours.input, ours.output) != (theirs.input, theirs.output):
        differences.append(
            f"{provider} {model.id}: {ours.source_name} {ours.input}/{ours.output}, "
            f"{SOURCE} {theirs.input}/{theirs.output}"
        )
    usable = [rates for rates in offered if rates.tier == "batch" or not have]
    return replace(model, rates=(*model.rates, *usable)) if usable else model


def _rates(model: types.ModelInfo, url: str, as_of: dt.datetime) -> Iterator[Rates]:
    yield from _tiers(model.get_prices(as_of), "standard", url)
    for variant in model.price_variants or ():
        if variant.when == _BATCH and (variant.constraint is None or variant.constraint.active(as_of)):
            yield from (rates for rates in _tiers(variant.prices, "batch", url) if rates.tier == "batch")
            return


def _tiers(prices: types.ModelPrice, name: str, url: str) -> Iterator[Rates]:
    """The base rates under `name`, then one "over_<n>k" per step; nothing where no rate is one we keep."""
    steps: dict[str, dict[str, Decimal]] = {name: {}}
    for key, field in _FIELD_BY_KEY.items():
        value = prices.__dict__.get(key)
        if isinstance(value, types.TieredPrices):
            steps[name][field] = _rate(value.base)
            for tier in value.tiers:
                steps.setdefault(f"over_{tier.start // 1000}k", {})[field] = _rate(tier.price)
        elif value is not None:
            steps[name][field] = _rate(value)
    for tier_name, rates in steps.items():
        if rates:
            yield replace(Rates(tier=tier_name, source_name=SOURCE, source_url=url), **rates)  # type: ignore[arg-type]


def _rate(value: Decimal) -> Decimal:
    if not 0 <= value < RATE_LIMIT:
        raise ValueError(f"genai-prices: expected a rate ≥ 0 and < {RATE_LIMIT}, got {value}")
    return Decimal(value).quantize(RATE_STEP)


def _varies_by_hour(model: types.ModelInfo) -> bool:
    """A price by the hour would open and close a row twice a day; one number cannot stand for it."""
    conditions = model.prices if isinstance(model.prices, list) else []
    return any(isinstance(row.constraint, types.TimeOfDateConstraint) for row in conditions)
