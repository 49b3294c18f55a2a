"""Models and prices that a provider's own list is the source of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.adapters.curation import read_curation
from catalog.assembly import Desired, assemble
from catalog.identity import told_apart
from catalog.listing import RATE_NAMES, ListedModel, ListedProvider, Listing, Rates
from catalog.models import AIModel, Creator, Endpoint, Price, Provider
from catalog.services.prices import add_price
from catalog.stated import LISTING_SOURCE, StatedModel


def add_listed_model(
    provider: Provider,
    stated: StatedModel,
    *,
    source_url: str,
    first_seen_at: dt.datetime,
    seen_at: dt.datetime,
) -> Endpoint:
    """The endpoint of a model that the provider lists and the catalogue lacks; the model, too, if it is new.

    Which model it is follows the rules of imports (`catalog.identity`), and how it is probed follows the
    curated facts. It is not watched: people decide that.
    """
    desired = assemble([_listing(provider, stated, source_url)], read_curation())
    row = desired.endpoints[provider.slug, stated.id]
    model = _model_of(desired, row.pop("model"))
    slug = row.pop("slug")
    taken = len(slug) > _longest(Endpoint) or Endpoint.objects.filter(slug=slug).exists()
    row |= {"provider": provider, "base_url": provider.base_url if row["protocol"] else "", "watched": False}
    row |= {"key_env": provider.key_env, "base_url_env": provider.base_url_env}
    endpoint = Endpoint(model=model, slug=_fit(slug, stated.id, Endpoint) if taken else slug, **row)
    if stated.deprecated_at or stated.retires_at:
        set_dates(
            endpoint,
            {"deprecated_at": stated.deprecated_at, "retires_at": stated.retires_at},
            source_url=source_url,
            seen_at=seen_at,
        )
    endpoint.save()
    if stated.rates:
        open_price(endpoint, stated.rates, source_url=source_url, since=first_seen_at, retrieved_at=seen_at)
    return endpoint


def open_price(
    endpoint: Endpoint,
    rates: Mapping[str, Decimal],
    *,
    source_url: str,
    since: dt.datetime,
    retrieved_at: dt.datetime,
) -> Price:
    """End the standard price in force and add this one, at the same moment: `since`, or where that would be
    before the one in force began, its beginning. What the list does not state is not known from then on."""
    if old := standard_price(endpoint):
        since = max(since, old.valid_from)
    return add_price(
        (endpoint.pk, "standard", "all"),
        rates,
        since=since,
        source_name=LISTING_SOURCE,
        source_url=source_url,
        retrieved_at=retrieved_at,
        last_checked_in=LISTING_SOURCE,
    )


def standard_price(endpoint: Endpoint) -> Price | None:
    """The price in force that lists speak of."""
    found: Price | None = endpoint.prices.current().standard().first()
    return found


def set_dates(
    endpoint: Endpoint,
    dates: Mapping[str, dt.datetime | None],
    *,
    source_url: str,
    seen_at: dt.datetime,
) -> None:
    """Set `deprecated_at` or `retires_at` with their source; the caller saves."""
    for name, moment in dates.items():
        setattr(endpoint, name, moment)
    endpoint.dates_source_name, endpoint.dates_source_url = LISTING_SOURCE, source_url
    endpoint.dates_seen_at = seen_at


def _listing(provider: Provider, stated: StatedModel, source_url: str) -> Listing:
    amounts: dict[str, Any] = {name: stated.rates.get(f"{name}_usd_per_mtok") for name in RATE_NAMES}
    rates = Rates("standard", LISTING_SOURCE, source_url, **amounts)
    model = ListedModel(
        id=stated.id,
        name=stated.name or stated.id,
        modalities_in=stated.modalities_in,
        modalities_out=stated.modalities_out,
        context_window=stated.context_window,
        max_output_tokens=stated.max_output_tokens,
        released_on=stated.released_at.date() if stated.released_at else None,
        lifecycle=stated.lifecycle or "active",
        rates=(rates,) if stated.rates else (),
    )
    listed = ListedProvider(
        provider.slug,
        provider.name,
        key_env=provider.key_env,
        base_url=provider.base_url,
        protocol=provider.protocol,
        models=(model,),
    )
    return Listing(LISTING_SOURCE, (listed,))


def _model_of(desired: Desired, slug: str) -> AIModel:
    """The row of the only model there; a slug that another creator's model holds gets the creator's name."""
    row: dict[str, Any] = desired.models[slug]
    names = desired.creators[row["creator"]]
    creator, _created = Creator.objects.get_or_create(
        slug=names["slug"][: _longest(Creator)], defaults={"name": names["name"][:120]}
    )
    for candidate in (slug, f"{creator.slug}-{slug}"):
        candidate = candidate if len(candidate) <= _longest(AIModel) else _fit(candidate, slug, AIModel)
        found = AIModel.objects.filter(slug=candidate).first()
        if found is None:
            return AIModel.objects.create(**row | {"slug": candidate, "creator": creator})
        if found.creator_id == creator.pk:
            return found
    raise ValueError(f"{slug} and {creator.slug}-{slug} are other creators' models; rename one of them.")


def _longest(kind: type[AIModel] | type[Endpoint] | type[Creator]) -> int:
    return int(kind._meta.get_field("slug").max_length or 0)


def _fit(slug: str, ident: str, kind: type[AIModel] | type[Endpoint]) -> str:
    return told_apart(slug[: _longest(kind) - 7].rstrip("-."), ident)
