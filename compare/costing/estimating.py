"""Tokens of a text for a model whose tokenizer nobody publishes: an estimate, with its measured error. Pure.

    estimate = the median of what the published vocabularies, one of each maker, make of this very text
    error    = how far that median of the others missed a vocabulary that was left out, over sample texts;
               and how far all of it missed those of Llama 3 and 4, which do not ship

The error was measured (benches/token_error.py → compare/data/token_error.json) for Korean and for English
with code; of other scripts none is known, and none is told. It is that of vocabularies that are published:
one that is not may be further off.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any, Final, Literal

from compare.costing.vocabularies import DATA

Script = Literal["ko", "en", "other"]
#: One of each maker, so that one with several vocabularies counts once.
PANEL: Final = ("o200k_base", "qwen3.5", "deepseek", "tekken", "gemma3")
#: From this share of Hangul and Latin letters on the error was measured: 0.9 is, 0.89 is not.
MEASURED_FROM: Final = 0.9
#: From this share of Hangul on, of a text's letters, it counts as Korean; with less as English.
KOREAN_FROM: Final = 0.1
#: So many letters tell what script a text is in.
LOOKED_AT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """tokens: the median; error_pct: 95 % of left-out counts were within this of it, None = not measured."""

    tokens: int
    error_pct: float | None


@dataclass(frozen=True, slots=True)
class MeasuredError:
    """Of the estimate on texts of one script. Percent of the true count; pairs: texts × vocabularies."""

    median_pct: float
    p95_pct: float
    most_pct: float
    texts: int
    pairs: int


def script_of(text: str) -> Script:
    """What most of its letters are."""
    letters = [letter for letter in text[:LOOKED_AT] if letter.isalpha()]
    if not letters:
        return "en"
    hangul = sum("\uac00" <= letter <= "\ud7a3" or "\u1100" <= letter <= "\u11ff" for letter in letters)
    latin = sum(letter < "\u0250" for letter in letters)
    if (hangul + latin) / len(letters) < MEASURED_FROM:
        return "other"
    return "ko" if hangul / len(letters) >= KOREAN_FROM else "en"


def estimate(counts: Mapping[str, int | None], script: Script) -> Estimate | None:
    """Of what the vocabularies of the panel counted; None where fewer than half of them did."""
    known = [count for name in PANEL if (count := counts.get(name)) is not None]
    if 2 * len(known) < len(PANEL):
        return None
    error = errors().get(script)
    return Estimate(round(median(known)), error.p95_pct if error else None)


@cache
def errors() -> Mapping[str, MeasuredError]:
    """By script, as it was measured."""
    return {name: MeasuredError(**row) for name, row in told()["scripts"].items()}


@cache
def told() -> Mapping[str, Any]:
    """The whole of the measurement: {measured_on, by, note, scripts}."""
    found: dict[str, Any] = json.loads((DATA / "token_error.json").read_text(encoding="utf-8"))
    return found
