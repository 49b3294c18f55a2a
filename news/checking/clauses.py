"""The clauses of a quote, and which of them a sentence tells."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from news.checking.concepts import places_of
from news.checking.reading import Reading

#: Where a clause ends.
_CLAUSES: Final = re.compile(
    r"[;:.!?](?=\s|$)|,\s|\b(?:and|but|while|whereas|although|though|which|because|so that)\b"
    r"|(?<=[가-힣])(?:으나|지만|는데|으며|하며|되며|이며|했고|됐고|하고|되고|았고|었고|였고|이고)(?=\s|,)",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """From and to of each clause."""
    ends = [match.end() for match in _CLAUSES.finditer(text)]
    starts = [0, *ends]
    return tuple(
        (start, end) for start, end in zip(starts, [*ends, len(text)], strict=True) if text[start:end].strip()
    )


def takes_up(said: Reading, quoted: Reading, at: int) -> bool:
    """Whether the sentence tells what the quote's clause at that place tells, as far as can be seen."""
    parts = clauses(quoted.text)
    own = _reach(quoted.text, parts, at)
    others = [part for part in parts if not own[0] <= part[0] < own[1]]
    if not others:
        return True
    if said.lang == quoted.lang:
        told = taken_up(said, quoted)
        if own in told and len(told) < len(parts):
            return True
        words = set(said.words)
        share = overlap(words, [quoted.text[slice(*own)]])
        return share >= min(0.5, overlap(words, [quoted.text[slice(*part)] for part in others]))
    marks = marks_of(quoted, own) - {mark for part in others for mark in marks_of(quoted, part)}
    mine = marks_of(said, (0, len(said.text)))
    if marks:
        return bool(marks & mine)
    if not any(marks_of(quoted, part) & mine for part in others):
        return True
    words = words_of(
        said.text
    )  # known by no mark, and the sentence has some of another clause: by its words?
    own_words = words_of(quoted.text[slice(*own)])
    most = max(len(words & words_of(quoted.text[slice(*part)])) for part in others)
    return len(words & own_words) > most


def _reach(text: str, parts: tuple[tuple[int, int], ...], at: int) -> tuple[int, int]:
    """What is told by the words there: their clause; with "according to" also the one that it stands by, with
    "will" also what follows by "and" without a verb of its own."""
    number = next((n for n, (start, end) in enumerate(parts) if start <= at < end), None)
    if number is None:
        return 0, len(text)
    start, end = parts[number]
    if _ATTRIBUTED.match(text, start):
        near = parts[number - 1] if number and text[:start].rstrip().endswith(",") else None
        behind = parts[number + 1] if number + 1 < len(parts) else None
        chosen = near or behind
        return (min(start, chosen[0]), max(end, chosen[1])) if chosen else (start, end)
    if _WILL.search(text[start:end]):
        for first, last in parts[number + 1 :]:
            if re.search(r"[.;!?]\s*$", text[:first]) or _FINITE.search(text[first:last]):
                break
            end = last
    return start, end


_ATTRIBUTED: Final = re.compile(r"\s*according to\b", re.IGNORECASE)
_WILL: Final = re.compile(r"\bwill\b|\bplans? to\b")
_FINITE: Final = re.compile(r"\b(?:is|are|was|were|has|have|had|can|may|does|did|\w{3,}ed)\b(?!\s(?:by|of))")


def taken_up(said: Reading, quoted: Reading, *, by_names: bool = False) -> tuple[tuple[int, int], ...]:
    """The quote's clauses that the sentence tells, by figures and dates that only they have; all where none
    has any. Names tell less: a second clause leaves them out."""
    parts = clauses(quoted.text)
    mine = _hard_marks(said, (0, len(said.text)), by_names=by_names)
    marks = [_hard_marks(quoted, part, by_names=by_names) for part in parts]
    told = [
        part for at, part in enumerate(parts) if marks[at].difference(*marks[:at], *marks[at + 1 :]) & mine
    ]
    return tuple(told) or parts


def marks_of(reading: Reading, part: tuple[int, int]) -> set[object]:
    """What a clause can be known by in the other language: figures, names, dates, deeds."""
    return _hard_marks(reading, part, by_names=True) | deeds(reading.text[slice(*part)])


def _hard_marks(reading: Reading, part: tuple[int, int], *, by_names: bool) -> set[object]:
    start, end = part
    marks: set[object] = {one.value for one in reading.quantities if start <= one.start < end}
    if by_names:
        marks |= {one.key for one in reading.names if start <= one.start < end}
    return marks | {tuple(one.parts().items()) for one in reading.moments if start <= one.start < end}


def words_of(text: str) -> set[str]:
    """Words of the trade that a text has, the same in both languages."""
    return {*places_of("word", text)}


def overlap(words: set[str], texts: list[str]) -> float:
    """The largest share of a text's longer words that are among `words`, by their first letters."""
    heads = {word[: 2 if word[0] >= "가" else 5] for word in words if len(word) > 1}
    best = 0.0
    for text in texts:
        own = {
            word[: 2 if word[0] >= "가" else 5] for word in re.findall(r"[a-z]{4,}|[가-힣]{2,}", text.lower())
        }
        best = max(best, len(own & heads) / len(own) if own else 0.0)
    return best


def deeds(text: str) -> set[str]:
    """What is done in a text."""
    return {*places_of("verb", text), *places_of("axis:trade", text), *places_of("axis:life", text)}
