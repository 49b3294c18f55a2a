"""What a simulated model says: the text it was asked for, in tokens, within the limit."""

import re
from collections.abc import Iterator
from itertools import cycle, islice

from probes.simulator.knowledge import know
from probes.simulator.planning import Plan
from probes.simulator.vendors.shape import FINGERPRINT, Answer, Call

WRONG_TEXT = "a pelican in the rain"
LONG_PROMPT = re.compile(r"\b(\d{2,4}) words\b")
ASKED = re.compile(r"reply with(?: exactly this text and nothing else)?:\s*([^\n]+)", re.IGNORECASE)
_STORY = ("the ", "lantern ", "kept ", "its ", "light ", "while ", "the ", "river ", "rose, ")
_THOUGHTS = ("Let ", "me ", "see. ", "The ", "request ", "is ", "plain. ")


def compose_answer(call: Call, plan: Plan, request_id: str, created: int) -> Answer:
    """Reasoning tokens count against the limit first, as with the real ones: a small limit leaves no text."""
    text = _wanted(call, plan)
    cap = call.cap or 10_000
    reasoning = list(islice(cycle(_THOUGHTS), min(plan.reasoning_tokens, cap)))
    kept = text[: cap - len(reasoning)]
    input_tokens = count_input(call.prompt)
    cost_usd = None
    if plan.usd_per_mtok is not None:
        cost_usd = round((input_tokens + len(kept) + len(reasoning)) * plan.usd_per_mtok / 1e6, 9)
    return Answer(
        model=plan.answers_as or call.model,
        request_id=request_id,
        created=created,
        text=kept,
        reasoning=reasoning,
        finish="stop" if len(kept) == len(text) else "length",
        input_tokens=input_tokens,
        cached_tokens=int(input_tokens * plan.cached_share),
        include_usage=call.include_usage,
        fingerprint=plan.fingerprint or FINGERPRINT,
        cost_usd=cost_usd,
    )


def _wanted(call: Call, plan: Plan) -> list[str]:
    if plan.fault == "empty":
        return []
    if plan.fault == "wrong_answer":
        return list(tokens_of(WRONG_TEXT))
    if asked := ASKED.search(call.prompt):
        return list(tokens_of(asked.group(1).strip()))
    if (known := know(call.prompt)) is not None:
        return list(tokens_of(known))
    if long := LONG_PROMPT.search(call.prompt):
        return list(islice(cycle(_STORY), int(long.group(1))))
    return list(tokens_of("This is the simulator."))


def count_input(prompt: str) -> int:
    """About what a tokenizer counts: a word of at most eight letters is one token."""
    return len(re.findall(r"\S{1,8}", prompt)) + 1


def tokens_of(text: str) -> Iterator[str]:
    """Pieces of at most four characters with the blank before them, about what a tokenizer makes."""
    return iter(re.findall(r"\s*\S{1,4}", text))
