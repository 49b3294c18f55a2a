"""A source's text as pieces, each with the claims that quote it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from news.claims import Claim

#: Of a source, so much is shown beside the draft.
MOST_SHOWN: Final = 20_000


class Piece(NamedTuple):
    """labels: of the claims that quote these words ("en 1"), [] = none does."""

    text: str
    labels: list[str]


def marked(text: str, claims: Iterable[tuple[str, Claim]]) -> list[Piece]:
    """The text, cut where a quote begins or ends; claims: (label, claim) of this source."""
    shown = text[:MOST_SHOWN]
    spans = [
        (label, one.start, min(one.end, len(shown)))
        for label, one in claims
        if one.is_quoted_from(text) and one.start < len(shown)
    ]
    cuts = sorted({0, len(shown), *(at for _, start, end in spans for at in (start, end))})
    return [
        Piece(shown[begin:end], [label for label, start, last in spans if start <= begin and end <= last])
        for begin, end in pairwise(cuts)
    ]
