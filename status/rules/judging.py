"""From attempts to a state: DESIGN §5's colours, driven by the tables and constants of `table`."""

from collections import deque
from collections.abc import Iterable, Sequence

from status.rules.figures import Figures, Sample
from status.rules.states import GRAVITY, Reason, State, Verdict
from status.rules.table import (
    DEFAULT_THRESHOLDS,
    MOVES,
    QUORUM_SHARE,
    REMEMBERED,
    THRESHOLD_MIN_ATTEMPTS,
    THRESHOLDS,
    Thresholds,
)

_FROM = {state: [move for move in MOVES if move.before is state] for state in GRAVITY}


def thresholds_for(functions: Iterable[str], *, reasoning: bool) -> Thresholds:
    """The thresholds an endpoint is judged by, from its model's tags."""
    tags = {*functions, *(["reasoning"] if reasoning else [])}
    return next((limits for tag, limits in THRESHOLDS.items() if tag in tags), DEFAULT_THRESHOLDS)


def by_failures(outcomes: Iterable[bool]) -> State:
    """The state that confirmed failures lead to, after all attempts in turn (True = right answer).

    One failure changes nothing; 2 of the last 5 → degraded; 3 of the last 5 → outage; back only after
    3 good in a row.
    """
    state = State.OPERATIONAL
    last: deque[bool] = deque(maxlen=REMEMBERED)
    for ok in outcomes:
        last.append(ok)
        if ok and state is State.OPERATIONAL:
            continue  # nothing but a failure leads away from here: most attempts end here
        newest = list(last)
        state = next((move.after for move in _FROM[state] if move.when.seen_in(newest)), state)
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


def _quorum(reporting: Sequence[State]) -> State:
    out = reporting.count(State.OUTAGE)
    worse = out + reporting.count(State.DEGRADED)
    if out >= QUORUM_SHARE * len(reporting):
        return State.OUTAGE
    return State.DEGRADED if out or worse >= QUORUM_SHARE * len(reporting) else State.OPERATIONAL


def _gravest(*verdicts: Verdict) -> Verdict:
    worst = max(verdicts, key=lambda verdict: GRAVITY[verdict.state])
    return Verdict(State.OPERATIONAL, Reason.WITHIN_LIMITS) if worst.state is State.OPERATIONAL else worst
