"""Applying a list of prices that somebody handed in: whole, or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from catalog.models import AMOUNT_FIELDS, PriceImport
from catalog.price_lists import PlannedPrice, PriceDiff
from catalog.services.announcing import announce_catalogue
from catalog.services.prices import add_price, confirm, correct_price, end_price, strike


class Refused(Exception):
    """The list has faults; nothing was changed."""


@transaction.atomic
def apply_price_list(
    diff: PriceDiff, *, origin: str, content_hash: str, now: dt.datetime, by: Any = None
) -> PriceImport:
    """Make what the diff says; what it did is kept with who asked for it. Refused: the list has faults."""
    if diff.faults:
        raise Refused(f"{len(diff.faults)} faults; nothing was changed.")
    counts = diff.counts()
    ended = diff.gone if diff.complete else []
    run = PriceImport.objects.create(
        source_name=diff.source_name,
        source_url=diff.source_url,
        origin=origin[:300],
        content_hash=content_hash,
        complete=diff.complete,
        applied_at=now,
        by=by,
        rows=counts["rows"],
        new=counts["new"],
        changed=counts["changed"] + counts["announced"],
        corrected=counts["corrected"],
        unchanged=counts["unchanged"],
        ended=len(ended),
    )
    for one in diff.planned:
        _apply(one, run, now)
    confirm([(one.old.pk, run.source_name) for one in diff.of("unchanged") if one.old], now=now)
    for price in ended:
        end_price(price, at=now)
    if diff.changes_anything:
        announce_catalogue(now=now)
    return run


def _apply(one: PlannedPrice, run: PriceImport, now: dt.datetime) -> None:
    facts: dict[str, Any] = {"source_name": run.source_name, "source_url": one.row.source_url}
    facts |= {"last_checked_in": run.source_name, "read_in": run}
    amounts = {name: one.row.amounts.get(name) for name in AMOUNT_FIELDS}
    if one.kind == "corrected" and one.old is not None:
        correct_price(one.old, amounts, reason=one.row.correction, now=now, by=run.by, **facts)
    elif one.kind != "unchanged":
        since = one.row.valid_from or now
        if one.kind == "announced" and one.old is not None and one.old.valid_from == since:
            strike(one.old, reason="announced otherwise", now=now)
        key = (one.endpoint.pk, one.row.tier, one.row.region_scope)
        add_price(key, amounts, since=since, retrieved_at=now, **facts)
