"""What a row of the archive holds: the columns of version 1, and the proof that rows are the same.

Everything is legible without this program: slugs, words and milliseconds, not our codes. A column never
changes its meaning; another one needs another SCHEMA_VERSION.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa

SCHEMA_VERSION: Final = 1

_WORD, _MS, _MOMENT = pa.string(), pa.float64(), pa.timestamp("us", tz="UTC")
#: Column → its type, in the order of the file. A row is a tuple in this order.
COLUMNS: Final[dict[str, pa.DataType]] = {
    "endpoint": _WORD,
    "tier": _WORD,
    "region": _WORD,
    "due_at": _MOMENT,
    "attempt": pa.int16(),
    "outcome": _WORD,
    "counts": pa.bool_(),
    "left_out": _WORD,
    "started_at": _MOMENT,
    "lag_ms": _MS,
    "loop_lag_ms": _MS,
    "dns_ms": _MS,
    "connect_ms": _MS,
    "tls_ms": _MS,
    "sent_ms": _MS,
    "first_byte_ms": _MS,
    "first_event_ms": _MS,
    "first_keep_alive_ms": _MS,
    "first_token_ms": _MS,
    "first_answer_ms": _MS,
    "last_token_ms": _MS,
    "total_ms": _MS,
    "inter_token_p50_ms": _MS,
    "receive_clock": _WORD,
    "chunks": pa.int32(),
    "keep_alives": pa.int32(),
    "input_tokens": pa.int32(),
    "cached_tokens": pa.int32(),
    "output_tokens": pa.int32(),
    "reasoning_tokens": pa.int32(),
    "tokens_per_s": pa.float64(),
    "cost_usd": pa.decimal128(14, 8),
    "cost_estimated": pa.bool_(),
    "http_status": pa.int16(),
    "error_detail": _WORD,
    "request_id": _WORD,
    "tls_version": _WORD,
    "reused": pa.bool_(),
    "worker": _WORD,
    "method_version": _WORD,
    "answered_model": _WORD,
    "fingerprint": _WORD,
    "remote_ip": _WORD,
}
#: What a row is known by, which is also the order of the rows in a file.
KEY: Final = ("endpoint", "tier", "region", "due_at", "attempt")
#: The columns that the checksum is taken over.
PROVEN: Final = (*KEY, "outcome")
#: Few different words: kept as a dictionary and numbers. The rest of the words differ in every row.
DICTIONARIES: Final = [name for name, kind in COLUMNS.items() if kind is _WORD and name != "request_id"]

_KEY_LENGTH: Final = len(KEY)
_PROVEN_AT: Final = [list(COLUMNS).index(name) for name in PROVEN]
_DUE_AT: Final = list(COLUMNS).index("due_at")

Row = tuple[Any, ...]


def schema_of(day: date) -> pa.Schema:
    """The schema of a day's file, with the version in its metadata."""
    metadata = {"aigo.schema": str(SCHEMA_VERSION), "aigo.content": "attempts", "aigo.day": day.isoformat()}
    return pa.schema(list(COLUMNS.items()), metadata=metadata)


def key_of(row: Row) -> Row:
    """endpoint, tier, region, due_at, attempt."""
    return row[:_KEY_LENGTH]


@dataclass(slots=True)
class Proof:
    """What a file must say when it is read back: taken from the rows on their way in.

    `checksum` is SHA-256 over keys and outcomes in the order of the rows; `nulls` counts each column's Nones.
    """

    rows: int = 0
    first_due_at: datetime | None = None
    last_due_at: datetime | None = None
    nulls: Counter[str] = field(default_factory=Counter)
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)

    @property
    def checksum(self) -> str:
        """64 hexadecimal digits."""
        return str(self._hash.hexdigest())

    def take(self, rows: Sequence[Row]) -> None:
        """Take in the next rows, whole and in order."""
        if rows:
            columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
            nulls = {name: sum(value is None for value in values) for name, values in columns.items()}
            self.take_columns({name: columns[name] for name in PROVEN}, nulls)

    def take_columns(self, proven: Mapping[str, Sequence[Any]], nulls: Mapping[str, int]) -> None:
        """Take in the next rows by the columns of PROVEN and by how many Nones every column has."""
        due = proven["due_at"]
        self.rows += len(due)
        self.nulls.update({name: n for name, n in nulls.items() if n})
        self.first_due_at = min(filter(None, (self.first_due_at, min(due))))
        self.last_due_at = max(filter(None, (self.last_due_at, max(due))))
        lines = zip(*(proven[name] for name in PROVEN), strict=True)
        self._hash.update("".join(map(_line, lines)).encode())

    def differences(self, other: "Proof") -> list[str]:
        """What differs between two proofs, in words; empty = they are of the same rows."""
        names = ("rows", "first_due_at", "last_due_at", "checksum")
        found = [
            f"{name}: {getattr(self, name)} and {getattr(other, name)}"
            for name in names
            if getattr(self, name) != getattr(other, name)
        ]
        columns = sorted({*self.nulls, *other.nulls})
        return found + [
            f"nulls of {name}: {self.nulls[name]} and {other.nulls[name]}"
            for name in columns
            if self.nulls[name] != other.nulls[name]
        ]


def _line(proven: Iterable[Any]) -> str:
    endpoint, tier, region, due_at, attempt, outcome = proven
    return f"{endpoint} {tier} {region} {due_at.isoformat()} {attempt} {outcome}\n"
