"""What a window of attempts amounts to, and how long it stays true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from status.rules.table import FRESH_INTERVALS, P95_MIN_ATTEMPTS, WIDEST_WINDOW, WINDOW


@dataclass(frozen=True, slots=True)
class Sample:
    """A countable attempt. `total_ms`, `answer_ms`: None where the attempt never got there."""

    at: datetime
    ok: bool
    total_ms: float | None = None
    answer_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a window holds. Percentages of `samples` countable attempts; None where nothing can be said."""

    samples: int
    window_s: int
    availability_pct: float | None
    error_rate_pct: float | None
    p50_ms: float | None
    p95_ms: float | None
    ttft_p50_ms: float | None
    last_sample_at: datetime | None


def in_window(samples: Sequence[Sample], now: datetime) -> Sequence[Sample]:
    """The samples (oldest first) figures are computed from.

    Those of the last 5 minutes; where these are fewer than 20, the last 20 of the last 60 minutes.
    """
    recent = [sample for sample in samples if sample.at > now - WINDOW]
    if len(recent) >= P95_MIN_ATTEMPTS:
        return recent
    return [sample for sample in samples if sample.at > now - WIDEST_WINDOW][-P95_MIN_ATTEMPTS:]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least `share` of all values do not exceed.

    percentile([10, 20, 30, 40], 0.5) == 20; None for no values.
    """
    if not values:
        return None
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def figures(samples: Sequence[Sample], now: datetime) -> Figures:
    """The figures of a window's samples. Latency is that of right answers; p95 from 20 attempts on."""
    if not samples:
        return Figures(0, int(WINDOW.total_seconds()), None, None, None, None, None, None)
    good = [sample for sample in samples if sample.ok]
    totals = [sample.total_ms for sample in good if sample.total_ms is not None]
    answers = [sample.answer_ms for sample in good if sample.answer_ms is not None]
    availability = 100 * len(good) / len(samples)
    span_s = ceil((now - samples[0].at).total_seconds())
    return Figures(
        samples=len(samples),
        window_s=max(span_s, int(WINDOW.total_seconds())),
        availability_pct=availability,
        error_rate_pct=100 - availability,
        p50_ms=percentile(totals, 0.5),
        p95_ms=percentile(totals, 0.95) if len(samples) >= P95_MIN_ATTEMPTS else None,
        ttft_p50_ms=percentile(answers, 0.5),
        last_sample_at=samples[-1].at,
    )


def is_fresh(last_sample_at: datetime | None, interval_s: float, now: datetime) -> bool:
    """At most three intervals old: 180 s at one probe a minute is fresh, 181 s is not."""
    until = fresh_until(last_sample_at, interval_s)
    return until is not None and now <= until


def fresh_until(last_sample_at: datetime | None, interval_s: float) -> datetime | None:
    """The last moment at which a state with this newest sample is fresh; None without a sample."""
    return last_sample_at and last_sample_at + timedelta(seconds=FRESH_INTERVALS * interval_s)
