"""A text as sentences with their places, in English and Korean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Shorter ones are headings and buttons, longer ones lists without a stop.
LEAST: Final = 20
MOST: Final = 320

_END: Final = re.compile(r"[.!?。！？]+[\"'”’)\]]*(?=\s|$)(?!\s+[a-z])")
#: What ends in a stop and ends nothing.
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Inc|Ltd|Corp|Co|Jr|Sr|St|vs|etc|e\.g|i\.e|al|No|Fig|approx|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z](?:\.[A-Z])*)\.$"
)

#: No abbreviation is longer; looking further back costs the square of a long line.
_LONGEST: Final = 12


@dataclass(frozen=True, slots=True)
class Sentence:
    """text stands in the whole from start up to end."""

    text: str
    start: int
    end: int


def sentences_of(text: str) -> Iterator[Sentence]:
    """Every whole sentence of a text, in its order; what has no end ("Read more") is none."""
    at = 0
    for line in text.split("\n"):
        yield from _of_line(line, at)
        at += len(line) + 1


def _of_line(line: str, at: int) -> Iterator[Sentence]:
    begin = 0
    for match in _END.finditer(line):
        before = line[max(0, match.end() - _LONGEST) : match.end()]
        if _ABBREVIATION.search(before) and match.end() < len(line):
            continue
        raw = line[begin : match.end()]
        start = begin + len(raw) - len(raw.lstrip())
        text = raw.strip()
        if LEAST <= len(text) <= MOST or (
            len(text) >= LEAST // 2 and re.search("[가-힣]", text) and len(text) <= MOST
        ):
            yield Sentence(text, at + start, at + start + len(text))
        begin = match.end()
