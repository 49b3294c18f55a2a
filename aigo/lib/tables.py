"""CSV that is handed in: strict UTF-8 with or without BOM, an exact header, no torn rows. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from aigo.lib.faults import MOST_FAULTS, Fault, ReadingError

MOST_ROWS: Final = 100_000


class Reading(Protocol):
    """What is read out of a file, with its faults."""

    @property
    def faults(self) -> list[Fault]: ...


def decoded(data: bytes) -> str:
    """ReadingError: other encodings, and the NUL that no text holds."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise ReadingError("not_utf8", row=row, value=f"0x{data[error.start]:02x}") from None
    if "\x00" in text:
        raise ReadingError("control_character", row=text[: text.index("\x00")].count("\n") + 1, value="NUL")
    return text


def table(data: bytes, columns: Sequence[str], reading: Reading) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line. ReadingError: another header, too many rows; a torn row is a fault."""
    return _rows(data, lambda header: header == list(columns), ",".join(columns), reading)


def table_of(
    data: bytes, columns: frozenset[str], optional: frozenset[str], reading: Reading
) -> Iterator[tuple[int, dict[str, str]]]:
    """As `table`, of columns in any order; those that are optional may be missing."""

    def fits(header: list[str]) -> bool:
        names = set(header)
        return len(names) == len(header) and columns <= names <= columns | optional

    return _rows(data, fits, ",".join(sorted(columns)), reading)


def _rows(
    data: bytes, fits: Callable[[list[str]], bool], wanted: str, reading: Reading
) -> Iterator[tuple[int, dict[str, str]]]:
    lines = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
    try:
        header = next(lines, [])
        if not fits(header):
            raise ReadingError("header_changed", row=1, value=",".join(header)[:200], wanted=wanted)
        for number, cells in enumerate(lines):
            if number >= MOST_ROWS:
                raise ReadingError("too_many_rows", wanted=f"{MOST_ROWS:,}")
            if len(cells) != len(header):
                if len(reading.faults) < MOST_FAULTS:
                    found = Fault(lines.line_num, "", str(len(cells)), "torn_row", str(len(header)))
                    reading.faults.append(found)
                continue
            yield lines.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise ReadingError("not_csv", row=lines.line_num, value=str(error)) from None
