"""How the public page of operations writes places, and draws the days that a region lost."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aigo.gaps import GapDay
from aigo.lib.provenance import Provenance
from aigo.observing import DAYS, GapLine, Place
from aigo.templatetags.figures import ms, region_name, spent, whole
from aigo.templatetags.incidents import span
from aigo.templatetags.provenance import traced
from aigo.templatetags.uptime import HEIGHT, SHAPES, STEP, WIDTH
from probes.models import Gap
from probes.selectors import FIVE_MINUTES

register = template.Library()

#: A day that lost less than this is drawn as a lesser loss.
SMALL_LOSS_S: Final = 3_600

PLACE_STATES: Final[dict[str, str | Promise]] = {
    "operational": gettext_lazy("Reports"),
    "degraded": gettext_lazy("Its own network is offline"),
    "outage": gettext_lazy("Silent"),
}


@register.filter
def place_state(state: str) -> str | Promise:
    """The word for `Place.state`."""
    return PLACE_STATES[state]


@register.filter
def gap_reason(reason: str) -> str | Promise:
    """Why a region did not measure."""
    return Gap.Reason(reason).label


@register.filter
def lost(seconds: int) -> str:
    """Time that was lost: "none", or as a span."""
    return span(seconds) if seconds else _("none")


@register.inclusion_tag("_components/uptime_strip.html")
def gap_strip(place: Place) -> dict[str, Any]:
    """Ninety days of a region as bars, oldest first: what it lost of each, in shape as well as in colour."""
    bars = []
    for n, day in enumerate(place.days):
        state = _state_of(day)
        bars.append((n * STEP, *SHAPES[state], state, _day_text(day)))
    return {
        "strip": {"name": region_name(place.region)},
        "width": len(bars) * STEP - (STEP - WIDTH),
        "height": HEIGHT,
        "bar_width": WIDTH,
        "bars": bars,
        "text": _strip_text(place),
    }


def _state_of(day: GapDay) -> str:
    if day.lost_s is None:
        return "unknown"
    if not day.lost_s:
        return "operational"
    return "degraded" if day.lost_s < SMALL_LOSS_S else "outage"


def _day_text(day: GapDay) -> str:
    if day.lost_s is None:
        return _("%(day)s: nothing was measured yet") % {"day": f"{day.date:%Y-%m-%d}"}
    if not day.lost_s:
        return _("%(day)s: no gap") % {"day": f"{day.date:%Y-%m-%d}"}
    return _("%(day)s: %(lost)s not measured") % {"day": f"{day.date:%Y-%m-%d}", "lost": span(day.lost_s)}


def _strip_text(place: Place) -> str:
    broken = sum(bool(day.lost_s) for day in place.days)
    if not broken:
        return _("No gap in these days.")
    text = ngettext(
        "%(lost)s not measured, on %(days)d day.", "%(lost)s not measured, on %(days)d days.", broken
    )
    return text % {"lost": span(place.lost_s), "days": broken}


@register.inclusion_tag("_components/traced.html", takes_context=True)
def place_figure(context: Context, place: Place, name: str, at: datetime) -> dict[str, Any]:
    """What a region measures ("endpoints"), starts late by ("late") or lost ("lost"), as of `at`."""
    counted = Provenance("counted", region=place.region, last_at=at, simulated=not place.real)
    if name == "endpoints":
        note = gettext_lazy("Endpoints that it asks now, each on its own.")
        about = replace(counted, note=note, rule="probes")
        return traced(context, whole(place.endpoints), "", about, label=_("Endpoints"), key=place.region)
    if name == "lost":
        note = gettext_lazy("The gaps of this region, added up.")
        about = replace(counted, window_s=DAYS * 86_400, note=note, rule="offline")
        return traced(context, lost(place.lost_s), "", about, label=_("Not measured"), key=place.region)
    about = Provenance(
        "measured",
        samples=place.attempts,
        window_s=int(FIVE_MINUTES.total_seconds()),
        region=place.region,
        last_at=place.newest_at,
        simulated=not place.real,
        note=gettext_lazy(
            "Mean time between the moment a probe was due and its start. It is ours, and no part of latency."
        ),
        rule="probes",
    )
    missing = _("No attempt in the last five minutes.") if place.late_ms is None else ""
    label = _("Started late by")
    return traced(context, ms(place.late_ms), "ms", about, label=label, key=place.region, missing=missing)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def due_figure(context: Context, gap: GapLine) -> dict[str, Any]:
    """Due moments that fell into a gap; "—" where results were left out instead."""
    note = gettext_lazy("Moments that were due in the gap and passed without an attempt.")
    about = Provenance("counted", note=note, rule="offline")
    missing = _("Results were left out, none was missed.") if gap.probes is None else ""
    key = f"{gap.started_at} {','.join(gap.regions)}"
    written = None if gap.probes is None else whole(gap.probes)
    return traced(context, written, "", about, label=_("Due moments"), key=key, missing=missing)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def money_figure(
    context: Context,
    usd: Decimal | None,
    label: object,
    *,
    key: str,
    simulated: bool,
    samples: int | None = None,
    planned: bool = False,
) -> dict[str, Any]:
    """US dollars that probes cost, or are `planned` to; None = no price is known. `samples`: attempts."""
    spending = gettext_lazy(
        "What the provider says it charged, else tokens as reported × the price of that day."
    )
    planning = gettext_lazy(
        "From the mean cost of each target’s last probes, else from its price, at the present cadence."
    )
    note = planning if planned else spending
    about = Provenance("computed", samples=samples, simulated=simulated, note=note, rule="cost")
    missing = _("no price is known") if usd is None else ""
    return traced(context, spent(usd), "", about, label=label, key=key, missing=missing)
