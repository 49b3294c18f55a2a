"""Rows and places of the archive's tests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from probes.archive.layout import COLUMNS, Row
from probes.archive.places import Place, open_place

DAY = date(2026, 10, 1)
_TYPICAL: dict[str, Any] = {
    "endpoint": "nimbus--nimbus-1",
    "tier": "B",
    "region": "seoul",
    "due_at": datetime(2026, 10, 1, tzinfo=UTC),
    "attempt": 1,
    "outcome": "ok",
    "counts": True,
    "started_at": datetime(2026, 10, 1, 0, 0, 0, 1234, tzinfo=UTC),
    "lag_ms": 1.234,
    "loop_lag_ms": 0.0,
    "dns_ms": 3.5,
    "total_ms": 512.345,
    "chunks": 7,
    "keep_alives": 0,
    "input_tokens": 20,
    "tokens_per_s": 61.25,
    "cost_usd": Decimal("0.00001234"),
    "cost_estimated": False,
    "http_status": 200,
    "reused": True,
    "method_version": "4",
}
_WORDS = {name for name, kind in COLUMNS.items() if str(kind) == "string"}


def make_row(**values: Any) -> Row:
    """A row in the order of the columns; words that are not given are "", the rest None."""
    given = _TYPICAL | values
    return tuple(given.get(name, "" if name in _WORDS else None) for name in COLUMNS)


def rows_of_day() -> list[Row]:
    """Three endpoints in two regions, four attempts each, in order of their keys."""
    start = _TYPICAL["due_at"]
    return [
        make_row(endpoint=f"nimbus--nimbus-{number}", region=region, due_at=start + timedelta(hours=6 * turn))
        for number in (1, 2, 3)
        for region in ("seoul", "tokyo")
        for turn in range(4)
    ]


def folder(path: Path) -> Place:
    """An archive in a folder."""
    return open_place({"scheme": "file", "root": str(path), "url": f"file://{path}"}, {})
