"""Prices of the PyPI package `genai-prices` (https://github.com/pydantic/genai-prices, MIT). Pure.

A second source: it fills the standard price of an endpoint that models.dev lists without one, and adds what
models.dev does not have: the tier "batch", the tier "extra" (tokens of images, a fee per request) and price
changes with the day from which they hold. Where both state a standard price, models.dev's row stays and the
difference is reported, so that one source speaks for one number.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

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
#: What models.dev has no word for; a tier of its own, so that one row has one source.
_EXTRA_BY_KEY = {
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "requests_kcount": "requests_k",
}
EXTRA = "extra"
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


@cache
def package_version() -> str:
    return importlib.metadata.version("genai-prices")


def _with_prices(
    listed: ListedProvider, packaged: types.Provider, as_of: dt.datetime, differences: list[str]
) -> ListedProvider:
    url = (packaged.pricing_urls or [_FALLBACK_URL])[0]
    models = []
    for model in listed.models:
        found = next((row for row in packaged.models if row.is_match(model.id)), None)
        if found is None or _varies_by_hour(found):
            models.append(model)
        else:
            models.append(_merged(listed.slug, model, _Packaged(found, url), as_of, differences))
    return replace(listed, models=tuple(models))


class _Packaged:
    """What the package states of one model, at any moment."""

    def __init__(self, model: types.ModelInfo, url: str) -> None:
        self._model, self._url = model, url

    def at(self, moment: dt.datetime) -> dict[str, Rates]:
        """Tier → its rates."""
        return {rates.tier: rates for rates in _rates(self._model, self._url, moment)}

    def changes(self) -> list[dt.datetime]:
        """The days (their beginning, UTC) from which another price of the model holds, in order."""
        conditions = self._model.prices if isinstance(self._model.prices, list) else []
        variants = [row for row in self._model.price_variants or () if row.when == _BATCH]
        dated = [*(row.constraint for row in conditions), *(row.constraint for row in variants)]
        days = {row.start_date for row in dated if isinstance(row, types.StartDateConstraint)}
        return [dt.datetime.combine(day, dt.time(), dt.UTC) for day in sorted(days)]


def _merged(
    provider: str, model: ListedModel, packaged: _Packaged, as_of: dt.datetime, differences: list[str]
) -> ListedModel:
    theirs = packaged.at(as_of)
    ours = next((rates for rates in model.rates if rates.tier == "standard"), None)
    if ours and (standard := theirs.get("standard")) and not _same(ours, standard):
        differences.append(
            f"{provider} {model.id}: {ours.source_name} {ours.input}/{ours.output}, "
            f"{SOURCE} {standard.input}/{standard.output}"
        )
    beside = [rates for rates in theirs.values() if not model.rates or _is_beside(rates.tier)]
    now = (*model.rates, *beside)
    announced = _announced(packaged, now, as_of)
    return replace(model, rates=(*now, *announced)) if beside or announced else model


def _is_beside(tier: str) -> bool:
    """Tiers that models.dev does not know."""
    return tier == EXTRA or tier.startswith("batch")


def _same(one: Rates, other: Rates) -> bool:
    return (one.input, one.output) == (other.input, other.output)


def _announced(packaged: _Packaged, now: Sequence[Rates], as_of: dt.datetime) -> list[Rates]:
    """What will hold from a later day on, of tiers on whose present price the sources agree."""
    said = packaged.at(as_of)
    last = {
        rates.tier: said[rates.tier] for rates in now if rates.tier in said and _same(rates, said[rates.tier])
    }
    found = []
    for moment in packaged.changes():
        for tier, rates in packaged.at(moment).items() if moment > as_of else ():
            if tier in last and rates != last[tier]:
                last[tier] = rates
                found.append(replace(rates, valid_from=moment))
    return found


def _rates(model: types.ModelInfo, url: str, as_of: dt.datetime) -> Iterator[Rates]:
    yield from _tiers(model.get_prices(as_of), "standard", url)
    for variant in model.price_variants or ():
        if variant.when == _BATCH and (variant.constraint is None or variant.constraint.active(as_of)):
            tiers = _tiers(variant.prices, "batch", url)
            yield from (rates for rates in tiers if rates.tier != EXTRA)
            return


def _tiers(prices: types.ModelPrice, name: str, url: str) -> Iterator[Rates]:
    """The base rates under `name`, then one "over_<n>k" per step, of a batch "batch_over_<n>k", then what is
    charged beside them; nothing where no rate is one we keep."""
    prefix = "" if name == "standard" else f"{name}_"
    steps: dict[str, dict[str, Decimal]] = {name: {}}
    for key, field in _FIELD_BY_KEY.items():
        value = prices.__dict__.get(key)
        if isinstance(value, types.TieredPrices):
            steps[name][field] = _rate(value.base)
            for tier in value.tiers:
                # "More than 199,999" is 200,000 and more.
                step = f"{prefix}over_{(tier.start + 1) // 1000}k"
                steps.setdefault(step, {})[field] = _rate(tier.price)
        elif value is not None:
            steps[name][field] = _rate(value)
    steps[EXTRA] = {
        field: _rate(value)
        for key, field in _EXTRA_BY_KEY.items()
        if (value := prices.__dict__.get(key)) is not None and not isinstance(value, types.TieredPrices)
    }
    blank = Rates(tier=name, source_name=SOURCE, source_url=url, version=f"{SOURCE} {package_version()}")
    for tier_name, rates in steps.items():
        if rates:
            yield replace(blank, tier=tier_name, **rates)  # type: ignore[arg-type]


def _rate(value: Decimal) -> Decimal:
    if not 0 <= value < RATE_LIMIT:
        raise ValueError(f"genai-prices: expected a rate ≥ 0 and < {RATE_LIMIT}, got {value}")
    return Decimal(value).quantize(RATE_STEP)


def _varies_by_hour(model: types.ModelInfo) -> bool:
    """A price by the hour would open and close a row twice a day; one number cannot stand for it."""
    conditions = model.prices if isinstance(model.prices, list) else []
    return any(isinstance(row.constraint, types.TimeOfDateConstraint) for row in conditions)
