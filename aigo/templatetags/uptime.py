"""Days as a strip: place and shape of each bar, and what a day says in words."""

from collections.abc import Iterable
from typing import Any, Final

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aigo.templatetags.figures import NONE, pct, whole
from status.uptime import Strip, UptimeDay
from status.wording import SEVERITY_WORDS, STATE_WORDS

register = template.Library()

#: A bar's step and width, and the strip's height, in units of the drawing.
STEP: Final = 5
WIDTH: Final = 4
HEIGHT: Final = 32
#: State → (top, height): what went wrong differs in shape as well as in colour.
SHAPES: Final = {"operational": (4, 24), "degraded": (4, 28), "outage": (0, 32), "unknown": (25, 3)}


@register.inclusion_tag("_components/uptime_strip.html")
def uptime_strip(strip: Strip) -> dict[str, Any]:
    """All days of a strip as bars, oldest first, with a sentence that says the same as a whole."""
    days = strip.days
    return {
        "strip": strip,
        "width": len(days) * STEP - (STEP - WIDTH),
        "height": HEIGHT,
        "bar_width": WIDTH,
        "bars": [
            (n * STEP, *SHAPES[day.state.value], day.state.value, day_text(day)) for n, day in enumerate(days)
        ],
        "text": strip_text(strip),
    }


@register.filter
def strip_text(strip: Strip) -> str:
    """What the bars show, as one sentence for those who do not see them."""
    counted, troubled = len(strip.days), len(strip.troubled_days)
    if not strip.attempts:
        return ngettext("%(days)d day, never measured.", "%(days)d days, never measured.", counted) % {
            "days": counted
        }
    return _("%(days)d days: %(pct)s %% available, trouble on %(troubled)d, not measured on %(silent)d.") % {
        "days": counted,
        "pct": pct(strip.availability_pct),
        "troubled": troubled,
        "silent": counted - strip.measured_days,
    }


@register.filter
def day_text(day: UptimeDay) -> str:
    """ "2026-11-21: Degraded, 99.31 % of 8,640 attempts, worst incident: Minor"."""
    parts = [str(STATE_WORDS[day.state.value]), day_figure(day)]
    if day.worst:
        parts.append(_("worst incident: %(severity)s") % {"severity": SEVERITY_WORDS[day.worst]})
    if day.maintenance:
        parts.append(_("without planned maintenance"))
    return f"{day.date:%Y-%m-%d}: {', '.join(parts)}"


@register.filter
def day_figure(day: UptimeDay) -> str:
    """ "99.31 % of 8,640 attempts"; "—" for a day without any that counts."""
    if not day.attempts:
        return NONE
    return ngettext(
        "%(pct)s %% of %(attempts)s attempt", "%(pct)s %% of %(attempts)s attempts", day.attempts
    ) % {"pct": pct(day.availability_pct), "attempts": whole(day.attempts)}


@register.filter
def under(groups: dict[str, list[Strip]], slug: str) -> list[Strip]:
    """A provider's endpoints."""
    return groups.get(slug, [])


@register.filter
def never_measured(strips: Iterable[Strip]) -> list[Strip]:
    """Those without an attempt that counts."""
    return [strip for strip in strips if not strip.attempts]
