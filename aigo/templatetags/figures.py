"""How figures are written on pages: rounding, units, and the reason where there is no figure.

Rounding never flatters: availability and latency are cut off, not rounded, so that 99.496 % does not read
as the 99.50 % that would earn a better colour, and 1499.7 ms does not read as 1,500 ms.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Any, Final

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aigo.lib.regions import BY_SLUG
from status import rules
from status.wording import STATE_WORDS

register = template.Library()

NONE: Final = "—"

#: Why a state is what it is: the machine words of BoardRow.reason as one sentence each.
REASONS: Final[dict[str, str | Promise]] = {
    "no_key": _("Not measured: no key is set for this provider."),
    "no_worker": _("No worker measures from here at the moment."),
    "no_samples": _("No attempt has been counted yet."),
    "too_few_samples": _("Failures were confirmed, but by too few attempts for an incident."),
    "stale": _("The last attempt is older than three intervals."),
    "budget": _("Today’s probe budget is used up."),
    "pop_offline": _("The measuring point itself was offline."),
    "confirmed_failures": _("Failures were confirmed by repeated attempts."),
    "availability": _("Availability is below the threshold."),
    "latency": _("The 95th percentile of latency is above the threshold."),
    "regional": _("Not every region answers within the thresholds."),
    "within_limits": _("Answers within the thresholds."),
}

TIERS: Final[dict[str, str | Promise]] = {
    "A": _("Tier A: reachability, no tokens"),
    "B": _("Tier B: light inference, a short streamed answer"),
    "C": _("Tier C: performance, a long streamed answer"),
    "D": _("Tier D: known-answer items"),
}

FUNCTIONS: Final[dict[str, str | Promise]] = {
    "chat": _("chat"),
    "code": _("code"),
    "vision": _("vision"),
    "audio": _("audio"),
    "embedding": _("embedding"),
    "image": _("image"),
}


def _localised(value: float, decimals: int) -> str:
    """A number in the page's language, cut off after `decimals` places, thousands grouped."""
    scale = 10**decimals
    cut = math.floor(value * scale + 1e-6) / scale
    return str(number_format(cut, decimals, use_l10n=True, force_grouping=True))


@register.filter
def pct(value: float | None) -> str:
    """A percentage without its sign: 100 → "100", 0 → "0", 99.496 → "99.49", -50 → "-50.00", None → "—"."""
    if value is None:
        return NONE
    if value == 0 or value >= 100:
        return "100" if value else "0"
    return _localised(value, 2)


@register.filter
def error_pct(value: float | None) -> str:
    """A failure rate without its sign: 0 → "0", 0.004 → "<0.01" (one failed), 4.651 → "4.66", 100 → "100"."""
    if value is None:
        return NONE
    if value in (0, 100):
        return f"{value:.0f}"
    if value < 0.01:
        return "<" + _localised(0.01, 2)
    return _localised(math.ceil(value * 100 - 1e-6) / 100, 2)


@register.filter
def ms(value: float | None) -> str:
    """Milliseconds, whole, cut off: 1499.7 → "1,499", None → "—"."""
    return NONE if value is None else _localised(value, 0)


@register.filter
def rpm(value: float | None) -> str:
    """Requests per minute: one decimal below 10, whole above."""
    if value is None:
        return NONE
    return _localised(value, 1 if value < 10 else 0)


@register.filter
def usd(value: Decimal | float | str | None) -> str:
    """US dollars without the sign: at least two decimals, more where the price has them (0.0375)."""
    if value is None or value == "":
        return NONE
    decimals = max(2, len(f"{float(value):.4f}".rstrip("0").partition(".")[2]))
    return str(number_format(value, decimals, use_l10n=True, force_grouping=True))


@register.filter
def spent(value: Decimal | None) -> str:
    """US dollars spent, never rounded down: 0 → "$0", 0.00004 → "<$0.0001", 0.12341 → "$0.1235"."""
    if value is None:
        return NONE
    if 0 < value < Decimal("0.0001"):
        return "<$" + _localised(0.0001, 4)
    decimals = 0 if value == 0 else 4 if value < 10 else 2
    cut = value.quantize(Decimal(10) ** -decimals, ROUND_UP)
    return "$" + str(number_format(cut, decimals, use_l10n=True, force_grouping=True))


@register.filter
def whole(value: int | str | None) -> str:
    """A count with grouped thousands; None → "—"."""
    return NONE if value is None or value == "" else _localised(float(value), 0)


@register.filter
def window(seconds: float | None) -> str:
    """A span in the largest unit that fits: 300 → "5 minutes", 90 → "90 seconds", 24 hours, two days."""
    if not seconds:
        return NONE
    seconds = int(seconds)
    if seconds > 86_400 and seconds % 86_400 == 0:
        return ngettext("%(count)d day", "%(count)d days", seconds // 86_400) % {"count": seconds // 86_400}
    if seconds % 3600 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", seconds // 3600) % {"count": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("%(count)d minute", "%(count)d minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}


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


def missing_reason(name: str, row: Any) -> str:
    """Why `row` has no figure `name`, as one sentence."""
    if name == "usage":
        if row.usage_silent:
            names = ", ".join(row.usage_silent)
            return str(_("Not told within three minutes by %(names)s.") % {"names": names})
        return str(_("Closed APIs publish no request rate; our own probes are not traffic."))
    if not row.measured or not row.samples:
        return str(REASONS.get(row.reason) or REASONS["no_samples"])
    if name == "p95" and row.samples < rules.P95_MIN_ATTEMPTS:
        return str(
            _("Needs %(needed)d attempts, has %(has)d.")
            % {"needed": rules.P95_MIN_ATTEMPTS, "has": row.samples}
        )
    if name == "ttft" and row.tier == "A":
        return str(_("Reachability probes receive no tokens."))
    if name == "ttft" and row.p50_ms is not None:
        return str(_("This endpoint answers in one piece, without a stream."))
    if name in ("p50", "p95", "ttft"):
        return str(_("No attempt in this window ended well."))
    return str(REASONS["no_samples"])


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
