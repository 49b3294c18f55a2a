"""What an endpoint answers, by its schema. Pure.

Unusable        theirs: nothing of the answer is taken; asking again may help
  NoAnswer      not the JSON of a chat completion
  NoJson        the message is not the one JSON object that was asked for
  WrongShape    a key, a type or a length is another
  NotQuoted     a quote does not stand in the source that it names
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from news.claims import LANGUAGES, LINES, MOST_TEXT, Claim
from news.summarising.asking import Source

#: In a language; people may add more.
MOST_FACTS: Final = 5
#: A quote of a few letters carries nothing, one of a page could carry anything.
LEAST_QUOTE: Final = 12
MOST_QUOTE: Final = 1_200
#: Deeper or longer JSON is not read.
MOST_MESSAGE: Final = 60_000


class Unusable(Exception):
    """The message says what was expected and what came, shortened."""


class NoAnswer(Unusable):
    """Not the JSON of a chat completion."""


class NoJson(Unusable):
    """Not one JSON object."""


class WrongShape(Unusable):
    """A key, a type or a length is another."""


class NotQuoted(Unusable):
    """A quote is not in its source."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Claims by language; [] = missing."""

    lines: Mapping[str, list[Claim]]
    key_facts: Mapping[str, list[Claim]]


def message_of(body: bytes) -> str:
    """What the model wrote. NoAnswer."""
    try:
        told = json.loads(body)
        content = told["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise NoAnswer("Expected a chat completion with choices[0].message.content.") from None
    if not isinstance(content, str) or len(content) > MOST_MESSAGE:
        raise NoAnswer(f"Expected a message of at most {MOST_MESSAGE} characters.")
    return content


def summary_of(message: str, sources: Sequence[Source]) -> Summary:
    """What the message says, each quote at its place. Unusable."""
    try:
        told = json.loads(_unfenced(message))
    except (ValueError, RecursionError):
        raise NoJson(f"Expected one JSON object, got {message[:80]!r}.") from None
    _keys(told, ("summary", "key_facts"), "the answer")
    known = {one.id: one for one in sources}
    lines, facts = {}, {}
    for lang in LANGUAGES:
        lines[lang] = _claims(told["summary"], "summary", lang, LINES, LINES, known)
        facts[lang] = _claims(told["key_facts"], "key_facts", lang, 1, MOST_FACTS, known)
    return Summary(lines, facts)


def _claims(
    part: Any, name: str, lang: str, least: int, most: int, known: Mapping[int, Source]
) -> list[Claim]:
    _keys(part, LANGUAGES, name)
    rows = part[lang]
    if not isinstance(rows, list) or not least <= len(rows) <= most:
        raise WrongShape(f"{name}.{lang}: expected a list of {least} to {most} claims.")
    return [_claim(row, f"{name}.{lang}[{at}]", lang, known) for at, row in enumerate(rows)]


def _claim(row: Any, where: str, lang: str, known: Mapping[int, Source]) -> Claim:
    _keys(row, ("text", "source", "quote"), where)
    text, quote, number = row["text"], row["quote"], row["source"]
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MOST_TEXT or "\n" in text.strip():
        raise WrongShape(f"{where}.text: expected one sentence of at most {MOST_TEXT} characters.")
    if not isinstance(quote, str) or not LEAST_QUOTE <= len(quote) <= MOST_QUOTE:
        raise WrongShape(f"{where}.quote: expected {LEAST_QUOTE} to {MOST_QUOTE} characters.")
    if not isinstance(number, int) or isinstance(number, bool) or number not in known:
        raise WrongShape(f"{where}.source: expected one of {sorted(known)}.")
    start = known[number].text.find(quote)
    if start < 0:
        raise NotQuoted(f"{where}.quote is not in source {number}: {quote[:80]!r}.")
    return Claim(lang, text.strip(), number, quote, start, start + len(quote))


def _keys(value: Any, names: Sequence[str], where: str) -> None:
    if not isinstance(value, dict) or set(value) != set(names):
        raise WrongShape(f"{where}: expected exactly the keys {', '.join(names)}.")


def _unfenced(message: str) -> str:
    """Without the one code fence that many models put around JSON."""
    text = message.strip()
    if text.startswith("```") and text.endswith("```") and text.count("```") == 2:
        return text.removeprefix("```json").removeprefix("```").removesuffix("```")
    return text
