"""How much of a sentence the quote has at all: its words in the same language, anything sure between two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from news.checking.concepts import Concept, concepts
from news.checking.dates import carried
from news.checking.findings import BLOCKS, WARNS, Finding, Rule
from news.checking.quantities import Quantity, same
from news.checking.reading import Reading
from news.checking.sounding import sounds_like

#: Of a sentence's longer words, the share that must be in a quote of its language. Below the first a person
#: looks twice, below the second it is another statement.
ENOUGH: Final = 0.6
TOO_LITTLE: Final = 0.35
#: An instruction or a boast needs no figure: between languages something sure must be in common.
LEAST_ANCHORS: Final = 2
#: Of so few words one is enough.
SHORT: Final = 7

_SMALL_WORDS: Final = frozenset(
    """the and for with from that this these those has have had was were are its their his her will would can
    could may might not but than then also been being into over under about after before during said says
    company new more most who which what when where while each any some such both other per via according
    """.split()  # noqa: SIM905  # read as words
)
_HEADS: Final = {"en": 4, "ko": 2}


def covering(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Words between texts of one language, anchors between two."""
    whole = (0, len(said.text))
    if said.lang == quoted.lang:
        wanted, given = _heads(said.text, said.lang), _heads(quoted.text, quoted.lang)
        given |= {
            head for words in _common_words(said.text, quoted.text) for head in _heads(words, said.lang)
        }
        figures = len(said.quantities)
        found = len(wanted & given) + len(_figures(said, quoted))
        share = found / (len(wanted) + figures) if wanted or figures else 1.0
        if share < ENOUGH:
            yield Finding(Rule.WORDS, BLOCKS if share < TOO_LITTLE else WARNS, said.text, whole)
    elif _anchors(said, quoted) < (LEAST_ANCHORS if len(said.words) > SHORT else 1):
        yield Finding(Rule.ANCHOR, BLOCKS, said.text, whole)


def _heads(text: str, lang: str) -> set[str]:
    """The beginnings of its longer words: endings and particles differ between faithful sentences."""
    length = _HEADS[lang]
    words = re.findall(r"[a-z]{3,}|[가-힣]{2,}", text.casefold())
    return {word[:length] for word in words if word not in _SMALL_WORDS}


def _anchors(said: Reading, quoted: Reading) -> int:
    """Names, figures, dates and known words that both have."""
    keys = quoted.keys
    names = {name.key for name in said.names if name.key in keys}
    hangul = [word for word in said.words if word[0] >= "가"]
    names |= {one.key for one in quoted.names if any(sounds_like(one.key, word) for word in hangul)}
    theirs = [word for word in quoted.words if word[0] >= "가"]
    names |= {one.key for one in said.names if any(sounds_like(one.key, word) for word in theirs)}
    figures = {one.value for one in _figures(said, quoted)}
    moments = [one for one in said.moments if carried(one, quoted.moments)]
    versions = said.versions & quoted.versions
    return len(names) + len(figures) + len(moments) + len(versions) + _shared_concepts(said.text, quoted.text)


def _figures(said: Reading, quoted: Reading) -> list[Quantity]:
    return [one for one in said.quantities if any(same(one, other) for other in quoted.quantities)]


def _shared_concepts(one: str, other: str) -> int:
    return sum(any(row.places(one)) and any(row.places(other)) for row in _concepts())


def _common_words(one: str, other: str) -> list[str]:
    """Words of one text for which the other has another word."""
    return [one[slice(*place)] for row in _concepts() if any(row.places(other)) for place in row.places(one)]


def _concepts() -> list[Concept]:
    return [concept for kind in concepts().values() for concept in kind]
