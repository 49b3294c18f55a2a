"""Charts of histories: the drawing, and what its parts say in words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import template
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from aigo.charting import Drawing
from aigo.charting_counts import CountsDrawing
from aigo.charting_parts import Stretch
from aigo.lib.scales import Scale
from aigo.templatetags.figures import ms, pct, whole
from probes.models import Gap
from status.history import History, Point
from status.marks import IncidentMark
from status.trend import Trend

register = template.Library()

WINDOWS: Final[dict[str, str | Promise]] = {
    "15m": gettext_lazy("Last 15 minutes"),
    "24h": gettext_lazy("Last 24 hours"),
    "7d": gettext_lazy("Last 7 days"),
    "30d": gettext_lazy("Last 30 days"),
    "90d": gettext_lazy("Last 90 days"),
}
DAY: Final = timedelta(days=1)


@register.simple_tag
def history_drawing(history: History) -> Drawing:
    """What the template draws."""
    return Drawing(history)


@register.simple_tag
def counts_drawing(trend: Trend) -> CountsDrawing:
    """What the template draws."""
    return CountsDrawing(trend)


@register.filter
def counts_sentence(drawing: CountsDrawing) -> str:
    """ "Now 20 operational, 2 degraded, 1 in outage; at most 3 were in outage."; why there is none."""
    newest = drawing.newest
    if newest is None or newest.counts is None:
        return _("Nobody counted in this time.")
    counts = newest.counts
    return _(
        "Last: %(operational)s operational, %(degraded)s degraded, %(outage)s in outage, "
        "%(unknown)s unknown, %(not_measured)s of them not measured. At most %(most)s were in outage at once."
    ) % {
        "operational": whole(counts.operational),
        "degraded": whole(counts.degraded),
        "outage": whole(counts.outage),
        "unknown": whole(counts.unknown),
        "not_measured": whole(counts.not_measured),
        "most": whole(drawing.most_outage),
    }


@register.filter
def moment_on_axis(at: datetime, width_s: int) -> str:
    """ "Nov 21, 03:20", the beginning of a stretch, UTC; a whole day is its date."""
    return day(at) if width_s >= DAY.total_seconds() else f"{day(at)}, {clock(at)}"


@register.simple_tag
def tick_y(scale: Scale, value: float) -> str:
    """Where a value stands, in pixels from the top; on the pixel grid, so that hairlines are sharp."""
    return f"{scale.y(value):.1f}".removesuffix(".0")


@register.filter
def failed(point: Point) -> int:
    """Attempts that are charged to the provider."""
    return point.attempts - point.ok


@register.filter
def window_title(window: str) -> str | Promise:
    """ "24h" → "Last 24 hours"."""
    return WINDOWS.get(window, window)


@register.filter
def tick(value: float) -> str:
    """A number on an axis, without needless zeros: 97.5 → "97.5", 1500.0 → "1,500"."""
    decimals = len(f"{value:.2f}".rstrip("0").partition(".")[2])
    return str(number_format(value, decimals, use_l10n=True, force_grouping=True))


@register.filter
def time_tick(at: datetime, drawing: Drawing | CountsDrawing) -> str:
    """Below the lanes: a time within a day, else a date; UTC."""
    return clock(at) if drawing.within_a_day else day(at)


@register.filter
def clock(at: datetime) -> str:
    """ "03:20", UTC."""
    return f"{at.astimezone(UTC):%H:%M}"


@register.filter
def day(at: datetime) -> str:
    """ "Nov 21", UTC."""
    return date_format(at.astimezone(UTC), pgettext("a day on an axis", "M j"))


@register.filter
def point_time(point: Point) -> str:
    """ "Nov 21, 03:20", the beginning of a point, UTC; a whole day is its date."""
    return moment_on_axis(point.at, point.width_s)


@register.filter
def history_sentence(history: History) -> str:
    """ "99.94 % of 8,640 attempts were answered rightly. 95 in 100 of them …"; why there is none."""
    total = history.total
    if not total.attempts:
        return _("No attempt counted in this time.")
    answered = ngettext(
        "%(pct)s %% of %(attempts)s attempt was answered rightly",
        "%(pct)s %% of %(attempts)s attempts were answered rightly",
        total.attempts,
    ) % {"pct": pct(total.availability_pct), "attempts": whole(total.attempts)}
    if total.p95_ms is None:
        return answered + "."
    return _("%(answered)s. 95 in 100 of them took at most %(p95)s ms.") % {
        "answered": answered,
        "p95": ms(total.p95_ms),
    }


@register.filter
def gap_text(gap: Stretch, drawing: Drawing) -> str:
    """ "Nov 21, 03:20 – 05:00: not measured, no worker of the region answered"."""
    points = gap.what
    until = points[-1].at + timedelta(seconds=points[-1].width_s)
    why = gap_reasons(drawing.history, points)
    return f"{span_text(points[0].at, until)}: {why}"


@register.simple_tag
def point_note(history: History, point: Point) -> str:
    """What a row of the table remarks: why nothing counted, and the incidents of the time."""
    notes = [] if point.attempts else [gap_reasons(history, [point])]
    until = point.at + timedelta(seconds=point.width_s)
    notes += [title_of(mark) for mark in history.incidents if _overlaps(mark, point.at, until)]
    return "; ".join(notes)


@register.filter
def span_text(since: datetime, until: datetime | None) -> str:
    """ "Nov 21, 03:20 – 05:00 UTC", "Nov 21, 22:00 – Nov 22, 01:00 UTC"; with no end: it goes on."""
    begin = f"{day(since)}, {clock(since)}"
    if until is None:
        return _("since %(moment)s") % {"moment": f"{begin} UTC"}
    same = since.astimezone(UTC).date() == until.astimezone(UTC).date()
    return f"{begin} – {clock(until) if same else f'{day(until)}, {clock(until)}'} UTC"


@register.filter
def title_of(mark: IncidentMark) -> str:
    """In the page's language."""
    return mark.title.told(get_language() or "en")


def gap_reasons(history: History, points: Sequence[Point]) -> str:
    """Why no attempt counted in these points that stand together, as far as is known."""
    until = points[-1].at + timedelta(seconds=points[-1].width_s)
    told = {gap.reason for gap in history.gaps if _overlaps(gap, points[0].at, until)}
    found = [str(label) for reason, label in Gap.Reason.choices if reason in told]
    ours = sorted({name for point in points for name in point.uncounted})
    if ours:
        found.append(_("attempts that do not count: %(outcomes)s") % {"outcomes": ", ".join(ours)})
    return _("not measured") + (f" ({'; '.join(found)})" if found else "")


def _overlaps(span: Any, since: datetime, until: datetime) -> bool:
    return span.started_at < until and (span.ended_at is None or span.ended_at > since)
