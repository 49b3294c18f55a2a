"""What is wrong with a file that somebody hands in, cell by cell. Pure.

ReadingError: the file cannot be read at all (encoding, size, shape)   theirs, permanent
Faults        what is wrong in which row and column; a file with any is refused whole
BadCell       one cell cannot be what its column holds
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

#: Cells that a spreadsheet would run.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,18})?", re.ASCII)
DAY: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]{3,}")
#: Control characters, and halves of a character that no database stores.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
#: As many faults as are kept of a file; one that is wrong throughout needs no list of all its rows.
MOST_FAULTS: Final = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place. `row`: line of a table (the header is 1), place in a list from 1; 0 = the
    file. `code`: a key of aigo.lib.refusing, or of
    its reader's own words. `wanted`: what stands in the sentence, "" = nothing."""

    row: int
    column: str
    value: str
    code: str
    wanted: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "row": self.row, "column": printable(self.column), "value": printable(self.value[:80]),
            "problem": self.code,
            "wanted": self.wanted,
        }  # fmt: skip


class ReadingError(Exception):
    """The whole file cannot be read; `fault` says why."""

    def __init__(
        self, code: str, *, wanted: str = "", value: str = "", row: int = 0, column: str = ""
    ) -> None:
        self.fault = Fault(row, column, value, code, wanted)
        super().__init__(f"{code}: {wanted or value}")


class BadCell(Exception):
    """A cell that cannot be what its column holds."""

    def __init__(self, code: str, wanted: str = "") -> None:
        self.code, self.wanted = code, wanted
        super().__init__(code)


def clean_text(value: str, longest: int, *, may_be_number: bool = False) -> str:
    """Without space around it. BadCell: a formula, a control character, longer than its column."""
    if value.startswith(FORMULAS) and not (may_be_number and NUMBER.fullmatch(value)):
        raise BadCell("formula")
    if CONTROL.search(value):
        raise BadCell("control_character")
    text = value.strip()
    if len(text) > longest:
        raise BadCell("too_long", str(longest))
    return text


def clean_address(value: str, longest: int) -> str:
    """An address of the web. BadCell."""
    found = clean_text(value, longest)
    if not _ADDRESS.fullmatch(found):
        raise BadCell("not_an_address")
    return found


def printable(text: str) -> str:
    """The same with a mark for whatever could be neither stored nor shown."""
    return CONTROL.sub("\ufffd", text)


def clean_number(value: object) -> Decimal:
    """A plain decimal number; "NaN", "inf", "1e9" and true are none."""
    if isinstance(value, bool):
        raise BadCell("not_a_number")
    written = str(value).strip() if isinstance(value, (str, int, float, Decimal)) else ""
    if not NUMBER.fullmatch(written):
        raise BadCell("not_a_number")
    return Decimal(written)


def clean_day(value: object) -> str:
    """A year, month or day as written."""
    match = DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise BadCell("not_a_date")
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        raise BadCell("not_a_date") from None
    return match[0]
