"""How much of a sentence the quote has at all: its words in the same language, anything sure between two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from news.checking.concepts import concepts
from news.checking.dates import carried
from news.checking.findings import BLOCKS, WARNS, Finding, Rule
from news.checking.quantities import same
from news.checking.reading import Reading
from news.checking.sounding import sounds_like

#: Of a sentence's longer words, the share that must be in a quote of its language. Below the first a person
#: looks twice, below the second it is another statement.
ENOUGH: Final = 0.6
TOO_LITTLE: Final = 0.35
#: An instruction or a boast needs no figure: between languages something sure must be in common.
LEAST_ANCHORS: Final = 2

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
        wanted, given = _heads(said), _heads(quoted)
        share = len(wanted & given) / len(wanted) if wanted else 1.0
        if share < ENOUGH:
            yield Finding(Rule.WORDS, BLOCKS if share < TOO_LITTLE else WARNS, said.text, whole)
    elif _anchors(said, quoted) < LEAST_ANCHORS:
        yield Finding(Rule.ANCHOR, BLOCKS, said.text, whole)


def _heads(reading: Reading) -> set[str]:
    """The beginnings of its longer words: endings and particles differ between faithful sentences."""
    length = _HEADS[reading.lang]
    words = re.findall(r"[a-z]{3,}|[가-힣]{2,}", reading.text.casefold())
    return {word[:length] for word in words if word not in _SMALL_WORDS}


def _anchors(said: Reading, quoted: Reading) -> int:
    """Names, figures, dates and known words that both have."""
    keys = quoted.keys
    names = {name.key for name in said.names if name.key in keys}
    hangul = [word for word in said.words if word[0] >= "가"]
    names |= {one.key for one in quoted.names if any(sounds_like(one.key, word) for word in hangul)}
    figures = {one.value for one in said.quantities if any(same(one, other) for other in quoted.quantities)}
    moments = [one for one in said.moments if carried(one, quoted.moments)]
    return len(names) + len(figures) + len(moments) + _shared_concepts(said.text, quoted.text)


def _shared_concepts(one: str, other: str) -> int:
    rows = [concept for kind in concepts().values() for concept in kind]
    return sum(1 for row in rows if any(row.places(one)) and any(row.places(other)))
