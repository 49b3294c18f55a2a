"""Charts of scores: which models stand side by side, the progress of a suite, and files to keep."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from benchmarks.charting import MOST_MODELS, Bar, Comparison, RadarDrawing, comparison_of
from benchmarks.charting_progress import Dot, ProgressDrawing
from benchmarks.filtering import BenchmarkWish
from benchmarks.looking import Progress
from benchmarks.matrix import Matrix, Row
from benchmarks.toolbar import MOST_ASKED, Addresses

register = template.Library()
#: Where nobody has chosen models, so many from the top of the table.
FROM_TOP: Final = 3
#: Names that are offered where one is added.
MOST_OFFERED: Final = 300


@dataclass(frozen=True)
class Beside:
    """Models side by side on a page. `chosen`: somebody chose them; `unknown`: what was asked for and has no
    row; `without`: slug → address of the page without it.
    """

    comparison: Comparison
    chosen: bool
    unknown: tuple[str, ...]
    without: dict[str, str]
    offered: tuple[Row, ...]

    @property
    def full(self) -> bool:
        return len(self.comparison.series) >= MOST_MODELS


@register.simple_tag
def models_beside(matrix: Matrix, request: HttpRequest | None) -> Beside:
    """Those that `chart` names in the address (slugs or names, several), else the first of the table."""
    given = request.GET.getlist("chart")[:MOST_ASKED] if request else []
    asked = [text.strip() for text in given if text.strip()]
    named = {row.model.name.casefold(): row.model.slug for row in reversed(matrix.rows)}
    named |= {row.model.slug: row.model.slug for row in matrix.rows}
    found = [named[text.casefold()] for text in asked if text.casefold() in named]
    comparison = comparison_of(matrix, found or [row.model.slug for row in matrix.rows[:FROM_TOP]])
    slugs = [one.model.slug for one in comparison.series]
    return Beside(
        comparison=comparison,
        chosen=bool(found),
        unknown=tuple(text[:80] for text in asked if text.casefold() not in named),
        without={
            slug: Addresses(tuple(one for one in slugs if one != slug))(matrix.wish) + "#charts"
            for slug in slugs
        },
        offered=tuple(row for row in matrix.rows if row.model.slug not in slugs)[:MOST_OFFERED],
    )


@register.simple_tag
def series_mark(number: int) -> SafeString:
    """The shape of a series, as the radar has it."""
    return format_html(
        '<svg class="series-mark" data-series="{0}" viewBox="-7 -7 14 14" width="14" height="14" '
        'aria-hidden="true" focusable="false"><use href="#series-{0}"/></svg>',
        number,
    )


@register.filter
def radar_sentence(radar: RadarDrawing) -> str:
    """What the radar shows, for those who do not see it; the bars have the figures."""
    names = ", ".join(outline.series.model.name for outline in radar.outlines)
    axes = ", ".join(axis.column.suite.name for axis in radar.axes)
    return _("Radar of %(models)s over %(suites)s.") % {"models": names, "suites": axes}


@register.filter
def bar_title(bar: Bar) -> str:
    """Who says so and in which setting."""
    if bar.cell is None:
        return _("No published value.")
    setting = bar.cell.setting.label or _("not stated")
    return _("%(evidence)s; setting: %(setting)s") % {"evidence": bar.cell.evidence_label, "setting": setting}


@register.simple_tag
def progress_drawing(progress: Progress) -> ProgressDrawing | None:
    """None: fewer than two models have a release date."""
    return ProgressDrawing(progress) if len({point.released_on for point in progress.points}) > 1 else None


@register.filter
def progress_sentence(drawing: ProgressDrawing) -> str:
    """ "From 43.9 (GPT-3, 2020-05-28) to 93.3 (o3, 2025-04-16) in 9 steps."."""
    first, last = drawing.progress.records[0], drawing.progress.records[-1]
    written = drawing.suite.written
    return _("From %(first)s (%(who)s, %(since)s) to %(last)s (%(whose)s, %(until)s).") % {
        "first": written(first.score.value),
        "who": first.model.name,
        "since": first.model.released,
        "last": written(last.score.value),
        "whose": last.model.name,
        "until": last.model.released,
    }


@register.filter
def dot_words(dot: Dot, drawing: ProgressDrawing) -> str:
    """ "93.3 % · 2025-04-16 · independent evaluation"."""
    score = dot.record.score
    value = f"{drawing.suite.written(score.value)} {drawing.suite.unit_mark}".strip()
    return f"{value} · {dot.record.model.released} · {score.evidence_label}"


@register.simple_tag
def export_address(wish: BenchmarkWish, form: str, **more: str) -> str:
    """A file of the same table; what is drawn is in the language of the page."""
    drawn = {"lang": get_language() or "en"} if form in ("pdf", "png") else {}
    query = urlencode([*wish.pairs, *drawn.items(), *more.items()], safe=",")
    address = reverse("benchmarks-export", args=[form])
    return f"{address}?{query}" if query else address
