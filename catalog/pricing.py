"""Reading prices: what holds, what held, what is announced, what has changed.

Everybody who shows or reckons with a price reads it here: pages, the API, comparisons, the calculator.

    offers_of        all prices of some endpoints at a moment, by endpoint
    price_list       rows that hold at a moment, filtered, for lists
    price_history    every row of a model or an endpoint
    price_changes    what has changed lately, the newest first
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from aigo.lib.chunking import KEYS_PER_QUERY, chunks
from catalog.models import AMOUNT_FIELDS, Endpoint, Price, PriceQuerySet
from catalog.rates import (
    BATCH,
    EXTRA,
    STANDARD,
    band_of,
    blended,
    change_pct,
    direction,
    is_batch,
    step_tokens,
    tier_order,
)

EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an endpoint costs at a moment; empty = no source states any price.

    `rows`: all that hold, by tier; `announced`: what will hold later, the soonest first.
    """

    endpoint_id: int
    rows: tuple[Price, ...] = ()
    announced: tuple[Price, ...] = ()

    @property
    def standard(self) -> Price | None:
        return self._tier(STANDARD)

    @property
    def batch(self) -> Price | None:
        return self._tier(BATCH)

    @property
    def extra(self) -> Price | None:
        return self._tier(EXTRA)

    @property
    def steps(self) -> list[tuple[int, Price]]:
        """(prompts longer than so many tokens, their price), the shortest first."""
        return [
            (tokens, row)
            for row in self.rows
            if row.region_scope == EVERYWHERE and not is_batch(row.tier) and (tokens := step_tokens(row.tier))
        ]

    def stating(self, name: str) -> Price | None:
        """The row that states an amount of ordinary requests: the standard one, else the extra one."""
        for row in (self.standard, self.extra):
            if row is not None and getattr(row, name) is not None:
                return row
        return None

    def amount(self, name: str) -> Decimal | None:
        """One of AMOUNT_FIELDS for ordinary requests; None = no source states it."""
        row = self.stating(name)
        return None if row is None else getattr(row, name)

    @property
    def blended(self) -> Decimal | None:
        """USD per million tokens, three in and one out; see catalog.rates.blended."""
        row = self.standard
        return blended(row.input_usd_per_mtok, row.output_usd_per_mtok) if row else None

    @property
    def band(self) -> str:
        return band_of(self.blended)

    @property
    def checked_at(self) -> dt.datetime | None:
        """When the standard price, else any, was last read in a source."""
        rows = [self.standard] if self.standard else self.rows
        return max((row.checked_at for row in rows if row), default=None)

    def _tier(self, tier: str) -> Price | None:
        return next((row for row in self.rows if row.tier == tier and row.region_scope == EVERYWHERE), None)


def offers_of(endpoint_ids: Collection[int], *, now: dt.datetime) -> dict[int, Offer]:
    """Endpoint id → what it costs at the moment `now`; each that is asked for has one, empty or not.

    One query per 900 endpoints.
    """
    rows: dict[int, list[Price]] = defaultdict(list)
    ids = sorted(endpoint_ids)
    for part in chunks(ids):
        known = Price.objects.stating().filter(endpoint__in=part)
        for row in known.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now)).order_by():
            rows[row.endpoint_id].append(row)
    return {pk: _offer(pk, rows[pk], now) for pk in ids}


def _offer(endpoint_id: int, rows: Iterable[Price], now: dt.datetime) -> Offer:
    found = sorted(rows, key=lambda row: (*tier_order(row.tier), row.region_scope, row.valid_from))
    return Offer(
        endpoint_id,
        rows=tuple(row for row in found if row.valid_from <= now),
        announced=tuple(
            sorted((row for row in found if row.valid_from > now), key=lambda row: row.valid_from)
        ),
    )


def price_list(
    *, as_of: dt.datetime, provider: str = "", model: str = "", tier: str = "", simulated: bool = False
) -> PriceQuerySet:
    """The rows that hold at `as_of`, by endpoint and tier, with endpoint, provider and model.

    provider: slug; model: slug of a model, for all of its endpoints, or of an endpoint; tier as stored;
    "" = no such filter. simulated: those of invented endpoints beside the real ones.
    """
    return _about(Price.objects.in_force(as_of), provider, model, tier, simulated)


def price_history(
    *, provider: str = "", model: str = "", tier: str = "", simulated: bool = False
) -> PriceQuerySet:
    """Every row there ever was, corrected and announced ones too: by endpoint and tier, the newest first."""
    return _about(Price.objects.all(), provider, model, tier, simulated)


def _about(rows: PriceQuerySet, provider: str, model: str, tier: str, simulated: bool) -> PriceQuerySet:
    rows = rows.select_related("endpoint__provider", "endpoint__model", "corrects", "corrected_by")
    if not simulated:
        rows = rows.filter(endpoint__simulated=False)
    if provider:
        rows = rows.filter(endpoint__provider__slug=provider)
    if model:
        rows = rows.filter(**{"endpoint__slug" if "--" in model else "endpoint__model__slug": model})
    if tier:
        rows = rows.filter(tier=tier)
    return rows.order_by("endpoint__slug", "tier", "region_scope", "-valid_from", "-pk")


@dataclass(frozen=True, slots=True)
class AmountChange:
    """One amount, before and after; None = not stated. pct: of a rise > 0, None = not to be told."""

    name: str
    old: Decimal | None
    new: Decimal | None

    @property
    def pct(self) -> float | None:
        return change_pct(self.old, self.new)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One price followed another at `at`, or corrected it.

    kind: raised, lowered, changed (both ways, or another amount is stated), corrected (the old one was
    wrong), announced (`at` is to come), ended (no source states it any more; `new` None). `told_at`: when we
    learned of it. endpoint: with provider and model.
    """

    kind: str
    at: dt.datetime
    told_at: dt.datetime
    endpoint: Endpoint
    old: Price
    new: Price | None
    amounts: tuple[AmountChange, ...]

    @property
    def price(self) -> Price:
        """The row that tells it: its tier, its source."""
        return self.new or self.old


def price_changes(
    *,
    now: dt.datetime,
    limit: int,
    since: dt.datetime | None = None,
    endpoint_ids: Collection[int] | None = None,
) -> list[PriceChange]:
    """What has changed lately, by the moment we learned of it, the newest first; at most four queries.

    A first price is no change. since: none that we learned of before. endpoint_ids: of these only. Invented
    endpoints as on the board. ValueError: more endpoints, or without them more changes, than one query names.
    """
    asked = limit if endpoint_ids is None else len(endpoint_ids)
    if asked > KEYS_PER_QUERY:
        raise ValueError(f"expected at most {KEYS_PER_QUERY} at once, got {asked}: ask in parts")
    rows = Price.objects.select_related("endpoint__provider", "endpoint__model", "corrects")
    if not settings.SIMULATION:
        rows = rows.filter(endpoint__simulated=False)
    if endpoint_ids is not None:
        rows = rows.filter(endpoint__in=endpoint_ids)
    found = [
        *_followed(rows, now, limit, since),
        *_corrected(rows, limit, since),
        *_ended(rows, now, limit, since),
    ]
    return sorted(found, key=lambda change: (change.told_at, change.price.pk), reverse=True)[:limit]


def _same_place() -> dict[str, OuterRef]:
    return {name: OuterRef(name) for name in ("endpoint", "tier", "region_scope")}


def _followed(
    rows: PriceQuerySet, now: dt.datetime, limit: int, since: dt.datetime | None
) -> Iterable[PriceChange]:
    """What followed another price at once, in force or announced."""
    before = Price.objects.stating().filter(**_same_place(), valid_to=OuterRef("valid_from"))
    newer = rows.stating().filter(Exists(before.exclude(pk=OuterRef("pk"))))
    if since is not None:
        newer = newer.filter(Q(valid_from__gte=since) | Q(retrieved_at__gte=since))
    news = list(newer.order_by("-valid_from", "-pk")[:limit])
    olds = _ending_where(news)
    for new in news:
        old = olds.get((new.endpoint_id, new.tier, new.region_scope, new.valid_from))
        if old is not None and old.content_hash != new.content_hash:
            told_at = _told_at(new, now)
            kind = "announced" if new.valid_from > now else ""
            if since is None or told_at >= since:
                yield _change(kind, new.valid_from, told_at, old, new)


def _told_at(new: Price, now: dt.datetime) -> dt.datetime:
    """When we learned that it follows another; that it corrects one is told by itself."""
    if new.valid_from > now:
        return new.retrieved_at
    return new.valid_from if new.corrects_id is not None else max(new.valid_from, new.retrieved_at)


def _ending_where(news: Sequence[Price]) -> dict[tuple[int, str, str, dt.datetime | None], Price]:
    """The rows that ended where these begin, by place and moment."""
    ids = sorted({row.endpoint_id for row in news})
    found = Price.objects.stating().filter(endpoint__in=ids, valid_to__in={row.valid_from for row in news})
    return {
        (row.endpoint_id, row.tier, row.region_scope, row.valid_to): row
        for row in found.order_by("valid_from")
    }


def _corrected(rows: PriceQuerySet, limit: int, since: dt.datetime | None) -> Iterable[PriceChange]:
    news = rows.filter(corrects__isnull=False).select_related("corrects")
    if since is not None:
        news = news.filter(retrieved_at__gte=since)
    for new in news.order_by("-retrieved_at", "-pk")[:limit]:
        if new.corrects is not None:
            yield _change("corrected", new.valid_from, new.retrieved_at, new.corrects, new)


def _ended(
    rows: PriceQuerySet, now: dt.datetime, limit: int, since: dt.datetime | None
) -> Iterable[PriceChange]:
    after = Price.objects.stating().filter(**_same_place(), valid_from__gte=OuterRef("valid_to"))
    ended = rows.stating().filter(~Exists(after.exclude(pk=OuterRef("pk"))), valid_to__lte=now)
    if since is not None:
        ended = ended.filter(valid_to__gte=since)
    for old in ended.order_by("-valid_to", "-pk")[:limit]:
        if old.valid_to is not None:
            yield _change("ended", old.valid_to, old.valid_to, old, None)


def _change(kind: str, at: dt.datetime, told_at: dt.datetime, old: Price, new: Price | None) -> PriceChange:
    pairs = [(name, getattr(old, name), getattr(new, name) if new else None) for name in AMOUNT_FIELDS]
    amounts = tuple(AmountChange(name, was, now) for name, was, now in pairs if was != now)
    kind = kind or direction([(one.old, one.new) for one in amounts])
    return PriceChange(kind, at, told_at, (new or old).endpoint, old, new, amounts)
