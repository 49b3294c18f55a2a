"""When an attempt is confirmed at once by further ones, and when. Pure."""

import random
from typing import Final

from probes.outcomes import Charge, charge_of, is_failure

CONFIRM_BACKOFF_S: Final = (1.0, 2.0)
CONFIRM_JITTER: Final = 0.2


def contradicts(outcome: str, *, expect_ok: bool) -> bool:
    """True when an attempt says the opposite of what was expected and must be confirmed at once.

    ok against expect_ok=False and http_5xx against expect_ok=True do; what is ours or a series of its own
    does not.
    """
    return is_failure(outcome) if expect_ok else outcome == "ok"


def same_class(first: str, second: str) -> bool:
    """Whether two outcomes say the same: both ok, both the provider's failure, or both neither."""
    fold = {Charge.SERIES: None, Charge.OURS: None}
    return fold.get(charge_of(first), charge_of(first)) == fold.get(charge_of(second), charge_of(second))


def next_attempt_in_s(
    outcomes: list[str], *, expect_ok: bool, confirm: bool, rng: random.Random
) -> float | None:
    """Seconds until the next attempt of an order that has ended so far as `outcomes` say; None = it is done.

    About 1 s after the first and 2 s after the second, ±20 %, for as long as they say the same.
    """
    made = len(outcomes)
    if not confirm or made > len(CONFIRM_BACKOFF_S) or not contradicts(outcomes[0], expect_ok=expect_ok):
        return None
    if not same_class(outcomes[0], outcomes[-1]):
        return None
    return CONFIRM_BACKOFF_S[made - 1] * rng.uniform(1 - CONFIRM_JITTER, 1 + CONFIRM_JITTER)
