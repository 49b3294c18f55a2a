"""Noting what became different in the catalogue: each thing once, whoever wrote it.

Prices are dated rows and tell it themselves. Of endpoints the last look is kept (NotedEndpoint), so that
what an import, a reviewer and the admin change is found alike. What was so before the first look is no news
to anybody: changes of prices of that time are noted for the feed, as planned already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q

from aigo.lib.chunking import chunks
from aigo.lib.moments import moment_text
from catalog.identity import own_providers
from catalog.models import Endpoint, Lifecycle, NotedEndpoint, Price, Tiding, TidingScan
from catalog.pricing import PriceChange, price_changes
from catalog.services.announcing import announce_catalogue

#: So far before the newest tiding of a price is looked again: what was written late, or while nobody looked.
OVERLAP: Final = dt.timedelta(days=7)
#: More changes than 500 endpoints have in that time.
_MOST: Final = 100_000
#: What is kept of an endpoint, in the order of its columns.
_KEPT: Final = ("lifecycle", "deprecated_at", "retires_at")
Kind = Tiding.Kind


def note_tidings(*, now: dt.datetime) -> int:
    """Note what became different since the last look; how many tidings are new. Safe to call at any time."""
    with transaction.atomic():
        if not Endpoint.objects.exists():
            return 0  # the first import is still to come: nothing of it is news
        _, first = TidingScan.objects.get_or_create(pk=1, defaults={"begun_at": now, "scanned_at": now})
        TidingScan.objects.select_for_update().get(pk=1)
        made = [*_of_prices(now), *_of_endpoints(now, first=first)]
        if first:
            for tiding in made:
                tiding.planned_at = now
        Tiding.objects.bulk_create(made, batch_size=500)
        TidingScan.objects.filter(pk=1).update(scanned_at=now)
        if made:
            announce_catalogue(now=now)
    return len(made)


def _of_prices(now: dt.datetime) -> list[Tiding]:
    newest = Tiding.objects.filter(topic=Tiding.Topic.PRICE).aggregate(at=Max("told_at"))["at"]
    since = newest - OVERLAP if newest else None
    rows = Price.objects.order_by()
    if since is not None:
        rows = rows.filter(
            Q(valid_from__gte=since) | Q(retrieved_at__gte=since) | Q(valid_to__gte=since, valid_to__lte=now)
        )
    changes: dict[str, PriceChange] = {}
    for chunk in chunks(sorted(set(rows.values_list("endpoint", flat=True)))):
        for change in price_changes(now=now, limit=_MOST, since=since, endpoint_ids=chunk):
            changes[_price_key(change)] = change
    known: set[str] = set()
    for keys in chunks(list(changes)):
        known.update(Tiding.objects.filter(key__in=keys).values_list("key", flat=True))
    found = [_price_tiding(key, change) for key, change in changes.items() if key not in known]
    return sorted(found, key=lambda tiding: tiding.told_at)


def _price_key(change: PriceChange) -> str:
    """An announced price is told of twice: when it is announced, and when it holds. What a correction says of
    the same day is no other change than that of the row that was wrong."""
    if change.kind == "corrected":
        return f"price:{change.price.pk}:corrected"
    first = change.price
    while first.corrects is not None:
        first = first.corrects
    return f"price:{first.pk}:{change.kind if change.kind in ('announced', 'ended') else 'held'}"


def _price_tiding(key: str, change: PriceChange) -> Tiding:
    row = change.price
    return Tiding(
        key=key,
        topic=Tiding.Topic.PRICE,
        kind=change.kind,
        endpoint=change.endpoint,
        price=row,
        facts={
            "tier": row.tier,
            "region_scope": row.region_scope,
            "amounts": {one.name: [_text(one.old), _text(one.new)] for one in change.amounts},
            "reason": row.reason if change.kind == "corrected" else "",
        },
        source_name=row.source_name,
        source_url=row.source_url,
        at=change.at,
        told_at=change.told_at,
    )


def _text(amount: Any) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")


def _of_endpoints(now: dt.datetime, *, first: bool) -> list[Tiding]:
    noted = {row.pk: row for row in NotedEndpoint.objects.all()}
    present = {pk: values for pk, *values in Endpoint.objects.values_list("pk", *_KEPT)}
    born = [pk for pk in present if pk not in noted]
    changed = [
        pk for pk, row in noted.items()
        if pk in present and present[pk] != [getattr(row, name) for name in _KEPT]
    ]  # fmt: skip
    found: list[Tiding] = []
    for endpoint in _loaded(changed):
        found += _changed(endpoint, noted[endpoint.pk], now)
        _note(noted[endpoint.pk], endpoint, now)
    if not first:
        found += _born(list(_loaded(born)), noted, now)
    fresh = [
        NotedEndpoint(endpoint_id=pk, noted_at=now, dates_since=now, **_columns(present[pk])) for pk in born
    ]
    NotedEndpoint.objects.bulk_create(fresh, batch_size=500)
    NotedEndpoint.objects.bulk_update([noted[pk] for pk in changed], [*_KEPT, "dates_since"], batch_size=100)
    return found


def _columns(values: list[Any]) -> dict[str, Any]:
    return dict(zip(_KEPT, values, strict=True))


def _loaded(keys: list[int]) -> Iterable[Endpoint]:
    for chunk in chunks(keys):
        rows = Endpoint.objects.filter(pk__in=chunk).select_related("provider", "model__creator")
        yield from rows.order_by("slug")


def _note(row: NotedEndpoint, endpoint: Endpoint, now: dt.datetime) -> None:
    if (row.deprecated_at, row.retires_at) != (endpoint.deprecated_at, endpoint.retires_at):
        row.dates_since = now
    for name in _KEPT:
        setattr(row, name, getattr(endpoint, name))


def _changed(endpoint: Endpoint, before: NotedEndpoint, now: dt.datetime) -> Iterable[Tiding]:
    """One tiding of all that changed of it, named for the weightiest; where one is dated, `at` is the day of
    retirement."""
    facts = {
        name: [_json(getattr(before, name)), _json(getattr(endpoint, name))]
        for name in _KEPT
        if getattr(before, name) != getattr(endpoint, name)
    }
    kind = _kind_of(endpoint.lifecycle, facts)
    at = endpoint.retires_at if kind in (Kind.DEPRECATED, Kind.DATED) else None
    yield _model_tiding(endpoint, kind, facts, now, at=at or now)


def _kind_of(lifecycle: str, facts: Mapping[str, Any]) -> Kind:
    if "lifecycle" not in facts:
        return Kind.DATED
    return {
        Lifecycle.RETIRED.value: Kind.RETIRED,
        Lifecycle.DEPRECATED.value: Kind.DEPRECATED,
    }.get(lifecycle, Kind.RETURNED)


def _born(
    endpoints: list[Endpoint], noted: Mapping[int, NotedEndpoint], now: dt.datetime
) -> Iterable[Tiding]:
    """Live ones that the last look did not know: of a model that nobody served, one is new, all others are
    further offers."""
    live = [endpoint for endpoint in endpoints if endpoint.lifecycle != Lifecycle.RETIRED]
    models = {endpoint.model_id for endpoint in live}
    known: set[int] = set()
    for chunk in chunks(sorted(models)):
        rows = Endpoint.objects.filter(model__in=chunk).values_list("pk", "model")
        known.update(model for pk, model in rows if pk in noted)
    for endpoint in sorted(live, key=_own_first):
        kind = Kind.OFFERED if endpoint.model_id in known else Kind.ADDED
        known.add(endpoint.model_id)
        yield _model_tiding(endpoint, kind, {}, now, at=now)


def _own_first(endpoint: Endpoint) -> tuple[bool, str]:
    return endpoint.provider.slug not in own_providers(endpoint.model.creator.slug), endpoint.slug


def _model_tiding(
    endpoint: Endpoint, kind: Kind, facts: dict[str, Any], now: dt.datetime, *, at: dt.datetime
) -> Tiding:
    dated = bool(facts.keys() & {"deprecated_at", "retires_at"}) and bool(endpoint.dates_source_name)
    return Tiding(
        key=f"model:{endpoint.pk}:{now:%Y%m%dT%H%M%S%f}",
        topic=Tiding.Topic.MODEL,
        kind=kind,
        endpoint=endpoint,
        facts=facts,
        source_name=endpoint.dates_source_name if dated else endpoint.source_name,
        source_url=endpoint.dates_source_url if dated else "",
        at=at,
        told_at=now,
    )


def _json(value: Any) -> Any:
    return moment_text(value) if isinstance(value, dt.datetime) else value
