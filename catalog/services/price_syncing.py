"""Bringing prices to what the catalogue's sources list: what changed, what is new, what is announced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from aigo.lib.chunking import chunks
from catalog.assembly import Desired, EndpointKey, Row
from catalog.models import AMOUNT_FIELDS, Endpoint, Price
from catalog.services.prices import PriceKey, add_price, confirm, key_of, strike
from catalog.services.reports import Change, ImportReport

#: Rows of these sources are closed when the sources no longer state them; other rows are somebody's own.
PRICE_SOURCES = frozenset({"models.dev", "genai-prices", "simulated fleet"})
_ROWS_PER_QUERY = 500
#: A place, and the moment from which another price will hold there.
AnnouncedAt = tuple[int, str, str, dt.datetime]


def sync_prices(
    desired: Desired, endpoints: Mapping[EndpointKey, Endpoint], report: ImportReport, now: dt.datetime
) -> None:
    """Close what changed or is no longer stated, add what is new; an open row somebody made by hand stays.

    What a source announced has come true once its day is there: a source that still states what held before
    does not take it back.
    """
    wanted = {
        (endpoints[row.pop("endpoint")].pk, row["tier"], row["region_scope"]): row
        for row in desired.prices.values()
    }
    imported = {row.pk: row for row in endpoints.values() if row.source_name in desired.sources}
    current = {key_of(row): row for row in Price.objects.in_force(now)}
    upcoming = dict(_upcoming(imported, now))
    overtaken = _overtaken(current, wanted)
    settled = {
        key
        for key, row in current.items()
        if key in overtaken or (key in wanted and wanted[key]["content_hash"] == row.content_hash)
    }
    stale = [
        key
        for key, row in current.items()
        if key not in settled and row.source_name in PRICE_SOURCES and row.endpoint_id in imported
    ]
    for key in stale:
        shown = f"{imported[key[0]].slug} {key[1]}"
        report.changes += _changes(shown, current[key], wanted.get(key))
    for chunk in chunks([current[key].pk for key in stale]):
        Price.objects.filter(pk__in=chunk).update(valid_to=now)
    replaced = set(stale) & wanted.keys()
    born = [key for key in wanted if key not in current or key in replaced]
    _add({key: wanted[key] for key in born}, upcoming, now)
    agreed = settled - overtaken
    confirm([(current[key].pk, wanted[key]["last_checked_in"]) for key in sorted(agreed)], now=now)
    counts = report.prices
    counts.created += len(born) - len(replaced)
    counts.updated += len(replaced)
    counts.retired += len(stale) - len(replaced)
    counts.unchanged += len(wanted) - len(born)
    _sync_announced(desired, endpoints, upcoming, report, now)


def _overtaken(current: Mapping[PriceKey, Price], wanted: Mapping[PriceKey, Row]) -> set[PriceKey]:
    """Places where an announced price holds by now, and the source still states the one before it."""
    came_true = [
        (key, row) for key, row in current.items() if row.valid_from > row.retrieved_at and key in wanted
    ]
    found = set()
    for (endpoint, tier, scope), row in came_true:
        rows = Price.objects.stating().filter(endpoint=endpoint, tier=tier, region_scope=scope)
        last = rows.filter(valid_from__lt=row.valid_from).order_by("-valid_from").first()
        if last and last.content_hash == wanted[endpoint, tier, scope]["content_hash"]:
            found.add((endpoint, tier, scope))
    return found


def _add(rows: Mapping[PriceKey, Row], upcoming: Iterable[AnnouncedAt], now: dt.datetime) -> None:
    """Rows that hold from now on, until another one does that is announced already."""
    ends: dict[PriceKey, dt.datetime] = {}
    for endpoint, tier, scope, moment in upcoming:
        key = (endpoint, tier, scope)
        ends[key] = min(moment, ends.get(key, moment))
    moments = {"valid_from": now, "retrieved_at": now, "last_checked_at": now}
    born = [Price(endpoint_id=key[0], valid_to=ends.get(key), **moments, **row) for key, row in rows.items()]
    Price.objects.bulk_create(born, batch_size=_ROWS_PER_QUERY)


def _upcoming(imported: Mapping[int, Endpoint], now: dt.datetime) -> Iterable[tuple[AnnouncedAt, Price]]:
    """What these sources announced before."""
    for row in Price.objects.announced(now).filter(source_name__in=PRICE_SOURCES):
        if row.endpoint_id in imported:
            yield (*key_of(row), row.valid_from), row


def _sync_announced(
    desired: Desired,
    endpoints: Mapping[EndpointKey, Endpoint],
    upcoming: Mapping[AnnouncedAt, Price],
    report: ImportReport,
    now: dt.datetime,
) -> None:
    """Add what is announced anew; strike what is announced no more: what it would have ended goes on."""
    said: dict[AnnouncedAt, Row] = {
        (endpoints[row.pop("endpoint")].pk, row["tier"], row["region_scope"], key[-1]): row
        for key, row in desired.announced.items()
    }
    kept = {
        key for key, row in upcoming.items() if key in said and said[key]["content_hash"] == row.content_hash
    }
    confirm([(upcoming[key].pk, said[key]["last_checked_in"]) for key in sorted(kept)], now=now)
    for key in sorted(upcoming.keys() - kept):
        strike(upcoming[key], reason="no longer announced", now=now)
        report.prices.retired += 1
    for key in sorted(said.keys() - kept):
        facts = {name: said[key][name] for name in ("source_name", "source_url", "last_checked_in")}
        add_price(key[:3], said[key], since=key[3], retrieved_at=now, **facts)
        report.prices.created += 1
    report.prices.unchanged += len(kept)


def _changes(shown: str, old: Price, new: Row | None) -> Iterable[Change]:
    for name in AMOUNT_FIELDS:
        before, after = getattr(old, name), new[name] if new else None
        if before != after:
            yield Change("prices", shown, name, before, after)
