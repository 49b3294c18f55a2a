"""What stands around the matrix: who says so, and where each suite's figures lie. Cut from the same store."""

from dataclasses import dataclass
from typing import Final

from benchmarks.facts import SuiteFacts
from benchmarks.looking import SuiteCard, suite_cards
from benchmarks.store import Counts, Store
from benchmarks.wording import EVIDENCE_WORDS, TOPIC_WORDS, Words

#: Of the bar of evidence, in units.
BAR: Final = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """A class of evidence with its figures; `start` and `width` on a bar of BAR units."""

    name: str
    label: Words
    count: int
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a suite's figures lie, in per cent across its scale; an open one is as wide as its figures.

    `left` to `right`: the range; `guess`: the value of guessing, None = not known.
    """

    left: float
    right: float
    best: float
    guess: float | None


@dataclass(frozen=True, slots=True)
class Topic:
    """The suites of one topic, each with where its figures lie (None = it has none)."""

    name: str
    label: Words
    cards: tuple[tuple[SuiteCard, Span | None], ...]


def shares_of(counts: Counts) -> list[Share]:
    """The classes that have figures, the strongest first."""
    found: list[Share] = []
    start = 0
    for name, count in counts.by_evidence.items():
        if count:
            end = round(BAR * (sum(share.count for share in found) + count) / counts.scores)
            found.append(Share(name, EVIDENCE_WORDS[name], count, start, end - start))
            start = end
    return found


def topics_of(store: Store) -> list[Topic]:
    """Every suite by topic, those without a figure last."""
    by_topic: dict[str, list[tuple[SuiteCard, Span | None]]] = {}
    for card in suite_cards(store):
        by_topic.setdefault(card.suite.topic, []).append((card, _span(card)))
    return [
        Topic(name, label, tuple(by_topic[name])) for name, label in TOPIC_WORDS.items() if name in by_topic
    ]


def _span(card: SuiteCard) -> Span | None:
    if card.low is None or card.high is None or card.top is None:
        return None
    return span_of(card.suite, card.low, card.high, card.top.value)


def span_of(suite: SuiteFacts, low: float, high: float, best: float) -> Span:
    """The range on the suite's scale; an open scale is as wide as what is published."""
    least, most = ends_of(suite, low, high)

    def at(value: float) -> float:
        return round(100 * (value - least) / (most - least), 2)

    guess = None if suite.random_baseline is None else at(suite.random_baseline)
    return Span(at(low), at(high), at(best), guess)


def ends_of(suite: SuiteFacts, low: float, high: float) -> tuple[float, float]:
    """The two ends of the scale that figures from `low` to `high` are drawn on."""
    room = (high - low) * 0.1 or 1.0
    least = low - room if suite.scale_min is None else suite.scale_min
    most = high + room if suite.scale_max is None else suite.scale_max
    return least, most
