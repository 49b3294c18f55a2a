"""How figures are written on pages: rounding (`aigo.lib.writing`), units, and why there is no figure."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import BY_SLUG
from aigo.lib.writing import NONE, dollars, error_pct, ms, pct, rpm, signed_pct, spent, usd, whole, window
from catalog.wording import FUNCTION_WORDS as FUNCTIONS
from status import rules
from status.tracing import REASONS, missing_reason
from status.wording import STATE_WORDS

__all__ = [
    "FUNCTIONS",
    "NONE",
    "REASONS",
    "dollars",
    "error_pct",
    "missing_reason",
    "ms",
    "pct",
    "rpm",
    "signed_pct",
    "spent",
    "usd",
    "whole",
    "window",
]

register = template.Library()

TIERS: Final[dict[str, str | Promise]] = {
    "A": _("Tier A: reachability, no tokens"),
    "B": _("Tier B: light inference, a short streamed answer"),
    "C": _("Tier C: performance, a long streamed answer"),
    "D": _("Tier D: known-answer items"),
}

for _write in (pct, error_pct, ms, rpm, signed_pct, usd, dollars, spent, whole, window):
    register.filter(_write)


@register.filter
def state_label(state: str) -> str | Promise:
    """The state's word; an unknown machine word reads as Unknown."""
    return STATE_WORDS.get(state, STATE_WORDS["unknown"])


@register.filter
def region_name(slug: str) -> str | Promise:
    """The region's translated name, or the slug of a region this program does not know."""
    region = BY_SLUG.get(slug)
    return region.name if region else slug


@register.filter
def tier_label(tier: str) -> str | Promise:
    """What the tier measures."""
    return TIERS.get(tier, tier)


@register.filter
def function_labels(functions: list[str]) -> str:
    """Function tags in the page's language, joined: "chat, code"."""
    return ", ".join(str(FUNCTIONS.get(name, name)) for name in functions)


@register.filter
def reason_text(reason: str) -> str | Promise:
    """The sentence for a machine word of BoardRow.reason; "" for a word without one."""
    return REASONS.get(reason, "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One column of the board. `note` names its line in the header's definition."""

    field: str
    label: str | Promise
    unit: str | Promise
    write: Callable[[float | None], str]


FIGURES: Final[dict[str, Figure]] = {
    "availability": Figure("availability_pct", _("Availability"), "%", pct),
    "p50": Figure("p50_ms", _("p50"), _("ms"), ms),
    "p95": Figure("p95_ms", _("p95"), _("ms"), ms),
    "ttft": Figure("ttft_p50_ms", _("TTFT"), _("ms"), ms),
    "error_rate": Figure("error_rate_pct", _("Errors"), "%", error_pct),
    "usage": Figure("usage_rpm", _("Usage"), _("/min"), rpm),
}


@register.inclusion_tag("_components/figure.html")
def figure(name: str, row: Any) -> dict[str, Any]:
    """One figure of a board row: number and unit, or "—" with its reason."""
    column = FIGURES[name]
    value = getattr(row, column.field)
    return {
        "name": name,
        "written": column.write(value),
        "unit": column.unit,
        "missing": missing_reason(name, row) if value is None else "",
    }


@register.simple_tag
def missing_figures(row: Any) -> list[tuple[str, str | Promise, str]]:
    """(name, label, reason) of every figure that `row` lacks, in column order."""
    return [
        (name, column.label, missing_reason(name, row))
        for name, column in FIGURES.items()
        if getattr(row, column.field) is None
    ]


#: The latency strip runs from 0.1 s to 10 s, one decade per half of its width.
STRIP_WIDTH: Final = 100


def strip_x(latency_ms: float) -> float:
    """Place on the strip, 0 to 100: 100 ms → 0, 1,000 ms → 50, 10,000 ms and more → 100."""
    decades = math.log10(min(max(latency_ms, 100.0), 10_000.0) / 100.0)
    return round(decades / 2 * STRIP_WIDTH, 1)


@register.inclusion_tag("_components/latency_strip.html")
def latency_strip(row: Any) -> dict[str, Any]:
    """p50 as a dot and p95 as a bar's end on a logarithmic scale; None where there is no p50."""
    p50 = None if row.p50_ms is None else strip_x(row.p50_ms)
    p95 = None if row.p95_ms is None else strip_x(row.p95_ms)
    span = None if p50 is None or p95 is None else round(p95 - p50, 1)
    return {"p50": p50, "p95": p95, "span": span, "state": row.state}


_HEIGHTS: Final = {"outage": 1.0, "degraded": 0.8, "operational": 0.6, "unknown": 0.4}


def _segments(counts: Any) -> Iterator[tuple[str, float, float, float, float]]:
    """(state, x, width, y, height): across in endpoints, down in shares of the bar.

    Worst first, so that trouble is always at the left edge; and tallest, so that greyscale tells it, too.
    """
    x = 0
    for state, height in _HEIGHTS.items():
        width = getattr(counts, state)
        if width:
            yield state, x, width, round(1 - height, 1), height
        x += width


@register.inclusion_tag("_components/state_bar.html")
def state_bar(counts: Any) -> dict[str, Any]:
    """All watched endpoints as one bar, parted by state."""
    return {"total": counts.total, "segments": list(_segments(counts))}


@register.filter
def iso(moment: datetime | None) -> str:
    """RFC 3339 in UTC, whole seconds; "" for None."""
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@register.simple_tag
def judgement() -> dict[str, int]:
    """The constants that states are judged by, for the text that explains them."""
    return {
        "p95_attempts": rules.P95_MIN_ATTEMPTS,
        "last": rules.LAST,
        "outage_failures": rules.OUTAGE_FAILURES,
        "degraded_failures": rules.DEGRADED_FAILURES,
        "good_in_a_row": rules.GOOD_IN_A_ROW,
    }
