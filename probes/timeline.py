"""Reading what happened over time: from raw attempts, hours or wider buckets, whichever is enough."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Final

import numpy as np
from django.utils import timezone

from aigo.lib.regions import ALL, MEASURED_SLUGS
from probes.history import (
    DNS_WITHIN_S,
    Attempts,
    Grid,
    Tally,
    charged,
    has_unresolved,
    merged,
    tally_buckets,
    tally_grid,
)
from probes.models import ProbeResult, RollupMark
from probes.models.results import TIER_CODES
from probes.models.rollups import POOLED_CODES
from probes.outcomes import CODES as OUTCOME_CODES
from probes.timeseries import buckets, hours
from probes.timeseries.buckets import Grain
from probes.timeseries.daily import DayCounts, Pause, count_days
from probes.timeseries.hours import HOUR_S

#: Up to so long a window is read from the attempts themselves.
EXACT_S: Final = HOUR_S
#: Columns of `_as_numbers`.
_RAW: Final = ("due_at", "region", "outcome", "left_out", "total_ms", "first_answer_ms")


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened in each bucket of a grid.

    `source`: "attempts" (exact), "hours" or the table of wider buckets (percentiles within 1 %).
    `last_sample_at`: when the newest countable attempt was due, by the minute unless exact; None = there is
    none in the window, or it lies in a wider bucket.
    """

    grid: Grid
    tally: Tally
    source: str
    last_sample_at: datetime | None


def load_timeline(endpoint_id: int, *, tier: str, region: str, grid: Grid) -> Timeline:
    """The timeline of an endpoint in one tier; region "all" = all regions pooled."""
    pooled = region == ALL
    series = endpoint_id, TIER_CODES[tier], POOLED_CODES[region]
    if grid.end_s - grid.start_s <= EXACT_S:
        since_s = grid.start_s // 60 * 60 - DNS_WITHIN_S
        attempts = _raw_attempts(endpoint_id, tier, since_s, grid.end_s)
        return _of_attempts(attempts, None if pooled else series[2], grid, grid.start_s, "attempts")
    grain = buckets.grain_for(grid, pooled=pooled)
    if grain is None:
        return _of_hours(series, grid, grid.start_s)
    until_s = _complete_until(grain)
    wide = tally_buckets(buckets.read(grain, *series, grid, until_s), grid.points)
    rest = _of_hours(series, grid, max(until_s, grid.start_s))
    return Timeline(grid, merged(wide, rest.tally), grain.table, rest.last_sample_at)


def load_days(
    endpoint_ids: Collection[int],
    tier: str,
    *,
    first: date,
    days: int,
    pauses: Mapping[int, Sequence[Pause]] = MappingProxyType({}),
) -> dict[int, DayCounts]:
    """Endpoint → countable attempts over all regions in each of `days` UTC days from `first` on.

    pauses: endpoint → what is left out. At most four queries, whatever their number.
    """
    first_s = int(datetime.combine(first, time.min, UTC).timestamp())
    until_s = _complete_until(buckets.GRAINS[-1])
    return count_days(
        endpoint_ids, TIER_CODES[tier], first_s=first_s, days=days, until_s=until_s, pauses=pauses
    )


def load_attempts(
    endpoint_ids: Collection[int], *, tier: str, region: str | None, since: datetime, until: datetime
) -> dict[int, list[tuple[int, int, int]]]:
    """Endpoint → (unix s, outcome's number, total in µs, 0 = none) of its countable attempts, oldest first.

    Those that were due from `since` to `until`; region None = of all. One query.
    """
    begin_s = int(since.timestamp())
    rows = (
        ProbeResult.objects.filter(
            endpoint__in=endpoint_ids,
            tier=tier,
            region__in=MEASURED_SLUGS,  # the key's third column: without it two more are not of use
            due_at__gte=datetime.fromtimestamp(begin_s // 60 * 60 - DNS_WITHIN_S, UTC),
            due_at__lte=until,
        )
        .order_by("due_at")
        .values_list("endpoint", *_RAW)
    )
    of_endpoint: dict[int, list[tuple[int, ...]]] = {}
    for endpoint, *row in rows:
        of_endpoint.setdefault(endpoint, []).append(_as_numbers(*row))
    return {
        endpoint: _countable(found, POOLED_CODES[region] if region else None, begin_s)
        for endpoint, found in of_endpoint.items()
    }


def load_around(
    endpoint_ids: Collection[int], *, tier: str, since: datetime, until: datetime, from_hours: bool
) -> dict[int, tuple[Attempts, np.ndarray]]:
    """Endpoint → all its attempts that were due in [since, until), oldest first, whether they count or not.

    With them a mask: which enter availability. Endpoints without attempts are left out. from_hours: from the
    hours, by the minute, for a time of which attempts are no longer kept. One query.
    """
    since_s, until_s = int(since.timestamp()), int(until.timestamp())
    first_s, end_s = since_s // 60 * 60 - DNS_WITHIN_S, until_s + DNS_WITHIN_S
    if from_hours:
        found = _around_hours(endpoint_ids, tier, first_s, end_s)
    else:
        found = _around_attempts(endpoint_ids, tier, first_s, end_s)
    around = {}
    for endpoint, attempts in found.items():
        counted = charged(attempts)
        within = (attempts.at_s >= since_s) & (attempts.at_s < until_s)
        if within.any():
            around[endpoint] = attempts.only(within), counted[within]
    return around


def _around_attempts(
    endpoint_ids: Collection[int], tier: str, since_s: int, until_s: int
) -> dict[int, Attempts]:
    rows = ProbeResult.objects.filter(
        endpoint__in=endpoint_ids,
        tier=tier,
        region__in=MEASURED_SLUGS,  # the key's third column: without it two more are not of use
        due_at__gte=datetime.fromtimestamp(since_s, UTC),
        due_at__lt=datetime.fromtimestamp(until_s, UTC),
    ).order_by("due_at", "attempt")
    of_endpoint: dict[int, list[tuple[int, ...]]] = {}
    for endpoint, *row in rows.values_list("endpoint", *_RAW):
        of_endpoint.setdefault(endpoint, []).append(_as_numbers(*row))
    return {endpoint: _as_attempts(found) for endpoint, found in of_endpoint.items()}


def _around_hours(
    endpoint_ids: Collection[int], tier: str, since_s: int, until_s: int
) -> dict[int, Attempts]:
    rows = hours.read(since_s // HOUR_S * HOUR_S, until_s, endpoint_ids=endpoint_ids, tier=TIER_CODES[tier])
    attempts, of_attempt = rows.attempts(), rows.of_attempts(rows.endpoint_id)
    order = np.argsort(attempts.at_s, kind="stable")
    attempts, of_attempt = attempts.only(order), of_attempt[order]
    return {int(one): attempts.only(of_attempt == one) for one in np.unique(of_attempt)}


def _countable(rows: list[tuple[int, ...]], region: int | None, begin_s: int) -> list[tuple[int, int, int]]:
    attempts = _as_attempts(rows)
    shown = charged(attempts) & (attempts.at_s >= begin_s)
    if region is not None:
        shown &= attempts.region == region
    kept = attempts.only(shown)
    return list(zip(kept.at_s.tolist(), kept.outcome.tolist(), kept.total.tolist(), strict=True))


def _of_hours(series: tuple[int, int, int], grid: Grid, since_s: int) -> Timeline:
    """From the hours since a moment."""
    endpoint_id, tier, region = series
    asked, first_s = region or None, since_s - since_s % HOUR_S
    found = hours.read(first_s, grid.end_s, endpoint_id=endpoint_id, tier=tier, region=asked).attempts()
    if has_unresolved(found):  # all regions decide, a little earlier, too, whether these count
        found = hours.read(first_s - HOUR_S, grid.end_s, endpoint_id=endpoint_id, tier=tier).attempts()
    return _of_attempts(found, asked, grid, since_s, "hours")


def _of_attempts(attempts: Attempts, region: int | None, grid: Grid, since_s: int, source: str) -> Timeline:
    counted = charged(attempts)
    shown = attempts.at_s >= since_s
    if region is not None:
        shown &= attempts.region == region
    if not shown.all():
        attempts, counted = attempts.only(shown), counted[shown]
    moments = attempts.at_s[counted & (attempts.at_s < grid.end_s)]
    last = datetime.fromtimestamp(int(moments.max()), UTC) if len(moments) else None
    return Timeline(grid, tally_grid(attempts, grid, counted), source, last)


def _raw_attempts(endpoint_id: int, tier: str, since_s: int, until_s: int) -> Attempts:
    rows = ProbeResult.objects.filter(
        endpoint=endpoint_id,
        tier=tier,
        due_at__gte=datetime.fromtimestamp(since_s, UTC),
        due_at__lt=datetime.fromtimestamp(until_s, UTC),
    ).values_list(*_RAW)
    return _as_attempts([_as_numbers(*row) for row in rows])


def _as_attempts(rows: list[tuple[int, ...]]) -> Attempts:
    at_s, regions, outcomes, total_us, ttft_us = np.array(rows, np.int64).reshape(-1, 5).T
    return Attempts(at_s, regions, outcomes, total_us, ttft_us, exact=True)


def _as_numbers(
    due_at: datetime, region: str, outcome: str, left_out: str, total_ms: float | None, ttft_ms: float | None
) -> tuple[int, ...]:
    code = OUTCOME_CODES["pop_offline" if left_out else outcome]
    durations = (total_ms, ttft_ms) if outcome == "ok" else (None, None)
    total_us, ttft_us = (0 if ms is None else round(ms * 1000) for ms in durations)
    return int(due_at.timestamp()), POOLED_CODES[region], code, total_us, ttft_us


def _complete_until(grain: Grain) -> int:
    """Up to where the buckets are made; never beyond now, whatever a clock that was ahead left behind."""
    until = RollupMark.objects.filter(table=grain.table).values_list("until", flat=True).first()
    return int(min(until, grain.settled_until(timezone.now())).timestamp()) if until else 0
