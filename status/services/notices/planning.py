"""From the steps of incidents to notices.

A step is planned in the transaction that makes its notices: whatever dies, both are there or neither is.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.db import transaction

from aigo.lib.kept import AWAY
from catalog.models import Endpoint
from status.maintenance import spans_of
from status.models import Incident, IncidentChange, IncidentUpdate
from status.rules import Cause, StepKind
from status.rules.notices import Matter
from status.rules.telling import Happening, Step, decide
from status.services.notices.book import NoticeBook
from status.services.notices.facts import incident_facts, update_facts
from status.services.notices.recipients import Recipient, channels_wishing, subscribers
from status.told import update_line

logger = logging.getLogger(__name__)
#: So far ahead maintenance is looked for: what it holds longer than that is told.
MAINTENANCE_AHEAD: Final = timedelta(days=8)
#: How far what takes in is looked back on: an anomaly, an endpoint's incident, its provider's.
DEEPEST: Final = 3


class _Run:
    """What one run asks once for all incidents."""

    @cached_property
    def recipients(self) -> list[Recipient]:
        return [*channels_wishing("incident"), *subscribers()]


def plan_notices(*, now: datetime) -> int:
    """Notices for every step of an incident that was not planned yet; how many notices were made.

    Mostly there is no step, which costs one query. An incident that cannot be planned keeps no other from it;
    what went wrong with the first such is raised at the end. Not to be called in a transaction.
    """
    unplanned = IncidentChange.objects.filter(planned_at=None).order_by("pk")
    incidents = dict.fromkeys(unplanned.values_list("incident", flat=True))
    run, made, wrong = _Run(), 0, None
    for pk in incidents:
        try:
            made += _plan(pk, run, now)
        except AWAY:
            raise
        except Exception as error:
            logger.exception("notices of incident %s cannot be planned", pk)
            wrong = wrong or error
    if wrong:
        raise wrong
    return made


@transaction.atomic
def _plan(incident_id: int, run: _Run, now: datetime) -> int:
    """All steps of one incident; another process that plans it waits, and finds them planned."""
    rows = IncidentChange.objects.filter(incident=incident_id, planned_at=None).order_by("pk")
    changes = list(rows.select_for_update(of=("self",)))
    if not changes:
        return 0
    made = 0
    if run.recipients:
        made = _tell_all(Incident.objects.select_related("provider").get(pk=incident_id), changes, run, now)
    IncidentChange.objects.filter(pk__in=[change.pk for change in changes]).update(planned_at=now)
    return made


def _tell_all(incident: Incident, changes: Sequence[IncidentChange], run: _Run, now: datetime) -> int:
    replaces = _replaced_by(incident.pk)
    subjects = [subject_of(pk) for pk in replaces]
    book = NoticeBook("incident", subject_of(incident.pk), replaced=subjects, now=now)
    facts = incident_facts(incident, replaces=replaces)
    updates = IncidentUpdate.objects.filter(pk__in=[c.data["update"] for c in changes if c.kind == "update"])
    told = {update.pk: update_facts(update_line(update)) for update in updates.select_related("correction")}
    for change, step in _steps(incident, changes):
        said = facts | {"severity": step.matter.severity}
        if change.data.get("update") in told:
            said["update"] = told[change.data["update"]]
        for recipient in run.recipients:
            doings = decide(step, recipient.wishes, book.past(recipient.key))
            book.do(doings, recipient, step.matter.severity, said)
    return book.keep(facts)


def subject_of(incident_id: int) -> str:
    """What notices of an incident are about."""
    return f"incident:{incident_id}"


def _steps(incident: Incident, changes: Sequence[IncidentChange]) -> list[tuple[IncidentChange, Step]]:
    """What each change is to those who are told. Two queries, four where maintenance is planned."""
    slugs = {slug for change in changes for slug in change.data["slugs"]}
    found = {e.slug: e for e in Endpoint.objects.filter(slug__in=slugs).only("slug", "model")}
    since = min(change.at for change in changes)
    spans = spans_of(
        [endpoint.pk for endpoint in found.values()],
        since=since,
        until=max(change.at for change in changes) + MAINTENANCE_AHEAD,
    )
    steps, over = [], False
    for change, after in zip(changes, [*changes[1:], None], strict=True):
        happening = _happening(change)
        if happening is Happening.CHANGED and after and _replaces(after, change):
            continue
        endpoints = [found[slug] for slug in change.data["slugs"] if slug in found]
        matter = Matter(
            severity=change.data["severity"],
            provider=incident.provider_id,
            endpoints=frozenset(endpoint.pk for endpoint in endpoints),
            models=frozenset(endpoint.model_id for endpoint in endpoints),
            regions=frozenset(change.data["regions"]),
            maintenance=spans,
        )
        over = over or (change.data["state"] == "closed" and change.kind != StepKind.CLOSE)
        steps.append((change, Step(happening, change.pk, change.at, matter, over=over)))
        over = over or change.kind == StepKind.CLOSE
    return steps


def _replaces(after: IncidentChange, change: IncidentChange) -> bool:
    """Whether what was decided in the same moment says it all: a provider's incident takes in a hundred
    endpoints in a hundred steps."""
    return after.at == change.at and _happening(after) in {Happening.CHANGED, Happening.CLOSED}


def _happening(change: IncidentChange) -> Happening:
    """A post-mortem that is published again, or a severity that stays what it was, is no news."""
    data: dict[str, Any] = change.data
    match change.kind:
        case StepKind.CLOSE:
            return Happening.ABSORBED if data.get("cause") == Cause.ABSORBED else Happening.CLOSED
        case "update":
            return Happening.UPDATE
        case "severity" if data.get("before") != data["severity"]:
            return Happening.UPDATE
        case "postmortem" if data.get("first", True):
            return Happening.POSTMORTEM
    return Happening.CHANGED


def _replaced_by(incident_id: int) -> list[int]:
    """The incidents that it took in, and those that these had taken in."""
    found: list[int] = []
    level: Collection[int] = [incident_id]
    for _ in range(DEEPEST):
        taken = IncidentChange.objects.filter(incident__in=level, kind=StepKind.ABSORB)
        level = {data["absorbed"] for data in taken.values_list("data", flat=True) if data["absorbed"]}
        if not level:
            break
        found += sorted(level - set(found))
    return found
