"""From the facts of an answer that began with 200 to its outcome. Pure.

A stream is complete only when its protocol's terminal marker was seen; the vendors' own SDKs do not check
that.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from probes.protocols.canary import gives_answer
from probes.protocols.errors import Rule, classify_stream_error
from probes.protocols.facts import Facts


@dataclass(frozen=True, slots=True)
class Endings:
    """The finish reasons of one protocol that are not a plain stop, lower case."""

    length: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()  # the content filter or a refusal: our request
    failed: frozenset[str] = frozenset()  # the provider says that it broke off
    overloaded: frozenset[str] = frozenset()


def endings(*, length: str, blocked: str = "", failed: str = "", overloaded: str = "") -> Endings:
    """Blank-separated lists."""
    return Endings(*(frozenset(part.lower().split()) for part in (length, blocked, failed, overloaded)))


def judge(facts: Facts, ends: Endings, rules: Iterable[Rule], expected_answer: str | None) -> tuple[str, str]:
    """(outcome, detail) of an answer that began with 200. First match wins.

    The order is the order of certainty.
    """
    finish = facts.finish.lower()
    no_text = not facts.text.strip() and not facts.textless
    checks: tuple[tuple[bool, str, str], ...] = (
        (facts.html, "edge_block", "an HTML page with status 200"),
        (bool(facts.malformed), "bad_json", facts.malformed),
        (finish in ends.failed, "stream_error", f"finish reason {facts.finish}"),
        (finish in ends.overloaded, "overloaded", f"finish reason {facts.finish}"),
        (finish in ends.blocked, "bad_request", f"blocked: finish reason {facts.finish}"),
        (not facts.complete, "truncated", "ended without its terminal marker"),
        (no_text and finish in ends.length, "bad_request", "our output limit left no visible text"),
        (no_text, "empty", f"no text, finish reason {facts.finish or 'none'}"),
        (_misses(facts.text, expected_answer), "wrong_answer", f"answered {facts.text[:60]!r}"[:80]),
    )
    if facts.stream_error is not None:
        return classify_stream_error(rules, facts.stream_error), facts.stream_error.summary()
    return next(((outcome, detail) for hit, outcome, detail in checks if hit), ("ok", ""))


def _misses(text: str, expected: str | None) -> bool:
    return expected is not None and not gives_answer(text, expected)
