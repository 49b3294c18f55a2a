"""From attempts to a state: DESIGN §5 as pure functions and the constants that it is published with.

States: operational < degraded < outage in gravity; unknown stands apart and is never an outage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil


class State(StrEnum):
    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    OUTAGE = "outage"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a state is what it is, as one word for machines."""

    WITHIN_LIMITS = "within_limits"
    CONFIRMED_FAILURES = "confirmed_failures"
    AVAILABILITY = "availability"
    LATENCY = "latency"
    REGIONAL = "regional"
    NO_SAMPLES = "no_samples"
    STALE = "stale"
    NO_WORKER = "no_worker"
    NO_KEY = "no_key"
    BUDGET = "budget"
    POP_OFFLINE = "pop_offline"


GRAVITY = {State.OPERATIONAL: 0, State.DEGRADED: 1, State.OUTAGE: 2}

#: The window figures are computed over, and how far it widens for the sake of enough attempts.
WINDOW = timedelta(minutes=5)
WIDEST_WINDOW = timedelta(minutes=60)
#: A p95 needs this many attempts; a window with fewer widens to the last so many.
P95_MIN_ATTEMPTS = 20
#: From this many attempts on, availability resolves the thresholds' steps (one failure in 200 is 99.5 %).
THRESHOLD_MIN_ATTEMPTS = 200
#: Confirmed failures: so many of the last LAST attempts, and back after so many good in a row.
LAST = 5
OUTAGE_FAILURES = 3
DEGRADED_FAILURES = 2
GOOD_IN_A_ROW = 3
#: A name that does not resolve is charged to the provider once so many regions have seen it; until then it
#: may be one region's resolver.
DNS_REGIONS = 2
#: A state is fresh while its last countable attempt is at most so many intervals old.
FRESH_INTERVALS = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Operational: availability ≥ operational_pct and p95 < operational_ms; degraded alike; else outage."""

    operational_pct: float = 99.5
    degraded_pct: float = 98.0
    operational_ms: float = 1500
    degraded_ms: float = 3000


DEFAULT_THRESHOLDS = Thresholds()
#: By function tag, first match wins. A reasoning model thinks before its first visible word.
THRESHOLDS: dict[str, Thresholds] = {
    "reasoning": Thresholds(operational_ms=10_000, degraded_ms=20_000),
    "embedding": Thresholds(operational_ms=800, degraded_ms=2000),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A countable attempt. `total_ms`, `answer_ms`: None where the attempt never got there."""

    at: datetime
    ok: bool
    total_ms: float | None = None
    answer_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a window holds. Percentages of `samples` countable attempts; None where nothing can be said."""

    samples: int
    window_s: int
    availability_pct: float | None
    error_rate_pct: float | None
    p50_ms: float | None
    p95_ms: float | None
    ttft_p50_ms: float | None
    last_sample_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    reason: Reason


def thresholds_for(functions: Iterable[str], *, reasoning: bool) -> Thresholds:
    """The thresholds an endpoint is judged by, from its model's tags."""
    tags = {*functions, *(["reasoning"] if reasoning else [])}
    return next((limits for tag, limits in THRESHOLDS.items() if tag in tags), DEFAULT_THRESHOLDS)


def in_window(samples: Sequence[Sample], now: datetime) -> Sequence[Sample]:
    """The samples (oldest first) figures are computed from.

    Those of the last 5 minutes; where these are fewer than 20, the last 20 of the last 60 minutes.
    """
    recent = [sample for sample in samples if sample.at > now - WINDOW]
    if len(recent) >= P95_MIN_ATTEMPTS:
        return recent
    return [sample for sample in samples if sample.at > now - WIDEST_WINDOW][-P95_MIN_ATTEMPTS:]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least `share` of all values do not exceed.

    percentile([10, 20, 30, 40], 0.5) == 20; None for no values.
    """
    if not values:
        return None
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def figures(samples: Sequence[Sample], now: datetime) -> Figures:
    """The figures of a window's samples. Latency is that of right answers; p95 from 20 attempts on."""
    if not samples:
        return Figures(0, int(WINDOW.total_seconds()), None, None, None, None, None, None)
    good = [sample for sample in samples if sample.ok]
    totals = [sample.total_ms for sample in good if sample.total_ms is not None]
    answers = [sample.answer_ms for sample in good if sample.answer_ms is not None]
    availability = 100 * len(good) / len(samples)
    span_s = ceil((now - samples[0].at).total_seconds())
    return Figures(
        samples=len(samples),
        window_s=max(span_s, int(WINDOW.total_seconds())),
        availability_pct=availability,
        error_rate_pct=100 - availability,
        p50_ms=percentile(totals, 0.5),
        p95_ms=percentile(totals, 0.95) if len(samples) >= P95_MIN_ATTEMPTS else None,
        ttft_p50_ms=percentile(answers, 0.5),
        last_sample_at=samples[-1].at,
    )


def by_failures(outcomes: Iterable[bool]) -> State:
    """The state that confirmed failures lead to, after all attempts in turn (True = right answer).

    One failure changes nothing; 2 of the last 5 → degraded; 3 of the last 5 → outage; back only after
    3 good in a row.
    """
    state = State.OPERATIONAL
    last: list[bool] = []
    for ok in outcomes:
        last = [*last, ok][-LAST:]
        failures = last.count(False)
        if all(last[-GOOD_IN_A_ROW:]) and len(last) >= GOOD_IN_A_ROW:
            state = State.OPERATIONAL
        elif failures >= OUTAGE_FAILURES:
            state = State.OUTAGE
        elif failures >= DEGRADED_FAILURES and state is State.OPERATIONAL:
            state = State.DEGRADED
    return state


def by_availability(availability_pct: float, limits: Thresholds) -> State:
    """99.5 → operational, 99.49 → degraded, 98.0 → degraded, 97.99 → outage (default thresholds)."""
    if availability_pct >= limits.operational_pct:
        return State.OPERATIONAL
    return State.DEGRADED if availability_pct >= limits.degraded_pct else State.OUTAGE


def by_latency(p95_ms: float | None, limits: Thresholds) -> State:
    """1499 → operational, 1500 → degraded, 2999 → degraded, 3000 → outage; None says nothing against it."""
    if p95_ms is None or p95_ms < limits.operational_ms:
        return State.OPERATIONAL
    return State.DEGRADED if p95_ms < limits.degraded_ms else State.OUTAGE


def judge_region(history: Sequence[Sample], found: Figures, limits: Thresholds) -> Verdict:
    """One endpoint in one region. `history`: its samples of the last hour, oldest first."""
    if not found.samples or found.availability_pct is None:
        return Verdict(State.UNKNOWN, Reason.NO_SAMPLES)
    if found.samples >= THRESHOLD_MIN_ATTEMPTS:
        answering = Verdict(by_availability(found.availability_pct, limits), Reason.AVAILABILITY)
    else:
        answering = Verdict(by_failures(sample.ok for sample in history), Reason.CONFIRMED_FAILURES)
    return _gravest(answering, Verdict(by_latency(found.p95_ms, limits), Reason.LATENCY))


def judge_everywhere(regional: Sequence[State], found: Figures, limits: Thresholds) -> Verdict:
    """One endpoint over all regions, from its fresh regional states and the pooled figures.

    At least half of the reporting regions in outage → outage; at least half worse than operational, or
    any in outage → degraded.
    """
    reporting = [state for state in regional if state is not State.UNKNOWN]
    if not reporting or found.availability_pct is None:
        return Verdict(State.UNKNOWN, Reason.NO_SAMPLES)
    if found.samples >= THRESHOLD_MIN_ATTEMPTS:
        answering = Verdict(by_availability(found.availability_pct, limits), Reason.AVAILABILITY)
    else:
        answering = Verdict(_quorum(reporting), Reason.REGIONAL)
    return _gravest(answering, Verdict(by_latency(found.p95_ms, limits), Reason.LATENCY))


def is_fresh(last_sample_at: datetime | None, interval_s: float, now: datetime) -> bool:
    """At most three intervals old: 180 s at one probe a minute is fresh, 181 s is not."""
    until = fresh_until(last_sample_at, interval_s)
    return until is not None and now <= until


def fresh_until(last_sample_at: datetime | None, interval_s: float) -> datetime | None:
    """The last moment at which a state with this newest sample is fresh; None without a sample."""
    return last_sample_at and last_sample_at + timedelta(seconds=FRESH_INTERVALS * interval_s)


def _quorum(reporting: Sequence[State]) -> State:
    out = reporting.count(State.OUTAGE)
    worse = out + reporting.count(State.DEGRADED)
    if 2 * out >= len(reporting):
        return State.OUTAGE
    return State.DEGRADED if out or 2 * worse >= len(reporting) else State.OPERATIONAL


def _gravest(*verdicts: Verdict) -> Verdict:
    worst = max(verdicts, key=lambda verdict: GRAVITY[verdict.state])
    return Verdict(State.OPERATIONAL, Reason.WITHIN_LIMITS) if worst.state is State.OPERATIONAL else worst
