"""A list of prices as CSV: a header, then a row per price. Pure.

    endpoint,tier,input,output,cache_read,valid_from,source_url,correction
    openai--gpt-4.1,standard,2,8,0.5,2026-12-01,https://openai.com/api/pricing/,

`endpoint` is needed, and one amount at least: `input`, `output`, `cache_read`, `cache_write`, `reasoning`,
`input_audio`, `output_audio`, `input_image`, `output_image` (USD per million tokens), `requests_k` (USD per
thousand requests). `tier` is "standard" and `region_scope` "all" where they are not given. `valid_from`: a
day (UTC) or a moment with its offset, "" = from the moment it is applied. `source_url`: where everybody can
see it, "" = that of the whole list. `correction`: why the price in force was wrong; the row then holds in
its time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from aigo.lib.faults import (
    MOST_FAULTS,
    BadCell,
    Fault,
    ReadingError,
    clean_address,
    clean_day,
    clean_number,
    clean_text,
)
from aigo.lib.tables import table_of
from catalog.listing import AMOUNTS, RATE_LIMIT, RATE_STEP

MAX_BYTES: Final = 5_000_000
REQUIRED: Final = frozenset({"endpoint"})
OPTIONAL: Final = frozenset({"tier", "region_scope", "valid_from", "source_url", "correction", *AMOUNTS})
#: Columns of catalog.models.Price.
_LENGTHS: Final = {"endpoint": 240, "tier": 40, "region_scope": 40, "source_url": 300, "correction": 300}
_TIER: Final = re.compile(r"[a-z][a-z0-9_]*")
_SCOPE: Final = re.compile(r"[a-z][a-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price of the list. amounts: by column of a price, what is not stated left out.

    `valid_from` None = from the moment it is applied. `place`: its line in the file.
    """

    place: int
    endpoint: str
    tier: str
    region_scope: str
    amounts: Mapping[str, Decimal]
    valid_from: dt.datetime | None
    source_url: str
    correction: str


@dataclass(slots=True)
class PriceReading:
    """The rows of a list and its faults."""

    rows: list[PriceRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def note(self, fault: Fault) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


def read_prices(data: bytes, *, source_url: str) -> PriceReading:
    """The list in the bytes; one that cannot be read at all has one fault. source_url: of the whole list."""
    reading = PriceReading()
    seen: set[tuple[object, ...]] = set()
    try:
        for place, cells in table_of(data, REQUIRED, OPTIONAL, reading):
            _read_row(place, cells, source_url, reading, seen)
    except ReadingError as error:
        reading.faults = [error.fault]
    if not reading.rows and not reading.faults:
        reading.faults.append(Fault(0, "", "", "no_rows"))
    return reading


def _read_row(
    place: int,
    cells: Mapping[str, str],
    source_url: str,
    reading: PriceReading,
    seen: set[tuple[object, ...]],
) -> None:
    reader = _Cells(cells)
    try:
        row = PriceRow(
            place=place,
            endpoint=reader.text("endpoint", required=True),
            tier=reader.word("tier", _TIER, "standard"),
            region_scope=reader.word("region_scope", _SCOPE, "all"),
            amounts=reader.amounts(),
            valid_from=reader.moment("valid_from"),
            source_url=reader.address("source_url", source_url),
            correction=reader.text("correction"),
        )
        key = (row.endpoint, row.tier, row.region_scope, row.valid_from)
        if key in seen:
            reader.column = "endpoint"
            raise BadCell("price_twice")
        seen.add(key)
        reading.rows.append(row)
    except BadCell as bad:
        reading.note(Fault(place, reader.column, cells.get(reader.column, ""), bad.code, bad.wanted))


class _Cells:
    """The cells of one row; remembers which was read last, for the fault's sake."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.column = ""

    def text(self, column: str, *, required: bool = False) -> str:
        return self._read(column, required, lambda value: clean_text(value, _LENGTHS[column]))

    def word(self, column: str, shape: re.Pattern[str], default: str) -> str:
        found = self.text(column) or default
        if not shape.fullmatch(found):
            raise BadCell("not_a_word")
        return found

    def address(self, column: str, default: str) -> str:
        """The row's own, else that of the whole list, which must be there."""
        read = self._read(column, not default, lambda value: clean_address(value, _LENGTHS["source_url"]))
        return read or default

    def moment(self, column: str) -> dt.datetime | None:
        text = self._read(column, False, str.strip)
        if not text:
            return None
        try:
            if len(text) == 10:
                return dt.datetime.combine(dt.date.fromisoformat(clean_day(text)), dt.time(), dt.UTC)
            moment = dt.datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            raise BadCell("not_a_moment") from None
        if moment.tzinfo is None:
            raise BadCell("not_a_moment")
        return moment.astimezone(dt.UTC)

    def amounts(self) -> dict[str, Decimal]:
        """By column of a price."""
        found = {}
        for name, column in AMOUNTS.items():
            self.column = name
            if self._cells.get(name, "").strip():
                number = clean_number(self._cells[name])
                if not 0 <= number < RATE_LIMIT:
                    raise BadCell("not_a_price", f"{RATE_LIMIT:,}")
                found[column] = number.quantize(RATE_STEP)
        if not found:
            self.column = "input"
            raise BadCell("no_amount")
        return found

    def _read(self, column: str, required: bool, clean: Callable[[str], str]) -> str:
        self.column = column
        value = self._cells.get(column, "")
        if not value.strip():
            if required:
                raise BadCell("missing")
            return ""
        return clean(value)
