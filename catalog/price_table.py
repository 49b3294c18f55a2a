"""All prices at a glance: a line per live endpoint, loaded once, cut for each wish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Final

from django.conf import settings
from django.db.models import Max

from aigo.lib.filters import by_name
from aigo.lib.matching import Entry, Index, names_of, query_of
from catalog.filtering import Facets, PriceWish, facets, narrowed
from catalog.identity import UNKNOWN, serves_its_own
from catalog.korean import spellings_of
from catalog.models import Endpoint, Lifecycle, Price
from catalog.pricing import Offer, offers_of

_KIND: Final = "price"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What an endpoint costs now. `offer`: empty where no source states a price. `own`: its model's maker
    serves it. `changed_at`: when another price was read than before; None = never."""

    slug: str
    model: str
    name: str
    provider: str
    provider_name: str
    creator: str
    creator_name: str
    functions: tuple[str, ...]
    released_on: dt.date | None
    watched: bool
    simulated: bool
    own: bool
    offer: Offer
    blended: Decimal | None
    band: str
    changed_at: dt.datetime | None

    @property
    def given(self) -> Decimal | None:
        """Input, USD per million tokens."""
        return self.offer.amount("input_usd_per_mtok")

    @property
    def received(self) -> Decimal | None:
        """Output, USD per million tokens."""
        return self.offer.amount("output_usd_per_mtok")


@dataclass(frozen=True, slots=True)
class PriceCounts:
    """endpoints: live real ones; priced: of those with any price in force; models, providers: of the priced
    ones. simulated: endpoints with invented names and prices, in no other number."""

    endpoints: int
    priced: int
    models: int
    providers: int
    simulated: int


@dataclass(frozen=True)
class PriceTable:
    """Every live endpoint, by name; invented ones as on the board. Read only once made."""

    lines: tuple[PriceLine, ...]
    generated_at: dt.datetime

    @cached_property
    def counts(self) -> PriceCounts:
        real = [line for line in self.lines if not line.simulated]
        priced = [line for line in real if line.offer.rows]
        return PriceCounts(
            endpoints=len(real),
            priced=len(priced),
            models=len({line.model for line in priced}),
            providers=len({line.provider for line in priced}),
            simulated=len(self.lines) - len(real),
        )

    @cached_property
    def known(self) -> Mapping[str, Collection[str]]:
        """What filters accept."""
        return {
            "provider": {line.provider for line in self.lines},
            "creator": {line.creator for line in self.lines if line.creator_name},
        }

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """Filter → slug → name, by name."""
        providers = {line.provider: line.provider_name for line in self.lines}
        creators = {line.creator: line.creator_name for line in self.lines if line.creator_name}
        return {"provider": by_name(providers), "creator": by_name(creators)}

    @cached_property
    def index(self) -> Index[int]:
        """The places of the lines by what people call them, in Korean, too."""
        named = cache(lambda name: names_of(name, *spellings_of(name)))
        entries = (
            Entry(
                place,
                _KIND,
                (*named(line.name), *names_of(line.model)),
                (*named(line.provider_name), *named(line.creator_name)),
            )
            for place, line in enumerate(self.lines)
        )
        return Index(entries, (_KIND,))

    def found(self, q: str) -> Sequence[PriceLine]:
        """The lines in which all words occur; all of them where nothing was typed."""
        asked = query_of(q)
        if not asked:
            return () if q else self.lines
        ranking = self.index.find(asked)
        return [self.lines[match.item] for match in ranking[: len(ranking)]]


@dataclass(frozen=True)
class PriceCut:
    """What a wish leaves of the table, in its order."""

    wish: PriceWish
    lines: Sequence[PriceLine]
    facets: Facets


def load_price_table(*, now: dt.datetime) -> PriceTable:
    """Three queries and one per 900 endpoints; some 5,000 lines take about a second."""
    live = Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED).select_related("provider", "model__creator")
    if not settings.SIMULATION:
        live = live.filter(simulated=False)
    endpoints = list(live)
    offers = offers_of([endpoint.pk for endpoint in endpoints], now=now)
    ended = Price.objects.stating().filter(valid_to__lte=now).order_by().values_list("endpoint")
    changed = dict(ended.annotate(Max("valid_to")))
    lines = [_line(endpoint, offers[endpoint.pk], changed.get(endpoint.pk)) for endpoint in endpoints]
    return PriceTable(tuple(sorted(lines, key=_by_line_name)), now)


def _line(endpoint: Endpoint, offer: Offer, changed_at: dt.datetime | None) -> PriceLine:
    model, provider = endpoint.model, endpoint.provider
    return PriceLine(
        slug=endpoint.slug,
        model=model.slug,
        name=model.name,
        provider=provider.slug,
        provider_name=provider.name,
        creator=model.creator.slug,
        creator_name="" if model.creator.slug == UNKNOWN else model.creator.name,
        functions=tuple(model.functions),
        released_on=model.released_on,
        watched=endpoint.watched,
        simulated=endpoint.simulated,
        own=serves_its_own(provider.slug, model.creator.slug),
        offer=offer,
        blended=offer.blended,
        band=offer.band,
        changed_at=changed_at,
    )


def cut(table: PriceTable, wish: PriceWish) -> PriceCut:
    """The lines of a wish; what has no value of the sort is last, whichever way round."""
    found = table.found(wish.q)
    lines = narrowed(found, wish)
    value, falling = _SORTS[wish.sort]
    known = [line for line in lines if value(line) is not None]
    unknown = [line for line in lines if value(line) is None]
    turned = bool(wish.order) != falling
    known.sort(key=lambda line: (not line.own, _by_line_name(line)))
    known.sort(key=value, reverse=turned)
    return PriceCut(wish, (*known, *unknown), facets(found, wish))


#: Sort → (what it goes by, whether the highest is first).
_SORTS: Final[dict[str, tuple[Callable[[PriceLine], Any], bool]]] = {
    "released": (lambda line: line.released_on, True),
    "name": (lambda line: line.name.casefold(), False),
    "blended": (lambda line: line.blended, False),
    "input": (lambda line: line.given, False),
    "output": (lambda line: line.received, False),
    "changed": (lambda line: line.changed_at, True),
}


def _by_line_name(line: PriceLine) -> tuple[str, str, str]:
    return line.name.casefold(), line.provider_name.casefold(), line.slug
