"""Names in a text, Korean and English alike: who and what it is about. Pure.

Korean spellings that the catalogue knows are first written as their owners do ("클로드 소넷 4.5를" → "Claude
Sonnet 4.5를"), so that both languages meet in one spelling. Other names meet where both texts write them in
Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from news import variants

#: What a Korean noun may be followed by and still be that noun.
_PARTICLES: Final = (
    "에서는|에서|에게|으로|까지|부터|처럼|보다|이라고|이라는|이며|이고|이나|라는|라고|은|는|이|가|을|를|의|에|와|과|도"
    "|로|만|나"
)
#: Words that make another model of a model: "mini" is not what it is the mini of.
VARIANTS: Final = variants.VARIANTS | frozenset({
    "micro", "small", "medium", "large", "reasoning", "code", "audio", "video", "rerank", "image", "voice",
    "realtime", "instant", "instruct", "api", "cli",
})  # fmt: skip
#: Capitalised before a number without being a name.
_NOT_FAMILIES: Final = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "tier",
    "version", "series", "part", "act", "phase", "draft", "week", "level", "cvss", "http", "top", "article",
    "section", "chapter", "step", "number", "page", "after", "before", "about", "over", "under", "until",
})  # fmt: skip
_SCALED: Final = r"(?!\s?(?:%|percent|points|hundred|thousand|million|billion|trillion))"
_VERSION: Final = (
    rf"(?:v?\d{{1,2}}(?:\.\d{{1,2}}){{0,2}}|\d{{1,4}}[bB])(?![A-Za-z\d]|[.,:]\d)"
    rf"(?=(?:{_PARTICLES})?(?![가-힣])){_SCALED}"
)
_VARIANT: Final = rf"(?i:{'|'.join(sorted(VARIANTS))})(?![A-Za-z])"
_MODEL: Final = re.compile(
    rf"(?<![\w.$-])(?:([A-Z][A-Za-z]+)((?:[\s-](?:{_VARIANT}|{_VERSION}))+)"
    rf"|([a-z]+(?:-[a-z]+)*?)((?:-(?:{_VARIANT}|{_VERSION}))+)|([a-z]+(?:-[a-z]+)+)(\s{_VERSION}))",
)
_WORD: Final = re.compile(r"\d+\.\d+\.\d+|[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*")
_INSIDE: Final = re.compile(r"[A-Z0-9]")
_HANGUL: Final = re.compile(r"[가-힣]")
_STARTS: Final = re.compile(r"[.!?:…”\"]\s+\W*$|\n\W*$")
_COMMON: Final = frozenset({
    "a", "about", "after", "again", "all", "also", "among", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "but", "by", "can", "could", "do", "does", "each", "every", "for", "from",
    "get", "gets", "had", "has", "have", "he", "her", "here", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "just", "last", "less", "like", "made", "make", "many", "may", "more", "most", "much",
    "must", "my", "new", "no", "not", "now", "of", "off", "on", "one", "only", "or", "other", "our", "out",
    "over", "own", "per", "she", "since", "so", "some", "still", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "through", "to", "today", "too", "two",
    "under", "until", "up", "us", "use", "used", "was", "we", "were", "what", "when", "where", "which", "who",
    "will", "with", "without", "would", "you", "your", "said", "says", "according", "company", "companies",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "ai",
})  # fmt: skip
#: Of the field, not of an event.
_FIELD: Final = frozenset({
    "api", "apis", "sdk", "gpu", "gpus", "cpu", "llm", "llms", "json", "http", "https", "utc", "usd", "eu",
    "us", "uk", "ceo", "cfo", "html", "xml", "url", "id", "tokens", "python",
})  # fmt: skip
_NO_NAMES: Final = _COMMON | _FIELD | VARIANTS
_NO_FAMILIES: Final = _COMMON | _NOT_FAMILIES
#: Of a maker or model of the catalogue: most of a week's items share some. Two of them alone are no event.
KNOWN: Final = 0.4


class Model(NamedTuple):
    """What a text names with a version or a variant: ("orrin", "4.1", "mini"). "" = it says none."""

    family: str
    version: str
    variant: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of the catalogue's names in lower case, their Korean spellings, and how these are found."""

    words: frozenset[str]
    latin: Mapping[str, str]
    spelled: re.Pattern[str] | None
    spelling: re.Pattern[str] | None

    def in_latin(self, text: str) -> str:
        """The text with the known Korean spellings as their owners write them."""
        if self.spelled is None or self.spelling is None:
            return text
        one = self.spelling
        return self.spelled.sub(
            lambda match: " ".join(self.latin[each].capitalize() for each in one.findall(match[0])), text
        )


def lexicon_of(words: Mapping[str, Iterable[str]]) -> Lexicon:
    """words: word of a name in lower case → its Korean spellings, maybe none."""
    latin = {spelling: word for word, spellings in words.items() for spelling in spellings}
    if not latin:
        return Lexicon(frozenset(words), latin, None, None)
    spelling = "|".join(map(re.escape, sorted(latin, key=lambda spelling: (-len(spelling), spelling))))
    return Lexicon(
        frozenset(words),
        latin,
        re.compile(rf"(?<![가-힣])(?:{spelling})(?:\s?(?:{spelling}))*(?=(?:{_PARTICLES})?(?![가-힣]))"),
        re.compile(spelling),
    )


def models_of(text: str) -> frozenset[Model]:
    """What a text names with a version or a variant; Korean spellings are in Latin letters already."""
    return frozenset(
        _model(*_parts(match)) for match in _MODEL.finditer(text) if _is_family(_parts(match)[0])
    )


def without_models(text: str) -> str:
    """The same text without them, so that a version is not taken for a figure."""
    return _MODEL.sub(
        lambda match: f" {_parts(match)[0]} " if _is_family(_parts(match)[0]) else match[0], text
    )


def _parts(match: re.Match[str]) -> tuple[str, str]:
    family, rest = (part for part in match.groups() if part is not None)
    return family, rest


def _is_family(word: str) -> bool:
    return word.lower() not in _NO_FAMILIES


def _model(family: str, rest: str) -> Model:
    parts = [part for part in re.split(r"[\s-]", rest.lower()) if part]
    return Model(
        family.lower(),
        " ".join(part.removeprefix("v") for part in parts if part not in VARIANTS),
        " ".join(sorted(VARIANTS.intersection(parts))),
    )


def words_of(text: str) -> frozenset[str]:
    """All Latin words of a text in lower case, without the commonest."""
    return frozenset(match[0].lower() for match in _WORD.finditer(text)) - _COMMON


def words_of_name(name: str) -> frozenset[str]:
    """ "Mistral-Large 2" → {"mistral", "large"}: what a lexicon is made of."""
    return frozenset(re.findall(r"[a-z]{2,}", name.casefold())) - _COMMON


def names_of(text: str, lexicon: Lexicon) -> dict[str, float]:
    """Names of a text in lower case → their weight: KNOWN of one that the catalogue knows, else 1."""
    found: dict[str, float] = {}
    korean = bool(_HANGUL.search(text))
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word in lexicon.words:
            found[word] = KNOWN
        elif _is_name(match[0], "" if korean else text[max(0, match.start() - 4) : match.start()]):
            found[word] = 1.0
    return {word: weight for word, weight in found.items() if word not in _NO_NAMES}


def _is_name(word: str, before: str) -> bool:
    """Capitals inside, a digit, or a capital where no sentence begins. Every one in Korean."""
    if _INSIDE.search(word, 1):
        return True
    return len(word) > 2 and word[0].isupper() and not _STARTS.search(before)


def in_capitals(title: str) -> bool:
    """Whether a title Writes Most Words Like This, so that capitals tell nothing."""
    words = [match[0] for match in _WORD.finditer(title) if len(match[0]) > 3]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.7 * len(words)
