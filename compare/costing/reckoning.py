"""From tokens and prices to money: one request, a day, a month of thirty days. Pure.

    reasoning tokens = visible output × (reasoning ÷ visible, as our probes measured it); unmeasured = none
    request          = (input − cached) × input rate + cached × cache rate + output × output rate
                       + reasoning × its rate + the fee per request where a list states one
    day, month       = request × requests per day, × 30

Cached tokens without a rate of their own have that of input. Writing to a cache, storage and tools are not
counted. In a batch the rates of the tier "batch" hold; a prompt longer than a step of the price list has no
batch rate unless the list states one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from catalog.charging import Part, Rates, Tokens, parts_of, total_of
from compare.costing.asking import CostWish

DAYS: Final = 30
#: Without so many answers that say how much was reasoned, no ratio is told: 5 are enough, 4 are not.
LEAST_ANSWERS: Final = 5
Missing = Literal["", "no-price", "no-rate", "no-batch", "no-batch-step", "not-counted"]
How = Literal["given", "exact", "estimate"]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What stands behind a rate. seen_at: when the source was read last; times are UTC."""

    pk: int
    tier: str
    source_name: str
    source_url: str
    seen_at: datetime
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Fee:
    """What a thousand requests cost beside their tokens, USD; valid from ≤ t < to, unix s."""

    usd_per_k: Decimal
    valid_from: float
    valid_to: float | None
    row: int


@dataclass(frozen=True, slots=True)
class Overhead:
    """How much a model reasons: reasoning tokens ÷ visible output tokens of our own long answers.

    ratio None: fewer than LEAST_ANSWERS answers said so.
    """

    ratio: float | None
    answers: int
    window_s: int
    last_at: datetime | None
    method_version: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An endpoint with its prices in force and to come. Limits in tokens, None = not stated."""

    endpoint_id: int
    slug: str
    model: str
    name: str
    creator: str
    creator_name: str
    provider: str
    provider_name: str
    icon: Mapping[str, str]
    own: bool
    simulated: bool
    watched: bool
    reasoning: bool
    open_weights: bool | None
    context_window: int | None
    max_output_tokens: int | None
    standard: tuple[Rates, ...]
    batch: tuple[Rates, ...]
    regional: Mapping[str, tuple[tuple[Rates, ...], tuple[Rates, ...]]]
    fees: tuple[Fee, ...]
    rows: Mapping[int, PriceRow]

    def rates_in(self, region: str, *, batch: bool) -> tuple[Rates, ...]:
        """Of a region that has rates of its own those alone, else those that hold everywhere."""
        own = self.regional.get(region, ((), ()))[batch]
        return own or (self.batch if batch else self.standard)

    @property
    def steps(self) -> tuple[int, ...]:
        """Lengths of prompt (tokens) from which other rates hold."""
        return tuple(sorted({rates.over_tokens for rates in self.standard if rates.over_tokens}))

    @property
    def priced(self) -> bool:
        """Whether any source states a rate."""
        return bool(self.standard or self.batch)

    @property
    def is_free(self) -> bool:
        """Every rate that is stated is 0."""
        stated = [*self.standard, *self.batch]
        rates = {rate for row in stated for rate in (row.input, row.output) if rate is not None}
        return rates == {0} and not any(fee.usd_per_k for fee in self.fees)

    def fee_at(self, moment: float) -> Fee | None:
        """What each request costs beside its tokens; None = no source states a fee."""
        held = (fee for fee in self.fees if fee.valid_from <= moment)
        return next((fee for fee in held if fee.valid_to is None or moment < fee.valid_to), None)


@dataclass(frozen=True, slots=True)
class InputCount:
    """Tokens of the input and how they are known. error_pct: of an estimate, None = not measured.

    vocabulary: the name of the one that counted, "" = none did. tokens None: counting failed.
    """

    tokens: int | None
    how: How
    vocabulary: str = ""
    error_pct: float | None = None


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one endpoint would cost. request: USD, None = unknown by `missing`; not rounded.

    low, high: of a request, where the input is an estimate whose error was measured. fits: the input and
    output are within what the model takes, None = its limits are not stated.
    """

    offer: Offer
    count: InputCount
    overhead: Overhead | None
    tokens: Tokens
    parts: tuple[Part, ...]
    fee: Fee | None
    request: Decimal | None
    low: Decimal | None
    high: Decimal | None
    per_day: int
    missing: Missing
    fits: bool | None

    @property
    def day(self) -> Decimal | None:
        return None if self.request is None else self.request * self.per_day

    @property
    def month(self) -> Decimal | None:
        return None if self.day is None else self.day * DAYS

    @property
    def month_low(self) -> Decimal | None:
        return None if self.low is None else self.low * self.per_day * DAYS

    @property
    def month_high(self) -> Decimal | None:
        return None if self.high is None else self.high * self.per_day * DAYS

    @property
    def price_rows(self) -> tuple[PriceRow, ...]:
        """The rows that its rates are from, each once."""
        used = [part.row for part in self.parts if part.tokens and part.row]
        used += [self.fee.row] if self.fee else []
        return tuple(self.offer.rows[pk] for pk in dict.fromkeys(used) if pk in self.offer.rows)

    @property
    def reasoning_known(self) -> bool:
        """Whether what reasoning adds is in it, or there is none to add."""
        return not self.offer.reasoning or (self.overhead is not None and self.overhead.ratio is not None)


def cost_line(
    offer: Offer, wish: CostWish, count: InputCount, overhead: Overhead | None, *, moment: float
) -> CostLine:
    """What a request of the wish costs at the endpoint; moment: unix s."""
    batch = wish.batch == "1"
    rates = offer.rates_in(wish.region, batch=batch)
    given = count.tokens or 0
    tokens = _tokens(given, wish, overhead)
    parts = parts_of(tokens, rates, moment)
    missing = _missing(offer, count, rates, batch)
    fee = offer.fee_at(moment)
    request = None if missing else _with(fee, total_of(parts))
    low, high = _range(count, wish, overhead, rates, moment) if request is not None else (None, None)
    return CostLine(
        offer=offer,
        count=count,
        overhead=overhead,
        tokens=tokens,
        parts=parts,
        fee=fee,
        request=request,
        low=_with(fee, low),
        high=_with(fee, high),
        per_day=wish.requests_per_day,
        missing=missing or ("no-rate" if request is None else ""),
        fits=_fits(offer, tokens),
    )


def _with(fee: Fee | None, usd: Decimal | None) -> Decimal | None:
    return usd if usd is None or fee is None else usd + fee.usd_per_k / 1_000


def _tokens(given: int, wish: CostWish, overhead: Overhead | None) -> Tokens:
    """cache_pct of the input is cached, rounded half up; reasoning comes on top of the visible output."""
    cached = int((Decimal(given) * wish.cache_pct / 100).quantize(Decimal(1), ROUND_HALF_UP))
    ratio = overhead.ratio if overhead and wish.reasoning == "measured" else None
    reasoning = round(wish.output_tokens * ratio) if ratio else 0
    return Tokens(given, wish.output_tokens + reasoning, cached, reasoning)


def _missing(offer: Offer, count: InputCount, rates: tuple[Rates, ...], batch: bool) -> Missing:
    if count.tokens is None:
        return "not-counted"
    if not offer.priced:
        return "no-price"
    if batch and not rates:
        return "no-batch"
    over = [step for step in offer.steps if count.tokens > step]
    if batch and over and not any(row.over_tokens == over[-1] for row in rates):
        return "no-batch-step"
    return "" if rates else "no-price"


def _range(
    count: InputCount, wish: CostWish, overhead: Overhead | None, rates: tuple[Rates, ...], moment: float
) -> tuple[Decimal | None, Decimal | None]:
    """Of a request, where the input is off by as much as 95 % of estimates are at most."""
    if count.how != "estimate" or count.error_pct is None or count.tokens is None:
        return None, None
    # A guess that is x % above the truth means a truth of guess ÷ (1 + x): that is what was measured.
    off = count.error_pct / 100
    ends = (count.tokens / (1 + off), count.tokens / max(0.01, 1 - off))
    low, high = (total_of(parts_of(_tokens(round(end), wish, overhead), rates, moment)) for end in ends)
    return low, high


def _fits(offer: Offer, tokens: Tokens) -> bool | None:
    if offer.context_window is None:
        return None
    visible = tokens.output - tokens.reasoning
    if offer.max_output_tokens and visible > offer.max_output_tokens:
        return False
    return tokens.input + tokens.output <= offer.context_window
