"""A comparison on paper: its words in the active language, with a numbered note behind each figure."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aigo.lib.printing import NOTHING
from aigo.lib.printing_sides import Band, Entry, Item, Note, Side, Sides
from aigo.lib.regions import BY_SLUG
from benchmarks.matrix import NORM_WORDS
from compare.lines import Line
from compare.table import Cell, Column, Comparison, Group, Row
from compare.telling import UNIT_BEHIND, minute, names_of, note_of, written_of
from status.wording import STATE_WORDS


def sides_of(comparison: Comparison, *, address: str, site: str) -> Sides:
    """What the page shows, rows that differ alone where it shows those.

    `address`: of the page that shows the same; `site`: of this installation. Both whole.
    """
    writer = _Writer(comparison, site.rstrip("/"))
    bands = tuple(writer.band(group) for group in comparison.shown_groups)
    rows = [row for group in comparison.shown_groups for row in group.rows]
    several = len(comparison.columns) > 1
    return Sides(
        title=names_of(comparison),
        lead=_lead(comparison),
        sides=tuple(_side(column, site.rstrip("/")) for column in comparison.columns),
        bands=bands,
        notes_title=_("Sources and reasons"),
        notes=tuple(writer.notes),
        remarks_title=_("Notes"),
        remarks=tuple(str(note) for note in comparison.notes),
        foot=_foot(comparison),
        address=address,
        language=(get_language() or "en").split("-")[0],
        best=_("best of the row, where “better” is defined") if any(_is_marked(row) for row in rows) else "",
        differs=_("differs") if several and any(row.differs for row in rows) else "",
        apart=_("not comparable with the others") if any(row.apart for row in rows) else "",
        page_of=_("Page {page} of {pages}"),
    )


class _Writer:
    """Numbers notes as they are first met: figures with the same one share its number."""

    def __init__(self, comparison: Comparison, site: str) -> None:
        self._site, self._several = site, len(comparison.columns) > 1
        self._numbers: dict[str, int] = {}
        self.notes: list[Note] = []

    def band(self, group: Group) -> Band:
        return Band(str(group.section.title), tuple(self._item(row) for row in group.rows))

    def _item(self, row: Row) -> Item:
        line = row.line
        entries = tuple(
            self._entry(line, cell, best=best and _is_marked(row), apart=apart)
            for cell, best, apart in row.marked
        )
        unit = "" if line.kind in UNIT_BEHIND else str(line.unit)
        return Item(str(line.label), entries, below=unit, differs=self._several and row.differs)

    def _entry(self, line: Line, cell: Cell, *, best: bool, apart: bool) -> Entry:
        return Entry(
            text=written_of(line, cell) if cell.known else NOTHING,
            note=self._number(cell),
            best=best,
            apart=apart,
            state=str(cell.value) if line.kind == "state" and cell.known else "",
            url=self._whole(cell.href),
        )

    def _number(self, cell: Cell) -> int:
        words = note_of(cell)
        if not words:
            return 0
        if words not in self._numbers:
            self._numbers[words] = len(self.notes) + 1
            stated = cell.provenance.source_url if cell.known and cell.provenance else ""
            self.notes.append(Note(words, self._whole(stated)))
        return self._numbers[words]

    def _whole(self, href: str) -> str:
        return f"{self._site}{href}" if href.startswith("/") else href


def _is_marked(row: Row) -> bool:
    """Where all are alike none is better, as on the page."""
    return bool(row.best) and row.differs


def _side(column: Column, site: str) -> Side:
    simulated = _("simulated") if column.simulated else ""
    return Side(
        title=column.name,
        below=" · ".join(part for part in (column.provider or column.creator, simulated) if part),
        state=column.state,
        word=str(STATE_WORDS.get(column.state, column.state)) if column.state else _("Not measured"),
        url=f"{site}{column.url}",
    )


def _lead(comparison: Comparison) -> str:
    wish = comparison.wish
    region = BY_SLUG.get(wish.region)
    parts = [
        _("Figures of %(moment)s UTC.") % {"moment": minute(comparison.generated_at)},
        _("Frozen: they stay as they are.") if comparison.frozen else "",
        _("Measured from: %(region)s.") % {"region": region.name if region else wish.region},
        _("Scores: %(norm)s.") % {"norm": NORM_WORDS[wish.norm]},
        _("Only rows that differ.") if wish.only_differences else "",
    ]
    return " ".join(part for part in parts if part)


def _foot(comparison: Comparison) -> str:
    """On every page: of which moment, and what the numbers are."""
    parts = [
        _("Figures of %(moment)s UTC.") % {"moment": minute(comparison.generated_at)},
        _("The small numbers lead to “Sources and reasons”; “—” is not known."),
        _("Simulated models are not real ones.") if comparison.simulated else "",
    ]
    return " ".join(part for part in parts if part)
