"""From where to where, and who did it to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from news.checking.concepts import places_of
from news.checking.findings import BLOCKS, Finding, Rule
from news.checking.naming import VARIANTS, is_version
from news.checking.pairing import compounds_of
from news.checking.reading import Reading

_FROM_TO_EN: Final = re.compile(r"\bfrom\b(.{1,40}?)\bto\b(.{1,30})", re.IGNORECASE)
_FROM_TO_KO: Final = re.compile(r"(.{1,24}?)에서\s(.{1,24}?)(?:으로|로)(?=\s|$|[가-힣])")
_INSTEAD: Final = re.compile(r"^(.{1,60}?)\binstead of\b(.{1,20})", re.IGNORECASE)


def ways(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """From X to Y, told as from Y to X."""
    mine, theirs = _from_to(said), _from_to(quoted)
    if mine is None or theirs is None:
        return
    turned = mine[0] == theirs[1] or mine[1] == theirs[0]
    if turned and mine != theirs:
        yield Finding(Rule.PAIRING, BLOCKS, said.text, (0, len(said.text)))


def roles(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Of two names, the one that acts in the sentence is the one that acts in the quote."""
    if not places_of("deed", said.text).keys() & places_of("deed", quoted.text).keys():
        return
    mine, theirs = _actors(said), _actors(quoted)
    shared = [key for key in mine if key in theirs]
    for one, other in combinations(shared, 2):
        first, then = _acts(said, mine[one], mine[other]), _acts(quoted, theirs[one], theirs[other])
        if first is not None and then is not None and first != then:
            name = mine[one] if first else mine[other]
            yield Finding(Rule.ROLE, BLOCKS, said.text[name[0] : name[1]], name)
            return


# --- from where to where -----------------------------------------------------------------------------


def _from_to(reading: Reading) -> tuple[object, object] | None:
    text = reading.text
    if match := _INSTEAD.search(text):
        spans = (match.span(2), match.span(1))
        found = tuple(_value_in(reading, span, last=at == 1) for at, span in enumerate(spans))
    else:
        match = (_FROM_TO_KO if reading.lang == "ko" else _FROM_TO_EN).search(text)
        if match is None:
            return None
        found = (_value_in(reading, match.span(1), last=True), _value_in(reading, match.span(2), last=False))
    return None if None in found else (found[0], found[1])


def _value_in(reading: Reading, span: tuple[int, int], *, last: bool) -> object | None:
    """The figure or date of that part of the text, nearest to the word that says from or to."""
    found: list[tuple[int, object]] = [
        (one.start, one.value) for one in reading.quantities if span[0] <= one.start < span[1]
    ]
    found += [
        (one.start, tuple(sorted(one.parts().items())))
        for one in reading.moments
        if span[0] <= one.start < span[1] and not one.relative
    ]
    found.sort(key=lambda pair: pair[0])
    return (found[-1] if last else found[0])[1] if found else None


# --- who did it to whom ------------------------------------------------------------------------------


def _actors(reading: Reading) -> dict[frozenset[str], tuple[int, int]]:
    """Compounds that name something alone, each where it stands first."""
    found: dict[frozenset[str], tuple[int, int]] = {}
    for keys, start, end in compounds_of(reading):
        if not all(is_version(key) or key in VARIANTS for key in keys):
            found.setdefault(keys, (start, end))
    return found


_TOPIC: Final = re.compile(r"(?:은|는)(?=[\s,]|$)")
_NOMINATIVE: Final = re.compile(r"(?:이|가)(?=[\s,]|$)")
_OBJECT: Final = re.compile(r"(?:을|를|에|에게|에서|보다|한테)(?=[\s,]|$)")
_TOGETHER: Final = re.compile(r"^[\s,]*(?:and|or|&|와|과|및|,)[\s,]*$", re.IGNORECASE)
_AGENT: Final = re.compile(r"\bby (?:the |its )?(?:[\w-]+ )?$", re.IGNORECASE)


def _acts(reading: Reading, one: tuple[int, int], other: tuple[int, int]) -> bool | None:
    """Whether the first of two names acts on the other; False: the other does; None: it cannot be told."""
    if one[0] > other[0]:
        turned = _acts(reading, other, one)
        return None if turned is None else not turned
    between = reading.text[one[1] : other[0]]
    if _TOGETHER.match(between) or not between.strip():
        return None
    first = min((name.start for name in reading.names), default=0)
    if reading.lang != "ko" and one[0] != first and re.search(r"\b(?:and|but|while)\b", between):
        return None  # whoever acts in the second part stands before the first
    if reading.lang != "ko":
        return not _AGENT.search(reading.text[: other[0]]) if places_of("deed", between) else None
    if not places_of("deed", reading.text):
        return None
    mine, theirs = _particle(reading.text, one[1]), _particle(reading.text, other[1])
    if mine == theirs:
        return None
    if "object" in (mine, theirs):
        return (
            theirs == "object" if mine != "object" else (False if theirs in ("topic", "nominative") else None)
        )
    return None


def _particle(text: str, end: int) -> str:
    rest = text[end : end + 8]
    if _OBJECT.match(rest):
        return "object"
    if _TOPIC.match(rest):
        return "topic"
    if _NOMINATIVE.match(rest):
        return "nominative"
    return "of" if rest.startswith("의 ") else ""
