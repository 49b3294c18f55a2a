"""Telling what is written: a change is announced until it is known to be, so that no crash loses it.

A change whose event was written, but not noted before the process died, is told twice: whoever listens
goes by the key of the change.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from aigo.lib.events import tell
from status.models import Incident, IncidentChange, StatusChange
from status.rules import StepKind

#: So many are told in one transaction; what is over comes with the next run.
AT_ONCE = 500
Written = TypeVar("Written", StatusChange, IncidentChange)


def announce_changes(*, now: datetime) -> list[StatusChange]:
    """Announce every change of state that was not yet, in the order they were written; those told."""
    untold = StatusChange.objects.select_related("endpoint")
    return _announce(untold, lambda change: tell("status.changed", _change_data(change), now=now))


def announce_outstanding(*, now: datetime) -> int:
    """Announce what was written and could not be told, and the rows it touched; how many changes that was."""
    changed: dict[str, list[str]] = defaultdict(list)
    told = announce_changes(now=now)
    for change in told:
        if change.endpoint.slug not in changed[change.region]:
            changed[change.region].append(change.endpoint.slug)
    if changed:
        tell("status.update", {"changed": changed}, now=now)
    return len(told) + announce_incidents(now=now)


def announce_incidents(*, now: datetime) -> int:
    """Announce every step of an incident that was not yet; how many that was.

    An incident whose opening is told for the first time keeps when that was: never before its detection,
    which another process may have noted after our `now` was read.
    """

    def announce(change: IncidentChange) -> str:
        event_id = tell(f"incident.{_EVENTS.get(change.kind, 'updated')}", _step_data(change), now=now)
        if event_id and change.kind == StepKind.OPEN:
            at = max(now, change.incident.detected_at)
            Incident.objects.filter(pk=change.incident_id, announced_at=None).update(announced_at=at)
        return event_id

    return len(_announce(IncidentChange.objects.select_related("incident__provider"), announce))


def _announce(rows: QuerySet[Written], announce: Callable[[Written], str]) -> list[Written]:
    """Those that could be told. Mostly there is nothing, and nobody has to wait for a lock."""
    return _announce_locked(rows, announce) if rows.filter(event_id="").exists() else []


@transaction.atomic
def _announce_locked(rows: QuerySet[Written], announce: Callable[[Written], str]) -> list[Written]:
    """What another process is telling is left to it."""
    untold = rows.filter(event_id="").order_by("pk").select_for_update(skip_locked=True, of=("self",))
    told: list[Written] = []
    for row in untold[:AT_ONCE]:
        row.event_id = announce(row)
        if not row.event_id:
            break  # the log is away; it keeps the order, too
        told.append(row)
    rows.model._default_manager.bulk_update(told, ["event_id"])
    return told


def _change_data(change: StatusChange) -> dict[str, Any]:
    return {
        "slug": change.endpoint.slug,
        "region": change.region,
        "from": change.from_state,
        "to": change.to_state,
        "reason": change.reason,
        "at": change.at.isoformat(),
        "change": change.pk,
    }


_EVENTS = {StepKind.OPEN.value: "opened", StepKind.CLOSE.value: "closed"}


def _step_data(change: IncidentChange) -> dict[str, Any]:
    said = ("severity", "state", "scope", "slugs", "regions")
    return {
        "incident": change.incident_id,
        "provider": change.incident.provider.slug,
        **{name: change.data[name] for name in said},
        "at": change.at.isoformat(),
    }
