"""What a source lists, once read: plain values, no Django; and the strict reader that adapters use.

    ListingError    theirs, permanent: the file is not what it should be; names the place and the remedy

A source is read whole or refused whole, so that half a file never reaches the database.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

# Eight decimals hold a price per million tokens; more is the noise of a binary float (0.09999999999999999).
RATE_STEP = Decimal("0.00000001")
RATE_LIMIT = Decimal("10000000")

#: What a source names of a date.
Precision = Literal["day", "month"]
_MONTH_OR_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


def day_text(day: dt.date | None, precision: str) -> str:
    """As precise as the source: "2024-09-05", "2024-09", "" = not stated."""
    return day.isoformat()[: 7 if precision == "month" else 10] if day else ""


class ListingError(ValueError):
    """`place` is the path inside the file (`providers.openai.models.gpt-4.1.cost.input`)."""

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens in one price tier; None = the source states no such rate.

    `requests_k`: what a thousand requests cost on top. `valid_from`: the moment that the source names, where
    that is still to come; None = it holds now. `version`: which release of the source was read.
    """

    tier: str
    source_name: str
    source_url: str
    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    input_audio: Decimal | None = None
    output_audio: Decimal | None = None
    input_image: Decimal | None = None
    output_image: Decimal | None = None
    requests_k: Decimal | None = None
    region_scope: str = "all"
    valid_from: dt.datetime | None = None
    version: str = ""


RATE_NAMES = (
    *("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio"),
    *("input_image", "output_image"),
)
#: A field of Rates → the column of a price row.
AMOUNTS = {name: f"{name}_usd_per_mtok" for name in RATE_NAMES} | {"requests_k": "requests_usd_per_k"}


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model in one provider's list. Token limits and dates are None where the source states none; a
    release of which only the month is named is dated the first of it.

    `creator_name`, `functions`, `protocol` and `base_url` are set only by a source that names them itself.
    """

    id: str
    name: str
    family: str = ""
    modalities_in: tuple[str, ...] = ()
    modalities_out: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    reasoning: bool = False
    context_window: int | None = None
    max_output_tokens: int | None = None
    knowledge_cutoff: str = ""
    released_on: dt.date | None = None
    released_precision: Precision = "day"
    open_weights: bool | None = None
    lifecycle: str = "active"
    rates: tuple[Rates, ...] = ()
    creator_name: str = ""
    functions: tuple[str, ...] = ()
    protocol: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """A provider and its list. What the source does not say is "": address, protocol, status page."""

    slug: str
    name: str
    url: str = ""
    docs_url: str = ""
    key_env: str = ""
    base_url: str = ""
    protocol: str = ""
    status_page_url: str = ""
    status_page_kind: str = ""
    models: tuple[ListedModel, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """All that one source lists. `simulated`: its names are invented and it is always watched."""

    source_name: str
    providers: tuple[ListedProvider, ...]
    simulated: bool = False
    oddities: tuple[str, ...] = field(default=())


class Node:
    """A JSON value that knows its place in the file; every reader raises ListingError naming that place."""

    __slots__ = ("place", "value")

    def __init__(self, value: Any, place: str) -> None:
        self.value = value
        self.place = place

    def fail(self, expected: str) -> ListingError:
        shown = repr(self.value) if not isinstance(self.value, str) else f'"{self.value}"'
        return ListingError(self.place, f"expected {expected}, got {shown[:60]}")

    def has(self, key: str) -> bool:
        return self.mapping().get(key) is not None

    def mapping(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        return self.value

    def at(self, key: str) -> Node:
        if key not in self.mapping():
            raise ListingError(f"{self.place}.{key}".lstrip("."), "is missing")
        return Node(self.value[key], f"{self.place}.{key}".lstrip("."))

    def children(self) -> Iterator[tuple[str, Node]]:
        for key, value in self.mapping().items():
            yield key, Node(value, f"{self.place}.{key}".lstrip("."))

    def items(self) -> Iterator[Node]:
        if not isinstance(self.value, list):
            raise self.fail("a list")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.place}[{index}]")

    def text(self, limit: int = 300) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fail("a text that is not empty")
        if len(self.value) > limit or "\x00" in self.value:
            raise self.fail(f"a text of at most {limit} characters")
        return self.value.strip()

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text(40) for item in self.items())

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def count(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 <= self.value < 2**31:
            raise self.fail("a whole number ≥ 0")
        return self.value

    def rate(self) -> Decimal:
        """US dollars per million tokens, to eight decimals."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | Decimal):
            raise self.fail("a number ≥ 0")
        try:
            rate = Decimal(str(self.value))
            if not rate.is_finite() or not 0 <= rate < RATE_LIMIT:
                raise self.fail(f"a number ≥ 0 and < {RATE_LIMIT}")
            return rate.quantize(RATE_STEP)
        except InvalidOperation:
            raise self.fail("a number ≥ 0") from None

    def precision(self) -> Precision:
        """Of such a date."""
        return "day" if len(self.text(10)) == 10 else "month"

    def day(self) -> dt.date | None:
        """A date; a month alone counts from its first day; None for a date that is not in the calendar."""
        match = _MONTH_OR_DAY.fullmatch(self.text(10))
        if match is None:
            raise self.fail("a date (YYYY-MM-DD or YYYY-MM)")
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            return None
