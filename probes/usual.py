"""What was usual: the same hour of the day on the days before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from probes.history import charged
from probes.models.results import TIER_CODES
from probes.sketches import OK, VALUES_US
from probes.timeseries import hours
from probes.timeseries.hours import HOUR_S

DAY_S: Final = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class UsualHour:
    """An endpoint in an hour of an earlier day, regions pooled: its countable attempts, and the right ones.

    `p95_ms`: of right answers, within 1 %; None without any.
    """

    attempts: int
    ok: int
    p95_ms: float | None


def same_hours(hour_s: int, *, tiers: Iterable[str], days: int) -> dict[tuple[int, str], list[UsualHour]]:
    """(endpoint id, tier) → the hour that begins at `hour_s` (unix s) on each of the last days, newest first.

    A day without attempts is missing. One query for each day, whatever the number of endpoints.
    """
    names = {TIER_CODES[tier]: tier for tier in tiers}
    found: dict[tuple[int, str], list[UsualHour]] = {}
    for day in range(1, days + 1):
        since_s = hour_s - day * DAY_S
        for (endpoint_id, tier), hour in _hours_at(since_s).items():
            if tier in names:
                found.setdefault((endpoint_id, names[tier]), []).append(hour)
    return found


def _hours_at(since_s: int) -> dict[tuple[int, int], UsualHour]:
    rows = hours.read(since_s, since_s + HOUR_S)
    attempts = rows.attempts()
    if not len(attempts.at_s):
        return {}
    series, of_attempt = np.unique(
        np.stack([rows.of_attempts(rows.endpoint_id), rows.of_attempts(rows.tier)]),
        axis=1,
        return_inverse=True,
    )
    of_attempt = of_attempt.reshape(-1)
    counted = charged(attempts, of_attempt)
    count = series.shape[1]
    countable = np.bincount(of_attempt[counted], minlength=count)
    right = attempts.outcome == OK
    ok = np.bincount(of_attempt[right], minlength=count)
    p95 = _p95(of_attempt, attempts.total, right & (attempts.total > 0), count)
    return {
        (int(series[0, n]), int(series[1, n])): UsualHour(int(countable[n]), int(ok[n]), p95[n])
        for n in range(count)
    }


def _p95(series: np.ndarray, bins: np.ndarray, chosen: np.ndarray, count: int) -> list[float | None]:
    """Nearest rank, of each series."""
    of, values = series[chosen], bins[chosen]
    order = np.lexsort((values, of))
    values = values[order]
    sizes = np.bincount(of, minlength=count)
    ends = np.cumsum(sizes)
    ranks = np.ceil(0.95 * sizes).astype(int)
    return [
        float(VALUES_US[values[end - size + rank - 1]]) / 1000 if size else None
        for size, end, rank in zip(sizes, ends, ranks, strict=True)
    ]
