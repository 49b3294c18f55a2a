"""Crossings: how often a region went between operational and not, and when that is too often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from status.rules.states import State
from status.rules.table import CALM_CHANGES, FLAP_CHANGES, FLAP_WINDOW


@dataclass(frozen=True, slots=True)
class Change:
    """A kept change of state of one endpoint in one region (`status.models.StatusChange`)."""

    at: datetime
    before: State
    after: State


def crossings(changes: Iterable[Change], now: datetime) -> tuple[datetime, ...]:
    """When one region went between operational and degraded or outage within FLAP_WINDOW, oldest first.

    `changes`: its changes, oldest first, from at least FLAP_WINDOW ago. Unknown in between is looked
    through: operational → unknown → outage is one crossing, at the moment of the outage; what was before
    the first change's unknown is not known and makes none.
    """
    found = []
    known = State.UNKNOWN
    for change in changes:
        known = known if change.before is State.UNKNOWN else change.before
        if change.after is State.UNKNOWN:
            continue
        if known is not State.UNKNOWN and (known is State.OPERATIONAL) != (change.after is State.OPERATIONAL):
            found.append(change.at)
        known = change.after
    return tuple(at for at in found if at > now - FLAP_WINDOW)


def is_restless(moments: Sequence[datetime], now: datetime, *, flapping: bool) -> bool:
    """4 crossings within 30 minutes are flapping, 3 are not; a flapping one is until at most 1 is left.

    `flapping`: whether the incident that holds the region is flapping already.
    """
    recent = sum(at > now - FLAP_WINDOW for at in moments)
    return recent > CALM_CHANGES if flapping else recent >= FLAP_CHANGES
