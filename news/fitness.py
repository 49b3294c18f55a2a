"""What an article lacks before readers may see it, field by field. Pure.

An article needs a source, three lines and a key fact in each language, and each claim the words of one of its
sources that carry it. What is wrong with a claim is told with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from news.checking import Finding, Spellings, check, stops
from news.claims import CLAIM_FIELDS, LANGUAGES, LINES, MOST_TEXT, BadClaim, Claim

#: In a language; of an endpoint fewer are asked.
MOST_FACTS: Final = 10


class Lack(StrEnum):
    """What is missing or wrong; news.wording has the words."""

    SOURCE = "source"
    TITLE = "title"
    SLUG = "slug"
    CATEGORY = "category"
    LINES = "lines"
    FACTS = "facts"
    FORM = "form"  # a claim cannot be read at all
    LONG = "long"
    FOREIGN = "foreign"  # its source is none of the article's
    GONE = "gone"  # its quote does not stand in its source (any more)
    UNSUPPORTED = "unsupported"  # the fact check stops it


@dataclass(frozen=True, slots=True)
class Flaw:
    """field: of the article. lang: "" = of none. number: which claim of the field, from 1, 0 = the whole.
    text: the claim's. found: what the fact check says."""

    lack: Lack
    field: str
    lang: str = ""
    number: int = 0
    text: str = ""
    found: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What is looked at of an article. texts: of its sources, by id. titles: by language."""

    titles: Mapping[str, str]
    slug: str
    category: str
    summary: Any
    key_facts: Any
    texts: Mapping[int, str]


def flaws_of(piece: Piece, spellings: Spellings) -> list[Flaw]:
    """All that keeps it from readers, in the order of the form; [] = nothing."""
    return [
        *_plain_flaws(piece),
        *(flaw for field in CLAIM_FIELDS for flaw in _claim_flaws(piece, field, spellings)),
    ]


def claim_flaw(
    claim: Claim, texts: Mapping[int, str], spellings: Spellings
) -> tuple[Lack | None, list[Finding]]:
    """What is wrong with one claim, None = nothing that stops it; and all that the fact check finds."""
    text = texts.get(claim.source)
    if text is None:
        return Lack.FOREIGN, []
    if not claim.is_quoted_from(text):
        return Lack.GONE, []
    if not 0 < len(claim.text.strip()) <= MOST_TEXT:
        return Lack.LONG, []
    found = check(claim.text, claim.quote, spellings=spellings)
    return (Lack.UNSUPPORTED if stops(found) else None), found


def _plain_flaws(piece: Piece) -> Iterator[Flaw]:
    if not piece.texts:
        yield Flaw(Lack.SOURCE, "sources")
    for lang in LANGUAGES:
        if not piece.titles.get(lang, "").strip():
            yield Flaw(Lack.TITLE, f"title_{lang}", lang)
    if not piece.slug:
        yield Flaw(Lack.SLUG, "slug")
    if not piece.category:
        yield Flaw(Lack.CATEGORY, "category")


def _claim_flaws(piece: Piece, field: str, spellings: Spellings) -> Iterator[Flaw]:
    rows: Sequence[Any] = getattr(piece, field)
    claims: list[tuple[int, Claim]] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        try:
            claims.append((number, Claim.from_dict(row)))
        except BadClaim as error:
            yield Flaw(Lack.FORM, field, number=number, text=str(error))
    yield from _counted(field, [claim for _, claim in claims])
    for number, claim in claims:
        lack, found = claim_flaw(claim, piece.texts, spellings)
        if lack is not None:
            yield Flaw(lack, field, claim.lang, number, claim.text, tuple(found))


def _counted(field: str, claims: Iterable[Claim]) -> Iterator[Flaw]:
    """Exactly three lines, one key fact at least, in each language."""
    by_lang = {lang: [one.text for one in claims if one.lang == lang] for lang in LANGUAGES}
    for lang, texts in by_lang.items():
        if field == "summary" and len(set(texts)) != LINES:
            yield Flaw(Lack.LINES, field, lang)
        if field == "key_facts" and not 1 <= len(texts) <= MOST_FACTS:
            yield Flaw(Lack.FACTS, field, lang)
