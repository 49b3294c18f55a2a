"""What has become of the figures of a frozen comparison. Pure.

Only what somebody states is looked at: what is measured is another a minute later, and says nothing by that.
"""

from collections.abc import Mapping

from compare.table import Cell, Comparison

#: (line, column's slug) → the figure of today.
Today = Mapping[tuple[str, str], str]


def changed_since(frozen: Comparison, today: Comparison) -> Today:
    """The stated figures that read otherwise today, as they read; those of models that are gone left out."""
    places = {column.slug: place for place, column in enumerate(today.columns)}
    now = {row.line.key: row for row in today.rows}
    found = {}
    for row in frozen.rows:
        for column, cell in zip(frozen.columns, row.cells, strict=True):
            place, other = places.get(column.slug), now.get(row.line.key)
            if place is None or other is None or not _is_stated(cell, other.cells[place]):
                continue
            if str(cell.written) != str(other.cells[place].written):
                found[row.line.key, column.slug] = str(other.cells[place].written)
    return found


def _is_stated(*cells: Cell) -> bool:
    """Whether a source says either of them, not our probes."""
    return any(cell.provenance is not None and cell.provenance.kind == "cited" for cell in cells)
