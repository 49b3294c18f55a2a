"""How the public page of operations writes places, and draws the days that a region lost."""

from typing import Any, Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aigo.gaps import GapDay
from aigo.observing import Place
from aigo.templatetags.figures import region_name
from aigo.templatetags.incidents import span
from aigo.templatetags.uptime import HEIGHT, SHAPES, STEP, WIDTH
from probes.models import Gap

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
