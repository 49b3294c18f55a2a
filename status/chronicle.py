"""Incidents past and present, as pages, feed and API tell them: found by a wish, read in bulk.

An incident that a provider-wide one has taken in is told within that one: lists leave it out, its page names
the other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from aigo.lib.moments import moment_text
from aigo.lib.words import Words
from catalog.models import Endpoint
from status.incidents import SEVERITIES, UpdateLine, stage_of
from status.leads import LeadLine, leads_of
from status.models import Incident, IncidentChange, IncidentEndpoint, Notice, OfficialIncident
from status.phrasing import step_words
from status.rules import Cause, StepKind
from status.told import incident_title, updates_of

#: What an incident can be found by; "open" holds what comes and goes, too.
STATES: Final = ("open", "closed")
#: A round of probes in all regions: within it an extent is still being found, not changing.
SETTLING: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which incidents are asked for; "" = any. `severity`: that or a graver one. `function`: a model's tag,
    `model`: an endpoint's or a model's slug.
    """

    provider: str = ""
    severity: str = ""
    region: str = ""
    function: str = ""
    state: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Affected:
    """An endpoint that an incident holds or held. `worst`: the gravest state meanwhile; `regions`: where it
    was in trouble when that was last noted, slugs. Times are UTC; `left_at` None = it is still held.
    """

    slug: str
    name: str
    model_slug: str
    worst: str
    regions: tuple[str, ...]
    joined_at: datetime
    left_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        times = {"joined_at": moment_text(self.joined_at), "left_at": moment_text(self.left_at)}
        return {
            "slug": self.slug,
            "model": self.model_slug,
            "name": self.name,
            "worst": self.worst,
            "regions": list(self.regions),
            **times,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. source: "measured" | "people" | "official"; kind: the step's, or an update's
    status. `text`: what is told; `update`: of people; `severity`: as it was then, "" = not told.
    """

    at: datetime
    source: str
    kind: str
    text: Words
    severity: str = ""
    update: UpdateLine | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "at": moment_text(self.at),
            "source": self.source,
            "kind": self.kind,
            "text": self.text.to_json(),
            "severity": self.severity or None,
            "update": self.update.to_json() if self.update else None,
        }


@dataclass(frozen=True, slots=True)
class IncidentStory:
    """An incident with whom it holds and everything that was told of it. Times are UTC, None = not yet.

    `severity` is the effective one, `severity_measured` what was measured. `stage`: see
    status.incidents.stage_of. `announced_at`: when its opening was first told; `updated_at`: of its newest
    step or update. `timeline`: oldest first. `absorbed_by`: the provider-wide incident that took it in.

    Only an incident that was loaded alone has `leads` (what the official page said, the counted one first),
    those pages' words in its timeline, and `notices`: how many were delivered.
    """

    id: int
    title: Words
    title_by_hand: Words
    provider: str
    provider_slug: str
    kind: str
    scope: str
    severity: str
    severity_measured: str
    state: str
    stage: str
    cause: str
    started_at: datetime
    detected_at: datetime
    announced_at: datetime | None
    ended_at: datetime | None
    updated_at: datetime
    regions: tuple[str, ...]
    affected: tuple[Affected, ...]
    simulated: bool
    method_version: str
    timeline: tuple[Entry, ...]
    updates: tuple[UpdateLine, ...] = ()
    postmortem: Words = field(default_factory=Words)
    postmortem_at: datetime | None = None
    absorbed_by: int | None = None
    leads: tuple[LeadLine, ...] = ()
    notices: int | None = None

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(one.slug for one in self.affected)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.affected)

    @property
    def since(self) -> datetime:
        """As an IncidentLine calls it."""
        return self.started_at

    @property
    def lasted_s(self) -> float | None:
        """From its beginning to its end; None while it goes on."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None

    def to_json(self) -> dict[str, Any]:
        """As lists tell it; times as ISO 8601, UTC."""
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "provider": self.provider_slug,
            "provider_name": self.provider,
            "kind": self.kind,
            "scope": self.scope,
            "severity": self.severity,
            "severity_measured": self.severity_measured,
            "state": self.state,
            "stage": self.stage,
            "cause": self.cause,
            "started_at": moment_text(self.started_at),
            "detected_at": moment_text(self.detected_at),
            "announced_at": moment_text(self.announced_at),
            "ended_at": moment_text(self.ended_at),
            "updated_at": moment_text(self.updated_at),
            "regions": list(self.regions),
            "endpoints": list(self.slugs),
            "postmortem_published": self.postmortem_at is not None,
            "absorbed_by": self.absorbed_by,
            "simulated": self.simulated,
            "method_version": self.method_version,
        }

    def told_whole(self) -> dict[str, Any]:
        """As an answer about it alone tells it."""
        return self.to_json() | {
            "affected": [one.to_json() for one in self.affected],
            "timeline": [entry.to_json() for entry in self.timeline],
            "postmortem": self.postmortem.to_json() if self.postmortem else None,
            "postmortem_at": moment_text(self.postmortem_at),
            "leads": [lead.to_json() for lead in self.leads],
            "notices_sent": self.notices,
        }


def visible_incidents() -> QuerySet[Incident]:
    """All that may be shown, with `updated_at`; invented ones as on the board."""
    newest = IncidentChange.objects.filter(incident=OuterRef("pk")).order_by("-at", "-pk")
    found = Incident.objects.annotate(updated_at=Subquery(newest.values("at")[:1])).select_related("provider")
    return found if settings.SIMULATION else found.filter(simulated=False)


def find_incidents(wish: Wish) -> QuerySet[Incident]:
    """The newest first; see `visible_incidents`. Without those that another one has taken in."""
    taken_in = IncidentChange.objects.filter(
        incident=OuterRef("pk"), kind=StepKind.CLOSE, data__cause=Cause.ABSORBED
    )
    found = visible_incidents().filter(~Exists(taken_in)).order_by("-started_at", "-pk")
    if wish.provider:
        found = found.filter(provider__slug=wish.provider)
    if wish.severity:
        grave = SEVERITIES[SEVERITIES.index(wish.severity) :]
        found = found.filter(Q(severity_by_hand__in=grave) | Q(severity_by_hand=None, severity__in=grave))
    if wish.state:
        found = found.filter(ended_at__isnull=wish.state == "open")
    if wish.region:
        text = Cast("regions", TextField())
        found = found.annotate(regions_text=text).filter(regions_text__contains=f'"{wish.region}"')
    if wish.function or wish.model:
        held = IncidentEndpoint.objects.filter(incident=OuterRef("pk"), endpoint__in=_endpoints(wish))
        found = found.filter(Exists(held))
    return found


def _endpoints(wish: Wish) -> list[int]:
    """The endpoints that a function's tag and a model's slug leave. One query."""
    known = Endpoint.objects.filter(memberships__isnull=False).distinct()
    if wish.model:
        known = known.filter(Q(slug=wish.model) | Q(model__slug=wish.model))
    rows = known.values_list("pk", "model__functions")
    return [pk for pk, functions in rows if not wish.function or wish.function in functions]


def stories_of(incidents: Iterable[Incident]) -> list[IncidentStory]:
    """Everything about these, in their order: four queries, whatever their number; none for none.

    `incidents`: as `visible_incidents` finds them.
    """
    rows = list(incidents)
    ids = [row.pk for row in rows]
    if not rows:
        return []
    members: dict[int, list[IncidentEndpoint]] = defaultdict(list)
    held = IncidentEndpoint.objects.filter(incident__in=ids).select_related("endpoint__model")
    for member in held.order_by("endpoint__slug", "joined_at", "pk"):
        members[member.incident_id].append(member)
    changes: dict[int, list[IncidentChange]] = defaultdict(list)
    for change in IncidentChange.objects.filter(incident__in=ids).order_by("at", "pk"):
        changes[change.incident_id].append(change)
    updates, taken_in = updates_of(ids), _absorbed_by(changes)
    return [
        _story(row, members[row.pk], changes[row.pk], updates.get(row.pk, []), taken_in.get(row.pk))
        for row in rows
    ]


def load_story(pk: int) -> IncidentStory | None:
    """One incident, whether another one has taken it in or not; None = there is none. Eight queries."""
    story = next(iter(stories_of(visible_incidents().filter(pk=pk))), None)
    if story is None:
        return None
    leads = tuple(leads_of([pk]).get(pk, ()))
    timeline = sorted([*story.timeline, *_official_words(leads)], key=lambda entry: entry.at)
    sent = Notice.objects.filter(subject=f"incident:{pk}", state=Notice.State.SENT).count()
    return replace(story, leads=leads, timeline=tuple(timeline), notices=sent)


def _official_words(leads: Iterable[LeadLine]) -> Iterator[Entry]:
    """What the official page told, as it dates its words; undated ones stand where we first saw them."""
    ids = {lead.official for lead in leads if lead.official}
    for page in OfficialIncident.objects.filter(pk__in=ids) if ids else ():
        for update in page.updates:
            said = update["published_at"]
            at = datetime.fromisoformat(said) if said else page.first_seen_at
            yield Entry(at, "official", update["status"], Words(update["body"] or page.title))


def _absorbed_by(changes: Mapping[int, Sequence[IncidentChange]]) -> dict[int, int]:
    """Incident → the one that took it in; one query where any was taken in, else none."""
    ids = [
        pk
        for pk, steps in changes.items()
        if any(step.kind == StepKind.CLOSE and step.data.get("cause") == Cause.ABSORBED for step in steps)
    ]
    if not ids:
        return {}
    rows = IncidentChange.objects.filter(kind=StepKind.ABSORB, data__absorbed__in=ids)
    return dict(rows.values_list("data__absorbed", "incident_id"))


def _story(
    row: Incident,
    members: Sequence[IncidentEndpoint],
    changes: Sequence[IncidentChange],
    updates: Sequence[UpdateLine],
    absorbed_by: int | None,
) -> IncidentStory:
    affected = _affected(members)
    names = {one.slug: one.name for one in affected}
    moments = [change.at for change in changes] or [row.detected_at]
    published = row.postmortem_published_at
    return IncidentStory(
        id=row.pk,
        title=incident_title(row, list(names.values())),
        title_by_hand=row.title_by_hand,
        provider=row.provider.name,
        provider_slug=row.provider.slug,
        kind=row.kind,
        scope=row.scope,
        severity=row.effective_severity,
        severity_measured=row.severity,
        state=row.state,
        stage=stage_of(row.state, updates, postmortem=published is not None),
        cause=row.cause,
        started_at=row.started_at,
        detected_at=row.detected_at,
        announced_at=row.announced_at,
        ended_at=row.ended_at,
        updated_at=max(moments),
        regions=tuple(row.regions),
        affected=affected,
        simulated=row.simulated,
        method_version=row.method_version,
        timeline=tuple(_timeline(changes, updates, names)),
        updates=tuple(updates),
        postmortem=row.postmortem,
        postmortem_at=published,
        absorbed_by=absorbed_by,
    )


def _affected(members: Sequence[IncidentEndpoint]) -> tuple[Affected, ...]:
    """Each endpoint once, however often it left and came back: since the first time, the last one's facts."""
    found = []
    for endpoint, own in groupby(members, key=lambda member: member.endpoint):
        times = list(own)
        last = times[-1]
        found.append(
            Affected(
                slug=endpoint.slug,
                name=endpoint.model.name,
                model_slug=endpoint.model.slug,
                worst="outage" if any(member.worst == "outage" for member in times) else last.worst,
                regions=tuple(sorted(last.regions)),
                joined_at=times[0].joined_at,
                left_at=last.left_at,
            )
        )
    return tuple(found)


def _timeline(
    changes: Sequence[IncidentChange], updates: Collection[UpdateLine], names: Mapping[str, str]
) -> list[Entry]:
    """Steps of one kind at one moment are one line; what people told stands in its place among them.

    So are the steps by which an incident spreads or recedes within SETTLING. An extent that reads as the one
    told last is not told again: the regions that most regions are may change without a word.
    """
    entries = [Entry(update.at, "people", update.status, update.body, update=update) for update in updates]
    extent: tuple[str, ...] = ()
    for own in _together(changes):
        at, kind = own[-1].at, own[-1].kind
        told = [change.data for change in own]
        text = step_words(kind, told, names)
        reach = _extent(told[-1]) if kind in (StepKind.OPEN, StepKind.SCOPE) else extent
        if not text or (kind == StepKind.SCOPE and reach == extent):
            continue
        extent = reach
        source = "people" if kind in IncidentChange.HUMAN_KINDS else "measured"
        entries.append(Entry(at, source, kind, text, severity=told[-1].get("severity", "")))
    return sorted(entries, key=lambda entry: entry.at)


def _extent(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What is told of where it is: which regions, unless it is most of them."""
    return ("global",) if data.get("scope") == "global" else tuple(data.get("regions", ()))


def _together(changes: Sequence[IncidentChange]) -> Iterator[list[IncidentChange]]:
    """Neighbours that are told as one line."""
    own: list[IncidentChange] = []
    for change in changes:
        patience = SETTLING if change.kind == StepKind.SCOPE else timedelta(0)
        if own and (change.kind != own[-1].kind or change.at - own[0].at > patience):
            yield own
            own = []
        own.append(change)
    if own:
        yield own
