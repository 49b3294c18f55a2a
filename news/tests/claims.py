"""The labelled sentences of data/claims.txt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABELLED = Path(__file__).parent / "data" / "claims.txt"


@dataclass(frozen=True)
class Labelled:
    """falsified: what was made false, "" = it is faithful. number: of its passage, from 1. added: after the
    held-back half was measured first."""

    number: int
    quote: str
    lang: str
    sentence: str
    falsified: str
    added: bool

    @property
    def held_back(self) -> bool:
        return self.number % 2 == 0 and not self.added


def labelled() -> Iterator[Labelled]:
    number, quote, added = 0, "", False
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        if line.startswith("="):
            added = line.startswith("=*")
            number, quote = number + 1, line.split(maxsplit=2)[2].strip()
        elif line.startswith("+"):
            yield Labelled(number, quote, line[2:4], line[4:].strip(), "", added)
        elif line.startswith("-"):
            kind, sentence = line[4:].strip().split(maxsplit=1)
            yield Labelled(number, quote, line[2:4], sentence, kind, added)


def rates(rows: list[Labelled], stopped: set[Labelled]) -> tuple[float, float]:
    """The share of falsified sentences that were stopped, and of faithful ones."""
    false = [row for row in rows if row.falsified]
    true = [row for row in rows if not row.falsified]
    return len(stopped & set(false)) / len(false), len(stopped & set(true)) / len(true)
