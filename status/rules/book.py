"""Writing steps down: each is a move that the table allows, and shows its incident as it is afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from status.rules.states import Cause, StepKind
from status.rules.table import INCIDENT_MOVES
from status.rules.views import OpenIncident, Step

_AFTER = {(move.before, move.step): move.after for move in INCIDENT_MOVES}


class Book:
    """A provider's open incidents as they are after the steps so far."""

    def __init__(self, open_incidents: Iterable[OpenIncident], now: datetime) -> None:
        self.now = now
        self.steps: list[Step] = []
        self._live = {incident.id: incident for incident in sorted(open_incidents, key=_age)}
        self._next_id = min([0, *self._live]) - 1

    def live(self, *, simulated: bool) -> list[OpenIncident]:
        """Oldest first."""
        alike = (incident for incident in self._live.values() if incident.simulated is simulated)
        return sorted(alike, key=_age)

    def new_id(self) -> int:
        """A negative number that no incident here has."""
        self._next_id -= 1
        return self._next_id + 1

    def take(
        self,
        kind: StepKind,
        incident: OpenIncident,
        cause: Cause,
        *,
        evidence_at: datetime | None = None,
        endpoint: int | None = None,
        absorbed: int | None = None,
    ) -> OpenIncident:
        """Note a step that leaves `incident` as it is given, but for its state; returns it with that.

        ValueError: the table knows no such move.
        """
        known = self._live.get(incident.id)
        before = known.state if known else None
        if (before, kind) not in _AFTER:
            raise ValueError(f"step={kind} of an incident in state={before} is not in INCIDENT_MOVES")
        after = replace(incident, state=_AFTER[before, kind])
        at = max(self.now, after.detected_at)
        evidence = max(min(evidence_at or at, at), after.started_at)
        self.steps.append(Step(kind, at, cause, after, evidence, endpoint, absorbed))
        if kind is StepKind.CLOSE:
            del self._live[after.id]
        else:
            self._live[after.id] = after
        return after


def applied(open_incidents: Iterable[OpenIncident], steps: Sequence[Step]) -> tuple[OpenIncident, ...]:
    """The open incidents once the steps are persisted, oldest first; new ones keep their negative ids."""
    live = {incident.id: incident for incident in open_incidents}
    for step in steps:
        if step.kind is StepKind.CLOSE:
            live.pop(step.incident.id, None)
        else:
            live[step.incident.id] = step.incident
    return tuple(sorted(live.values(), key=_age))


def _age(incident: OpenIncident) -> tuple[datetime, int]:
    return incident.started_at, incident.id
