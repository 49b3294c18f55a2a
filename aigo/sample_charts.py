"""Invented histories and counts for /styleguide/ and the browser tests: they stand still."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aigo.lib.words import Words
from catalog.models import AIModel, Endpoint, Provider
from probes.throughput import Throughput
from status.board import Counts
from status.history import Absence, History, Point
from status.marks import IncidentMark, Pause
from status.rules import Thresholds
from status.trend import Trend, TrendPoint, Worst

END: Final = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
POINTS: Final = 96
#: Points in which nobody measured, in which the endpoint failed, and which rest on few answers.
SILENT: Final = range(38, 45)
FAILING: Final = range(70, 76)
FEW: Final = range(88, 96)


def sample_history(**overrides: Any) -> History:
    """A day with a gap, an incident that is over, one that goes on, and maintenance."""
    points = tuple(_point(n) for n in range(POINTS))
    provider = Provider(slug="sample-works", name="Sample Works", simulated=True)
    model = AIModel(slug="sample-1", name="Sample 1", simulated=True)
    sample: dict[str, Any] = {
        "endpoint": Endpoint(
            slug="sample-works--sample-1", provider=provider, model=model, simulated=True, watched=True
        ),
        **{"tier": "B", "region": "all", "window": "24h", "width_s": 900, "generated_at": END},
        **{"points": points, "total": _total(points), "thresholds": Thresholds()},
        "gaps": (Absence("all", "no_worker", _at(SILENT.start), _at(SILENT.stop)),),
        **{"gaps_left_out": 0, "source": "hours", "relative_error": 0.01, "last_sample_at": END},
        "incidents": (
            IncidentMark(1, _words("Requests fail", "요청 실패"), "major", "closed", (), _at(70), _at(76)),
            IncidentMark(2, _words("Slow answers", "느린 응답"), "minor", "open", ("seoul",), _at(90), None),
        ),
        "maintenance": (Pause(_at(10), _at(14), ()),),
        "throughput": Throughput(86_400, 900, 0, None, None, None, None, ()),
        "usage": None,
    }
    return History(**(sample | overrides))


def sample_silence() -> History:
    """The same day of an endpoint that nobody measured."""
    whole = sample_history()
    nothing = dict.fromkeys(("attempts", "ok", "worst_attempts", "samples", "ttft_samples"), 0)
    unknown = dict.fromkeys(
        ("availability_pct", "worst_availability_pct", "p50_ms", "p95_ms", "p99_ms", "max_ms")
    )
    silent: dict[str, Any] = {**nothing, **unknown, "failures": {}, "uncounted": {}}
    endpoint = whole.endpoint
    return replace(
        whole,
        endpoint=Endpoint(slug="sample-works--sample-6", provider=endpoint.provider, model=endpoint.model),
        points=tuple(replace(point, **silent) for point in whole.points),
        total=replace(whole.total, **silent),
        gaps=(),
        incidents=(),
        maintenance=(),
    )


def sample_trend(**overrides: Any) -> Trend:
    """A day of counts with a gap and an outage of three."""
    sample: dict[str, Any] = {"region": "all", "window": "24h", "width_s": 900}
    points = tuple(_counted(n) for n in range(POINTS))
    return Trend(**(sample | {"points": points} | overrides))


def _at(place: int) -> datetime:
    return END - (POINTS - place) * QUARTER


def _words(en: str, ko: str) -> Words:
    return Words(f"Sample 1: {en}", f"Sample 1: {ko}")


def _point(n: int) -> Point:
    attempts = 0 if n in SILENT else 60
    failed = 18 if n in FAILING else int(n % 23 == 5)
    right = max(0, attempts - failed)
    samples = 12 if n in FEW else right
    p50 = round(620 + 90 * math.sin(n / 9) + 17 * (n % 5), 1) if right else None
    slow = 900.0 if n in FEW else 0.0
    p95 = round(p50 * 1.5 + 40 * (n % 7) + slow, 1) if p50 else None
    share = 100 * right / attempts if attempts else None
    values: dict[str, Any] = {
        **{"at": _at(n), "width_s": 900, "attempts": attempts, "ok": right},
        **{
            "availability_pct": share,
            "worst_availability_pct": share and max(0.0, share - 2.0 * (share < 100)),
        },
        **{"worst_attempts": attempts // 3, "samples": samples, "p50_ms": p50, "p95_ms": p95, "p99_ms": p95},
        **{"max_ms": p95, "ttft_samples": samples, "ttft_p50_ms": p50, "ttft_p95_ms": p95},
        **{"failures": {"http_5xx": failed} if failed and attempts else {}},
        **{"uncounted": {"rate_limited": 6} if n in range(20, 24) else {}},
    }
    return Point(**values)


def _total(points: tuple[Point, ...]) -> Point:
    attempts, right = (sum(getattr(point, name) for point in points) for name in ("attempts", "ok"))
    share = round(100 * right / attempts, 3)
    values: dict[str, Any] = {
        **{"at": points[0].at, "width_s": 900 * POINTS, "attempts": attempts, "ok": right},
        **{"availability_pct": share, "worst_availability_pct": 68.0, "worst_attempts": 20},
        **{"samples": right, "p50_ms": 655.2, "p95_ms": 1120.4, "p99_ms": 1480.0, "max_ms": 2210.9},
        **{"ttft_samples": right, "ttft_p50_ms": 188.2, "ttft_p95_ms": 402.0},
        **{"failures": {"http_5xx": attempts - right}, "uncounted": {"rate_limited": 24}},
    }
    return Point(**values)


def _counted(n: int) -> TrendPoint:
    if n in SILENT:
        return TrendPoint(_at(n), 0, None, None)
    outage, degraded = (3 if n in FAILING else 0), 1 + (n % 11 == 4)
    counts = Counts(
        **{"total": 84, "active": 23, "operational": 23 - outage - degraded, "degraded": degraded},
        **{"outage": outage, "unknown": 61, "simulated": 24, "not_measured": 60, "catalogue_models": 4812},
    )
    return TrendPoint(_at(n), 15, counts, Worst(outage + (n == 60), degraded, 61, 23 - outage))
