"""What a rule finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BLOCKS: Final = "blocks"
WARNS: Final = "warns"


class Rule(StrEnum):
    """Which rule; news.wording has the words for each, and the remedy."""

    SOURCE = "source"  # the quote does not stand in the source
    QUOTATION = "quotation"  # what stands in quotation marks is not in the quote
    NUMBER = "number"  # a figure is not in the quote
    UNIT = "unit"  # the figure is there in another unit
    BOUND = "bound"  # "up to", "at least" was added, dropped or turned
    DATE = "date"
    RELATIVE = "relative"  # "today", "last week": only where the quote says so
    NAME = "name"
    MODEL = "model"
    NEGATION = "negation"
    MODALITY = "modality"
    DIRECTION = "direction"
    TERM = "term"  # a word that narrows what is meant: input, free, monthly, all
    PAIRING = "pairing"  # the figure belongs to something else
    ROLE = "role"  # who did it to whom
    ANCHOR = "anchor"  # nothing in the sentence can be found in the quote
    WORDS = "words"  # too much of it is not in the quote


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: which. severity: BLOCKS publishing or WARNS. what: the piece of the sentence, as written. where:
    its place in the sentence, from and to. instead: what the quote says there, "" = nothing like it."""

    rule: Rule
    severity: str
    what: str
    where: tuple[int, int]
    instead: str = ""


def stops(found: Iterable[Finding]) -> bool:
    """Whether any of these keeps the sentence from being published."""
    return any(one.severity == BLOCKS for one in found)
