"""What the incident rules look at: a provider's endpoints as they are measured now, and what is open."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from aigo.lib.regions import ALL
from catalog.models import Endpoint, Provider
from status import rules
from status.baseline import usual_hours
from status.models import Incident, IncidentEndpoint, StatusChange
from status.rules import (
    Cause,
    EndpointView,
    Figures,
    IncidentState,
    Kind,
    Member,
    OpenIncident,
    ProviderView,
    Reason,
    RegionView,
    Scope,
    Severity,
    State,
)
from status.rules.anomaly import compare
from status.rules.flapping import Change, crossings
from status.rules.table import FLAP_WINDOW
from status.selectors import latest_states
from status.snapshot import LatestState

FIGURES = tuple(Figures.__dataclass_fields__)
_COLUMNS = ("pk", "slug", "provider", "simulated", "model__functions", "model__reasoning")
#: (endpoint id, region)
Place = tuple[int, str]


class _Watched(NamedTuple):
    """What of an endpoint the rules go by: _COLUMNS."""

    pk: int
    slug: str
    provider_id: int
    simulated: bool
    functions: list[str]
    reasoning: bool


def provider_views(provider_ids: Collection[int] | None, *, now: datetime) -> dict[int, ProviderView]:
    """Provider id → what is measured of it now; None = of all. The queries are the same for few and many.

    A provider of which nothing is watched has a view without endpoints.
    """
    if provider_ids is not None and not provider_ids:
        return {}
    providers = Provider.objects.all()
    watched = Endpoint.objects.for_board(simulation=settings.SIMULATION)
    if provider_ids is not None:
        providers = providers.filter(pk__in=provider_ids)
        watched = watched.filter(provider__in=provider_ids)
    endpoints = [_Watched(*row) for row in watched.order_by("slug").values_list(*_COLUMNS)]
    states: dict[int, dict[str, LatestState]] = defaultdict(dict)
    for (endpoint_id, region), state in latest_states(watched).items():
        states[endpoint_id][region] = state
    survey = _Survey(states, now)
    slugs = dict(providers.values_list("pk", "slug"))
    views: dict[int, list[EndpointView]] = {pk: [] for pk in slugs}
    for endpoint in endpoints:
        views[endpoint.provider_id].append(survey.endpoint(endpoint))
    return {pk: ProviderView(slugs[pk], tuple(found)) for pk, found in views.items()}


def open_incidents_of(provider_ids: Collection[int] | None) -> dict[int, list[OpenIncident]]:
    """Provider id → its incidents that have not ended, as the rules see them: two queries.

    One whose endpoints were all deleted holds nobody.
    """
    ongoing = Incident.objects.ongoing().order_by("pk")
    held = IncidentEndpoint.objects.filter(left_at=None, incident__ended_at=None)
    if provider_ids is not None:
        ongoing = ongoing.filter(provider__in=provider_ids)
        held = held.filter(incident__provider__in=provider_ids)
    members: dict[int, list[IncidentEndpoint]] = defaultdict(list)
    for member in held.select_related("endpoint").order_by("endpoint__slug"):
        members[member.incident_id].append(member)
    found: dict[int, list[OpenIncident]] = defaultdict(list)
    for incident in ongoing:
        found[incident.provider_id].append(_open_incident(incident, members[incident.pk]))
    return dict(found)


class _Survey:
    """The states of some endpoints, with what led to them."""

    def __init__(self, states: Mapping[int, Mapping[str, LatestState]], now: datetime) -> None:
        self._states, self._now = states, now
        self._changes = self._recent_changes()

    def endpoint(self, endpoint: _Watched) -> EndpointView:
        states = self._states.get(endpoint.pk, {})
        pool = states.get(ALL)
        return EndpointView(
            pk=endpoint.pk,
            slug=endpoint.slug,
            regions=tuple(self._region(state) for region, state in sorted(states.items()) if region != ALL),
            limits=rules.thresholds_for(endpoint.functions, reasoning=endpoint.reasoning),
            simulated=endpoint.simulated,
            anomaly=compare(_figures(pool), usual_hours(endpoint.pk, pool.tier, now=self._now))
            if pool and self._is_fresh(pool)
            else None,
        )

    def _region(self, state: LatestState) -> RegionView:
        changes = self._changes.get((state.endpoint_id, state.region), [])
        return RegionView(
            region=state.region,
            state=State(state.state),
            reason=Reason(state.reason),
            since=state.since,
            samples=state.samples,
            window_s=state.window_s,
            availability_pct=state.availability_pct,
            p95_ms=state.p95_ms,
            last_sample_at=state.last_sample_at,
            fresh=self._is_fresh(state),
            crossings=crossings(
                (Change(c.at, State(c.from_state), State(c.to_state)) for c in changes), self._now
            ),
            failing_since=next((_failing_since(c) for c in changes if c.at == state.since), None),
        )

    def _is_fresh(self, state: LatestState) -> bool:
        return rules.is_fresh(state.last_sample_at, state.interval_s, self._now)

    def _recent_changes(self) -> dict[Place, list[StatusChange]]:
        """The changes that may be crossings, and those that led to a trouble that goes on; oldest first."""
        failing = [
            state
            for states in self._states.values()
            for state in states.values()
            if state.state in (State.DEGRADED, State.OUTAGE)
        ]
        led_here = Q(
            endpoint__in={state.endpoint_id for state in failing}, at__in={state.since for state in failing}
        )
        rows = StatusChange.objects.filter(
            Q(at__gt=self._now - FLAP_WINDOW) | led_here, endpoint__in=list(self._states)
        )
        found: dict[Place, list[StatusChange]] = defaultdict(list)
        for change in rows.exclude(region=ALL).order_by("at"):
            found[change.endpoint_id, change.region].append(change)
        return found


def _figures(state: LatestState) -> Figures:
    return Figures(**{name: getattr(state, name) for name in FIGURES})


def _failing_since(change: StatusChange) -> datetime | None:
    told = change.figures.get("failing_since")
    return datetime.fromisoformat(told) if told else None


def _open_incident(incident: Incident, held: Iterable[IncidentEndpoint]) -> OpenIncident:
    members = tuple(
        Member(
            pk=member.endpoint_id,
            slug=member.endpoint.slug,
            regions={region: Reason(reason) for region, reason in member.regions.items()},
            worst=State(member.worst),
            joined_at=member.joined_at,
        )
        for member in held
    )
    return OpenIncident(
        id=incident.pk,
        kind=Kind(incident.kind),
        scope=Scope(incident.scope),
        severity=Severity(incident.severity),
        state=IncidentState(incident.state),
        cause=Cause(incident.cause),
        started_at=incident.started_at,
        detected_at=incident.detected_at,
        simulated=incident.simulated,
        members=members,
    )
