"""What a probe asks: short, unique, without personal data, never with sampling parameters.

Anthropic 2026-10-21 and OpenAI's reasoning models refuse sampling parameters, so none is ever sent (PROTOCOLS
0.1, A1).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Output limits in tokens. A reasoning model spends the limit on thinking first: below 64 it ends without
# text.
SHORT_CAP = 8
KNOWN_ANSWER_CAP = 24
REASONING_CAP = 64
PERFORMANCE_CAP = 500
# About 1,000 tokens in for the performance tier.
PERFORMANCE_WORDS = 750

_WORDS = (
    *("river", "stone", "garden", "window", "letter", "market", "winter", "copper", "silver", "mountain"),
    *("paper", "coffee", "morning", "evening", "harbour", "lantern", "forest", "engine", "signal", "circle"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One request to be built. key: the secret itself ("" = send none).

    It lives only as long as the attempt.
    """

    base_url: str
    model: str
    tier: str
    prompt: str
    cap_tokens: int
    key: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


def compose_prompt(tier: str, nonce: str, expected_answer: str | None) -> str:
    """A prompt that no cache has seen: `nonce` must be new for every attempt."""
    if expected_answer is not None:
        return f"Reply with exactly this text and nothing else: {expected_answer}\n(probe {nonce})"
    if tier == "C":
        picks = random.Random(nonce).choices(_WORDS, k=PERFORMANCE_WORDS)  # noqa: S311 - no secret
        return f"Probe {nonce}. Write a long story of 500 words that uses these words: {' '.join(picks)}"
    return f"Reply with: ok\n(probe {nonce})"


def cap_for(tier: str, *, reasoning: bool, expected_answer: str | None, options: Mapping[str, Any]) -> int:
    """The output limit in tokens; `max_output_tokens` of the endpoint's probe options wins."""
    if options.get("max_output_tokens"):
        return int(options["max_output_tokens"])
    if tier == "C":
        return PERFORMANCE_CAP
    short = KNOWN_ANSWER_CAP if expected_answer is not None else SHORT_CAP
    return max(short, REASONING_CAP) if reasoning else short
