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

    `too_few_samples` is for readers only (`trouble.told_reason`): it fails, but opens no incident yet.
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


class Kind(StrEnum):
    ENDPOINT = "endpoint"
    PROVIDER = "provider"


class Scope(StrEnum):
    """global: at least half of the reporting regions (kind provider: of the members) are in trouble."""

    REGIONAL = "regional"
    GLOBAL = "global"


class Severity(StrEnum):
    """In rising order. info: an anomaly, no colour changed."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class IncidentState(StrEnum):
    OPEN = "open"
    FLAPPING = "flapping"
    CLOSED = "closed"


class StepKind(StrEnum):
    OPEN = "open"
    JOIN = "join"
    LEAVE = "leave"
    WORSEN = "worsen"
    SCOPE = "scope"
    FLAP = "flap"
    CALM = "calm"
    ABSORB = "absorb"
    CLOSE = "close"


class Cause(StrEnum):
    """Why a step was taken, as one word for machines; an incident's cause is that of its opening."""

    # what opens an incident, or lets an endpoint join one
    CONFIRMED_FAILURES = "confirmed_failures"
    AVAILABILITY = "availability"
    LATENCY = "latency"
    SLOW_ANOMALY = "slow_anomaly"
    ERROR_ANOMALY = "error_anomaly"
    PROVIDER_WIDE = "provider_wide"
    # what moves it
    GRAVER = "graver"
    SPREAD = "spread"
    RECEDED = "receded"
    CROSSINGS = "crossings"
    SETTLED = "settled"
    # what ends it, or lets an endpoint leave
    RECOVERED = "recovered"
    NORMAL_AGAIN = "normal_again"
    NO_BASELINE = "no_baseline"
    UNWATCHED = "unwatched"
    LET_GO = "let_go"
    ABSORBED = "absorbed"
