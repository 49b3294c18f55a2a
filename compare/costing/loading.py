"""Reading what costs follow from: every priced endpoint with its rates, and what models reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Q

from aigo.lib.matching import Entry, Index, Query, names_of
from aigo.lib.once import once
from catalog.charging import Rates
from catalog.identity import seller_rank, serves_its_own
from catalog.korean import spellings_of
from catalog.models import Endpoint, Lifecycle, Price
from catalog.pricing import EVERYWHERE
from catalog.rates import STANDARD, is_batch, step_tokens
from compare.costing.reckoning import LEAST_ANSWERS, Fee, Offer, Overhead, PriceRow
from probes.thinking import WINDOW, Reasoned, load_reasoned

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
#: All that is found here.
_KIND: Final = "offer"
_RATES: Final = (
    *("pk", "endpoint", "tier", "region_scope", "source_name", "source_url", "valid_from", "valid_to"),
    *("retrieved_at", "last_checked_at", "requests_usd_per_k"),
    *("input_usd_per_mtok", "output_usd_per_mtok", "cache_read_usd_per_mtok", "reasoning_usd_per_mtok"),
)
_ENDPOINT: Final = (
    *("pk", "slug", "model__slug", "model__name", "model__creator__slug", "model__creator__name"),
    *("provider__slug", "provider__name", "provider__icon", "simulated", "watched"),
    *("model__reasoning", "model__open_weights", "model__context_window", "model__max_output_tokens"),
)


@dataclass(frozen=True, slots=True)
class Offers:
    """All that answers in words, by endpoint slug. `priced`: how many real ones have a price; `regions`: what
    some of them have prices of their own for. `changes_at`: when the next price begins or ends, else the end
    of time.
    """

    by_slug: Mapping[str, Offer]
    of_model: Mapping[str, tuple[str, ...]]
    overheads: Mapping[int, Overhead]
    changes_at: datetime
    priced: int
    regions: tuple[str, ...]
    index: once[Index[str]]

    def found(self, query: Query) -> set[str]:
        """Slugs of the endpoints that a query finds, in either language."""
        return {match.item for match in self.index().find(query)[:]}

    def standing_for(self, slug: str) -> Offer | None:
        """The endpoint of that slug, or the one that a model's slug stands for: of those with a price as
        `catalog.selectors.model_detail` says; None = nothing of that name answers in words.
        """
        if slug in self.by_slug:
            return self.by_slug[slug]
        served = [self.by_slug[one] for one in self.of_model.get(slug, ())]

        def rank(offer: Offer) -> tuple[bool, int, bool, str]:
            seller = seller_rank(offer.provider, offer.creator)
            return not offer.priced, seller, not offer.watched, offer.slug

        return min(served, key=rank, default=None)


class _Stated(NamedTuple):
    """What price lists say, by endpoint id."""

    standard: Mapping[int, Mapping[str, list[Rates]]]
    batch: Mapping[int, Mapping[str, list[Rates]]]
    fees: Mapping[int, list[Fee]]
    rows: Mapping[int, Mapping[int, PriceRow]]


def load_offers(*, now: datetime) -> Offers:
    """Prices in force and to come of all that is not retired, and overheads. Three queries."""
    standard: dict[int, dict[str, list[Rates]]] = defaultdict(dict)
    batch: dict[int, dict[str, list[Rates]]] = defaultdict(dict)
    rows: dict[int, dict[int, PriceRow]] = defaultdict(dict)
    fees: dict[int, list[Fee]] = defaultdict(list)
    moments = []
    for row in _price_rows(now):
        rows[row["endpoint"]][row["pk"]] = _row(row)
        if row["requests_usd_per_k"] is not None:
            fees[row["endpoint"]].append(Fee(row["requests_usd_per_k"], *_span(row), row["pk"]))
        if row["tier"] == STANDARD or step_tokens(row["tier"]) or is_batch(row["tier"]):
            held = batch if is_batch(row["tier"]) else standard
            held[row["endpoint"]].setdefault(row["region_scope"], []).append(_rates_of(row))
        moments += [moment for moment in (row["valid_from"], row["valid_to"]) if moment and moment > now]
    offers = {fact["slug"]: _offer(fact, _Stated(standard, batch, fees, rows)) for fact in _endpoints()}
    of_model: dict[str, tuple[str, ...]] = {}
    for offer in offers.values():
        of_model[offer.model] = (*of_model.get(offer.model, ()), offer.slug)
    watched = [offer.endpoint_id for offer in offers.values() if offer.watched]
    overheads = {pk: overhead_of(found) for pk, found in load_reasoned(watched, now=now).items()}
    priced = sum(offer.priced and not offer.simulated for offer in offers.values())
    regions = tuple(sorted({scope for offer in offers.values() for scope in offer.regional}))
    index = once(lambda: Index(map(_entry, offers.values()), (_KIND,)))
    return Offers(offers, of_model, overheads, min(moments, default=_NEVER), priced, regions, index)


def _entry(offer: Offer) -> Entry[str]:
    names = names_of(offer.name, *spellings_of(offer.name))
    makers = [offer.creator_name, offer.provider_name]
    whose = names_of(*makers, *(spelling for maker in makers for spelling in spellings_of(maker)))
    return Entry(offer.slug, _KIND, names, whose, names_of(offer.slug, offer.model))


def _price_rows(now: datetime) -> Iterable[Mapping[str, Any]]:
    live = Price.objects.stating().filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now))
    rows: Iterable[Mapping[str, Any]] = (
        live.exclude(endpoint__lifecycle=Lifecycle.RETIRED).order_by().values(*_RATES)
    )
    return rows


def _endpoints() -> Iterable[Mapping[str, Any]]:
    """Of those that answer in words; invented ones only while the simulation runs."""
    found = Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED)
    found = found.filter(model__functions__icontains='"chat"')
    if not settings.SIMULATION:
        found = found.filter(simulated=False)
    facts: Iterable[Mapping[str, Any]] = found.order_by("slug").values(*_ENDPOINT)
    return facts


def _span(row: Mapping[str, Any]) -> tuple[float, float | None]:
    """From when to when a row holds, unix s; None = no end is known."""
    return row["valid_from"].timestamp(), row["valid_to"].timestamp() if row["valid_to"] else None


def _rates_of(row: Mapping[str, Any]) -> Rates:
    since, until = _span(row)
    return Rates(
        input=row["input_usd_per_mtok"],
        output=row["output_usd_per_mtok"],
        cache_read=row["cache_read_usd_per_mtok"],
        reasoning=row["reasoning_usd_per_mtok"],
        over_tokens=step_tokens(row["tier"]),
        valid_from=since,
        valid_to=until,
        row=row["pk"],
    )


def _row(row: Mapping[str, Any]) -> PriceRow:
    return PriceRow(
        pk=row["pk"],
        tier=row["tier"],
        source_name=row["source_name"],
        source_url=row["source_url"],
        seen_at=row["last_checked_at"] or row["retrieved_at"],
        valid_from=row["valid_from"],
    )


def _offer(fact: Mapping[str, Any], stated: _Stated) -> Offer:
    pk, creator, provider = fact["pk"], fact["model__creator__slug"], fact["provider__slug"]
    return Offer(
        endpoint_id=pk,
        slug=fact["slug"],
        model=fact["model__slug"],
        name=fact["model__name"],
        creator=creator,
        creator_name=fact["model__creator__name"],
        provider=provider,
        provider_name=fact["provider__name"],
        icon=fact["provider__icon"],
        own=serves_its_own(provider, creator),
        simulated=fact["simulated"],
        watched=fact["watched"],
        reasoning=fact["model__reasoning"],
        open_weights=fact["model__open_weights"],
        context_window=fact["model__context_window"],
        max_output_tokens=fact["model__max_output_tokens"],
        standard=tuple(stated.standard.get(pk, {}).get(EVERYWHERE, ())),
        batch=tuple(stated.batch.get(pk, {}).get(EVERYWHERE, ())),
        regional=_regional(stated.standard.get(pk, {}), stated.batch.get(pk, {})),
        fees=tuple(stated.fees.get(pk, ())),
        rows=stated.rows.get(pk, {}),
    )


def _regional(
    standard: Mapping[str, list[Rates]], batch: Mapping[str, list[Rates]]
) -> Mapping[str, tuple[tuple[Rates, ...], tuple[Rates, ...]]]:
    """Scope → its (standard, batch) rates, of every scope that has some of its own."""
    scopes = sorted({*standard, *batch} - {EVERYWHERE})
    return {scope: (tuple(standard.get(scope, ())), tuple(batch.get(scope, ()))) for scope in scopes}


def overhead_of(found: Reasoned) -> Overhead:
    """As a ratio, where enough answers tell it."""
    enough = found.answers >= LEAST_ANSWERS and found.visible > 0
    return Overhead(
        ratio=found.reasoning / found.visible if enough else None,
        answers=found.answers,
        window_s=round(WINDOW.total_seconds()),
        last_at=found.last_at,
        method_version=found.method_version,
    )
