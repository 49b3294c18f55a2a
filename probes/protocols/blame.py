"""Who is to blame: the decision list of PROTOCOLS A4 as one data table, `blame.toml`, and the look-up in it.

docs/blame.md is printed from it (`blame_page`); a test fails when the two differ. Pure.

    BlameTableError    ours, permanent: the table holds an unknown key or outcome, or a regex that is none
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from probes.outcomes import OUTCOMES, is_failure
from probes.protocols.errors import ErrorAnswer, ErrorInfo

TABLE_FILE: Final = Path(__file__).with_name("blame.toml")


class BlameTableError(ValueError):
    """The message names the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """A row about errors; it matches when every condition that it states does.

    statuses: ranges, empty = any, 0 in one = no status told. codes: any of them. message, header[1]: regex,
    any case. remaining_zero: the rate headers say that nothing (True) or something (False) is left.
    where: "" = in both.
    """

    id: str
    step: str
    outcome: str
    why: str
    source: str
    vendor: str
    out_of_step: str = ""
    protocols: frozenset[str] = frozenset()
    statuses: tuple[range, ...] = ()
    codes: frozenset[str] = frozenset()
    message: re.Pattern[str] | None = None
    header: tuple[str, re.Pattern[str]] | None = None
    remaining_zero: bool | None = None
    html: bool | None = None
    where: Literal["", "answer", "stream"] = ""

    def matches(self, answer: ErrorAnswer) -> bool:
        """The protocol is not asked here: `rows_for` has left out the rows of others."""
        return (
            (not self.statuses or any((answer.status or 0) in statuses for statuses in self.statuses))
            and (not self.codes or not self.codes.isdisjoint(answer.info.codes))
            and (self.message is None or self.message.search(answer.info.message) is not None)
            and (
                self.header is None
                or self.header[1].search(answer.headers.get(self.header[0], "")) is not None
            )
            and (self.remaining_zero is None or self.remaining_zero is answer.remaining_zero)
            and (self.html is None or self.html is answer.html)
            and (not self.where or self.where == ("stream" if answer.in_stream else "answer"))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleRow:
    """A row about the transport or about how an answer ended. outcome "" = the rows about errors decide."""

    id: str
    step: str
    outcome: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class Endings:
    """The finish reasons of one protocol that are not a plain stop, lower case."""

    length: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()  # the content filter or a refusal: our request
    failed: frozenset[str] = frozenset()  # the provider says that it broke off
    overloaded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BlameTable:
    """The whole table. intro: what stands above it on the page."""

    intro: str
    transport: tuple[SimpleRow, ...]
    errors: tuple[ErrorRow, ...]
    endings: tuple[SimpleRow, ...]
    finish: Mapping[str, Endings]


_ERROR_KEYS: Final = (
    *("id", "step", "outcome", "why", "source", "vendor", "out_of_step", "protocols"),
    *("status", "codes", "message", "header", "remaining", "html", "where"),
)
_REMAINING: Final = {"zero": True, "some": False}


def read_table(document: Mapping[str, Any]) -> BlameTable:
    """BlameTableError names what is wrong in which row."""
    return BlameTable(
        intro=document["intro"],
        transport=tuple(_simple_row(row) for row in document["transport"]),
        errors=tuple(_error_row(row) for row in document["error"]),
        endings=tuple(_simple_row(row) for row in document["ending"]),
        finish={
            name: Endings(**{kind: frozenset(words.split()) for kind, words in kinds.items()})
            for name, kinds in document["finish"].items()
        },
    )


def _simple_row(row: Mapping[str, Any]) -> SimpleRow:
    _check(row, SimpleRow.__dataclass_fields__)
    return SimpleRow(**row)


def _error_row(row: Mapping[str, Any]) -> ErrorRow:
    _check(row, _ERROR_KEYS)
    name, _, pattern = row.get("header", "").partition(": ")
    try:
        return ErrorRow(
            **{key: row[key] for key in ("id", "step", "outcome", "why", "source", "vendor")},
            out_of_step=row.get("out_of_step", ""),
            protocols=frozenset(row.get("protocols", ())),
            statuses=tuple(_statuses(item) for item in row.get("status", ())),
            codes=frozenset(row.get("codes", "").split()),
            message=re.compile(row["message"], re.IGNORECASE) if "message" in row else None,
            header=(name, re.compile(pattern, re.IGNORECASE)) if name else None,
            remaining_zero=_REMAINING[row["remaining"]] if "remaining" in row else None,
            html=row.get("html"),
            where=row.get("where", ""),
        )
    except (KeyError, re.error) as exc:
        raise BlameTableError(f"row {row['id']}: {exc}") from exc


def _check(row: Mapping[str, Any], known: Iterable[str]) -> None:
    if unknown := set(row) - set(known):
        raise BlameTableError(f"row {row.get('id')}: unknown key {min(unknown)!r}")
    if row.get("outcome") not in ("", *OUTCOMES):
        raise BlameTableError(f"row {row.get('id')}: unknown outcome {row.get('outcome')!r}")


def _statuses(item: int | str) -> range:
    """A status, a range of them such as "520-526", or "none"."""
    if item == "none":
        return range(1)
    first, _, last = str(item).partition("-")
    return range(int(first), int(last or first) + 1)


TABLE: Final = read_table(tomllib.loads(TABLE_FILE.read_text(encoding="utf-8")))
ENDING_IDS: Final = tuple(row.id for row in TABLE.endings)
_ENDINGS: Final = {row.id: row.outcome for row in TABLE.endings}


@cache
def rows_for(protocol: str) -> tuple[ErrorRow, ...]:
    """The rows about errors that a protocol's answers can meet, in order."""
    return tuple(row for row in TABLE.errors if not row.protocols or protocol in row.protocols)


def endings_of(protocol: str) -> Endings:
    """The finish reasons of a protocol; none for one that ends without."""
    return TABLE.finish.get(protocol, Endings())


def ending_outcome(row_id: str) -> str:
    """The outcome of an ending. KeyError for an unknown one."""
    return _ENDINGS[row_id]


def first_match(rows: Iterable[ErrorRow], answer: ErrorAnswer) -> ErrorRow:
    """The row that decides. The table's last row takes what no other did."""
    return next(row for row in rows if row.matches(answer))


def classify_error(rows: Iterable[ErrorRow], answer: ErrorAnswer) -> str:
    """The outcome of an error answer: 500 → http_5xx, 404 and 302 (we follow none) → bad_request."""
    return first_match(rows, answer).outcome


def classify_stream_error(rows: Iterable[ErrorRow], info: ErrorInfo) -> str:
    """The outcome of an error inside a 200 stream: ours if its code says so, else `stream_error`.

    OpenRouter and Gemini put the HTTP status they would have sent into `error.code`.
    """
    status = next((int(code) for code in info.codes if re.fullmatch(r"[45]\d\d", code)), None)
    outcome = classify_error(rows, ErrorAnswer(status, info, in_stream=True))
    return "stream_error" if is_failure(outcome) else outcome
