"""Plain values for the tests of incident rules: regions, endpoints, and time that passes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from status.rules import (
    EndpointView,
    OpenIncident,
    ProviderView,
    Reason,
    RegionView,
    State,
    Step,
    applied,
    tend,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SIX = ("frankfurt", "oregon", "seoul", "singapore", "tokyo", "virginia")
MINUTE = timedelta(minutes=1)
REASONS = {
    State.OPERATIONAL: Reason.WITHIN_LIMITS,
    State.DEGRADED: Reason.CONFIRMED_FAILURES,
    State.OUTAGE: Reason.CONFIRMED_FAILURES,
    State.UNKNOWN: Reason.STALE,
}


def region(
    name: str = "seoul",
    state: State = State.OPERATIONAL,
    *,
    minutes: float = 60,
    now: datetime = NOW,
    **changes: Any,
) -> RegionView:
    """A region that has been in `state` for so many minutes, with 20 attempts in its window."""
    view = RegionView(
        region=name,
        state=state,
        reason=REASONS[state],
        since=now - minutes * MINUTE,
        samples=20,
        window_s=1200,
        availability_pct=100.0,
        p95_ms=800.0,
        last_sample_at=now,
    )
    return replace(view, **changes)


def endpoint(pk: int = 1, *regions: RegionView, **changes: Any) -> EndpointView:
    """An endpoint with these regions; one good region where none is given."""
    return EndpointView(pk, f"p--m{pk}", regions or (region(),), **changes)


def all_regions(state: State, **changes: Any) -> tuple[RegionView, ...]:
    return tuple(region(name, state, **changes) for name in SIX)


def failing(pk: int, minutes: float = 1, state: State = State.OUTAGE) -> EndpointView:
    """In trouble everywhere since so many minutes."""
    return endpoint(pk, *all_regions(state, minutes=minutes))


def well(pk: int, minutes: float = 2) -> EndpointView:
    """Operational everywhere since so many minutes."""
    return endpoint(pk, *all_regions(State.OPERATIONAL, minutes=minutes))


def at_minutes_ago(*minutes: float) -> tuple[datetime, ...]:
    return tuple(NOW - MINUTE * ago for ago in minutes)


def steps_of(
    endpoints: Sequence[EndpointView], held: Sequence[OpenIncident] = (), now: datetime = NOW
) -> tuple[list[Step], tuple[OpenIncident, ...]]:
    """The steps, and the incidents that are open after them."""
    steps = tend(ProviderView("p", tuple(endpoints)), held, now)
    return steps, applied(held, steps)


def kinds(steps: Sequence[Step]) -> list[str]:
    return [step.kind.value for step in steps]


def opened(*endpoints: EndpointView, now: datetime = NOW) -> tuple[OpenIncident, ...]:
    """The incidents that are open after one look at these endpoints."""
    return steps_of(endpoints, (), now)[1]
