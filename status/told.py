"""Reading what is told of incidents: their titles, what people wrote, and those that have not ended."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.conf import settings

from aigo.lib.words import Words
from status.incidents import SEVERITIES, IncidentLine, UpdateLine, stage_of, standing
from status.models import Incident, IncidentEndpoint, IncidentUpdate
from status.wording import title_of


def open_incidents() -> list[IncidentLine]:
    """What has not ended, the gravest first, then the longest. Invented ones as on the board.

    One query where there is none, else two.
    """
    held = IncidentEndpoint.objects.filter(left_at=None, incident__ended_at=None)
    if not settings.SIMULATION:
        held = held.filter(incident__simulated=False)
    members: dict[int, list[IncidentEndpoint]] = {}
    for member in held.select_related("incident__provider", "endpoint__model").order_by("endpoint__slug"):
        members.setdefault(member.incident_id, []).append(member)
    updates = updates_of(members)
    lines = [_line(held, updates.get(pk, [])) for pk, held in members.items()]
    return sorted(lines, key=lambda line: (-SEVERITIES.index(line.severity), line.since, line.id))


def updates_of(incident_ids: Collection[int]) -> dict[int, list[UpdateLine]]:
    """Incident id → what people told of it, oldest first; without: no entry. One query, none for nothing."""
    if not incident_ids:
        return {}
    rows = IncidentUpdate.objects.filter(incident__in=list(incident_ids)).select_related("correction")
    found: dict[int, list[UpdateLine]] = defaultdict(list)
    for row in rows.order_by("at", "pk"):
        found[row.incident_id].append(update_line(row))
    return dict(found)


def update_line(update: IncidentUpdate) -> UpdateLine:
    """One as plain data; its `correction` is read along with it."""
    correction = getattr(update, "correction", None)
    return UpdateLine(
        id=update.pk,
        at=update.at,
        status=update.status,
        body=Words(update.body_en, update.body_ko),
        corrects=update.corrects_id,
        corrected_by=correction.pk if correction else None,
    )


def titles_of(incidents: Iterable[Incident]) -> dict[int, Words]:
    """Incident id → what it is called, open or over. One query besides the providers of `incidents`."""
    known = {incident.pk: incident for incident in incidents}
    names: dict[int, list[str]] = defaultdict(list)
    members = IncidentEndpoint.objects.filter(incident__in=list(known)).order_by("endpoint__slug")
    for pk, name in members.values_list("incident", "endpoint__model__name").distinct():
        names[pk].append(name)
    return {pk: incident_title(incident, names[pk]) for pk, incident in known.items()}


def incident_title(incident: Incident, names: Sequence[str]) -> Words:
    """What it is called; names: its endpoints' models."""
    return title_of(
        by_hand=incident.title_by_hand,
        provider=incident.provider.name,
        kind=incident.kind,
        cause=incident.cause,
        scope=incident.scope,
        regions=incident.regions,
        names=names,
    )


def _line(members: list[IncidentEndpoint], updates: list[UpdateLine]) -> IncidentLine:
    incident = members[0].incident
    names = tuple(member.endpoint.model.name for member in members)
    said = standing(updates)
    return IncidentLine(
        id=incident.pk,
        provider=incident.provider.name,
        provider_slug=incident.provider.slug,
        kind=incident.kind,
        scope=incident.scope,
        severity=incident.effective_severity,
        severity_measured=incident.severity,
        title=incident_title(incident, names),
        title_by_hand=incident.title_by_hand,
        stage=stage_of(incident.state, updates),
        newest=said[-1] if said else None,
        state=incident.state,
        cause=incident.cause,
        since=incident.started_at,
        regions=tuple(incident.regions),
        slugs=tuple(member.endpoint.slug for member in members),
        names=names,
        simulated=incident.simulated,
    )
