"""Words of both languages that mean one thing, from `data/concepts.txt`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

TABLE: Final = Path(__file__).parent.parent / "data" / "concepts.txt"


@dataclass(frozen=True, slots=True)
class Concept:
    """kind: "term", "axis:<opposition>", "verb", "deed", "label", "word". name: on an axis the side."""

    kind: str
    name: str
    english: re.Pattern[str]
    korean: re.Pattern[str]

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text has it, in either language."""
        for pattern in (self.english, self.korean):
            for match in pattern.finditer(text):
                if match[0]:
                    yield match.span()


@lru_cache(maxsize=1024)
def places_of(kind: str, text: str) -> Mapping[str, list[tuple[int, int]]]:
    """Name → places, of the concepts of one kind that a text has: rules ask for the same many times."""
    found = {one.name: sorted(one.places(text)) for one in concepts()[kind]}
    return MappingProxyType({name: places for name, places in found.items() if places})


@cache
def concepts() -> dict[str, list[Concept]]:
    """Kind → its concepts."""
    rows: dict[str, list[Concept]] = defaultdict(list)
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name, english, korean = line.split("\t")
            rows[kind].append(Concept(kind, name, re.compile(english, re.IGNORECASE), re.compile(korean)))
    return dict(rows)


@cache
def axes() -> tuple[str, ...]:
    """The oppositions."""
    return tuple(kind for kind in concepts() if kind.startswith("axis:"))
