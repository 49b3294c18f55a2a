"""Making cells and rows: what is known with its envelope, what is not with its reason, and which is best."""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from aigo.lib.writing import NONE
from compare.best import NONE as NOWHERE
from compare.best import Figure, differs, judge
from compare.lines import Line
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import Text, lazily, text_json

#: Of figures that compare without a condition.
PLAIN: Final = "plain"
_FIGURES: Final = frozenset({"number", "money", "tokens", "percent", "ms"})
Make = Callable[[Subject], Cell]


def absent(code: str, provenance: Provenance | None = None, **values: Any) -> Cell:
    """An empty cell with its reason; `values` stand in the sentence."""
    return Cell(provenance=provenance, missing=code, extra=values)


def figure(
    value: float | int | str, written: str, provenance: Provenance | None, *, scale: str = PLAIN, **extra: Any
) -> Cell:
    """A figure; money as a decimal string. `scale`: see compare.best."""
    return Cell(value, written, provenance, extra={"scale": scale, **extra})


def text(value: str, provenance: Provenance | None, *, written: Text = "", **extra: Any) -> Cell:
    """Words. `value`: for machines; `written`: for readers, where they are others."""
    return Cell(value, written or value, provenance, extra=extra)


def day(moment: datetime | date, provenance: Provenance | None, **extra: Any) -> Cell:
    """A date, or the day of a moment (UTC), which machines are told whole."""
    if isinstance(moment, datetime):
        return Cell(moment_text(moment), f"{moment:%Y-%m-%d}", provenance, extra=extra)
    return Cell(moment.isoformat(), moment.isoformat(), provenance, extra=extra)


def listed(
    values: Sequence[Any],
    items: Iterable[tuple[Text, str, Text]],
    provenance: Provenance | None,
    **extra: Any,
) -> Cell:
    """Several things. `items`: (text, address or "", note or "") of each."""
    told = list(items)
    shown = [
        {"text": text_json(words)}
        | ({"href": href} if href else {})
        | ({"note": text_json(note)} if note else {})
        for words, href, note in told
    ]
    written = joined([words for words, _href, _note in told])
    return Cell(list(values), written, provenance, extra={"items": shown, **extra})


def joined(words: Sequence[Text]) -> Text:
    """ "text, image" in the reader's language."""
    if all(isinstance(word, str) for word in words):
        return ", ".join(map(str, words)) or NONE
    return lazily(lambda: ", ".join(map(str, words)))


def decimal_text(value: Decimal) -> str:
    """As the API writes rates: without an exponent and trailing zeros."""
    return format(value.normalize(), "f")


def rows_of(lines: Iterable[Line], subjects: Sequence[Subject], makers: dict[str, Make]) -> Iterable[Row]:
    """A row for each line, by its key's maker; optional lines that no column knows are left out."""
    for line in lines:
        cells = tuple(makers[line.key](subject) for subject in subjects)
        if not line.optional or any(cell.known for cell in cells):
            yield row_of(line, cells)


def row_of(line: Line, cells: tuple[Cell, ...]) -> Row:
    """The cells with what comparing them says."""
    verdict = judge([_figure(cell) if line.kind in _FIGURES else None for cell in cells], line.better)
    told_apart = differs([_told(line, cell) for cell in cells])
    return Row(line, cells, verdict.best, told_apart, verdict.apart)


def _figure(cell: Cell) -> Figure | None:
    if not cell.known:
        return None
    scale = str(cell.extra.get("scale", PLAIN))
    if scale != NOWHERE and cell.provenance and cell.provenance.simulated:
        scale = f"simulated {scale}"  # what is invented competes with nothing real
    return Figure(float(cell.value), str(cell.written), scale)


def _told(line: Line, cell: Cell) -> Hashable:
    """What must be alike for two cells to say the same: a figure as readers see it, a list in any order."""
    if not cell.known:
        return None
    if line.kind in _FIGURES:
        return str(cell.written)
    if line.kind == "list":
        return tuple(sorted(json.dumps(value, sort_keys=True) for value in cell.value))
    return json.dumps(cell.value, sort_keys=True)
