"""The rules as data: every constant, every allowed move. The code and docs/verdicts.md follow from it.

A constant's `#:` says what it decides; docs/verdicts.md repeats it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aigo.lib.marking import gettext_noop as _
from status.rules.states import IncidentState, Kind, Severity, State, StepKind

# --- figures ---------------------------------------------------------------------------------------

#: The window that figures are computed over.
WINDOW: Final = timedelta(minutes=5)
#: So far it widens for the sake of enough attempts.
WIDEST_WINDOW: Final = timedelta(minutes=60)
#: A p95 needs so many attempts; a window with fewer widens to the last so many.
P95_MIN_ATTEMPTS: Final = 20
#: A state is fresh while its last countable attempt is at most so many intervals old.
FRESH_INTERVALS: Final = 3

# --- the colour ------------------------------------------------------------------------------------

#: From so many attempts on, availability resolves the thresholds' steps (one failure in 200 is 99.5 %).
THRESHOLD_MIN_ATTEMPTS: Final = 200
#: Below that, confirmed failures decide: they are counted among so many last attempts.
LAST: Final = 5
#: So many failures among them are an outage.
OUTAGE_FAILURES: Final = 3
#: So many are degraded.
DEGRADED_FAILURES: Final = 2
#: So many good attempts in a row end either.
GOOD_IN_A_ROW: Final = 3
#: A name that does not resolve is charged to the provider once so many regions have seen it; until then it
#: may be one region's resolver.
DNS_REGIONS: Final = 2
#: So large a share of the reporting regions stands for all.
QUORUM_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Operational: availability ≥ operational_pct and p95 < operational_ms; degraded alike; else outage."""

    operational_pct: float = 99.5
    degraded_pct: float = 98.0
    operational_ms: float = 1500
    degraded_ms: float = 3000


DEFAULT_THRESHOLDS: Final = Thresholds()
#: By function tag, first match wins. A reasoning model thinks before its first visible word.
THRESHOLDS: Final[dict[str, Thresholds]] = {
    "reasoning": Thresholds(operational_ms=10_000, degraded_ms=20_000),
    "embedding": Thresholds(operational_ms=800, degraded_ms=2000),
}


@dataclass(frozen=True, slots=True)
class Attempts:
    """At least `failed` of the last `of` attempts failed; failed = 0: the last `of` were all good."""

    failed: int
    of: int

    def seen_in(self, oks: Sequence[bool]) -> bool:
        """Whether the newest attempts (oldest first, True = right answer) are like this."""
        last = oks[-self.of :]
        if not self.failed:
            return len(last) == self.of and all(last)
        return list(last).count(False) >= self.failed

    def __str__(self) -> str:
        return f"{self.failed} of {self.of} failed" if self.failed else f"{self.of} good in a row"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed change of what confirmed failures say. `why` is for readers of docs/verdicts.md."""

    before: State
    after: State
    when: Attempts
    why: str


_RECOVERY = Attempts(failed=0, of=GOOD_IN_A_ROW)
_CONFIRMED = Attempts(failed=OUTAGE_FAILURES, of=LAST)
_SUSPECTED = Attempts(failed=DEGRADED_FAILURES, of=LAST)
#: After every attempt the first row that starts from the present state and holds is taken.
MOVES: Final[tuple[Move, ...]] = (
    Move(State.DEGRADED, State.OPERATIONAL, _RECOVERY, _("One good answer is no recovery.")),
    Move(State.OUTAGE, State.OPERATIONAL, _RECOVERY, _("One good answer is no recovery.")),
    Move(State.OPERATIONAL, State.OUTAGE, _CONFIRMED, _("More often wrong than right.")),
    Move(State.DEGRADED, State.OUTAGE, _CONFIRMED, _("More often wrong than right.")),
    Move(State.OPERATIONAL, State.DEGRADED, _SUSPECTED, _("One failure is chance; two of five are not.")),
)
#: As far as the moves look back.
REMEMBERED: Final = max(move.when.of for move in MOVES)

# --- incidents -------------------------------------------------------------------------------------

#: Fewer countable attempts in the figures' window neither open nor close an incident.
MIN_ATTEMPTS: Final = 5
#: A degraded region opens an incident after so long; an outage, confirmed by its attempts, at once.
OPEN_DEGRADED_AFTER: Final = timedelta(minutes=2)
#: A region is well again once it was operational for so long …
CLOSE_AFTER: Final = timedelta(minutes=2)
#: … and, where latency was the reason, its p95 is below this share of the operational threshold …
CLOSE_P95_SHARE: Final = 0.9
#: … and, where availability was, it is above its operational threshold by this share of the rest to 100 %.
CLOSE_AVAILABILITY_SHARE: Final = 0.2
#: What neither failed nor became well for so long is let go: nobody can say any more that it lasts.
LET_GO_AFTER: Final = timedelta(hours=24)
#: So large a share of a provider's reporting endpoints in trouble together is the provider's trouble …
PROVIDER_SHARE: Final = 0.5
#: … if they are at least so many.
PROVIDER_ENDPOINTS: Final = 2
#: Together: their troubles began at most so far from each other.
GROUP_WITHIN: Final = timedelta(minutes=10)
#: Crossings between operational and not are counted, region by region, over this window.
FLAP_WINDOW: Final = timedelta(minutes=30)
#: So many of them are flapping …
FLAP_CHANGES: Final = 4
#: … until at most so many are left.
CALM_CHANGES: Final = 1


@dataclass(frozen=True, slots=True)
class IncidentMove:
    """One allowed step of an incident, and where it leads to. `before`: None = there is no incident yet."""

    before: IncidentState | None
    step: StepKind
    after: IncidentState
    when: str


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} minutes"


_OPEN, _FLAPPING, _CLOSED = IncidentState.OPEN, IncidentState.FLAPPING, IncidentState.CLOSED
_RESTLESS = f"a region crossed {FLAP_CHANGES} times in {_minutes(FLAP_WINDOW)}"
_CALM = f"no region crossed more than {CALM_CHANGES} time in {_minutes(FLAP_WINDOW)}"
_WELL = f"all regions are operational for {_minutes(CLOSE_AFTER)}, past the closing thresholds and calm"
#: Steps that change what an incident holds, not its state.
_WITHIN = {
    StepKind.JOIN: "another endpoint of the provider is in trouble (provider-wide only)",
    StepKind.LEAVE: f"of a member, {_WELL}; or nobody watches or sees it",
    StepKind.ABSORB: "an incident of one endpoint belongs to it",
    StepKind.SCOPE: "it reaches other regions than before",
    StepKind.WORSEN: "it is graver than it ever was",
}
#: What may happen to an incident; every other step is refused.
INCIDENT_MOVES: Final[tuple[IncidentMove, ...]] = (
    IncidentMove(
        None,
        StepKind.OPEN,
        _OPEN,
        f"a region is in outage, or degraded for {_minutes(OPEN_DEGRADED_AFTER)}; or an anomaly",
    ),
    *(IncidentMove(_OPEN, step, _OPEN, when) for step, when in _WITHIN.items()),
    IncidentMove(_OPEN, StepKind.FLAP, _FLAPPING, _RESTLESS),
    *(IncidentMove(_FLAPPING, step, _FLAPPING, when) for step, when in _WITHIN.items()),
    IncidentMove(_FLAPPING, StepKind.CALM, _OPEN, _CALM),
    IncidentMove(_OPEN, StepKind.CLOSE, _CLOSED, "it holds nobody any more"),
    IncidentMove(_FLAPPING, StepKind.CLOSE, _CLOSED, "it holds nobody any more"),
)
#: Kind of incident, and whether it is an outage in at least half of the reporting regions (of a provider: of
#: PROVIDER_SHARE of its reporting endpoints). An anomaly alone is info. It is the worst ever reached.
SEVERITIES: Final[dict[tuple[Kind, bool], Severity]] = {
    (Kind.ENDPOINT, False): Severity.MINOR,
    (Kind.ENDPOINT, True): Severity.MAJOR,
    (Kind.PROVIDER, False): Severity.MAJOR,
    (Kind.PROVIDER, True): Severity.CRITICAL,
}

# --- anomalies -------------------------------------------------------------------------------------

#: An endpoint is compared with itself at the same hour of the day, on so many days before.
BASELINE_DAYS: Final = 7
#: At least so many of these days are needed; with fewer there is no baseline.
BASELINE_MIN_DAYS: Final = 3
#: A day counts with so many attempts in that hour; now needs as many, too.
BASELINE_MIN_ATTEMPTS: Final = 20
#: Standard deviations per median absolute deviation (MAD), as a normal distribution has it.
MAD_SIGMA: Final = 1.4826
#: Slow: a p95 above so many times the median of the days' p95s and above ANOMALY_SIGMAS …
SLOW_TIMES: Final = 2.0
#: … until it is at or below so many times the median, or ANOMALY_ENDS_SIGMAS.
SLOW_ENDS_TIMES: Final = 1.5
#: Failing: an error rate so many percentage points above the days' median, and above ANOMALY_SIGMAS …
ERROR_POINTS: Final = 5.0
#: … until it is at most so many points above it, or ANOMALY_ENDS_SIGMAS.
ERROR_ENDS_POINTS: Final = 3.0
#: An anomaly lies above so many standard deviations over the median …
ANOMALY_SIGMAS: Final = 3.0
#: … and ends at so many.
ANOMALY_ENDS_SIGMAS: Final = 2.0
