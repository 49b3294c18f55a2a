"""What tokens cost: tokens × the rates that a price list states for that moment and length. Pure.

One rule for all that reckons money: probes' ledger and the calculator of readers. Cached input and reasoning
have the rates of input and output where none of their own is stated; a step of a price list ("prompts longer
than 200,000 tokens") holds for the whole request, and for what the step does not state the shorter ones do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

MTOK: Final = Decimal(1_000_000)
PartName = Literal["input", "cached", "output", "reasoning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """One price row in USD per million tokens; None = not stated, 0 = free of charge.

    Valid for moments from ≤ t < to (unix s, to None = open) and prompts of more than `over_tokens` tokens.
    `row`: the primary key of the row, 0 = of none.
    """

    input: Decimal | None
    output: Decimal | None
    cache_read: Decimal | None = None
    reasoning: Decimal | None = None
    over_tokens: int = 0
    valid_from: float = 0.0
    valid_to: float | None = None
    row: int = 0

    def covers(self, moment: float) -> bool:
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens to be paid: cached are a part of input, reasoning a part of output."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what a request costs. rate: USD per million tokens, None = none is stated.

    row: the price row that states it, 0 = none. of: the rate that was taken ("input" for cached tokens
    without a rate of their own).
    """

    name: PartName
    tokens: int
    rate: Decimal | None
    of: str
    row: int

    @property
    def usd(self) -> Decimal | None:
        """None where tokens are to be paid that no rate is stated for; not rounded."""
        if not self.tokens:
            return Decimal(0)
        return None if self.rate is None else self.tokens * self.rate / MTOK


def rows_at(rows: Iterable[Rates], moment: float, input_tokens: int) -> dict[str, Rates | None]:
    """Rate → the row that states it: the standard one, or the longest step that the prompt exceeds."""
    found: dict[str, Rates | None] = dict.fromkeys(("input", "output", "cache_read", "reasoning"))
    for row in sorted(rows, key=lambda row: row.over_tokens):
        if row.covers(moment) and (not row.over_tokens or input_tokens > row.over_tokens):
            found |= {name: row for name in found if getattr(row, name) is not None}
    return found


def parts_of(tokens: Tokens, rows: Iterable[Rates], moment: float) -> tuple[Part, ...]:
    """What a request costs, part by part, at the rates of that moment (unix s)."""
    stated = rows_at(rows, moment, tokens.input)
    return (
        _part("input", tokens.input - tokens.cached, stated, "input"),
        _part("cached", tokens.cached, stated, "cache_read", "input"),
        _part("output", tokens.output - tokens.reasoning, stated, "output"),
        _part("reasoning", tokens.reasoning, stated, "reasoning", "output"),
    )


def _part(name: PartName, count: int, stated: Mapping[str, Rates | None], *rates: str) -> Part:
    """With the first of the rates that is stated."""
    for rate in rates:
        if (row := stated[rate]) is not None:
            return Part(name, count, getattr(row, rate), rate, row.row)
    return Part(name, count, None, rates[-1], 0)


def total_of(parts: Sequence[Part]) -> Decimal | None:
    """USD, not rounded; None where a rate that is needed is not stated."""
    sums = [part.usd for part in parts]
    known = [usd for usd in sums if usd is not None]
    return sum(known, Decimal(0)) if len(known) == len(sums) else None
