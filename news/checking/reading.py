"""One text as the rules see it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from news.checking.dates import Moment, moments_in
from news.checking.naming import Name, Spellings, free_versions
from news.checking.quantities import Quantity, quantities_in

_HANGUL: Final = re.compile(r"[가-힣]")
_QUOTES: Final = {ord(mark): '"' for mark in "“”„«»「」『』＂"} | {ord(mark): "'" for mark in "‘’‚`´"}
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'-]*|[가-힣]+|\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """text: as written, one character for one, with plain quotation marks and digits."""

    text: str
    lang: str
    names: tuple[Name, ...]
    moments: tuple[Moment, ...]
    quantities: tuple[Quantity, ...]
    versions: frozenset[str]
    words: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Keys of its names, and its Latin words."""
        return frozenset(name.key for name in self.names) | frozenset(
            part for word in self.words if word.isascii() for part in word.split("-")
        )


def read(text: str, spellings: Spellings) -> Reading:
    """A sentence or a passage in English or Korean; whichever has more letters of it."""
    plain = plainly(text)
    moments = tuple(moments_in(plain))
    undated = _blanked(
        plain, [(one.start, one.end) for one in moments if one.relative in ("", "year earlier")]
    )
    names = tuple(spellings.names_in(undated))
    unnamed = _blanked(undated, [(name.start, name.end) for name in names])
    versions = free_versions(undated)
    for match in re.finditer(r"(?<![\d.])\d+(?:\.\d+){2,}(?!\d)", unnamed):
        versions.add(match[0])
        unnamed = _blanked(unnamed, [match.span()])
    for match in re.finditer(r"(?:[Vv]ersions?|버전)\s?v?(\d+(?:\.\d+)+)", unnamed):
        unnamed = _blanked(unnamed, [match.span(1)])
    return Reading(
        text=plain,
        lang=language_of(plain),
        names=names,
        moments=moments,
        quantities=tuple(quantities_in(unnamed)),
        versions=frozenset(versions),
        words=tuple(word.casefold() for word in _WORD.findall(plain)),
    )


def language_of(text: str) -> str:
    """ "ko" where a fifth of its letters are Hangul, else "en"."""
    letters = sum(letter.isalpha() for letter in text)
    return "ko" if letters and len(_HANGUL.findall(text)) / letters > 0.2 else "en"


def plainly(text: str) -> str:
    """Each character as its compatible one where that is one character; quotation marks and spaces plain."""
    folded = "".join(
        plain if len(plain := unicodedata.normalize("NFKC", letter)) == 1 else letter for letter in text
    )
    return re.sub(r"\s", " ", folded.translate(_QUOTES))


def _blanked(text: str, places: list[tuple[int, int]]) -> str:
    letters = list(text)
    for start, end in places:
        letters[start:end] = "¶" * (end - start)
    return "".join(letters)
