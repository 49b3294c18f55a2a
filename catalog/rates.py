"""What can be said of prices without a database: tiers, the blended rate, bands, changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

#: Tiers whose rates hold for every request, before those of some requests.
STANDARD: Final = "standard"
BATCH: Final = "batch"
#: What is charged beside tokens of text, stated by another source than the standard rates.
EXTRA: Final = "extra"
_STEP: Final = re.compile(r"(?:(batch)_)?over_(\d{1,6})k")
#: The blended rate reckons with so many input tokens for one output token.
INPUT_SHARE: Final = 3
#: Bands of the blended rate in USD per million tokens: code → (from, below); None = without an end.
BANDS: Final[dict[str, tuple[Decimal, Decimal | None]]] = {
    "free": (Decimal(0), Decimal(0)),
    "under-0.5": (Decimal(0), Decimal("0.5")),
    "0.5-2": (Decimal("0.5"), Decimal(2)),
    "2-10": (Decimal(2), Decimal(10)),
    "10-up": (Decimal(10), None),
}
#: No source states input and output.
UNKNOWN_BAND: Final = "unknown"


def step_tokens(tier: str) -> int:
    """Prompts longer than so many tokens pay this tier: "over_200k" → 200,000, "standard" → 0."""
    found = _STEP.fullmatch(tier)
    return int(found[2]) * 1000 if found else 0


def is_batch(tier: str) -> bool:
    """Of requests that are answered later: "batch", "batch_over_200k"."""
    return tier == BATCH or tier.startswith(f"{BATCH}_")


def tier_order(tier: str) -> tuple[int, int, str]:
    """Standard, its steps by length, batch and its steps, what is charged beside them, all else by name."""
    if tier == STANDARD:
        return 0, 0, ""
    if is_batch(tier):
        return 2, step_tokens(tier), ""
    if step_tokens(tier):
        return 1, step_tokens(tier), ""
    return (3 if tier == EXTRA else 4), 0, tier


def blended(given: Decimal | None, received: Decimal | None) -> Decimal | None:
    """USD per million tokens where three input tokens come with one output token: (3 × input + output) ÷ 4.

    None where a source states one of them only. 2 in and 8 out → 3.5.
    """
    if given is None or received is None:
        return None
    return (INPUT_SHARE * given + received) / (INPUT_SHARE + 1)


def band_of(rate: Decimal | None) -> str:
    """The band of a blended rate: 0 → free, 0.49 → under-0.5, 0.5 → 0.5-2, None → unknown."""
    if rate is None:
        return UNKNOWN_BAND
    if rate == 0:
        return "free"
    return next(
        code for code, (_low, high) in BANDS.items() if code != "free" and (high is None or rate < high)
    )


def change_pct(old: Decimal | None, new: Decimal | None) -> float | None:
    """By how many per cent a rate rose (> 0) or fell; None where one is not known or the old one was 0."""
    if old is None or new is None or old == 0:
        return None
    return float((new - old) / old * 100)


def direction(pairs: Sequence[tuple[Decimal | None, Decimal | None]]) -> str:
    """ "raised" or "lowered" where all rates that changed went one way, else "changed"."""
    ways = {new > old for old, new in pairs if old is not None and new is not None and old != new}
    if len(ways) != 1:
        return "changed"
    return "raised" if ways.pop() else "lowered"
