"""Keeping the rate limits that answers tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.models import RateLimit

#: A limit that stays as it is gets a new "last seen" this often, not with every probe.
SEEN_EVERY = dt.timedelta(hours=1)
MAX_LIMIT = 2**63 - 1
Key = tuple[int, str, str, str]  # endpoint id, region, kind, window


@dataclass(frozen=True, slots=True)
class LimitsSeen:
    """What the headers of one answer said; `limits` as `probes.protocols.limits` reads them."""

    endpoint_id: int
    region: str
    seen_at: dt.datetime
    limits: Sequence[Mapping[str, Any]]


def note_rate_limits(rows: Iterable[LimitsSeen]) -> int:
    """Keep the newest of what the rows say, per endpoint, region, kind and window; how many were written.

    One query where nothing is new. A limit that changed is a new row from then on; what is older than a row
    already kept changes nothing. The endpoints must exist. A header without a limit (only what is left of it)
    says no limit and is passed over.
    """
    newest = _newest(rows)
    if not newest:
        return 0
    current = RateLimit.objects.current().filter(
        source=RateLimit.Source.HEADERS, tier="", endpoint__in={key[0] for key in newest}
    )
    held = {(row.endpoint_id, row.region, row.kind, row.window): row for row in current}
    born: list[RateLimit] = []
    seen: list[RateLimit] = []
    ended: list[RateLimit] = []
    for key, (seen_at, limit, remaining) in newest.items():
        row = held.get(key)
        if row is None or (row.limit != limit and row.last_seen_at < seen_at):
            born.append(_row(key, seen_at, limit, remaining))
        if row and row.limit != limit and row.last_seen_at < seen_at:
            row.ended_at = seen_at
            ended.append(row)
        elif row and row.limit == limit and row.last_seen_at + SEEN_EVERY <= seen_at:
            row.last_seen_at, row.remaining = seen_at, remaining
            seen.append(row)
    if born or seen:
        _write(born, seen, ended)
    return len(born) + len(seen)


@transaction.atomic
def state_documented_limit(limit: RateLimit, *, now: dt.datetime) -> None:
    """Save a limit that a document (`source_url`) states; it ends the one that was stated before.

    Who did it stands in the admin's log, which the admin writes itself.
    """
    limit.source, limit.region = RateLimit.Source.DOCUMENTATION, ""
    limit.first_seen_at = limit.last_seen_at = now
    RateLimit.objects.current().filter(
        endpoint=limit.endpoint, kind=limit.kind, window=limit.window, tier=limit.tier, source=limit.source
    ).update(ended_at=now)
    limit.save()


def _newest(rows: Iterable[LimitsSeen]) -> dict[Key, tuple[dt.datetime, int, int | None]]:
    newest: dict[Key, tuple[dt.datetime, int, int | None]] = {}
    for row in sorted(rows, key=lambda row: row.seen_at):
        for told in row.limits:
            kind, window, limit = told.get("kind"), told.get("window"), told.get("limit")
            if kind in RateLimit.Kind.values and window in RateLimit.Window.values and _is_limit(limit):
                left = told.get("remaining")
                key = (row.endpoint_id, row.region, str(kind), str(window))
                newest[key] = (row.seen_at, int(limit or 0), left if _is_limit(left, least=0) else None)
    return newest


def _is_limit(value: Any, *, least: int = 1) -> bool:
    return type(value) is int and least <= value <= MAX_LIMIT


def _row(key: Key, seen_at: dt.datetime, limit: int, remaining: int | None) -> RateLimit:
    endpoint_id, region, kind, window = key
    return RateLimit(
        endpoint_id=endpoint_id,
        region=region,
        kind=kind,
        window=window,
        limit=limit,
        remaining=remaining,
        source=RateLimit.Source.HEADERS,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
    )


@transaction.atomic
def _write(born: list[RateLimit], seen: list[RateLimit], ended: list[RateLimit]) -> None:
    """Another worker may be at the same rows: what it wrote first stands."""
    for row in ended:
        RateLimit.objects.filter(pk=row.pk, ended_at__isnull=True, last_seen_at__lte=row.ended_at).update(
            ended_at=row.ended_at
        )
    RateLimit.objects.bulk_update(seen, ["last_seen_at", "remaining"], batch_size=100)
    RateLimit.objects.bulk_create(born, ignore_conflicts=True, batch_size=100)
