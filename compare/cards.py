"""What of a comparison stands in the picture of its link: a few figures, each with the day it is of."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aigo.lib.printing_card import DAGGER, MOST_ROWS, Card, Face, Figure
from aigo.lib.printing_card import Row as CardRow
from compare.lines import SUITE
from compare.table import Cell, Column, Comparison, Row
from compare.telling import UNIT_BEHIND, minute
from status.wording import STATE_WORDS

#: In this order, those that any column knows; where there is room left, suites that all have a score in.
FIRST: Final = ("availability", "p95", "input", "output", "context_window")
THEN: Final = ("max_output", "cache_read")


def card_of(comparison: Comparison, *, site: str) -> Card:
    """In the active language. `site`: the whole address of this installation."""
    rows = list(_chosen(comparison))
    moment = minute(comparison.generated_at)
    several = any(row.best and row.differs for row in rows)
    apart = _("not comparable with the others")
    remarks = [
        _("★ best of the row") if several else "",
        f"{DAGGER} {apart}" if any(row.apart for row in rows) else "",
        _("Simulated models are not real ones.") if comparison.simulated else "",
    ]
    return Card(
        kind=_("Compare"),
        moment=(_("Frozen %(moment)s UTC") if comparison.frozen else "%(moment)s UTC") % {"moment": moment},
        faces=tuple(_face(column) for column in comparison.columns),
        rows=tuple(_row(row, comparison.generated_at) for row in rows),
        foot=urlsplit(site).netloc,
        remark=" · ".join(remark for remark in remarks if remark),
        language=(get_language() or "en").split("-")[0],
    )


def _chosen(comparison: Comparison) -> Iterator[Row]:
    found = [row for key in FIRST if (row := comparison.row(key)) and any(cell.known for cell in row.cells)]
    scored = [
        row
        for row in comparison.rows
        if row.line.key.startswith(SUITE) and not row.apart and all(cell.known for cell in row.cells)
    ]
    left = [row for key in THEN if (row := comparison.row(key)) and all(cell.known for cell in row.cells)]
    yield from [*found, *scored[:2], *left][:MOST_ROWS]


def _face(column: Column) -> Face:
    simulated = _("simulated") if column.simulated else ""
    below = " · ".join(part for part in (simulated, column.provider or column.creator) if part)
    word = str(STATE_WORDS.get(column.state, column.state))
    return Face(column.name, below, column.state, word)


def _row(row: Row, at: datetime) -> CardRow:
    line = row.line
    behind = line.kind in UNIT_BEHIND
    figures = tuple(
        Figure(_figure(cell), str(line.unit) if behind else "", best and row.differs, apart)
        for cell, best, apart in row.marked
    )
    label = f"{line.label} {line.unit}" if line.kind == "money" else str(line.label)
    return CardRow(label, _moment(row, at), figures)


def _figure(cell: Cell) -> str:
    """Scores as they were published: there is no room to say what a normalised one is relative to."""
    return str(cell.extra.get("published") or cell.written)


def _moment(row: Row, at: datetime) -> str:
    """When its figures were measured or last read; of several moments the first and the last."""
    known = [cell for cell in row.cells if cell.known]
    measured = any(cell.provenance and cell.provenance.kind == "measured" for cell in known)
    days = sorted({_day(cell, at) for cell in known})
    span = " – ".join(dict.fromkeys((days[0], days[-1])))
    if measured:
        return _("measured %(when)s") % {"when": span}
    return _("read %(day)s") % {"day": span}


def _day(cell: Cell, at: datetime) -> str:
    """Of the newest attempt, or when the source was read; of what has neither when they were put together."""
    about = cell.provenance
    if about is None:
        return f"{at:%Y-%m-%d}"
    moments = (about.last_at, about.seen_at) if about.kind == "measured" else (about.seen_at, about.last_at)
    return f"{moments[0] or moments[1] or at:%Y-%m-%d}"
