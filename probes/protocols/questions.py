"""What a probe asks: short, unique, without personal data, never with sampling parameters.

Anthropic 2026-10-21 and OpenAI's reasoning models refuse sampling parameters, so none is ever sent (PROTOCOLS
0.1, A1).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from probes.protocols.canary import make_item

# Output limits in tokens. A reasoning model spends the limit on thinking first: below 64 it ends without
# text, and a known answer takes it longer.
SHORT_CAP = 8
KNOWN_ANSWER_CAP = 24
REASONING_CAP = 64
REASONING_ANSWER_CAP = 256
PERFORMANCE_CAP = 500
# About 1,000 tokens in for the performance tier: 999 in o200k_base and cl100k_base, one for each word.
PERFORMANCE_WORDS = 980

_WORDS = (
    *("river", "stone", "garden", "window", "letter", "market", "winter", "copper", "silver", "mountain"),
    *("paper", "coffee", "morning", "evening", "harbour", "lantern", "forest", "engine", "signal", "circle"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One request to be built. key: the secret itself ("" = send none); it lives only as long as the attempt.

    reasoning: the model thinks first, so the vendor's switch for thinking less is sent.
    """

    base_url: str
    model: str
    tier: str
    prompt: str
    cap_tokens: int
    reasoning: bool = False
    key: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posed:
    """What an attempt asks and what its answer must contain (None = any text is right)."""

    prompt: str
    expected: str | None


def pose(tier: str, endpoint: str, due_at: float, nonce: str, expected_answer: str | None) -> Posed:
    """The question of one attempt. nonce: new for every attempt; due_at: unix s.

    A asks nothing, B for one word, C for a long text, D for a known answer. expected_answer: the endpoint's
    own text for B and D, with a fresh number of four digits for `{nonce}`; without it D brings an item.
    """
    if tier == "A":
        return Posed("", None)
    if tier == "C":
        return Posed(compose_prompt(tier, nonce, None), None)
    if expected_answer is not None:
        expected = expected_answer
        if "{nonce}" in expected:
            number = random.Random(nonce).randint(1000, 9999)  # noqa: S311 - no secret
            expected = expected.replace("{nonce}", str(number))
        return Posed(compose_prompt(tier, nonce, expected), expected)
    if tier == "D":
        item = make_item(endpoint, due_at, nonce)
        return Posed(item.prompt, item.expected)
    return Posed(compose_prompt(tier, nonce, None), None)


def compose_prompt(tier: str, nonce: str, expected_answer: str | None) -> str:
    """A prompt that no cache has seen: `nonce` must be new for every attempt.

    The long one begins with it, for caches compare prompts from their start.
    """
    if expected_answer is not None:
        return f"Reply with exactly this text and nothing else: {expected_answer}\n(probe {nonce})"
    if tier == "C":
        picks = random.Random(nonce).choices(_WORDS, k=PERFORMANCE_WORDS)  # noqa: S311 - no secret
        return f"Probe {nonce}. Write a long story of 500 words that uses these words: {' '.join(picks)}"
    return f"Reply with: ok\n(probe {nonce})"


def cap_for(tier: str, *, reasoning: bool, expected_answer: str | None, options: Mapping[str, Any]) -> int:
    """The output limit in tokens.

    The endpoint's probe options change it: `max_output_tokens` replaces it in B and D (C keeps its 500, for
    its figures must compare), `min_output_tokens` is a floor that the vendor sets.
    """
    least = int(options.get("min_output_tokens") or 0)
    if tier == "C":
        return max(PERFORMANCE_CAP, least)
    if options.get("max_output_tokens"):
        return max(int(options["max_output_tokens"]), least)
    if expected_answer is not None:
        return max(REASONING_ANSWER_CAP if reasoning else KNOWN_ANSWER_CAP, least)
    return max(REASONING_CAP if reasoning else SHORT_CAP, least)
