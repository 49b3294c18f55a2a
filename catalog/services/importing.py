"""Bringing the catalogue to what its sources list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models, transaction

from aigo.lib.chunking import chunks
from catalog.adapters.curation import Curation
from catalog.assembly import Desired, EndpointKey, Row, assemble
from catalog.identity import told_apart
from catalog.listing import Listing
from catalog.models import (
    AIModel,
    Creator,
    DocRef,
    Endpoint,
    Lifecycle,
    Provider,
)
from catalog.services.announcing import announce_catalogue
from catalog.services.price_syncing import sync_prices
from catalog.services.reports import Change, Counts, ImportReport

M = TypeVar("M", bound=models.Model)
K = TypeVar("K", bound=Hashable)

# SQLite takes 999 parameters where it was built with its old default.
_PARAMETERS_PER_QUERY = 999
_KEYS_PER_QUERY = 500


def import_catalog(
    *, now: dt.datetime, listings: Sequence[Listing], curation: Curation, dry_run: bool = False
) -> ImportReport:
    """Bring the catalogue to what the listings and the curated files say; idempotent.

    What a source of these listings no longer lists is retired, never deleted. Fields that an editor has set
    are left alone, `watched` among them. With `dry_run` everything is tried and nothing kept.
    """
    report = ImportReport(dry_run=dry_run)
    desired = assemble(listings, curation)
    with transaction.atomic():
        creators = _ids(_sync(Creator, desired.creators, _by_slug, "creators", report))
        providers = _ids(_sync(Provider, desired.providers, _by_slug, "providers", report))
        _refer(desired.models, creator=creators)
        known = _sync(AIModel, desired.models, _by_slug, "models", report)
        _retire(known, desired.models.keys(), desired.sources, "models", report)
        endpoints = _sync_endpoints(desired, providers, _ids(known), report, now)
        sync_prices(desired, endpoints, report, now)
        slugs = {pk: slug for slug, pk in providers.items()}
        _refer(desired.doc_refs, provider=providers)
        _sync(DocRef, desired.doc_refs, lambda row: (slugs[row.provider_id], row.kind), "doc_refs", report)
        if dry_run:
            transaction.set_rollback(True)
        elif report.changed_anything():
            announce_catalogue(now=now)
    return report


def _by_slug(row: Any) -> str:
    return str(row.slug)


def _ids(rows: Mapping[K, models.Model]) -> dict[K, int]:
    return {key: row.pk for key, row in rows.items()}


def _refer(rows: Mapping[Any, Row], **ids_by_field: Mapping[str, int]) -> None:
    """Replace each reference by key (`creator="openai"`) by the id of the row (`creator_id=7`)."""
    for row in rows.values():
        for name, ids in ids_by_field.items():
            row[f"{name}_id"] = ids[row.pop(name)]


def _sync(
    model: type[M], desired: Mapping[K, Row], key_of: Callable[[M], K], kind: str, report: ImportReport
) -> dict[K, M]:
    """Create and update rows of one kind; all rows there are, by key."""
    rows: dict[K, M] = {key_of(row): row for row in model._default_manager.all()}
    newborn = {key: model(**row) for key, row in desired.items() if key not in rows}
    touched: list[M] = []
    fields: set[str] = set()
    for key, row in desired.items():
        if key in rows and (changes := list(_apply(rows[key], row, kind, key))):
            touched.append(rows[key])
            fields |= {change.field for change in changes}
            report.changes += changes
    model._default_manager.bulk_create(newborn.values(), batch_size=_KEYS_PER_QUERY)
    if touched:
        # Each row takes two parameters per field (key and value) and one for its place in the filter.
        size = max(1, _PARAMETERS_PER_QUERY // (2 * len(fields) + 1))
        model._default_manager.bulk_update(touched, sorted(fields), batch_size=size)
    counts: Counts = getattr(report, kind)
    counts.created, counts.updated = len(newborn), len(touched)
    counts.unchanged = len(desired) - len(newborn) - len(touched)
    return rows | newborn


def _apply(row: models.Model, wanted: Row, kind: str, key: Hashable) -> Iterable[Change]:
    """Set what differs, except what an editor has decided and the slug, which links depend on."""
    decided = {*getattr(row, "edited_fields", ()), "slug"}
    for name, new in wanted.items():
        old = getattr(row, name)
        if old != new and name.removesuffix("_id") not in decided:
            setattr(row, name, new)
            shown = getattr(row, "slug", None) or " ".join(map(str, key if isinstance(key, tuple) else [key]))
            yield Change(kind, shown, name, old, new)


def _retire(
    rows: Mapping[K, Any], listed: Iterable[K], sources: frozenset[str], kind: str, report: ImportReport
) -> None:
    """Mark what these sources listed once and list no more."""
    gone = [
        rows[key]
        for key in rows.keys() - set(listed)
        if rows[key].source_name in sources
        and rows[key].lifecycle != Lifecycle.RETIRED
        and "lifecycle" not in rows[key].edited_fields
    ]
    for row in sorted(gone, key=_by_slug):
        report.changes.append(Change(kind, row.slug, "lifecycle", row.lifecycle, Lifecycle.RETIRED.value))
    for chunk in chunks([row.pk for row in gone]):
        type(gone[0])._default_manager.filter(pk__in=chunk).update(lifecycle=Lifecycle.RETIRED)
    getattr(report, kind).retired = len(gone)


def _sync_endpoints(
    desired: Desired,
    providers: Mapping[str, int],
    known: Mapping[str, int],
    report: ImportReport,
    now: dt.datetime,
) -> dict[EndpointKey, Endpoint]:
    slugs = {pk: slug for slug, pk in providers.items()}

    def key_of(row: Endpoint) -> EndpointKey:
        return slugs[row.provider_id], row.provider_model_id

    _settle_endpoint_rows(desired, {key_of(row): row for row in Endpoint.objects.all()})
    _refer(desired.endpoints, provider=providers, model=known)
    endpoints = _sync(Endpoint, desired.endpoints, key_of, "endpoints", report)
    _retire(endpoints, desired.endpoints.keys(), desired.sources, "endpoints", report)
    listed = Endpoint.objects.filter(source_name__in=desired.sources).exclude(lifecycle=Lifecycle.RETIRED)
    listed.update(last_seen_in_source_at=now)
    return endpoints


def _settle_endpoint_rows(desired: Desired, existing: Mapping[EndpointKey, Endpoint]) -> None:
    """Keep slugs unique, and an endpoint that an editor watches probeable if its source loses the address."""
    taken = {row.slug for row in existing.values()}
    for key, row in desired.endpoints.items():
        old = existing.get(key)
        if old is None:
            if row["slug"] in taken:
                row["slug"] = told_apart(row["slug"], key[1])
            taken.add(row["slug"])
        elif old.watched and "watched" in old.edited_fields and not (row["protocol"] and row["base_url"]):
            row["protocol"], row["base_url"] = old.protocol, old.base_url
