"""The words that verdicts are given in."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """operational < degraded < outage in gravity; unknown stands apart and is never an outage."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    OUTAGE = "outage"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a state is what it is, as one word for machines.

    `too_few_samples` is no state's reason: it says why a failing region holds no incident (`trouble`).
    """

    WITHIN_LIMITS = "within_limits"
    CONFIRMED_FAILURES = "confirmed_failures"
    AVAILABILITY = "availability"
    LATENCY = "latency"
    REGIONAL = "regional"
    NO_SAMPLES = "no_samples"
    TOO_FEW_SAMPLES = "too_few_samples"
    STALE = "stale"
    NO_WORKER = "no_worker"
    NO_KEY = "no_key"
    BUDGET = "budget"
    POP_OFFLINE = "pop_offline"


GRAVITY = {State.OPERATIONAL: 0, State.DEGRADED: 1, State.OUTAGE: 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    reason: Reason
