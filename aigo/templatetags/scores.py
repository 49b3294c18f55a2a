"""Scores on pages: the headline, rows of the matrix, marks of evidence, spans and bars."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from aigo.lib.provenance import Provenance
from aigo.templatetags.figures import NONE, whole
from aigo.templatetags.provenance import traced
from benchmarks.composites import Mix
from benchmarks.facts import ScoreFacts, SuiteFacts
from benchmarks.filtering import ORDERS, BenchmarkWish
from benchmarks.looking import SuiteCard
from benchmarks.matrix import Cell, Column, Matrix, Row
from benchmarks.overview import Share, Span
from benchmarks.store import Counts
from benchmarks.wording import EVIDENCE_RULES, LIFECYCLE_RULES

register = template.Library()
#: Where a name of several words written as one may be broken.
_WORD_ENDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@register.simple_tag(takes_context=True)
def scores_headline(context: Context, counts: Counts, at: datetime) -> SafeString:
    """ "1,362 published scores of 131 models on 26 suites", each figure with where it is from."""
    about = replace(counts.provenance, last_at=at)
    pieces = {
        "scores": (counts.scores, ngettext("%s published score", "%s published scores", counts.scores)),
        "models": (counts.models, ngettext("%s model", "%s models", counts.models)),
        "suites": (counts.suites, ngettext("%s suite", "%s suites", counts.suites)),
        "sources": (counts.sources, ngettext("%s source", "%s sources", counts.sources)),
    }
    written = {
        name: format_html(
            text.replace("%s", "{}"),
            _traced(context, whole(number), about, text.replace("%s", "").strip(), name),
        )
        for name, (number, text) in pieces.items()
    }
    sentence = _("{scores} of {models} on {suites}, from {sources}")
    return format_html(sentence, **written)


def _traced(
    context: Context, written: str, about: Provenance, label: str, key: str, unit: str = ""
) -> SafeString:
    about_it = traced(context, written, unit, about, label=label, key=key)
    html = render_to_string("_components/traced.html", about_it).strip()
    # Without the files' last line breaks: in Korean the counter word follows without a space.
    return SafeString(html.removesuffix("</span>").rstrip() + "</span>")


@register.simple_tag
def matrix_rows(matrix: Matrix, first: int, last: int) -> SafeString:
    """Rows `first` to `last` (from 0, without the last) as `<tr>`s. Thousands of cells: no template each."""
    writer = _Writer(matrix)
    found = "".join(writer.row(row) for row in matrix.rows[first:last])
    return mark_safe(found)  # noqa: S308 (every value is escaped in _Writer)


class _Writer:
    """Writes rows with what is the same in all of them said once. Every value passes `_escaped`."""

    def __init__(self, matrix: Matrix) -> None:
        self._composite = matrix.policy.mix is not None
        ranks = Counter(row.rank for row in matrix.rows)
        self._tied = {rank for rank, count in ranks.items() if count > 1}
        self._base = reverse("benchmarks")
        self._gaps = {
            "none": _escaped(_("No published value.")),
            "filtered": _escaped(_("Values of the chosen evidence only: there are others.")),
        }
        self._open = _escaped(pgettext("weights", "open"))
        self._conflict = _escaped(_("sources contradict each other"))
        self._fits = {
            "other": _escaped(_("another setting")),
            "unstated": _escaped(_("setting not stated")),
        }

    def row(self, row: Row) -> str:
        model = row.model
        url = _escaped(reverse("model", args=[model.slug]))
        rank = self._rank(row)
        opened = f"<b>{self._open}</b>" if model.open_weights else ""
        head = (
            '<th role="rowheader" scope="row" class="matrix__first">'
            f'<span class="matrix__rank">{rank}</span><span>'
            f'<a class="matrix__model" href="{url}" translate="no" data-slide-over>{_escaped(model.name)}</a>'
            f'<span class="matrix__by" data-rank="{rank}">{_escaped(model.creator_name)}{opened}</span>'
            "</span></th>"
        )
        cells = "".join(
            self._cell(cell, gap, model.slug) for cell, gap in zip(row.cells, row.gaps, strict=True)
        )
        return f'<tr role="row" data-slug="{_escaped(model.slug)}">{head}{self._lead(row)}{cells}</tr>'

    def _rank(self, row: Row) -> str:
        if row.rank is None:
            return NONE
        mark = "≈" if row.unsure else "=" if row.rank in self._tied else ""
        return f"{mark}{row.rank}"

    def _lead(self, row: Row) -> str:
        if not self._composite or row.composite is None:
            return ""
        used = f"{row.composite.used}/{row.composite.of}"
        return f'<td role="cell" class="matrix__lead">{row.composite_written}<small>{used}</small></td>'

    def _cell(self, cell: Cell | None, gap: str, model: str) -> str:
        if cell is None:
            return f'<td role="cell" class="none" title="{self._gaps[gap]}">{NONE}</td>'
        heat = "" if cell.heat is None else f' class="heat-{cell.heat}"'
        fit = _fit(cell)
        setting = f' data-setting="{fit}"' if fit in self._fits else ""
        conflict = " data-conflict" if cell.conflict else ""
        beside = self._beside(cell)
        # Only what is underlined needs an element of its own: twenty thousand cells have one each less.
        shown = f"<span>{cell.shown}</span>" if fit == "other" else cell.shown
        return (
            f'<td role="cell"{heat}><a href="{self._base}{cell.suite.slug}/{model}/"'
            f' aria-label="{self._label(cell)}" data-evidence="{cell.evidence}"{setting}{conflict}'
            " data-about data-slide-over>"
            f"{shown}{beside}</a></td>"
        )

    def _beside(self, cell: Cell) -> str:
        """What stands below the value: the published one where another is shown, and its interval."""
        written = [] if cell.normalised is None else [cell.written]
        interval = [] if cell.uncertainty is None else [f"±{short(cell.suite, cell.uncertainty)}"]
        said = " ".join([*written, *interval])
        return f" <small>{said}</small>" if said else ""

    def _label(self, cell: Cell) -> str:
        """What the marks say, for those who do not see them."""
        values = cell.shown if cell.normalised is None else f"{cell.shown} {cell.written}"
        if cell.uncertainty is not None:
            values += f" ±{short(cell.suite, cell.uncertainty)}"
        fit = [self._fits[_fit(cell)]] if _fit(cell) in self._fits else []
        conflict = [self._conflict] if cell.conflict else []
        return ", ".join([values, _escaped(cell.evidence_label), *fit, *conflict])


def _fit(cell: Cell) -> str:
    """How its setting stands to the suite's; what nobody states is no other one."""
    return cell.fit if cell.setting.stated else "unstated"


def _escaped(text: object) -> str:
    return str(escape(str(text)))


@register.simple_tag
def sorted_as(wish: BenchmarkWish, name: str) -> SafeString:
    """`aria-sort` of a column's head; "" where the rows are sorted by another one."""
    if wish.sort != name:
        return SafeString("")
    # The order of a wish is "the best first" or the other way round; a name's best is a.
    way = ("descending", "ascending") if name != "name" else ("ascending", "descending")
    return format_html(' aria-sort="{}"', way[wish.order == ORDERS[1]])


@register.simple_tag
def order_of(orders: Mapping[str, str], name: str) -> str:
    """Where the head of a column leads."""
    return orders.get(name, "")


@register.simple_tag
def suite_hint(column: Column, norm: str) -> str:
    """What 0 and 100 stand for in a column, "25–93.3", or the unit of what is published."""
    scale, suite = column.scale, column.suite
    if norm == "raw" or scale.zero is None or scale.top is None:
        return str(suite.unit_mark or suite.unit_label)
    return f"{short(suite, scale.zero)}–{short(suite, scale.top)}"


def short(suite: SuiteFacts, value: float) -> str:
    """A value without zeros that say nothing: 25.0 → "25"."""
    written = suite.written(value)
    return written.rstrip("0").rstrip(".") if "." in written else written


@register.filter
def breakable(name: str) -> SafeString:
    """A name that may be broken between its words: Live·Code·Bench."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in _WORD_ENDS.split(name)))


@register.simple_tag
def mix_words(mix: Mix, names: Mapping[str, str]) -> str:
    """The weights of a composite and from how many of them on it stands."""
    weights = ", ".join(f"{names.get(slug, slug)} {share:.0f} %" for slug, share in mix.shares)
    least = _("At least %(share)s %% of the weights must be known, else “—”.") % {
        "share": f"{100 * mix.recipe.least_coverage:.0f}"
    }
    return f"{weights}. {least}"


@register.simple_tag
def life(suite: SuiteFacts) -> SafeString:
    """A mark for a suite that is not simply in use."""
    if suite.lifecycle == "active":
        return SafeString("")
    rule = LIFECYCLE_RULES[suite.lifecycle]
    return format_html(
        '<span class="life" data-life="{}" title="{}">{}</span>', suite.lifecycle, rule, suite.lifecycle_label
    )


@register.simple_tag
def suite_range(card: SuiteCard) -> str:
    """The least and the greatest published value: "25.3–92.4 %"."""
    suite = card.suite
    return f"{suite.written(card.low)}–{suite.written(card.high)} {suite.unit_mark}".strip()


@register.simple_tag
def suite_span(span: Span) -> SafeString:
    """The range on the suite's scale, with guessing and the best value; the numbers stand beside it."""
    guess = (
        format_html('<line class="span__guess" x1="{0}%" x2="{0}%" y1="0" y2="12"/>', span.guess)
        if span.guess is not None
        else ""
    )
    return format_html(
        '<svg class="span" height="12" aria-hidden="true" focusable="false">'
        '<line class="span__scale" x1="0" x2="100%" y1="6" y2="6"/>{}'
        '<line class="span__range" x1="{}%" x2="{}%" y1="6" y2="6"/>'
        '<circle class="span__best" cx="{}%" cy="6" r="4"/></svg>',
        guess,
        span.left,
        span.right,
        span.best,
    )


@register.simple_tag(takes_context=True)
def score_figure(context: Context, suite: SuiteFacts, score: ScoreFacts, model: str) -> SafeString:
    """A published value with its source."""
    return _traced(
        context, suite.written(score.value), score.provenance, model, str(score.pk), suite.unit_mark
    )


@register.simple_tag(takes_context=True)
def evidence_count(context: Context, share: Share, at: datetime) -> SafeString:
    """How many figures are of a class of evidence."""
    about = Provenance("counted", samples=share.count, last_at=at, note=EVIDENCE_RULES[share.name])
    return _traced(context, whole(share.count), about, str(share.label), share.name)
