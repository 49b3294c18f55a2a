"""From a provider's list to proposals: one per difference, kept up to date, never made twice."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, transaction
from django.db.models import F

from aigo.lib.chunking import chunks
from catalog.models import CatalogChange, Lifecycle, Price, PriceQuerySet, Provider, ProviderSync
from catalog.selectors import known_offers
from catalog.services.decisions import Outdated, Undecidable, approve_change
from catalog.services.prices import confirm
from catalog.stated import LISTING_SOURCE, PRICE, Difference, KnownOffer, StatedModel, compare, gone

#: So many complete lists in a row must lack a model before it is proposed to be gone.
GONE_AFTER = 3
#: Of a change's facts: why it could not be approved by itself.
REASON = "undecided"
logger = logging.getLogger(__name__)
State = CatalogChange.State
Key = tuple[str, str]  # the provider's own model id, field


@dataclass(slots=True)
class SyncReport:
    """What came of one list. `held_back`: rejected before, and still said. `undecided`: could not be approved
    by themselves and wait for a reviewer."""

    models: int = 0
    proposed: int = 0
    seen_again: int = 0
    superseded: int = 0
    held_back: int = 0
    approved: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One reading of one list. `missing`: how many complete lists up to this one lacked an id."""

    provider: Provider
    ids: frozenset[str]
    missing: Mapping[str, int]
    seen_at: dt.datetime
    now: dt.datetime
    source_url: str
    content_hash: str

    def settles(self, model_id: str) -> bool:
        """Whether what this list does not say of the model is no longer said."""
        return model_id in self.ids or self.missing.get(model_id, 0) >= GONE_AFTER

    def proposal(self, difference: Difference, endpoints: Mapping[str, int]) -> CatalogChange:
        return CatalogChange(
            provider=self.provider,
            endpoint_id=endpoints.get(difference.model_id),
            provider_model_id=difference.model_id,
            kind=difference.kind,
            field=difference.field,
            old_value=difference.old,
            new_value=difference.new,
            facts=difference.facts,
            source_name=LISTING_SOURCE,
            source_url=self.source_url,
            content_hash=self.content_hash,
            first_seen_at=self.seen_at,
            last_seen_at=self.seen_at,
        )


@dataclass(slots=True)
class _Plan:
    """What is to be written; lists of keys are primary keys of changes."""

    born: list[Difference] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    lapsed: list[int] = field(default_factory=list)
    held_back: int = 0


@transaction.atomic
def propose_changes(
    provider_slug: str,
    models: Sequence[StatedModel],
    *,
    seen_at: dt.datetime,
    source_url: str,
    now: dt.datetime,
    complete: bool = True,
    content_hash: str = "",
) -> SyncReport:
    """Compare a list with the catalogue, and keep the proposals in step with what it says.

    complete: it was read to its end; only then does it say anything about what it lacks. A proposal whose
    value is no longer said is superseded; what was rejected waits until the list says something else. What
    a trusted provider says is approved at once, except that a model is gone: a list that breaks in an outage
    must not empty the board. What cannot be approved stays proposed with its reason in `facts`, and does not
    keep the rest of the list waiting. Provider.DoesNotExist for a slug that nobody has.
    """
    provider = Provider.objects.get(slug=provider_slug)
    sync, _created = ProviderSync.objects.select_for_update().get_or_create(provider=provider)
    known = known_offers(provider)
    waiting = {_key(change): change for change in provider.catalog_changes.proposed()}
    ids = frozenset(model.id for model in models)
    sync.missing = _count_missing(sync.missing, ids, _expected(known, waiting), complete=complete)
    sync.save(update_fields=["missing"])
    missing = sync.missing if complete else {}
    sighting = _Sighting(provider, ids, missing, seen_at, now, source_url, content_hash)
    differences = compare(models, known)
    _confirm_prices(models, differences, sighting)
    plan = _plan([*differences, *_gone(missing, known)], waiting, sighting)
    _write(plan, sighting)
    approved, undecided = _approve_trusted(provider, now) if provider.sync_trusted else (0, 0)
    return SyncReport(
        models=len(ids),
        proposed=len(plan.born),
        seen_again=len(plan.again),
        superseded=len(plan.superseded),
        held_back=plan.held_back,
        approved=approved,
        undecided=undecided,
    )


def see_again(provider: Provider, *, seen_at: dt.datetime) -> int:
    """The list is the same as before: what it said is said once more. Number of proposals."""
    prices = _standard_prices(provider, seen_at).filter(last_checked_in=LISTING_SOURCE)
    confirm([(pk, LISTING_SOURCE) for pk in prices.values_list("pk", flat=True)], now=seen_at)
    return provider.catalog_changes.proposed().update(last_seen_at=seen_at, times_seen=F("times_seen") + 1)


def _standard_prices(provider: Provider, at: dt.datetime) -> PriceQuerySet:
    return Price.objects.in_force(at).standard().filter(endpoint__provider=provider)


def _confirm_prices(
    models: Sequence[StatedModel], differences: Sequence[Difference], sighting: _Sighting
) -> None:
    """The prices that the list states as the catalogue has them."""
    other = {difference.model_id for difference in differences if difference.field == PRICE}
    stated = {model.id for model in models if model.rates} - other
    if stated:
        rows = _standard_prices(sighting.provider, sighting.seen_at)
        found = rows.values_list("pk", "endpoint__provider_model_id")
        confirm([(pk, LISTING_SOURCE) for pk, ident in found if ident in stated], now=sighting.seen_at)


def _key(change: CatalogChange) -> Key:
    return change.provider_model_id, change.field


def _expected(known: Mapping[str, KnownOffer], waiting: Collection[Key]) -> set[str]:
    """The ids whose absence means something."""
    live = {ident for ident, offer in known.items() if offer.lifecycle != Lifecycle.RETIRED}
    return live | {ident for ident, _ in waiting}


def _gone(missing: Mapping[str, int], known: Mapping[str, KnownOffer]) -> list[Difference]:
    return [
        gone(ident)
        for ident, times in missing.items()
        if times >= GONE_AFTER and ident in known and known[ident].lifecycle != Lifecycle.RETIRED
    ]


def _count_missing(
    before: Mapping[str, int], ids: Collection[str], expected: Collection[str], *, complete: bool
) -> dict[str, int]:
    if not complete:
        return {ident: times for ident, times in before.items() if ident not in ids}
    return {
        ident: min(before.get(ident, 0) + 1, GONE_AFTER) for ident in sorted(expected) if ident not in ids
    }


def _plan(
    differences: Sequence[Difference], waiting: Mapping[Key, CatalogChange], sighting: _Sighting
) -> _Plan:
    rejected = {_key(row): row for row in sighting.provider.catalog_changes.standing_rejections()}
    said = {(difference.model_id, difference.field): difference for difference in differences}
    plan = _Plan()
    for key, difference in said.items():
        old, refusal = waiting.get(key), rejected.get(key)
        if refusal and refusal.new_value == difference.new:
            plan.held_back += 1
        elif old and (old.old_value, old.new_value) == (difference.old, difference.new):
            plan.again.append(old.pk)
        else:
            plan.born.append(difference)
    kept = set(plan.again)
    plan.superseded = [
        row.pk
        for key, row in waiting.items()
        if row.pk not in kept and (key in said or sighting.settles(key[0]))
    ]
    plan.lapsed = [
        row.pk
        for key, row in rejected.items()
        if sighting.settles(key[0]) and (key not in said or said[key].new != row.new_value)
    ]
    return plan


def _write(plan: _Plan, sighting: _Sighting) -> None:
    for part in chunks(plan.superseded):
        CatalogChange.objects.filter(pk__in=part).update(state=State.SUPERSEDED, decided_at=sighting.now)
    for part in chunks(plan.lapsed):
        CatalogChange.objects.filter(pk__in=part).update(lapsed_at=sighting.now)
    for part in chunks(plan.again):
        CatalogChange.objects.filter(pk__in=part).update(
            last_seen_at=sighting.seen_at, times_seen=F("times_seen") + 1
        )
    endpoints = dict(sighting.provider.endpoints.values_list("provider_model_id", "pk"))
    CatalogChange.objects.bulk_create(
        [sighting.proposal(difference, endpoints) for difference in plan.born], batch_size=500
    )


def _approve_trusted(provider: Provider, now: dt.datetime) -> tuple[int, int]:
    """How many were approved, and how many could not be; each in a savepoint of its own."""
    approved = undecided = 0
    for change in provider.catalog_changes.proposed().exclude(kind=CatalogChange.Kind.GONE):
        try:
            approve_change(change, by=None, now=now)
        except Outdated:  # an earlier one of this list has set it already
            continue
        except (Undecidable, ValueError, DatabaseError) as refusal:
            _note_reason(change, f"{type(refusal).__name__}: {refusal}")
            undecided += 1
        else:
            _note_reason(change, "")
            approved += 1
    return approved, undecided


def _note_reason(change: CatalogChange, reason: str) -> None:
    """Why it could not be approved by itself, for its reviewer; "" = it could."""
    # The first line only: PostgreSQL's further lines repeat the row.
    line = reason.splitlines()[0][:300] if reason else ""
    if change.facts.get(REASON, "") == line:
        return
    facts = {name: value for name, value in change.facts.items() if name != REASON}
    CatalogChange.objects.filter(pk=change.pk).update(facts=facts | ({REASON: line} if line else {}))
    if line:
        logger.warning("%s %s stays proposed: %s", change.provider.slug, change, line)
