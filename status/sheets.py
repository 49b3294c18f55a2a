"""Histories as rows of a table: what happened, and in every row what that rests on."""

from collections.abc import Iterator
from typing import Any, Final

from aigo.lib.moments import moment_text
from probes.attempts import METHOD_VERSION
from status.history import Absence, History, Point
from status.trend import COUNTED, Trend

#: Of a point, in this order.
_FIGURES: Final = (
    *("attempts", "ok", "availability_pct", "worst_availability_pct", "worst_attempts", "samples"),
    *("p50_ms", "p95_ms", "p99_ms", "max_ms", "ttft_samples", "ttft_p50_ms", "ttft_p95_ms"),
)


def history_rows(history: History) -> Iterator[dict[str, Any]]:
    """One for each point, oldest first. What was not measured is empty, never zero; `gap` says why."""
    about = {
        "endpoint": history.endpoint.slug,
        "provider": history.endpoint.provider.slug,
        "region": history.region,
        "tier": history.tier,
        "simulated": "yes" if history.endpoint.simulated else "no",
        "source": f"AI-GO probes ({history.source})",
        "relative_error": history.relative_error,
        "method_version": history.method_version,
        "generated_at": moment_text(history.generated_at),
    }
    usage = history.usage or (None,) * len(history.points)
    for point, told in zip(history.points, usage, strict=True):
        yield {
            "at_utc": moment_text(point.at),
            "width_s": point.width_s,
            **{name: getattr(point, name) for name in _FIGURES},
            "failures": _listed(point.failures),
            "uncounted": _listed(point.uncounted),
            "usage_rpm": told,
            "gap": _why(history.gaps, point),
            "incidents": " ".join(str(mark.id) for mark in history.incidents if _touches(mark, point)),
            **about,
        }


def trend_rows(trend: Trend) -> Iterator[dict[str, Any]]:
    """One for each point, oldest first; a stretch in which nobody counted has empty cells."""
    for point in trend.points:
        counts, worst = point.counts, point.worst
        yield {
            "at_utc": moment_text(point.at),
            "width_s": trend.width_s,
            "minutes_counted": point.minutes,
            **{name: getattr(counts, name) if counts else None for name in COUNTED},
            "outage_most": worst and worst.outage,
            "degraded_most": worst and worst.degraded,
            "unknown_most": worst and worst.unknown,
            "available_least": worst and worst.available,
            "region": trend.region,
            "source": "AI-GO counts",
            "method_version": METHOD_VERSION,
        }


def _listed(outcomes: dict[str, int]) -> str:
    """ "http_5xx:2 timeout:1"."""
    return " ".join(f"{name}:{count}" for name, count in sorted(outcomes.items()))


def _why(gaps: tuple[Absence, ...], point: Point) -> str:
    """ "seoul:no_worker", for a point without countable attempts."""
    if point.attempts:
        return ""
    return " ".join(sorted({f"{gap.region}:{gap.reason}" for gap in gaps if _touches(gap, point)}))


def _touches(span: Any, point: Point) -> bool:
    """Whether something with `started_at` and `ended_at` (None = it goes on) overlaps the point."""
    start_s = point.at.timestamp()
    began_before = span.started_at.timestamp() < start_s + point.width_s
    return began_before and (span.ended_at is None or span.ended_at.timestamp() > start_s)
