"""The counts of the board's summary; and on a top card the gauge of availability, and an hour's course."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL
from aigo.templatetags.figures import pct, region_name, whole
from probes.attempts import METHOD_VERSION
from status.board import Board, Counts
from status.cards import SPAN_S, STEP_S, Spark
from status.rules import State, thresholds_for

register = template.Library()

#: Where the gauge begins: whatever is worse is drawn as that.
GAUGE_FROM: Final = 95.0
_RADIUS: Final = 42.0
_CENTRE: Final = (50.0, 50.0)
_STATES: Final = frozenset(state.value for state in State)
_UNKNOWN: Final = (None,) * (SPAN_S // STEP_S)


class Tick(NamedTuple):
    """A threshold on the gauge: a notch in the arc."""

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
    inner, outer = _RADIUS - 3.5, _RADIUS + 3.5
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


#: The counts of the strip in their order, what answers first: name → (label, what is counted).
COUNTS: Final[dict[str, tuple[Promise, Promise]]] = {
    "available": (
        _("Available"),
        _("Watched endpoints that answer, well or badly: operational or degraded."),
    ),
    "operational": (_("Operational"), _("They answer within the thresholds.")),
    "degraded": (_("Degraded"), _("They answer, but slower or less often than they should.")),
    "outage": (_("Outage"), _("They fail, confirmed by repeated attempts.")),
    "unknown": (_("Unknown"), _("They have no fresh sample; %(not_measured)s of them have no key.")),
    "active": (_("Active"), _("They have fresh samples: operational, degraded or in outage.")),
    "total": (_("Watched"), _("Endpoints on this board; the catalogue knows %(models)s models.")),
}


@register.filter
def count_names(_counts: Counts) -> Iterable[str]:
    """The names of the strip's cells, in their order."""
    return COUNTS


@register.inclusion_tag("_components/count.html", takes_context=True)
def count_cell(context: Context, name: str, counts: Counts, board: Board | None = None) -> dict[str, Any]:
    """One count with what it counts, and where; `board`: whose counts they are, None = a sample."""
    label: str | Promise
    label, note = COUNTS[name]
    value: int = getattr(counts, name)
    numbers = {"not_measured": whole(counts.not_measured), "models": whole(counts.catalogue_models)}
    region = board.region if board else ALL
    if name == "available" and region != ALL:
        label = _("Available in your region: %(region)s") % {"region": region_name(region)}
    return {
        "name": name,
        "label": label,
        "written": whole(value),
        "unit": _("of %(total)s") % {"total": whole(counts.total)} if name == "available" else "",
        "zero": value == 0,
        "state": name if name in _STATES else "",
        "about": Provenance(
            kind="counted",
            region=region,
            method_version=board.method_version if board else METHOD_VERSION,
            simulated=counts.simulated == counts.total > 0,
            note=str(note) % numbers,
        ),
        "request": getattr(context, "request", None),
    }
