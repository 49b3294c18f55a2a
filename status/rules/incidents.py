"""From states to incidents: what opens, joins, leaves, worsens, flaps and closes. ADR 17 says why.

`tend` is deterministic, independent of any order, and idempotent: once its steps are applied it has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from status.rules.book import Book
from status.rules.grouping import is_provider_wide, together
from status.rules.states import (
    GRAVITY,
    Cause,
    IncidentState,
    Kind,
    Reason,
    Scope,
    Severity,
    State,
    StepKind,
)
from status.rules.table import QUORUM_SHARE, SEVERITIES
from status.rules.trouble import Trouble, assess, is_let_go, unlike_itself
from status.rules.views import EndpointView, Member, OpenIncident, ProviderView, Step

_RISING = list(Severity)


def tend(view: ProviderView, open_incidents: Sequence[OpenIncident], now: datetime) -> list[Step]:
    """What is to be done about a provider's incidents at `now` (UTC), in the order it is to be persisted.

    `open_incidents`: all of the provider's that are not closed. Closes come before what opens, joins or
    absorbs, so that an endpoint is never held by two. Simulated and real endpoints never share an incident.
    """
    book = Book(open_incidents, now)
    for simulated in (False, True):
        _Tending([e for e in view.endpoints if e.simulated is simulated], book, simulated=simulated).run()
    return book.steps


@dataclass(frozen=True, slots=True)
class _Holding:
    """Which incident holds an endpoint, and as what."""

    incident: OpenIncident
    member: Member


class _Tending:
    """One pass over endpoints that may share incidents: all real, or all simulated."""

    def __init__(self, endpoints: Sequence[EndpointView], book: Book, *, simulated: bool) -> None:
        self.book, self.now, self.simulated = book, book.now, simulated
        held = self._holdings()
        self.troubles = {
            endpoint.pk: _trouble(endpoint, held.get(endpoint.pk), self.now)
            for endpoint in sorted(endpoints, key=lambda endpoint: endpoint.slug)
        }
        self.reporting = sum(trouble.reporting for trouble in self.troubles.values())

    def run(self) -> None:
        for incident in self.book.live(simulated=self.simulated):
            self._release(incident)
        self._take_in()
        self._open_anomalies()
        for incident in self.book.live(simulated=self.simulated):
            self._follow(incident)

    def _holdings(self) -> dict[int, _Holding]:
        live = self.book.live(simulated=self.simulated)
        return {member.pk: _Holding(incident, member) for incident in live for member in incident.members}

    def _release(self, incident: OpenIncident) -> None:
        """Let members go that are well again or not watched any more, and close what holds nobody."""
        gone: dict[Cause, datetime | None] = {}
        for member in incident.members:
            trouble = self.troubles.get(member.pk)
            cause = _leaving(incident, member, trouble, self.now)
            if cause is None:
                continue
            gone[cause] = evidence_at = trouble.well_since if trouble else None
            rest = tuple(other for other in incident.members if other.pk != member.pk)
            incident = self.book.take(
                StepKind.LEAVE,
                replace(incident, members=rest),
                cause,
                evidence_at=evidence_at,
                endpoint=member.pk,
            )
        if not incident.members:
            cause = next((cause for cause in _TELLING if cause in gone), Cause.UNWATCHED)
            self.book.take(StepKind.CLOSE, incident, cause, evidence_at=gone.get(cause))

    def _take_in(self) -> None:
        """Open incidents for endpoints in trouble, or let the provider's take them in."""
        held = self._holdings()
        provider = next(
            (i for i in self.book.live(simulated=self.simulated) if i.kind is Kind.PROVIDER), None
        )
        began = {
            pk: min(_began_at(trouble.began_at, held.get(pk)), self.now)
            for pk, trouble in self.troubles.items()
            if trouble.began_at is not None
        }
        group = frozenset() if provider else together(began, self.reporting)
        if provider or group:
            since = provider.started_at if provider else min(began[pk] for pk in group)
            taken = [pk for pk in began if pk in group or _joins(held.get(pk), began[pk], since)]
            self._take_together(provider, taken, since, held)
            return
        for pk, began_at in began.items():
            if pk not in held or held[pk].incident.severity is Severity.INFO:
                self._open(Kind.ENDPOINT, [pk], _cause(self.troubles[pk]), began_at, held)

    def _take_together(
        self,
        provider: OpenIncident | None,
        taken: Sequence[int],
        since: datetime,
        held: Mapping[int, _Holding],
    ) -> None:
        if provider is None:
            self._open(Kind.PROVIDER, taken, Cause.PROVIDER_WIDE, since, held)
            return
        closed = self._close_absorbed(taken, held)
        for pk in taken:
            members = _by_slug([*provider.members, self._member(pk, held.get(pk))])
            kind = StepKind.ABSORB if pk in closed else StepKind.JOIN
            provider = self.book.take(
                kind,
                replace(provider, members=members),
                Cause.PROVIDER_WIDE if pk in closed else _cause(self.troubles[pk]),
                evidence_at=self.troubles[pk].began_at,
                endpoint=pk,
                absorbed=closed.get(pk),
            )

    def _open(
        self, kind: Kind, taken: Sequence[int], cause: Cause, since: datetime, held: Mapping[int, _Holding]
    ) -> None:
        closed = self._close_absorbed(taken, held)
        members = _by_slug([self._member(pk, held.get(pk)) for pk in taken])
        incident = OpenIncident(
            self.book.new_id(), kind, Scope.REGIONAL, Severity.MINOR, IncidentState.OPEN, cause,
            since, self.now, self.simulated, members,
        )  # fmt: skip
        incident = self.book.take(StepKind.OPEN, self._settled(incident), cause, evidence_at=since)
        for pk, absorbed in closed.items():
            self.book.take(
                StepKind.ABSORB, incident, cause, evidence_at=since, endpoint=pk, absorbed=absorbed
            )

    def _close_absorbed(self, taken: Sequence[int], held: Mapping[int, _Holding]) -> dict[int, int]:
        """Close the own incidents of `taken`; endpoint → the incident that it had."""
        closed = {pk: held[pk].incident for pk in taken if pk in held}
        for incident in closed.values():
            self.book.take(StepKind.CLOSE, replace(incident, members=()), Cause.ABSORBED)
        return {pk: incident.id for pk, incident in closed.items()}

    def _open_anomalies(self) -> None:
        held = self._holdings()
        for pk, trouble in self.troubles.items():
            cause = unlike_itself(trouble.endpoint, self.now, held=False)
            if pk in held or cause is None:
                continue
            members = (self._member(pk, None),)
            incident = OpenIncident(
                self.book.new_id(), Kind.ENDPOINT, Scope.GLOBAL, Severity.INFO, IncidentState.OPEN, cause,
                self.now, self.now, self.simulated, members,
            )  # fmt: skip
            self.book.take(StepKind.OPEN, incident, cause)

    def _follow(self, incident: OpenIncident) -> None:
        """Note where it reaches now, that it is graver than ever, and whether it flaps."""
        after = self._settled(incident)
        graver = (after.severity, _worsts(after)) != (incident.severity, _worsts(incident))
        if (after.scope, _reach(after)) != (incident.scope, _reach(incident)):
            spread = after.scope is Scope.GLOBAL is not incident.scope or _reach(after) - _reach(incident)
            cause = Cause.SPREAD if spread else Cause.RECEDED
            self.book.take(StepKind.SCOPE, replace(after, severity=incident.severity), cause)
        if graver:
            self.book.take(StepKind.WORSEN, after, Cause.GRAVER)
        restless = any(self.troubles[member.pk].restless for member in after.members)
        if restless and incident.state is IncidentState.OPEN:
            self.book.take(StepKind.FLAP, after, Cause.CROSSINGS)
        elif not restless and incident.state is IncidentState.FLAPPING:
            self.book.take(StepKind.CALM, after, Cause.SETTLED)

    def _settled(self, incident: OpenIncident) -> OpenIncident:
        """The incident with its members' present regions, its scope now, and the worst it has reached."""
        if incident.severity is Severity.INFO:
            return incident
        troubles = [self.troubles[member.pk] for member in incident.members]
        members = tuple(
            replace(member, regions=dict(trouble.regions), worst=_graver(member.worst, trouble.worst))
            for member, trouble in zip(incident.members, troubles, strict=True)
        )
        severity = max(incident.severity, self._severity(incident.kind, troubles), key=_RISING.index)
        return replace(incident, members=members, severity=severity, scope=_scope(troubles) or incident.scope)

    def _severity(self, kind: Kind, troubles: Sequence[Trouble]) -> Severity:
        out = sum(trouble.out_everywhere for trouble in troubles)
        everywhere = is_provider_wide(out, self.reporting) if kind is Kind.PROVIDER else bool(out)
        return SEVERITIES[kind, everywhere]

    def _member(self, pk: int, before: _Holding | None) -> Member:
        trouble = self.troubles[pk]
        worst = _graver(before.member.worst, trouble.worst) if before else trouble.worst
        return Member(pk, trouble.endpoint.slug, dict(trouble.regions), worst, self.now)


#: Which of several causes of leaving is an incident's cause of closing.
_TELLING = (Cause.RECOVERED, Cause.NORMAL_AGAIN, Cause.NO_BASELINE, Cause.LET_GO, Cause.UNWATCHED)


def _trouble(endpoint: EndpointView, holding: _Holding | None, now: datetime) -> Trouble:
    if holding is None:
        return assess(endpoint, {}, now)
    flapping = holding.incident.state is IncidentState.FLAPPING
    return assess(endpoint, holding.member.regions, now, flapping=flapping)


def _leaving(incident: OpenIncident, member: Member, trouble: Trouble | None, now: datetime) -> Cause | None:
    """Why an incident lets its member go; None = it does not, or another one is about to take it in."""
    if trouble is None:
        return Cause.UNWATCHED
    if trouble.regions:
        return None
    views = trouble.endpoint.regions
    if incident.severity is Severity.INFO:
        if not trouble.reporting:
            return Cause.LET_GO if all(is_let_go(region, now) for region in views) else None
        if unlike_itself(trouble.endpoint, now, held=True):
            return None
        return Cause.NO_BASELINE if trouble.endpoint.anomaly is None else Cause.NORMAL_AGAIN
    if trouble.well_since is not None:
        return Cause.RECOVERED
    return Cause.LET_GO if any(region.region in member.regions for region in views) else Cause.UNWATCHED


def _joins(holding: _Holding | None, began_at: datetime, since: datetime) -> bool:
    """Whether the provider's incident takes in an endpoint in trouble.

    One that nothing holds, always; one with an incident of its own where that began no earlier.
    """
    if holding is None or holding.incident.severity is Severity.INFO:
        return True
    return holding.incident.kind is Kind.ENDPOINT and began_at >= since


def _began_at(seen_at: datetime, holding: _Holding | None) -> datetime:
    """An incident of its own remembers when an endpoint's trouble began; an anomaly's says nothing of it."""
    if holding is None or holding.incident.severity is Severity.INFO:
        return seen_at
    return holding.incident.started_at


def _scope(troubles: Sequence[Trouble]) -> Scope | None:
    """global where at least half of the endpoints that can be seen are; None where none can."""
    scopes = [trouble.scope for trouble in troubles if trouble.scope is not None]
    if not scopes:
        return None
    return Scope.GLOBAL if scopes.count(Scope.GLOBAL) >= QUORUM_SHARE * len(scopes) else Scope.REGIONAL


def _cause(trouble: Trouble) -> Cause:
    named = {Reason.AVAILABILITY: Cause.AVAILABILITY, Reason.LATENCY: Cause.LATENCY}
    return named.get(trouble.reason or Reason.CONFIRMED_FAILURES, Cause.CONFIRMED_FAILURES)


def _graver(one: State, other: State) -> State:
    return max(one, other, key=GRAVITY.__getitem__)


def _by_slug(members: Sequence[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.slug))


def _reach(incident: OpenIncident) -> set[tuple[int, str]]:
    return {(member.pk, region) for member in incident.members for region in member.regions}


def _worsts(incident: OpenIncident) -> list[State]:
    return [member.worst for member in incident.members]
