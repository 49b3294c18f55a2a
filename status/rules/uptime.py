"""What a day amounts to: the state it is shown in, from its attempts and its worst incident."""

from status.rules.judging import by_availability
from status.rules.states import GRAVITY, Severity, State
from status.rules.table import DEFAULT_THRESHOLDS, THRESHOLD_MIN_ATTEMPTS

#: What an incident makes of the day it touched; info changes no colour.
_STATES = {
    Severity.INFO: State.OPERATIONAL,
    Severity.MINOR: State.DEGRADED,
    Severity.MAJOR: State.OUTAGE,
    Severity.CRITICAL: State.OUTAGE,
}


def day_state(attempts: int, ok: int, worst: str) -> State:
    """The graver of what a day's availability and its worst incident ("" = none) say.

    Without an attempt that counts: unknown, whatever incident was open. Availability speaks from 200 attempts
    on, by the default thresholds: 99.5 → operational, 99.49 → degraded; 98.0 → degraded, 97.99 → outage.
    """
    if not attempts:
        return State.UNKNOWN
    of_incident = _STATES[Severity(worst)] if worst else State.OPERATIONAL
    if attempts < THRESHOLD_MIN_ATTEMPTS:
        return of_incident
    return max(by_availability(100 * ok / attempts, DEFAULT_THRESHOLDS), of_incident, key=GRAVITY.__getitem__)
