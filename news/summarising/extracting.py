"""The first sentence of a text, and those that are most like all others: LexRank of sumy, with our own
sentences and words.

sumy's own splitters need models that are downloaded; pieces of words do for English and Korean alike, where
endings and particles change. Source of the method: Erkan and Radev 2004, https://arxiv.org/abs/1109.2128.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from news.summarising.addressed import is_news
from news.summarising.sentences import Sentence, sentences_of

#: A text is looked at so far: news says first what it is about, and the work grows with the square.
MOST_SENTENCES: Final = 40
MOST_CHARS: Final = 20_000
_LATIN_PIECE: Final = 5
_RUNS: Final = re.compile(r"[a-z]+|\d[\d.,]*|[가-힣]+")


def extract(text: str, *, lines: int) -> list[Sentence]:
    """So many sentences at most, in the order of the text; [] where it has none that tells something."""
    found: dict[str, Sentence] = {}
    for one in sentences_of(text[:MOST_CHARS]):
        if is_news(one.text) and len(found) < MOST_SENTENCES:
            found.setdefault(one.text, one)
    first, rest = list(found.values())[:1], list(found.values())[1:]
    chosen = rest if len(rest) < lines else _central(rest, lines - 1)
    return [*first, *chosen]


def with_figures(text: str, *, besides: Sequence[Sentence], most: int) -> list[Sentence]:
    """Further sentences that state a figure, in the order of the text."""
    said = {one.text for one in besides}
    found: dict[str, Sentence] = {}
    for one in sentences_of(text[:MOST_CHARS]):
        if one.text not in said and re.search(r"\d", one.text) and is_news(one.text):
            found.setdefault(one.text, one)
    return list(found.values())[:most]


def pieces_of(text: str) -> list[str]:
    """What sentences are compared by: beginnings of Latin words, pairs of Korean syllables, figures."""
    pieces: list[str] = []
    for run in _RUNS.findall(text.casefold()):
        if "가" <= run[0] <= "힣":
            pieces += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
        elif len(run) > 2 or run[0].isdigit():
            pieces.append(run[:_LATIN_PIECE] if run.isalpha() else run.rstrip(".,"))
    return pieces


def _central(candidates: list[Sentence], count: int) -> list[Sentence]:
    """So many of them, in the order of the text."""
    # Here: its import takes half a second, and only workers extract.
    from sumy.models.dom import ObjectDocumentModel, Paragraph
    from sumy.models.dom import Sentence as Node
    from sumy.summarizers.lex_rank import LexRankSummarizer

    places = {one.text: one for one in candidates}
    document = ObjectDocumentModel([Paragraph([Node(one.text, _Pieces()) for one in candidates])])
    return [places[str(node)] for node in LexRankSummarizer()(document, count)]


class _Pieces:
    """sumy's tokenizer, as far as it asks for one."""

    def to_words(self, text: str) -> list[str]:
        return pieces_of(text)
