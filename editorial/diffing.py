"""What differs between two texts, word by word. Pure."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

#: Words and signs of both texts together; beyond that whole lines are compared: words take quadratic time.
WORDS_AT_MOST: Final = 6_000
#: So many characters of what stayed the same are shown on each side of a change.
CONTEXT: Final = 60
ELLIPSIS: Final = " … "


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. kind: "same", "gone" (only in the old one), "new" (only in the new one)."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The way from old to new. Joined, all but "new" is old and all but "gone" is new."""
    before, after = _words(old), _words(new)
    if len(before) + len(after) > WORDS_AT_MOST:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [*_pieces(matcher, before, after)]


def folded(pieces: Sequence[Piece]) -> list[Piece]:
    """The same with long stretches that did not change cut to CONTEXT characters beside the changes."""
    last = len(pieces) - 1
    return [
        piece if piece.kind != "same" else Piece("same", _cut(piece.text, first=at == 0, last=at == last))
        for at, piece in enumerate(pieces)
    ]


def _words(text: str) -> list[str]:
    """Words, spaces and signs; joined they are the text."""
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def _pieces(matcher: "difflib.SequenceMatcher[str]", before: list[str], after: list[str]) -> Iterator[Piece]:
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        gone, new = "".join(before[old_from:old_to]), "".join(after[new_from:new_to])
        if tag == "equal":
            yield Piece("same", gone)
            continue
        if gone:
            yield Piece("gone", gone)
        if new:
            yield Piece("new", new)


def _cut(text: str, *, first: bool, last: bool) -> str:
    """first, last: nothing changed before it, or after it, so nothing is kept on that side."""
    head, tail = ("" if first else text[:CONTEXT]), ("" if last else text[-CONTEXT:])
    return text if len(text) <= len(head) + len(tail) + len(ELLIPSIS) else head + ELLIPSIS + tail
