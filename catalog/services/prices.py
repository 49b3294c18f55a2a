"""Dated facts about money: adding one, ending one, correcting one. Nothing is overwritten.

    NotCorrectable    the caller's: the row is struck already, or the correction changes nothing

A correction says what really held in the same time. What was booked meanwhile stays as it was booked: the
ledger of probes keeps the money that an attempt cost by the price known at its moment.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from aigo.lib.chunking import chunks
from catalog.assembly import price_hash
from catalog.models import AMOUNT_FIELDS, Price
from catalog.services.announcing import announce_catalogue

#: Endpoint's id, tier, region scope: of each at most one price holds at a time.
PriceKey = tuple[int, str, str]


class NotCorrectable(Exception):
    """What is asked for is no correction; the message says why."""


def key_of(row: Price) -> PriceKey:
    return row.endpoint_id, row.tier, row.region_scope


def add_price(
    key: PriceKey, amounts: Mapping[str, Decimal | None], *, since: dt.datetime, **facts: Any
) -> Price:
    """A price that holds from `since` on, until the next one that is known already.

    The one before ends at the same moment. facts: the other columns, `retrieved_at` and `source_name` among
    them. What the amounts lack is not stated.
    """
    endpoint, tier, scope = key
    with transaction.atomic():
        rows = Price.objects.stating().filter(endpoint=endpoint, tier=tier, region_scope=scope)
        before = rows.filter(valid_from__lte=since).order_by("-valid_from", "-pk").first()
        after = rows.filter(valid_from__gt=since).order_by("valid_from").first()
        if before and (before.valid_to is None or before.valid_to > since):
            before.valid_to = since
            before.save(update_fields=["valid_to"])
        stated = {name: amounts.get(name) for name in AMOUNT_FIELDS}
        row = {
            "endpoint_id": endpoint,
            "tier": tier,
            "region_scope": scope,
            "valid_from": since,
            "valid_to": after.valid_from if after else None,
            "last_checked_at": facts["retrieved_at"],
            "content_hash": price_hash(stated),
        }
        return Price.objects.create(**row | stated | facts)


def end_price(row: Price, *, at: dt.datetime) -> None:
    """From `at` on no source states it; a row that has not begun is struck."""
    if row.valid_from > at:
        strike(row, reason="no longer announced", now=at)
        return
    row.valid_to = at
    row.save(update_fields=["valid_to"])


@transaction.atomic
def strike(row: Price, *, reason: str, now: dt.datetime) -> None:
    """It never held: what it followed goes on until it would have ended."""
    row.struck_at, row.reason = now, reason
    row.save(update_fields=["struck_at", "reason"])
    Price.objects.stating().filter(
        endpoint=row.endpoint_id, tier=row.tier, region_scope=row.region_scope, valid_to=row.valid_from
    ).update(valid_to=row.valid_to)


@transaction.atomic
def correct_price(
    row: Price,
    amounts: Mapping[str, Decimal | None],
    *,
    reason: str,
    source_name: str,
    source_url: str,
    now: dt.datetime,
    by: Any = None,
    **facts: Any,
) -> Price:
    """Strike a row that was wrong, and state what held in its time instead; the new row.

    Costs that were booked are not touched. NotCorrectable: it is struck already, no reason is given, or the
    amounts are the same.
    """
    row = Price.objects.select_for_update(of=("self",)).get(pk=row.pk)
    stated = {name: amounts.get(name) for name in AMOUNT_FIELDS}
    if row.struck_at is not None:
        when = f"{row.struck_at:%Y-%m-%d}"
        raise NotCorrectable(f"Price {row.pk} was corrected on {when}; correct what followed it.")
    if not reason.strip():
        raise NotCorrectable("A correction needs a reason.")
    if price_hash(stated) == row.content_hash:
        raise NotCorrectable("The amounts are the same: there is nothing to correct.")
    row.struck_at = now
    row.save(update_fields=["struck_at"])
    corrected = Price.objects.create(
        **{
            "endpoint_id": row.endpoint_id,
            "tier": row.tier,
            "region_scope": row.region_scope,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "corrects": row,
            "reason": reason.strip()[:300],
            "source_name": source_name,
            "source_url": source_url,
            "retrieved_at": now,
            "last_checked_at": now,
            "content_hash": price_hash(stated),
        }
        | stated
        | facts
    )
    if by is not None:
        text = f"corrects price {row.pk}: {reason}"
        LogEntry.objects.log_actions(by.pk, [corrected], CHANGE, text, single_object=True)
    announce_catalogue(now=now)
    return corrected


def confirm(found: Iterable[tuple[int, str]], *, now: dt.datetime) -> None:
    """These rows were read once more: (primary key, what they were read in)."""
    by_place: dict[str, list[int]] = defaultdict(list)
    for pk, read_in in found:
        by_place[read_in].append(pk)
    for read_in, keys in by_place.items():
        for chunk in chunks(keys):
            Price.objects.filter(pk__in=chunk).update(last_checked_at=now, last_checked_in=read_in)
