"""What the incident rules look at, what they hold, and what they say. Plain values; moments are UTC.

ProviderView ─ EndpointView ─ RegionView     what is measured now
OpenIncident ─ Member                        what is open
Step                                         what is to be done, with the incident as it is afterwards
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from status.rules.anomaly import Anomaly
from status.rules.states import Cause, IncidentState, Kind, Reason, Scope, Severity, State, StepKind
from status.rules.table import DEFAULT_THRESHOLDS, Thresholds


@dataclass(frozen=True, slots=True)
class RegionView:
    """One endpoint in one real region (never "all": a pool says that something fails, not where).

    `state`, `reason`, `since`, figures: as in EndpointState. `fresh`: whether the state may still be
    believed; where it may not, `state` counts as unknown. `crossings`: `flapping.crossings`.
    `failing_since`: start of the first failed attempt of the present trouble, None where that is not known.
    """

    region: str
    state: State
    reason: Reason
    since: datetime
    samples: int
    window_s: int
    availability_pct: float | None
    p95_ms: float | None
    last_sample_at: datetime | None
    fresh: bool = True
    crossings: tuple[datetime, ...] = ()
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One watched endpoint. `anomaly`: `anomaly.compare` of its pooled figures; None = no baseline."""

    pk: int
    slug: str
    regions: tuple[RegionView, ...]
    limits: Thresholds = DEFAULT_THRESHOLDS
    simulated: bool = False
    anomaly: Anomaly | None = None


@dataclass(frozen=True, slots=True)
class ProviderView:
    """All watched endpoints of one provider, in any order. What is not in it is not watched (any more)."""

    slug: str
    endpoints: tuple[EndpointView, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An endpoint that an open incident holds.

    `regions`: where it is in trouble and is not well again yet → the reason it was taken in for; empty while
    an anomaly holds it. `worst`: the gravest state it was in meanwhile (operational for an anomaly).
    """

    pk: int
    slug: str
    regions: Mapping[str, Reason]
    worst: State
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is not closed (or, in a `close` step, was just closed).

    `id`: its primary key, or a negative number for one that was opened in this list of steps.
    `started_at`: the first evidence known when it opened (first failed attempt, else first change of state);
    `detected_at`: the moment it opened. started_at <= detected_at. `severity`: the worst it has reached;
    `scope`: how far it reaches now.
    """

    id: int
    kind: Kind
    scope: Scope
    severity: Severity
    state: IncidentState
    cause: Cause
    started_at: datetime
    detected_at: datetime
    simulated: bool = False
    members: tuple[Member, ...] = field(default=())

    @property
    def regions(self) -> tuple[str, ...]:
        """Where it is now, sorted."""
        return tuple(sorted({region for member in self.members for region in member.regions}))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. To persist: in order, make the kept incident and its memberships like `incident`.

    `at`: the moment of the step, never before the incident was detected. `evidence_at`: the moment of what
    it rests on (open, join, absorb: the first failure known; leave, close: operational since), at most `at`.
    `endpoint`: pk of the one that joins or leaves. `absorbed`: id of the incident that is taken in; it was
    closed (cause absorbed) by an earlier step of the same list, so that no endpoint is ever held twice.
    """

    kind: StepKind
    at: datetime
    cause: Cause
    incident: OpenIncident
    evidence_at: datetime
    endpoint: int | None = None
    absorbed: int | None = None
