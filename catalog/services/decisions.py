"""Deciding on proposals, and what an approved one changes.

    Undecidable       ours or the reviewer's; the message says what to do
      AlreadyDecided  somebody else was first
      Outdated        the catalogue has changed since; the proposal is superseded

What is approved is marked as decided by hand, so that imports from older sources leave it alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction

from catalog.identity import own_providers
from catalog.models import CatalogChange, Endpoint, Lifecycle
from catalog.selectors import known_offer
from catalog.services.editing import record_edit
from catalog.services.offers import add_listed_model, open_price, set_dates, standard_price
from catalog.stated import PRESENCE, PRICE, moment_json, rates_json, read_stated, shown

State = CatalogChange.State


class Undecidable(Exception):
    """The proposal cannot be decided."""


class AlreadyDecided(Undecidable):
    """It is decided: look at its row."""


class Outdated(Undecidable):
    """The catalogue no longer says what the proposal would change; the next list proposes anew."""


def approve_change(change: CatalogChange, *, by: Any, now: dt.datetime) -> Endpoint:
    """Make the catalogue say what the list says; the endpoint that the change is about.

    by: the user, or None for a trusted provider's list. Raises AlreadyDecided and Outdated.
    """
    with transaction.atomic():
        change = _open(change)
        endpoint = _endpoint_of(change)
        done = _is_current(change, endpoint)
        if done:
            _log(_APPLY[change.kind](change, endpoint), change, by)
            endpoint = change.endpoint = _endpoint_of(change)
        _settle(change, State.APPROVED if done else State.SUPERSEDED, by=by if done else None, now=now)
    if not done or endpoint is None:
        raise Outdated(
            f"{change.provider.slug} {change.provider_model_id} {change.field}: the catalogue no longer says "
            f"{shown(change.old_value)}. The next list proposes what still differs."
        )
    return endpoint


def reject_change(change: CatalogChange, *, by: Any, now: dt.datetime) -> None:
    """Leave the catalogue as it is; the same value is not proposed again until the list says another."""
    with transaction.atomic():
        _settle(_open(change), State.REJECTED, by=by, now=now)


def _open(change: CatalogChange) -> CatalogChange:
    locked = CatalogChange.objects.select_for_update(of=("self",)).select_related("provider")
    found = locked.get(pk=change.pk)
    if found.state != State.PROPOSED:
        raise AlreadyDecided(
            f"{found.provider.slug} {found.provider_model_id} {found.field} is {found.state} already."
        )
    return found


def _settle(change: CatalogChange, state: State, *, by: Any, now: dt.datetime) -> None:
    change.state, change.decided_by, change.decided_at = state, by, now
    change.save(update_fields=["state", "decided_by", "decided_at", "endpoint"])
    if by is not None:
        LogEntry.objects.log_actions(by.pk, [change], CHANGE, str(state.value), single_object=True)


def _log(rows: list[models.Model], change: CatalogChange, by: Any) -> None:
    """The changed rows' own history names the change; without a user the change itself is the record."""
    if by is None:
        return
    source = change.source_url or change.source_name
    text = f"{change.field}: {shown(change.old_value)} → {shown(change.new_value)} ({source})"
    for row in rows:
        LogEntry.objects.log_actions(by.pk, [row], CHANGE, text, single_object=True)


def _endpoint_of(change: CatalogChange) -> Endpoint | None:
    return (
        Endpoint.objects.select_for_update(of=("self",))
        .select_related("model__creator", "provider")
        .filter(provider=change.provider_id, provider_model_id=change.provider_model_id)
        .first()
    )


def _is_current(change: CatalogChange, endpoint: Endpoint | None) -> bool:
    """Whether the catalogue still says what the proposal was made against."""
    if endpoint is None:
        return change.kind == CatalogChange.Kind.NEW_MODEL
    if change.field == PRESENCE:
        return change.kind == CatalogChange.Kind.GONE and endpoint.lifecycle != Lifecycle.RETIRED
    offer = known_offer(endpoint, standard_price(endpoint), limits_are_its_own=True)
    value = rates_json(offer.rates) if change.field == PRICE else getattr(offer, change.field)
    return bool(change.old_value == (moment_json(value) if isinstance(value, dt.datetime) else value))


def _add_model(change: CatalogChange, endpoint: Endpoint | None) -> list[models.Model]:
    [model], _unusable = read_stated([change.facts])
    added = add_listed_model(
        change.provider,
        model,
        source_url=change.source_url,
        first_seen_at=change.first_seen_at,
        seen_at=change.last_seen_at,
    )
    return [added, *_let_model_follow(added)]


def _retire(change: CatalogChange, endpoint: Endpoint) -> list[models.Model]:
    return _set_lifecycle(endpoint, Lifecycle.RETIRED)


def _set_lifecycle(endpoint: Endpoint, lifecycle: str) -> list[models.Model]:
    endpoint.lifecycle = lifecycle
    record_edit(row=endpoint, fields=["lifecycle"])
    return [endpoint, *_let_model_follow(endpoint)]


def _let_model_follow(endpoint: Endpoint) -> list[models.Model]:
    """Bring the model's lifecycle in step with those of its endpoints; the model where that changed it."""
    model, follows = endpoint.model, _lifecycle_of_model(endpoint)
    if model.lifecycle == follows:
        return []
    model.lifecycle = follows
    record_edit(row=model, fields=["lifecycle"])
    return [model]


def _lifecycle_of_model(endpoint: Endpoint) -> str:
    """As imports see it: what its creator's own provider says, else the best that any provider says."""
    own = own_providers(endpoint.model.creator.slug)
    rows = Endpoint.objects.filter(model=endpoint.model_id).values_list("provider__slug", "lifecycle")
    said = [(own.index(slug), state) for slug, state in rows if slug in own]
    if said:
        first = min(rank for rank, _ in said)
        return _best({state for rank, state in said if rank == first})
    return _best({state for _, state in rows})


def _best(states: set[str]) -> str:
    return next(state for state in Lifecycle.values if state in states)


def _change_lifecycle(change: CatalogChange, endpoint: Endpoint) -> list[models.Model]:
    if change.field == "lifecycle":
        return _set_lifecycle(endpoint, str(change.new_value))
    moment = dt.datetime.fromisoformat(change.new_value) if change.new_value else None
    set_dates(endpoint, {change.field: moment}, source_url=change.source_url, seen_at=change.last_seen_at)
    endpoint.save()
    return [endpoint]


def _change_price(change: CatalogChange, endpoint: Endpoint) -> list[models.Model]:
    [model], _unusable = read_stated([{"id": change.provider_model_id, "prices": change.new_value}])
    open_price(
        endpoint,
        model.rates,
        source_url=change.source_url,
        since=change.first_seen_at,
        retrieved_at=change.last_seen_at,
    )
    return [endpoint]


def _change_limit(change: CatalogChange, endpoint: Endpoint) -> list[models.Model]:
    setattr(endpoint.model, change.field, change.new_value)
    record_edit(row=endpoint.model, fields=[change.field])
    return [endpoint.model]


_APPLY: Mapping[str, Callable[[CatalogChange, Any], list[models.Model]]] = {
    CatalogChange.Kind.NEW_MODEL: _add_model,
    CatalogChange.Kind.GONE: _retire,
    CatalogChange.Kind.LIFECYCLE: _change_lifecycle,
    CatalogChange.Kind.PRICE: _change_price,
    CatalogChange.Kind.LIMIT: _change_limit,
}
