"""From listings and curation to the rows the catalogue should hold. Pure: no Django, no database, no clock.

Rows are plain dicts, keyed by what identifies them; references are those keys. `services` writes them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.adapters.curation import Curation, ProviderFacts
from catalog.identity import endpoint_slug, identify, own_providers, slug_of
from catalog.listing import AMOUNTS, ListedModel, ListedProvider, Listing, Rates
from catalog.tagging import functions_of

Row = dict[str, Any]
EndpointKey = tuple[str, str]  # provider slug, the provider's own model id
PriceKey = tuple[str, str, str, str]  # EndpointKey, tier, region scope
AnnouncedKey = tuple[str, str, str, str, dt.datetime]  # PriceKey, the moment from which it will hold

# How a provider of a protocol is asked for an embedding.
EMBEDDING_PROTOCOLS = {
    "openai_chat": "openai_embeddings",
    "openai_responses": "openai_embeddings",
    "openai_embeddings": "openai_embeddings",
    "gemini": "gemini_embed",
    "cohere_v2": "cohere_embed",
    "ollama_chat": "ollama_embed",
}
# Whose facts of a model count where its creator serves it nowhere: curated registries first.
_TRUSTED_HOSTS = ("openrouter", "huggingface", "vercel", "nvidia", "togetherai", "fireworks-ai", "groq")


@dataclass(slots=True)
class Desired:
    """All rows that the sources ask for. `sources`: whose rows may be retired when they are not here.

    prices: what holds now; announced: what will hold from a later moment on.
    """

    sources: frozenset[str]
    creators: dict[str, Row] = field(default_factory=dict)
    providers: dict[str, Row] = field(default_factory=dict)
    models: dict[str, Row] = field(default_factory=dict)
    endpoints: dict[EndpointKey, Row] = field(default_factory=dict)
    prices: dict[PriceKey, Row] = field(default_factory=dict)
    announced: dict[AnnouncedKey, Row] = field(default_factory=dict)
    doc_refs: dict[tuple[str, str], Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Offer:
    """One model in one provider's list, with the listing it comes from."""

    listing: Listing
    provider: ListedProvider
    model: ListedModel


def assemble(listings: Sequence[Listing], curation: Curation) -> Desired:
    """The rows for these listings; ValueError where two listings name the same provider."""
    desired = Desired(frozenset(listing.source_name for listing in listings))
    offers: dict[tuple[str, str], list[_Offer]] = defaultdict(list)
    for listing in listings:
        for provider in listing.providers:
            if provider.slug in desired.providers:
                raise ValueError(f"provider {provider.slug} is listed by two sources")
            facts = None if listing.simulated else curation.providers.get(provider.slug)
            desired.providers[provider.slug] = _provider_row(listing, provider, facts)
            _add_links(desired, provider, facts)
            for model in provider.models:
                offer = _Offer(listing, provider, model)
                offers[_identity(offer, desired.creators)].append(offer)
    for (creator, base), group in sorted(offers.items()):
        slug = base if base not in desired.models else f"{creator}-{base}"
        desired.models[slug] = {"slug": slug} | _model_row(creator, _by_trust(creator, group))
        for offer in group:
            _add_endpoint(desired, slug, offer, curation)
    return desired


def _identity(offer: _Offer, creators: dict[str, Row]) -> tuple[str, str]:
    if offer.model.creator_name:
        creator, name, base = (
            slug_of(offer.model.creator_name),
            offer.model.creator_name,
            slug_of(offer.model.id),
        )
    else:
        creator, name, base = identify(offer.provider.slug, offer.model.id, offer.model.name)
    creators.setdefault(creator, {"slug": creator, "name": name})
    return creator, base


def _provider_row(listing: Listing, listed: ListedProvider, facts: ProviderFacts | None) -> Row:
    """Curated facts win over the source's: they were read in the vendors' own SDKs and references."""
    env_stem = slug_of(listed.slug).replace("-", "_").replace(".", "_").upper()
    return {
        "slug": listed.slug,
        "name": listed.name,
        "url": facts.url if facts else listed.url,
        "docs_url": (facts.links.get("docs", "") if facts else "") or listed.docs_url,
        "status_page_url": facts.status_page_url if facts else listed.status_page_url,
        "status_page_kind": facts.status_page_kind if facts else listed.status_page_kind,
        "status_page_scope": list(facts.status_page_scope) if facts else [],
        "key_env": facts.key_env if facts else listed.key_env,
        "base_url": facts.base_url if facts else listed.base_url,
        "base_url_env": facts.base_url_env if facts else "" if listing.simulated else f"{env_stem}_BASE_URL",
        "protocol": facts.protocol if facts else listed.protocol,
        "icon": dict(facts.icon) if facts else {"monogram": _monogram(listed.name)},
        "simulated": listing.simulated,
        "curated": facts is not None,
        "source_name": listing.source_name,
    }


def _monogram(name: str) -> str:
    words = [word for word in name.replace("(", " ").split() if word[0].isalnum()]
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]).upper()


def _add_links(desired: Desired, listed: ListedProvider, facts: ProviderFacts | None) -> None:
    for kind, url in facts.links.items() if facts else ():
        desired.doc_refs[listed.slug, kind] = {"provider": listed.slug, "kind": kind, "url": url}


def _by_trust(creator: str, group: Iterable[_Offer]) -> list[_Offer]:
    """Offers of one model in the order their facts count: the creator's own, trusted hosts, then by name."""
    order = {slug: rank for rank, slug in enumerate((*own_providers(creator), *_TRUSTED_HOSTS))}
    return sorted(
        group,
        key=lambda offer: (order.get(offer.provider.slug, len(order)), offer.provider.slug, offer.model.id),
    )


def _model_row(creator: str, offers: list[_Offer]) -> Row:
    """Facts of the first offer; what it leaves open, the next one that knows fills in."""
    models = [offer.model for offer in offers]
    first = models[0]
    tags = first.functions or functions_of(first.id, first.modalities_in, first.modalities_out)
    dated = next((model for model in models if model.released_on), first)
    return {
        "creator": creator,
        "name": first.name,
        "family": _first(model.family for model in models) or "",
        "modalities_in": list(first.modalities_in),
        "modalities_out": list(first.modalities_out),
        "capabilities": list(first.capabilities),
        "functions": list(tags),
        "reasoning": first.reasoning,
        "context_window": _first(model.context_window for model in models),
        "max_output_tokens": _first(model.max_output_tokens for model in models),
        "knowledge_cutoff": _first(model.knowledge_cutoff for model in models) or "",
        "released_on": dated.released_on,
        "released_precision": dated.released_precision,
        "open_weights": first.open_weights,
        "lifecycle": first.lifecycle if offers[0].provider.slug in own_providers(creator) else _best(models),
        "simulated": offers[0].listing.simulated,
        "source_name": offers[0].listing.source_name,
    }


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value), None)


def _best(models: list[ListedModel]) -> str:
    """A model lives as long as one provider offers it as active."""
    found = {model.lifecycle for model in models}
    return next(state for state in ("active", "deprecated", "retired") if state in found)


def _add_endpoint(desired: Desired, model_slug: str, offer: _Offer, curation: Curation) -> None:
    key = (offer.provider.slug, offer.model.id)
    provider = desired.providers[offer.provider.slug]
    tags = desired.models[model_slug]["functions"]
    protocol, options = _probing(offer, provider, tags, curation)
    desired.endpoints[key] = {
        "slug": endpoint_slug(*key),
        "provider": offer.provider.slug,
        "model": model_slug,
        "provider_model_id": offer.model.id,
        "protocol": protocol,
        "base_url": offer.model.base_url or (provider["base_url"] if protocol else ""),
        "key_env": provider["key_env"],
        "base_url_env": provider["base_url_env"],
        "probe_options": options,
        "watched": offer.listing.simulated or key in curation.watched,
        "simulated": offer.listing.simulated,
        "lifecycle": offer.model.lifecycle,
        "source_name": offer.listing.source_name,
    }
    for rates in offer.model.rates:
        place = (*key, rates.tier, rates.region_scope)
        if rates.valid_from is None:
            desired.prices[place] = _price_row(key, rates)
        else:
            desired.announced[*place, rates.valid_from] = _price_row(key, rates)


def _probing(offer: _Offer, provider: Row, tags: list[str], curation: Curation) -> tuple[str, Row]:
    """Protocol and probe options of an endpoint: its watch entry's, else its provider's; "" = none known."""
    entry = curation.watched.get((offer.provider.slug, offer.model.id))
    facts = None if offer.listing.simulated else curation.providers.get(offer.provider.slug)
    protocol = (entry.protocol if entry else "") or offer.model.protocol or provider["protocol"]
    if tags == ["embedding"] and not offer.listing.simulated:
        protocol = EMBEDDING_PROTOCOLS.get(protocol, "") if facts and facts.embeddings else ""
    if facts is None or not protocol:
        return protocol, {}
    options = dict(facts.probe_options.get(protocol, {}))
    if "auth" not in options and (auth := facts.probe_options.get(facts.protocol, {}).get("auth")):
        options["auth"] = auth
    if offer.model.reasoning and entry and entry.reasoning is not None:
        options["reasoning"] = entry.reasoning
    return protocol, options | dict(entry.options if entry else {})


def _price_row(key: EndpointKey, rates: Rates) -> Row:
    amounts = {column: getattr(rates, name) for name, column in AMOUNTS.items()}
    return {
        "endpoint": key,
        "tier": rates.tier,
        "region_scope": rates.region_scope,
        **amounts,
        "source_name": rates.source_name,
        "source_url": rates.source_url,
        "last_checked_in": rates.version or rates.source_name,
        "content_hash": price_hash(amounts),
    }


def price_hash(amounts: Mapping[str, Any]) -> str:
    """SHA-256 of the amounts alone: another source with the same amounts is no new price."""
    stated = {name: f"{amount.normalize():f}" for name, amount in amounts.items() if amount is not None}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
