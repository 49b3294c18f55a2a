"""One endpoint: in which regions it is in trouble, since when, how badly, and when that is over.

Between "in trouble" and "well again" lies a gap on purpose: what is in neither keeps what it had.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from status.rules.anomaly import Level
from status.rules.flapping import is_restless
from status.rules.states import GRAVITY, Cause, Reason, Scope, State
from status.rules.table import (
    CLOSE_AFTER,
    CLOSE_AVAILABILITY_SHARE,
    CLOSE_P95_SHARE,
    LET_GO_AFTER,
    MIN_ATTEMPTS,
    OPEN_DEGRADED_AFTER,
    QUORUM_SHARE,
    THRESHOLD_MIN_ATTEMPTS,
    Thresholds,
)
from status.rules.views import EndpointView, RegionView


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an endpoint's regions amount to.

    `regions`: in trouble or not yet well again → why they were taken in. `began_at`: first evidence of what
    fails now, `reason`: of the region where it began; None where nothing fails. `well_since`: since when
    the newest of the held regions that are well has been operational, None where none is. `scope`: None where
    no troubled region reports. `out_everywhere`: at least half of the reporting regions are in outage.
    """

    endpoint: EndpointView
    regions: Mapping[str, Reason]
    worst: State
    began_at: datetime | None
    reason: Reason | None
    well_since: datetime | None
    scope: Scope | None
    out_everywhere: bool
    reporting: bool
    restless: bool


def assess(
    endpoint: EndpointView, held: Mapping[str, Reason], now: datetime, *, flapping: bool = False
) -> Trouble:
    """`held`, `flapping`: what its open incident holds of it, and whether that incident is flapping."""
    inside = sorted(endpoint.regions, key=lambda region: region.region)
    here = [region for region in inside if _keeps(region, held, endpoint.limits, now, flapping)]
    failing = [region for region in here if is_failing(region)]
    first = min(failing, key=began_at, default=None)
    reporting = [region for region in endpoint.regions if is_reporting(region)]
    told = sum(is_reporting(region) for region in here)
    out = sum(region.state is State.OUTAGE for region in failing)
    kept = {region.region for region in here}
    well = [r.since for r in reporting if r.region in held and r.region not in kept]
    return Trouble(
        endpoint=endpoint,
        regions={region.region: held.get(region.region, region.reason) for region in here},
        worst=max((region.state for region in failing), key=GRAVITY.__getitem__, default=State.OPERATIONAL),
        began_at=began_at(first) if first else None,
        reason=first.reason if first else None,
        well_since=max(well, default=None),
        scope=(Scope.GLOBAL if told >= QUORUM_SHARE * len(reporting) else Scope.REGIONAL) if told else None,
        out_everywhere=bool(out) and out >= QUORUM_SHARE * len(reporting),
        reporting=bool(reporting),
        restless=any(is_restless(region.crossings, now, flapping=flapping) for region in here),
    )


def is_reporting(region: RegionView) -> bool:
    """Whether anything is known of it: only these count for quorums."""
    return region.fresh and region.state is not State.UNKNOWN


def is_failing(region: RegionView) -> bool:
    return is_reporting(region) and region.state is not State.OPERATIONAL


def is_confirmed(region: RegionView, now: datetime) -> bool:
    """Whether it opens an incident: an outage at once, degraded after 2 min (1 min 59 s: not yet).

    Both need 5 countable attempts; with 4 nothing opens.
    """
    if not is_failing(region) or region.samples < MIN_ATTEMPTS:
        return False
    return region.state is State.OUTAGE or now - region.since >= OPEN_DEGRADED_AFTER


def told_reason(state: State, reason: str, samples: int) -> str:
    """The reason that readers are given: outage on 4 attempts → `too_few_samples`, on 5 → its own."""
    failing = state in (State.DEGRADED, State.OUTAGE)
    return Reason.TOO_FEW_SAMPLES if failing and samples < MIN_ATTEMPTS else reason


def is_well(region: RegionView, taken_in_for: Reason, limits: Thresholds, now: datetime) -> bool:
    """Whether it lets go of its incident: operational for 2 min, with 5 attempts, past the closing threshold.

    Taken in for latency: p95 1349 ms is well, 1350 ms is not yet (default thresholds; no p95 says nothing
    against it). For availability, from 200 attempts on: 99.6 % is well, 99.59 % is not yet.
    """
    if not is_reporting(region) or is_failing(region) or region.samples < MIN_ATTEMPTS:
        return False
    if now - region.since < CLOSE_AFTER:
        return False
    if taken_in_for == Reason.LATENCY and region.p95_ms is not None:
        return region.p95_ms < closing(limits)[1]
    if taken_in_for == Reason.AVAILABILITY and region.samples >= THRESHOLD_MIN_ATTEMPTS:
        return (region.availability_pct or 0.0) >= closing(limits)[0]
    return True


def closing(limits: Thresholds) -> tuple[float, float]:
    """What closes: an availability of at least so many percent, a p95 below so many ms: 99.6 %, 1350 ms."""
    margin_pct = CLOSE_AVAILABILITY_SHARE * (100 - limits.operational_pct)
    return limits.operational_pct + margin_pct, CLOSE_P95_SHARE * limits.operational_ms


def is_let_go(region: RegionView, now: datetime) -> bool:
    """Whether it has neither failed nor become well for 24 h: unknown, or operational without proof."""
    quiet_since = region.since
    if not region.fresh and region.state is not State.UNKNOWN:
        quiet_since = region.last_sample_at or region.since
    return not is_failing(region) and now - quiet_since >= LET_GO_AFTER


def began_at(region: RegionView) -> datetime:
    """The first evidence of a failing region's trouble: its first failed attempt, crossing or change."""
    moments = (region.failing_since, *region.crossings[-1:], region.since)
    return min(moment for moment in moments if moment is not None)


def unlike_itself(endpoint: EndpointView, now: datetime, *, held: bool) -> Cause | None:
    """The anomaly that opens an incident or, `held`, keeps it open.

    None opens while a region fails, or did within the span of the figures that were compared: these would
    only repeat what the region's own incident said.
    """
    found = endpoint.anomaly
    if found is None:
        return None
    levels = {Cause.SLOW_ANOMALY: found.slow, Cause.ERROR_ANOMALY: found.errors}
    if held:
        return next((cause for cause, level in levels.items() if level is not Level.NORMAL), None)
    reporting = [region for region in endpoint.regions if is_reporting(region)]
    settled = now - timedelta(seconds=found.window_s)
    if not reporting or any(is_failing(region) or region.since > settled for region in reporting):
        return None
    return next((cause for cause, level in levels.items() if level is Level.ABOVE), None)


def _keeps(
    region: RegionView, held: Mapping[str, Reason], limits: Thresholds, now: datetime, flapping: bool
) -> bool:
    if is_confirmed(region, now):
        return True
    if region.region not in held:
        return False
    if is_let_go(region, now):
        return False
    if is_restless(region.crossings, now, flapping=flapping):
        return True
    return not is_well(region, held[region.region], limits, now)
