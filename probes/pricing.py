"""What an attempt costs: tokens × the price of its moment, by `catalog.charging`. Pure.

Usage × price table is the only way with all providers but OpenRouter and xAI, which say what they charged
(PROTOCOLS A5). An answer that was cut before its usage arrived is estimated, and marked so:

    input tokens  = pieces of the prompt (up to 8 letters, up to 3 digits, or one sign) + 8 for the frame
    output tokens = what was told so far or chunks that bore text, whichever is more; of a reasoning model
                    that has told and shown nothing its whole limit, for it may have thought that much

The pieces of the performance prompt are 1 % more than the 999 tokens that o200k_base makes of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final

from catalog.charging import Rates, Tokens, parts_of, rows_at, total_of
from probes.attempts import Attempt
from probes.protocols.questions import cap_for, pose

#: What the ledger's columns hold.
CENT_MILLIONTH: Final = Decimal("0.00000001")
#: No probe costs that much; a larger sum is a provider's mistake and no amount.
MAX_USD: Final = Decimal(1_000)
FRAME_TOKENS: Final = 8
_PIECE: Final = re.compile(r"[^\W\d_]{1,8}|\d{1,3}|[^\w\s]")
_NONCE: Final = "0a1b2c3d4e5f"

#: Outcomes of answers that were read to their end, so that their token counts are the last word.
READ_TO_THE_END: Final = frozenset({"ok", "wrong_answer", "empty", "bad_request", "lagged"})
#: Refusals told inside an answer with status 200: where no chunk came before, nothing was generated.
REFUSALS: Final = frozenset(
    {"auth", "quota", "rate_limited", "overloaded", "capacity_throttle", "edge_block", "pop_offline"}
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What an attempt cost. usd None: no source states the price. estimated: no final token count came."""

    usd: Decimal | None
    estimated: bool


NOTHING: Final = Cost(Decimal(0), estimated=False)
UNPRICED: Final = Cost(None, estimated=False)


@dataclass(frozen=True, slots=True)
class Tariff:
    """All that an endpoint's costs follow from: its price rows, and what it is asked with."""

    rates: tuple[Rates, ...]
    reasoning: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def cost_of(attempt: Attempt, tariff: Tariff) -> Cost:
    """What the provider says that it charged, else tokens × the rates of the moment the attempt started.

    0 for what cannot have been charged: tier A, never sent, refused.
    """
    if attempt.tier == "A":
        return NOTHING
    told = attempt.reported_cost_usd
    if told is not None and 0 <= told < MAX_USD:
        return Cost(Decimal(str(told)).quantize(CENT_MILLIONTH), estimated=False)
    tokens = tokens_of(attempt, tariff)
    if tokens is None:
        return NOTHING
    usd = price_of(tokens, tariff, attempt.started_at)
    return UNPRICED if usd is None else Cost(usd, tokens.estimated)


def tokens_of(attempt: Attempt, tariff: Tariff) -> Tokens | None:
    """The tokens to be paid for, estimated where the provider's count is missing; None: nothing to pay."""
    if attempt.input_tokens is None and attempt.output_tokens is None and not _may_be_charged(attempt):
        return None
    output, estimated = _output_of(attempt, tariff)
    given = attempt.input_tokens if attempt.input_tokens is not None else prompt_tokens(attempt.tier)
    return Tokens(
        input=given,
        output=output,
        cached=min(attempt.cached_tokens or 0, given),
        reasoning=min(attempt.reasoning_tokens or 0, output),
        estimated=estimated or attempt.input_tokens is None,
    )


def _may_be_charged(attempt: Attempt) -> bool:
    """Whether the request reached a model: it began to answer, or it was sent and nothing came back."""
    if attempt.http_status is None:
        return attempt.sent_ms is not None
    answered = 200 <= attempt.http_status < 300
    return answered and (attempt.chunks > 0 or attempt.outcome not in REFUSALS)


def _output_of(attempt: Attempt, tariff: Tariff) -> tuple[int, bool]:
    """(tokens, whether they are estimated)."""
    told = attempt.output_tokens
    if attempt.outcome in READ_TO_THE_END:
        if told is not None:
            return told, False
        if attempt.input_tokens is not None and not attempt.chunks:
            return 0, False  # an embedding has an input only
    seen = max(told or 0, attempt.chunks)
    unseen = tariff.reasoning and not seen and attempt.http_status is not None
    return output_limit(attempt.tier, tariff) if unseen else seen, True


def price_of(tokens: Tokens, tariff: Tariff, moment: float) -> Decimal | None:
    """USD at the rates of that moment (unix s); None where a rate that is needed is not stated.

    Cached input and reasoning have the rates of input and output where none of their own is stated.
    """
    total = total_of(parts_of(tokens, tariff.rates, moment))
    return total.quantize(CENT_MILLIONTH) if total is not None and total < MAX_USD else None


def expected_cost(tier: str, tariff: Tariff, moment: float) -> Decimal | None:
    """What a probe of the tier costs at most: the prompt and the whole output limit.

    None where no source states a price; without an output rate (an embedding) the input alone.
    """
    if tier == "A":
        return Decimal(0)
    given = prompt_tokens(tier)
    if rows_at(tariff.rates, moment, given)["output"] is None:
        return price_of(Tokens(given, 0), tariff, moment)
    return price_of(Tokens(given, output_limit(tier, tariff)), tariff, moment)


def output_limit(tier: str, tariff: Tariff) -> int:
    """The output limit that the endpoint is asked with; options that are no numbers count as absent."""
    expected = "" if tier == "D" else None
    try:
        return cap_for(tier, reasoning=tariff.reasoning, expected_answer=expected, options=tariff.options)
    except (TypeError, ValueError):
        return cap_for(tier, reasoning=tariff.reasoning, expected_answer=expected, options={})


@cache
def prompt_tokens(tier: str) -> int:
    """About how many tokens a tier's prompt has."""
    return len(_PIECE.findall(pose(tier, "", 0.0, _NONCE, None).prompt)) + FRAME_TOKENS
