"""The table of a comparison: its rows, what a section holds, and what stands in sight."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aigo.templatetags.figures import NONE, whole
from compare.lines import Line
from compare.table import Cell, Comparison, Group, Row
from compare.telling import UNIT_BEHIND
from compare.today import Today

register = template.Library()

#: In the pinned head already.
HEADED: Final = ("state",)


@register.simple_tag
def pinned_rows(comparison: Comparison) -> list[Row]:
    """The rows that stay in sight below the models' names."""
    return [row for row in comparison.pinned if row.line.key not in HEADED]


@register.simple_tag
def section_words(group: Group) -> str:
    """How many rows a section has, and how many of them tell the columns apart."""
    rows, differing = len(group.rows), len(group.differing)
    of_all = ngettext("%(rows)s row", "%(rows)s rows", rows) % {"rows": whole(rows)}
    if len(group.rows) and len(group.rows[0].cells) < 2:
        return of_all
    told = ngettext("%(count)s differs", "%(count)s differ", differing) % {"count": whole(differing)}
    return f"{of_all} · {told}"


@register.simple_tag
def compared_rows(
    rows: Iterable[Row], comparison: Comparison, about: str, part: str, today: Today | None = None
) -> SafeString:
    """Rows as `<tr>`s. Hundreds of cells: no template each. `about`: see `compare.views.about_address`;
    `part`: tells a row from itself elsewhere in the page; `today`: figures that read otherwise by now.
    """
    writer = _Writer(comparison, about, part, today or {})
    found = "".join(writer.row(row) for row in rows)
    return mark_safe(found)  # noqa: S308 (every value is escaped in _Writer)


class _Writer:
    """Writes rows with what is the same in all of them said once. Every value passes `_escaped`."""

    def __init__(self, comparison: Comparison, about: str, part: str, today: Today) -> None:
        self._part = _escaped(part)
        self._about, self._today = about, today
        self._slugs = [column.slug for column in comparison.columns]
        self._several = len(comparison.columns) > 1
        best, apart = _escaped(_("best")), _escaped(_("not comparable with the others"))
        unknown, same = _escaped(_("not known")), _escaped(_("the same in all"))
        self._best = f'<span class="best">{_icon("best")}<span>{best}</span></span>'
        self._apart = f'<span class="versus__apart" aria-hidden="true">†</span>{_unseen(apart)}'
        self._missing = f'<span aria-hidden="true">{NONE}</span>{_unseen(unknown)}'
        self._same = _unseen(f", {same}")
        self._today_is = _("today: %(value)s")
        self._better = {"higher": _("Higher is better."), "lower": _("Lower is better."), "": ""}

    def row(self, row: Row) -> str:
        line = row.line
        differs = self._several and row.differs
        mark = "data-differs" if differs else "data-same" if self._several else ""
        cells = "".join(
            self._cell(line, cell, place, best=best and differs, apart=apart)
            for place, (cell, best, apart) in enumerate(row.marked)
        )
        return (
            f'<tr role="row" class="versus__row" id="{self._id(line)}" data-kind="{_escaped(line.kind)}" '
            f"{mark}>"
            f"{self._head(line, same=self._several and not differs)}{cells}</tr>"
        )

    def _id(self, line: Line) -> str:
        return f"{self._part}-{_escaped(line.key.replace(':', '-'))}"

    def _head(self, line: Line, *, same: bool) -> str:
        unit = "" if line.kind in UNIT_BEHIND or not line.unit else f" <small>{_escaped(line.unit)}</small>"
        about = " ".join(str(text) for text in (line.definition, self._better[line.better]) if text)
        return (
            '<th role="rowheader" scope="row" class="versus__line"><span class="traced" data-traced>'
            f'<button class="traced__figure" type="button" popovertarget="about-{self._id(line)}" '
            f'popovertargetaction="show">{_escaped(line.label)}</button>'
            f'<span class="provenance" id="about-{self._id(line)}" popover data-provenance role="note">'
            f'<span class="provenance__title">{_escaped(line.label)}</span>'
            f'<span class="provenance__reason">{_escaped(about)}</span></span></span>'
            f"{unit}{self._same if same else ''}</th>"
        )

    def _cell(self, line: Line, cell: Cell, place: int, *, best: bool, apart: bool) -> str:
        marks = f"{' data-best' if best else ''}{' data-apart' if apart else ''}"
        address = _escaped(self._about.format(place=place, line=line.key))
        if not cell.known:
            figure = f'<a class="cell" href="{address}" data-about data-missing>{self._missing}</a>'
        elif any(item["href"] for item in cell.items):
            figure = self._items(cell) + _why(address)
        else:
            figure = self._figure(line, cell, address)
        tail = f"{self._apart if apart else ''}{self._best if best else ''}{self._now(line, place)}"
        return f'<td role="cell"{marks}>{figure}{tail}</td>'

    def _now(self, line: Line, place: int) -> str:
        """What a frozen figure reads today, where that is another."""
        now = self._today.get((line.key, self._slugs[place]))
        if now is None:
            return ""
        return f'<small class="versus__today">{_escaped(self._today_is % {"value": now})}</small>'

    def _figure(self, line: Line, cell: Cell, address: str) -> str:
        unit = line.kind in UNIT_BEHIND
        behind = f' <span class="figure__unit">{_escaped(line.unit)}</span>' if unit else ""
        if line.kind == "state":
            written = _state(str(cell.value))
        elif cell.items:
            written = self._items(cell)
        else:
            written = f"<span data-value>{_escaped(cell.written)}</span>{behind}"
        if not cell.href:
            return f'<a class="cell" href="{address}" data-about>{written}</a>'
        way = "data-slide-over" if cell.href.startswith("/benchmarks/") else "data-follows"
        outside = ' rel="nofollow noopener"' if not cell.href.startswith("/") else ""
        return (
            f'<a class="cell cell--leads" href="{_escaped(cell.href)}"{outside} data-about="{address}" {way}>'
            f"{written}</a>"
        )

    def _items(self, cell: Cell) -> str:
        """Words in one line, whatever says more in a line of its own."""
        texts = [str(item["text"]) for item in cell.items]
        if not any(item["href"] or item["note"] or "," in item["text"] for item in cell.items):
            return f"<span data-value>{_escaped(', '.join(texts))}</span>"
        return f'<span class="cell__items">{"".join(map(_item, cell.items))}</span>'


def _item(item: Mapping[str, Any]) -> str:
    text = _escaped(item["text"])
    if item["href"]:
        outside = "" if item["href"].startswith("/") else ' rel="nofollow noopener"'
        text = f'<a href="{_escaped(item["href"])}"{outside}>{text}</a>'
    note = f" <small>{_escaped(item['note'])}</small>" if item["note"] else ""
    return f"<span>{text}{note}</span>"


def _why(address: str) -> str:
    """Where a cell is made of links, what it is from has a way of its own."""
    words = _escaped(_("Where this is from"))
    return f'<a class="versus__why" href="{address}" data-about>{_unseen(words)}{_icon("info")}</a>'


def _unseen(html: str) -> str:
    """For screen readers; `html`: escaped."""
    return f'<span class="visually-hidden">{html}</span>'


def _icon(name: str) -> str:
    return render_to_string("_components/icon.html", {"name": name}).strip()


def _state(state: str) -> str:
    return render_to_string("_components/state.html", {"state": state}).strip()


def _escaped(value: object) -> str:
    return escape(str(value))
