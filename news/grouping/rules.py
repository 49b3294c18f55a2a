"""Whether two items belong to one story, and why. Pure.

A duplicate is the same text: under one address, under one title, or letter by letter. An event is told
by two texts that share enough of what only that event has: names, models, figures, days and clock times,
whatever the language. Both yield to what splits: another model in the title, other figures under the
same words.

The thresholds were set on the development half of news/tests/labelled: there, pairs of two events that
nothing splits share at most 0.37 of their marks, and pairs of one event 0.50 and more, but for one.
docs/news.md tells what the held-back half says of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from news.grouping.figures import dates_of, figures_of, weight_of
from news.grouping.names import Lexicon, Model, in_capitals, models_of, names_of, without_models, words_of
from news.grouping.texts import containment, shingles_of, title_key
from news.urls import page_key

#: Changes with every rule or threshold here, in names, figures and texts.
METHOD_VERSION: Final = "2026.11.1"

#: Of shared shingles, by the smaller text: one that was cut has 1.0, one lightly edited 0.88 and more. The
#: same form with other figures reaches 0.85: that is what AGREEMENT is for.
SAME_TEXT: Final = 0.7
#: Where address or title are the same already.
SAME_PAGE: Final = 0.4
#: Of the smaller text's figures and days, by weight, what the other must have: an edit changes few, another
#: month most.
AGREEMENT: Final = 0.9
#: Letters of a title that says what it tells; "Weekly update" stands over other texts every week.
TELLING_TITLE: Final = 20

#: An event is told within three days; later texts tell what came of it.
WINDOW: Final = timedelta(hours=72)
#: Of shared marks, by weight: at least so many in all (two names of the catalogue are 0.8), and such a part
#: of the smaller text's.
LEAST_SHARED: Final = 0.9
SAME_EVENT: Final = 0.45
#: The part where figures or days speak against it.
SAME_EVENT_IN_DOUBT: Final = 0.8
#: Of figures that both could share, the part under which they contradict each other.
CONTRADICTION: Final = 0.25
#: So much weight of figures on both sides, none of them shared, is another event for certain.
CERTAIN_FIGURES: Final = 1.5

#: From this weight on a figure tells something: three digits or more, a fraction, or at least 13.
TELLING: Final = 0.6
DAY_WEIGHT: Final = 0.8
MODEL_WEIGHT: Final = 1.0

Ground = Literal["url", "title", "text", "event"]


class Match(NamedTuple):
    """Why two items belong together, and how much they share, 0..1."""

    ground: Ground
    similarity: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules look at in an item. `at`: published, else fetched (UTC).

    `page`, `title`: keys; "" = none. `marks`: what only its event has, with weights. `words`: all in Latin
    letters. `figures`, `days`: of title and text. `subjects`: the models in its title.
    """

    page: str
    anchor: str
    title: str
    at: datetime
    shingles: frozenset[str]
    marks: Mapping[str, float]
    words: frozenset[str]
    figures: frozenset[float]
    days: frozenset[str]
    subjects: frozenset[Model]


def told(*, title: str, text: str, url: str, at: datetime, lexicon: Lexicon) -> Told:
    """Everything that `judge` needs of one item."""
    title, text = unicodedata.normalize("NFKC", title), unicodedata.normalize("NFKC", text)
    days, rest = dates_of(lexicon.in_latin(f"{title}.\n{text}"))
    figures = figures_of(without_models(rest))
    named = rest.partition(".\n")[2] if text and in_capitals(title) else rest
    marks = names_of(named, lexicon)
    marks |= {f"#{value:g}": weight_of(value) for value in figures}
    marks |= {f"@{day}": DAY_WEIGHT for day in days}
    marks |= {f"={' '.join(model)}": MODEL_WEIGHT for model in models_of(rest)}
    address, _, anchor = url.partition("#")
    return Told(
        page=page_key(address),
        anchor=anchor,
        title=title_key(title),
        at=at,
        shingles=shingles_of(text),
        marks=marks,
        words=words_of(rest),
        figures=figures,
        days=days,
        subjects=subjects_of([title], lexicon),
    )


def subjects_of(titles: Iterable[str], lexicon: Lexicon) -> frozenset[Model]:
    """The models that titles name."""
    normal = (unicodedata.normalize("NFKC", title) for title in titles)
    return frozenset(model for title in normal for model in models_of(dates_of(lexicon.in_latin(title))[1]))


def judge(one: Told, other: Told) -> Match | None:
    """Why they belong to one story; None = they do not."""
    return _duplicate(one, other) or _event(one, other)


def _duplicate(one: Told, other: Told) -> Match | None:
    shared = containment(one.shingles, other.shingles)
    same_title = bool(one.title) and one.title == other.title
    if _same_page(one, other) and (same_title or shared >= SAME_PAGE) and not _certain(one, other):
        return Match("url", shared)
    if one.shingles and one.shingles == other.shingles:
        return Match("text", shared)  # whatever is written above it
    if are_other_models(one.subjects, other.subjects) or not _agree(one, other):
        return None
    if same_title and (shared >= SAME_PAGE or _only_titles(one, other)):
        return Match("title", shared)
    return Match("text", shared) if shared >= SAME_TEXT else None


def _event(one: Told, other: Told) -> Match | None:
    if (
        abs(one.at - other.at) > WINDOW
        or are_other_models(one.subjects, other.subjects)
        or _certain(one, other)
    ):
        return None
    weight, part = _shared(one, other)
    doubt = _contradict(_telling(one), _telling(other)) or _disjoint(one.days, other.days)
    if weight >= LEAST_SHARED and part >= (SAME_EVENT_IN_DOUBT if doubt else SAME_EVENT):
        return Match("event", min(part, 1.0))
    return None


def _same_page(one: Told, other: Told) -> bool:
    """Two anchors on one page are two entries of a changelog."""
    return (
        bool(one.page)
        and one.page == other.page
        and not (one.anchor and other.anchor and one.anchor != other.anchor)
    )


def _only_titles(one: Told, other: Told) -> bool:
    """One has no text, so that a telling title must do, for as long as an event lasts."""
    near = abs(one.at - other.at) <= WINDOW
    return not (one.shingles and other.shingles) and len(one.title) >= TELLING_TITLE and near


def are_other_models(some: frozenset[Model], others: frozenset[Model]) -> bool:
    """Both name models, and none of one can be one of the other: that splits, whatever else is alike."""
    return bool(some and others) and not any(_may_be(one, other) for one in some for other in others)


def _may_be(one: Model, other: Model) -> bool:
    same = one.family == other.family and one.variant == other.variant
    return same and (one.version == other.version or "" in (one.version, other.version))


def _agree(one: Told, other: Told) -> bool:
    """The smaller text's figures and days stand in the other, but for an edit."""
    less, more = sorted((one, other), key=lambda each: (len(each.shingles), len(each.figures)))
    mine = {f"#{value:g}": weight_of(value) for value in less.figures} | dict.fromkeys(less.days, DAY_WEIGHT)
    theirs = {f"#{value:g}" for value in more.figures} | more.days
    total = sum(mine.values())
    return sum(weight for mark, weight in mine.items() if mark in theirs) >= AGREEMENT * total


def _shared(one: Told, other: Told) -> tuple[float, float]:
    """Weight of the marks of both, its part of the smaller one's. A name may begin a sentence in one."""
    mine, yours = one.marks, other.marks
    both = {mark for mark in mine if mark in yours or mark in other.words}
    both |= {mark for mark in yours if mark in one.words}
    weight = sum(max(mine.get(mark, 0.0), yours.get(mark, 0.0)) for mark in both)
    least = min(sum(mine.values()), sum(yours.values()))
    return weight, weight / least if least else 0.0


def _telling(one: Told) -> frozenset[float]:
    return frozenset(value for value in one.figures if weight_of(value) >= TELLING)


def _certain(one: Told, other: Told) -> bool:
    mine, yours = _telling(one), _telling(other)
    return min(_weight(mine), _weight(yours)) >= CERTAIN_FIGURES and _contradict(mine, yours)


def _contradict(mine: frozenset[float], yours: frozenset[float]) -> bool:
    least = min(_weight(mine), _weight(yours))
    return least > 0 and _weight(mine & yours) < CONTRADICTION * least


def _disjoint(mine: frozenset[str], yours: frozenset[str]) -> bool:
    return bool(mine and yours) and not mine & yours


def _weight(figures: Iterable[float]) -> float:
    return sum(map(weight_of, figures))
