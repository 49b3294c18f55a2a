"""What stands on a top card beside its figures: the gauge of availability, and an hour's course."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django import template

from aigo.templatetags.figures import pct
from status.cards import SPAN_S, STEP_S, Spark
from status.rules import thresholds_for

register = template.Library()

#: Where the gauge begins: whatever is worse is drawn as that.
GAUGE_FROM: Final = 95.0
_RADIUS: Final = 42.0
_CENTRE: Final = (50.0, 50.0)
_UNKNOWN: Final = (None,) * (SPAN_S // STEP_S)


class Tick(NamedTuple):
    """A threshold on the gauge: a line across the arc."""

    x1: float
    y1: float
    x2: float
    y2: float


@register.inclusion_tag("_components/gauge.html")
def gauge(row: Any) -> dict[str, Any]:
    """Availability on an arc from GAUGE_FROM to 100 %, with the thresholds that the row is judged by."""
    limits = thresholds_for(row.functions, reasoning=row.reasoning)
    value = row.availability_pct
    return {
        "filled": None if value is None else round(100 * gauge_share(value), 1),
        "start": GAUGE_FROM,
        "ticks": [_tick(limits.degraded_pct), _tick(limits.operational_pct)],
        "operational": pct(limits.operational_pct),
        "degraded": pct(limits.degraded_pct),
    }


def gauge_share(availability_pct: float) -> float:
    """Place on the arc, 0 to 1: 95 and less → 0, 99.5 → 0.9, 100 → 1."""
    return min(max((availability_pct - GAUGE_FROM) / (100 - GAUGE_FROM), 0.0), 1.0)


def _tick(availability_pct: float) -> Tick:
    angle = math.pi * (1 - gauge_share(availability_pct))
    (x, y), cos, sin = _CENTRE, math.cos(angle), math.sin(angle)
    inner, outer = _RADIUS - 5, _RADIUS + 6
    return Tick(
        *(round(part, 2) for part in (x + inner * cos, y - inner * sin, x + outer * cos, y - outer * sin))
    )


@register.filter
def course(sparks: Mapping[str, Spark] | None, slug: str) -> dict[str, Any]:
    """`p95_ms` and `error_rate_pct` of the last hour; all gaps where there is no spark."""
    spark = sparks.get(slug) if sparks else None
    if spark is None:
        return {"p95_ms": _UNKNOWN, "error_rate_pct": _UNKNOWN}
    return {"p95_ms": spark.p95_ms, "error_rate_pct": spark.error_rate_pct}
