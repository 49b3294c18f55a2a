"""Keeping incidents: what the rules say is to be done about a provider's, written in one transaction."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from aigo.lib.kept import AWAY
from catalog.models import Provider
from probes.attempts import METHOD_VERSION
from status.incidents import effective_severity
from status.models import Incident, IncidentChange, IncidentEndpoint
from status.rules import Scope, Step, StepKind, tend
from status.services.outbox import announce_incidents
from status.survey import open_incidents_of, provider_views

logger = logging.getLogger(__name__)
#: The fields that follow from measurements after the opening.
_MEASURED = ("kind", "scope", "severity", "state", "regions", "ended_at")
#: Endpoint id → its row among an incident's members.
Held = dict[int, IncidentEndpoint]


def tend_incidents(provider_ids: Collection[int] | None = None, *, now: datetime) -> int:
    """Open, follow and close what the states of these providers' endpoints ask for; None = of all.

    How many steps that took. Running it again does nothing; what is written is announced, what could not be
    with the next run. A provider that cannot be tended to keeps no other from it; what went wrong with the
    first such is raised at the end. Not to be called in a transaction.
    """
    views, ongoing = provider_views(provider_ids, now=now), open_incidents_of(provider_ids)
    taken, wrong = 0, None
    for pk, view in views.items():
        try:
            if tend(view, ongoing.get(pk, []), now):
                taken += len(_tend(pk, now))
        except AWAY:
            raise
        except Exception as error:
            logger.exception("incidents of provider %s cannot be tended to", view.slug)
            wrong = wrong or error
    announce_incidents(now=now)
    if wrong:
        raise wrong
    return taken


@transaction.atomic
def _tend(provider_id: int, now: datetime) -> Sequence[Step]:
    """The steps that are still to be taken once nobody else takes any."""
    provider = Provider.objects.select_for_update(no_key=True).filter(pk=provider_id).first()
    if provider is None:
        return ()
    (view,) = provider_views([provider_id], now=now).values()
    ongoing = open_incidents_of([provider_id]).get(provider_id, [])
    steps = tend(view, ongoing, now)
    kept = {row.pk: row for row in Incident.objects.ongoing().filter(provider=provider)}
    slugs = {member.pk: member.slug for incident in ongoing for member in incident.members}
    slugs |= {endpoint.pk: endpoint.slug for endpoint in view.endpoints}
    held: dict[int, Held] = defaultdict(dict)
    for row in IncidentEndpoint.objects.filter(left_at=None, incident__in=list(kept)) if steps else ():
        held[row.incident_id][row.endpoint_id] = row
    for step in steps:
        key = step.incident.id
        incident = kept[key] = kept.get(key) or Incident(provider=provider)
        _make_like(incident, step)
        _follow_members(incident, step, held[incident.pk])
        IncidentChange.objects.create(
            incident=incident, at=step.at, kind=step.kind, data=_told(step, incident, kept, slugs)
        )
    return steps


def _make_like(incident: Incident, step: Step) -> None:
    """The row says what the step says; of one that is over, how far it ever reached."""
    after = step.incident
    if incident.pk is None:
        incident.cause, incident.simulated = after.cause, after.simulated
        incident.started_at, incident.detected_at = after.started_at, after.detected_at
        incident.method_version = METHOD_VERSION
    incident.kind, incident.scope = after.kind, after.scope
    incident.severity, incident.state = after.severity, after.state
    incident.regions = list(after.regions) or incident.regions
    if step.kind is StepKind.CLOSE:
        _widen(incident)
    incident.ended_at = step.at if step.kind is StepKind.CLOSE else None
    # what people decide meanwhile, and when it was told, is not read here and not written back
    incident.save(update_fields=_MEASURED if incident.pk else None)


def _widen(incident: Incident) -> None:
    """An incident recedes region by region before it is over: its last extent is not what it was."""
    told = list(incident.changes.values_list("data", flat=True))
    incident.regions = sorted({region for data in told for region in data["regions"]})
    if any(data["scope"] == Scope.GLOBAL for data in told):
        incident.scope = Scope.GLOBAL


def _follow_members(incident: Incident, step: Step, held: Held) -> None:
    """Who is in the step's incident is held by the row; who is not any more has left.

    `held`: the members of now, kept up with. Hundreds may leave one by one: nobody reads them for each.
    """
    staying = {} if step.kind is StepKind.CLOSE else {member.pk: member for member in step.incident.members}
    for pk in [pk for pk in held if pk not in staying]:
        row = held.pop(pk)
        row.left_at = step.at
        row.save(update_fields=["left_at"])
    for pk, member in staying.items():
        row = held.get(pk) or IncidentEndpoint(incident=incident, endpoint_id=pk, joined_at=member.joined_at)
        regions = {region: reason.value for region, reason in member.regions.items()}
        if row.pk is None or row.regions != regions or row.worst != member.worst:
            row.regions, row.worst = regions, member.worst
            row.save()
        held[pk] = row


def _told(
    step: Step, incident: Incident, kept: dict[int, Incident], slugs: dict[int, str]
) -> dict[str, object]:
    """What the timeline and the event say of a step, as plain JSON."""
    return {
        "cause": step.cause.value,
        "evidence_at": step.evidence_at.isoformat(),
        "severity": effective_severity(step.incident.severity.value, incident.severity_by_hand),
        "severity_measured": step.incident.severity.value,
        "scope": str(incident.scope),
        "state": step.incident.state.value,
        "slugs": _slugs(incident, step),
        "regions": list(incident.regions),
        "endpoint": slugs.get(step.endpoint or 0, ""),
        "absorbed": kept[step.absorbed].pk if step.absorbed in kept else None,
    }


def _slugs(incident: Incident, step: Step) -> list[str]:
    """Those that it holds; of one that is over, all that it ever held."""
    if step.kind is StepKind.CLOSE or not step.incident.members:
        return sorted(set(incident.members.values_list("endpoint__slug", flat=True)))
    return sorted(member.slug for member in step.incident.members)
