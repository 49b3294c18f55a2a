"""What a list of prices would change: looked at first, by people too, and applied by catalog.services.

new        no source states a price of this tier of the endpoint now
changed    another price than the one in force; that one ends where this begins
corrected  the one in force was wrong: it is struck, and this one holds in its time
announced  it will hold later
unchanged  the one in force, or announced, states the same: it is confirmed
gone       prices of the same source that the list lacks; they end only where it is the whole list
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.chunking import chunks
from aigo.lib.faults import Fault
from aigo.lib.refusing import REFUSED
from catalog.adapters.price_csv import PriceReading, PriceRow
from catalog.assembly import price_hash
from catalog.models import AMOUNT_FIELDS, Endpoint, Price

KINDS: Final = ("new", "changed", "corrected", "announced", "unchanged")
#: Why a list is refused; the codes are those of Fault.
REFUSALS: Final[Mapping[str, Promise]] = {
    **REFUSED,
    "no_rows": _("There is no row in it."),
    "no_amount": _("States no price: one amount at least is needed."),
    "not_a_price": _("Expected an amount of 0 or more, below %(wanted)s."),
    "not_a_moment": _(
        "Expected a day as 2026-12-01, or a moment with its offset as 2026-12-01T09:00:00+09:00."
    ),
    "not_a_word": _("Expected small letters, digits and underscores, as in over_200k."),
    "price_twice": _("The same price stands in the list twice."),
    "unknown_endpoint": _("No such endpoint. Near to it: %(wanted)s"),
    "before_the_present": _(
        "Begins before the price in force, of %(wanted)s. If that one was wrong, say why under “correction”."
    ),
    "nothing_to_correct": _("No price is in force that could be corrected."),
    "same_amounts": _("States the same as the price in force: there is nothing to correct."),
    "correction_has_no_date": _(
        "A correction holds in the time of what it corrects: leave valid_from empty."
    ),
}


@dataclass(frozen=True, slots=True)
class PlannedPrice:
    """One row and what is to become of it. `old`: what it changes, corrects or confirms."""

    kind: str
    row: PriceRow
    endpoint: Endpoint
    old: Price | None

    @property
    def amounts(self) -> list[tuple[str, Decimal | None, Decimal | None]]:
        """(column, before, after) of what differs, in the order of a price table."""
        pairs = [
            (name, getattr(self.old, name) if self.old else None, self.row.amounts.get(name))
            for name in AMOUNT_FIELDS
        ]
        return [pair for pair in pairs if pair[1] != pair[2]]


@dataclass(slots=True)
class PriceDiff:
    """What a list would do. `gone`: prices in force of the same source that it lacks."""

    source_name: str
    source_url: str
    complete: bool = False
    planned: list[PlannedPrice] = field(default_factory=list)
    gone: list[Price] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def of(self, kind: str) -> list[PlannedPrice]:
        return [one for one in self.planned if one.kind == kind]

    def counts(self) -> dict[str, int]:
        found = Counter(one.kind for one in self.planned)
        return {kind: found[kind] for kind in KINDS} | {"rows": len(self.planned), "gone": len(self.gone)}

    @property
    def changes_anything(self) -> bool:
        return any(one.kind != "unchanged" for one in self.planned) or (self.complete and bool(self.gone))


def look(
    reading: PriceReading, *, source_name: str, source_url: str, complete: bool, now: dt.datetime
) -> PriceDiff:
    """What the rows would change at the moment `now`; nothing is written."""
    diff = PriceDiff(source_name, source_url, complete, faults=list(reading.faults))
    if diff.faults:
        return diff
    endpoints = _endpoints({row.endpoint for row in reading.rows})
    prices = _prices([endpoint.pk for endpoint in endpoints.values()])
    for row in reading.rows:
        endpoint = endpoints.get(row.endpoint)
        if endpoint is None:
            diff.faults.append(
                Fault(row.place, "endpoint", row.endpoint, "unknown_endpoint", _near(row.endpoint))
            )
            continue
        place = [
            price for price in prices.get(endpoint.pk, ())
            if (price.tier, price.region_scope) == (row.tier, row.region_scope)
        ]  # fmt: skip
        planned = _plan(row, endpoint, place, now)
        if isinstance(planned, Fault):
            diff.faults.append(planned)
        else:
            diff.planned.append(planned)
    diff.gone = _gone(diff, now)
    return diff


def _plan(
    row: PriceRow, endpoint: Endpoint, known: Sequence[Price], now: dt.datetime
) -> PlannedPrice | Fault:
    present = next(
        (one for one in known if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)), None
    )
    hashed = price_hash(row.amounts)
    if row.correction:
        return _correction(row, endpoint, present, hashed)
    since = row.valid_from or now
    if since > now:
        told = next((one for one in known if one.valid_from == since), None)
        same = told is not None and told.content_hash == hashed
        return PlannedPrice("unchanged" if same else "announced", row, endpoint, told or present)
    if present is None:
        return PlannedPrice("new", row, endpoint, None)
    if present.content_hash == hashed:
        return PlannedPrice("unchanged", row, endpoint, present)
    if row.valid_from is not None and row.valid_from <= present.valid_from:
        began = f"{present.valid_from:%Y-%m-%d %H:%M}"
        return Fault(row.place, "valid_from", f"{row.valid_from:%Y-%m-%d}", "before_the_present", began)
    return PlannedPrice("changed", row, endpoint, present)


def _correction(
    row: PriceRow, endpoint: Endpoint, present: Price | None, hashed: str
) -> PlannedPrice | Fault:
    if row.valid_from is not None:
        return Fault(row.place, "valid_from", f"{row.valid_from:%Y-%m-%d}", "correction_has_no_date")
    if present is None:
        return Fault(row.place, "correction", row.correction, "nothing_to_correct")
    if present.content_hash == hashed:
        return Fault(row.place, "correction", row.correction, "same_amounts")
    return PlannedPrice("corrected", row, endpoint, present)


def _endpoints(slugs: set[str]) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for part in chunks(sorted(slugs)):
        for endpoint in Endpoint.objects.filter(slug__in=part).select_related("provider", "model"):
            found[endpoint.slug] = endpoint
    return found


def _prices(endpoint_ids: Sequence[int]) -> dict[int, list[Price]]:
    found: dict[int, list[Price]] = {}
    for part in chunks(endpoint_ids):
        for price in Price.objects.stating().filter(endpoint__in=part).order_by("valid_from"):
            found.setdefault(price.endpoint_id, []).append(price)
    return found


def _gone(diff: PriceDiff, now: dt.datetime) -> list[Price]:
    """Prices in force of the list's source, of places that it does not name."""
    named = {(one.endpoint.pk, one.row.tier, one.row.region_scope) for one in diff.planned}
    rows = Price.objects.in_force(now).filter(source_name=diff.source_name).select_related("endpoint")
    return [
        row
        for row in rows.order_by("endpoint__slug", "tier")
        if (row.endpoint_id, row.tier, row.region_scope) not in named
    ]


def _near(slug: str) -> str:
    """A few slugs that begin alike: a typing error is at the end as often as not."""
    head = slug.split("--")[0]
    known = (
        Endpoint.objects.filter(slug__startswith=f"{head}--").order_by("slug").values_list("slug", flat=True)
    )
    return ", ".join(known[:3]) or "—"
