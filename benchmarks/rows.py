"""What an adapter reads out of a file: rows of scores, and what is wrong with them. Pure.

ReadingError: the file cannot be read at all (encoding, size, shape)   theirs, permanent
Faults        what is wrong in which row and column; a file with any is refused whole
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from aigo.lib import faults
from aigo.lib.faults import (
    DAY,
    MOST_FAULTS,
    BadCell,
    Fault,
    ReadingError,
    clean_address,
    clean_day,
    clean_number,
    printable,
)

__all__ = ["MOST_FAULTS", "BadCell", "Fault", "ReadingError", "clean_number"]

_SOLVED: Final = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)
_SCORERS: Final = re.compile(r"[\w.]+:(0?\.\d+|[01](?:\.\d+)?)±(\d*\.\d+)")
#: Their shares are rounded to two places.
_ROUNDING: Final = Decimal("0.006")
#: Half of a 95 % interval of a normal distribution, in standard errors.
HALF_INTERVAL: Final = Decimal("1.96")
_PLACES: Final = Decimal("0.0001")
#: As many reasons are told for rows that were passed over; the rest are counted together.
MOST_REASONS: Final = 50
#: What a Score's columns hold is less than this, above and below zero.
MOST_VALUE: Final = 10_000
#: Columns of benchmarks.models.Score; a longer text is refused, never cut.
LENGTHS: Final[Mapping[str, int]] = {
    "label": 200, "maker": 120, "raw": 40, "setting": 400, "evidence_note": 200, "source_name": 200,
    "source_url": 500, "source_version": 120, "licence": 80, "note": 500, "suite": 80,
}  # fmt: skip
#: How a source writes its figures → the unit of a suite, and what makes one of the other.
_UNITS: Final[Mapping[str, tuple[str, Decimal]]] = {
    "percent": ("percent", Decimal(1)),
    "fraction": ("percent", Decimal(100)),
    "score_1_10": ("points", Decimal(1)),
    "fraction_of_10": ("points", Decimal(10)),
    "points": ("points", Decimal(1)),
    "elo": ("elo", Decimal(1)),
}


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One figure as its source writes it; the fields are those of benchmarks.models.Score.

    `suite`: slug or name. `value`, `uncertainty`: in the suite's unit (percentages 0–100). `evaluated`: as
    precise as the source, "2025", "2025-04" or "2025-04-30", "" = not stated. `place`: see Fault.row.
    """

    suite: str
    label: str
    raw: str
    value: Decimal
    unit: str
    evidence: str
    source_name: str
    source_url: str
    maker: str = ""
    uncertainty: Decimal | None = None
    setting: str = ""
    evidence_note: str = ""
    source_version: str = ""
    licence: str = ""
    evaluated: str = ""
    note: str = ""
    suspect: bool = False
    place: int = 0


@dataclass(slots=True)
class Reading:
    """The rows of a file and its faults. `left_out`: why → how many rows were passed over on purpose.

    `foreign`: a format of others, which may hold suites that we do not have: those are left out; in our own
    format a suite that is not known is a fault.
    """

    foreign: bool = False
    rows: list[ScoreRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, why: str) -> None:
        told = printable(why[:80])
        told = told if told in self.left_out or len(self.left_out) < MOST_REASONS else "other reasons"
        self.left_out[told] = self.left_out.get(told, 0) + 1

    def read(self, place: int, make: Callable[[Cells], ScoreRow], cells: Mapping[str, object]) -> None:
        """Add the row that `make` reads out of the cells, with its place, or what is wrong with it."""
        reader = Cells(cells)
        try:
            self.rows.append(replace(make(reader), place=place))
        except BadCell as bad:
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(Fault(place, reader.column, reader.shown(), bad.code, bad.wanted))


class Cells:
    """The cells of one row; remembers which was read last, for the fault's sake."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        self._cells = cells
        self.column = ""

    def shown(self) -> str:
        """The cell that was read last, as text."""
        value = self.value()
        return value if isinstance(value, str) else "" if value is None else str(value)

    def value(self) -> object:
        """The cell that was read last, as it is."""
        return self._cells.get(self.column)

    def text(self, column: str, kind: str, *, required: bool = False) -> str:
        """A text of a Score's column `kind`; BadCell: too long, a formula, no text, absent."""
        self.column = column
        value = self._cells.get(column)
        if value is None or value == "":
            if required:
                raise BadCell("missing")
            return ""
        if not isinstance(value, str):
            raise BadCell("not_a_text")
        return clean_text(value, kind)

    def number(self, column: str) -> Decimal | None:
        """None = the cell is empty or null."""
        self.column = column
        value = self._cells.get(column)
        if value is None or value == "":
            return None
        return clean_number(value)

    def day(self, column: str) -> str:
        self.column = column
        value = self._cells.get(column)
        if value is None or value == "":
            return ""
        # YAML reads 2025-04-30 as a date.
        return clean_day(value.isoformat()[:10] if isinstance(value, date) else value)

    def choice(self, column: str, accepted: Sequence[str]) -> str:
        """The first word of a cell, which must be one of those accepted."""
        self.column = column
        value = self._cells.get(column)
        word = value.split(" (")[0].strip() if isinstance(value, str) else ""
        if word not in accepted:
            raise BadCell("not_accepted", ", ".join(accepted))
        return word

    def address(self, column: str) -> str:
        return clean_address(self.text(column, "source_url", required=True), LENGTHS["source_url"])


def clean_text(value: str, kind: str) -> str:
    """A text of a Score's column `kind`. BadCell: a formula, a control character, longer than its column."""
    return faults.clean_text(value, LENGTHS[kind], may_be_number=kind == "raw")


def first_day(evaluated: str) -> date | None:
    """The first day of what was stated, to sort by; None = not stated, or no date."""
    match = DAY.fullmatch(evaluated)
    if match is None:
        return None
    try:
        return date(*(int(part or 1) for part in match.groups()))
    except ValueError:
        return None


def known_unit(unit: str) -> bool:
    """Whether `figure` can read it."""
    return unit in _UNITS or unit.startswith("solved_of_")


def figure(raw: str, unit: str) -> tuple[Decimal, str]:
    """The value in a suite's unit and that unit, of a figure as written: ("2/30", "solved_of_30") → 6.6667 %.

    BadCell: no number, an unknown unit, more solved than there were.
    """
    if unit.startswith("solved_of_"):
        match = _SOLVED.fullmatch(raw)
        if match is None or unit != f"solved_of_{match[2]}" or not 0 <= int(match[1]) <= int(match[2]) > 0:
            raise BadCell("not_a_number")
        return rounded(Decimal(100) * int(match[1]) / int(match[2])), "percent"
    if unit not in _UNITS:
        raise BadCell("not_accepted", ", ".join([*_UNITS, "solved_of_N"]))
    kind, factor = _UNITS[unit]
    return rounded(clean_number(raw) * factor), kind


def half_interval(scorers: str, value: Decimal) -> Decimal | None:
    """Half of the 95 % interval in per cent, of a share of 1 and its standard error as Epoch AI writes them:
    ("choice:0.85±0.02", 0.853) → 3.92, of the scorer whose value it is. None = not stated."""
    found = [(Decimal(share), Decimal(error)) for share, error in _SCORERS.findall(scorers)]
    near = [error for share, error in found if abs(share - value) <= _ROUNDING]
    return spread(100 * HALF_INTERVAL * near[0]) if near else None


def rounded(value: Decimal) -> Decimal:
    """To the four places that a Score keeps. BadCell: more digits before the point than it keeps."""
    if abs(value) >= MOST_VALUE:
        raise BadCell("out_of_range", f"−{MOST_VALUE:,}–{MOST_VALUE:,}")
    return value.quantize(_PLACES, ROUND_HALF_EVEN)


def spread(value: Decimal) -> Decimal:
    """An uncertainty, as a Score keeps it. BadCell: below zero, or too large."""
    if value < 0:
        raise BadCell("not_a_number")
    return rounded(value)
