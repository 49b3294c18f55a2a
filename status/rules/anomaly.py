"""Is an endpoint unlike itself? Its figures against the same hour of the day on the last days.

An anomaly never changes a colour; it opens an `info` incident. One failure among 20 attempts is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from status.rules.figures import Figures
from status.rules.table import (
    ANOMALY_ENDS_SIGMAS,
    ANOMALY_SIGMAS,
    BASELINE_MIN_ATTEMPTS,
    BASELINE_MIN_DAYS,
    ERROR_ENDS_POINTS,
    ERROR_POINTS,
    MAD_SIGMA,
    SLOW_ENDS_TIMES,
    SLOW_TIMES,
)


@dataclass(frozen=True, slots=True)
class Hour:
    """An endpoint in an hour of an earlier day, regions pooled. `p95_ms`: None without right answers."""

    samples: int
    error_rate_pct: float
    p95_ms: float | None


class Level(StrEnum):
    """Two thresholds: what is above the first is an anomaly until it is at or below the second."""

    NORMAL = "normal"
    BETWEEN = "between"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How an endpoint's figures compare; `usual_*` are medians of `days` days, None where nothing is usual.

    `window_s`: the span of the figures that were compared.
    """

    slow: Level
    errors: Level
    p95_ms: float | None
    usual_p95_ms: float | None
    error_rate_pct: float
    usual_error_rate_pct: float
    days: int
    window_s: int


def compare(found: Figures, same_hour: Sequence[Hour]) -> Anomaly | None:
    """`found` (all regions pooled) against the same hour on earlier days, in any order.

    None: no baseline: fewer than 20 attempts now, or fewer than three days with 20 attempts each.
    """
    days = [hour for hour in same_hour if hour.samples >= BASELINE_MIN_ATTEMPTS]
    if len(days) < BASELINE_MIN_DAYS or found.samples < BASELINE_MIN_ATTEMPTS or found.error_rate_pct is None:
        return None
    p95s = [hour.p95_ms for hour in days if hour.p95_ms is not None]
    errors = [hour.error_rate_pct for hour in days]
    return Anomaly(
        slow=slow_level(found.p95_ms, p95s),
        errors=error_level(found.error_rate_pct, errors),
        p95_ms=found.p95_ms,
        usual_p95_ms=median(p95s) if p95s else None,
        error_rate_pct=found.error_rate_pct,
        usual_error_rate_pct=median(errors),
        days=len(days),
        window_s=found.window_s,
    )


def slow_level(p95_ms: float | None, usual: Sequence[float]) -> Level:
    """p95s of 1000 ms on every day: 2001 → above, 2000 → between, 1501 → between, 1500 → normal.

    Without a p95 now, or with fewer than three usual ones: normal.
    """
    if p95_ms is None or len(usual) < BASELINE_MIN_DAYS:
        return Level.NORMAL
    middle, sigma = spread(usual)
    begins = max(SLOW_TIMES * middle, middle + ANOMALY_SIGMAS * sigma)
    ends = max(SLOW_ENDS_TIMES * middle, middle + ANOMALY_ENDS_SIGMAS * sigma)
    return _level(p95_ms, begins, ends)


def error_level(error_rate_pct: float, usual: Sequence[float]) -> Level:
    """No errors on every day: 5.1 % → above, 5.0 % → between, 3.1 % → between, 3.0 % → normal."""
    middle, sigma = spread(usual)
    begins = middle + max(ERROR_POINTS, ANOMALY_SIGMAS * sigma)
    ends = middle + max(ERROR_ENDS_POINTS, ANOMALY_ENDS_SIGMAS * sigma)
    return _level(error_rate_pct, begins, ends)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Median, and 1.4826 × MAD: the standard deviation that outliers do not move. `values`: at least one."""
    middle = median(values)
    return middle, MAD_SIGMA * median(abs(value - middle) for value in values)


def _level(value: float, begins: float, ends: float) -> Level:
    if value > begins:
        return Level.ABOVE
    return Level.BETWEEN if value > ends else Level.NORMAL
