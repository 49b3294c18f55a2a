"""Names of models, companies, people and places as both languages write them, each by one key.

A Korean spelling becomes the Latin one ("클로드 소넷 4.5" and "Claude Sonnet 4.5" have the same keys); names
that follow each other make a compound: "Gemini 2.5 Flash" is not found in "Gemini 2.5 Pro and 1.5 Flash".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from catalog.korean import korean
from news import variants

TABLE: Final = Path(__file__).parent.parent / "data" / "names.txt"

#: Which of a family: they tell nothing alone, and everything beside a name.
VARIANTS: Final = variants.VARIANTS | frozenset(
    """large medium small scout maverick fast code instruct exp experimental chat base high low heavy plus
    """.split()  # noqa: SIM905  # read as words
)
#: Those that vendors write small: "GPT-4o mini".
LOWER_VARIANTS: Final = frozenset(
    ["mini", "nano", "pro", "flash", "lite", "turbo", "preview", "large", "medium", "small", "coder", "ultra"]
)
#: Said of anything.
_ANYTHINGS: Final = frozenset(
    """ai api apis llm llms ceo cto cfo coo utc kst gmt faq ok it app apps url id pc tv vs etc
    inc ltd corp pt et gb tb mb kb ms gw mw kw usd eur krw jpy cny ghz""".split()  # noqa: SIM905  # read as words
)
#: What sentences begin with, no name wherever it stands.
STARTERS: Final = frozenset(
    """the a an in on at by for from with as of to it its this that these those there they he she we you all
    some many most more no not both each every during after before since when while if although however but
    and or users customers developers researchers companies people according about over under between version
    requests prices costs new nothing none neither nor either until unless less fewer such only once here now
    then today later earlier meanwhile also another any anyone everyone everything nobody whoever what which
    who whose where why how so because though despite instead besides beyond within without through across
    against among around near per like unlike upon via whereas whether yet still just even almost nearly
    roughly early starting beginning following including effective previously currently originally initially
    his her their our your my i one two three four five six seven eight nine ten half first second third last
    next other others several various further additional existing paying free pricing access support training
    data models model answers results output input""".split()  # noqa: SIM905  # read as words
)
#: Words of Hangul that are mostly something else.
_AMBIGUOUS: Final = frozenset(
    {"보이지", "시각", "커맨드", "코드", "채팅", "라지", "페이스", "비전", "이미지", "챗"}
)
#: What may follow a Korean name directly.
PARTICLES: Final = (
    "은|는|이|가|을|를|의|에|에서|에게|와|과|로|으로|도|만|보다|까지|부터|라|이라|라는|이라는|이나|나|처럼|에는|에서는"
    "|에도|의를|측|측은|사|사가|사는|이다|다|였다|이며|며|이고|고|로는|로의|와의|과의|용|판|형|전|후|란|이란|께서|라며|간"
)
_LATIN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:(?:-|\.(?=\d))[A-Za-z0-9]+(?:\.\d+)*)*(?:\.\d+)*"
)
_VERSION: Final = re.compile(
    r"[\s-]?v?(\d+(?:\.\d+)*[a-z]?)(?![\d,]*\d)(?![.,]\d)(?!\s?(?:[%배억만천조원명개회건점장위초분일월년주시]|달러|유로|토큰|가지|개월"
    r"|million|billion|trillion|thousand|percent|tokens|users|people|times|hours|days|weeks|months|minutes|models))"
)
_FREE_VERSION: Final = re.compile(r"(?:\b[Vv]ersions?|\bv(?=\d)|버전|\b[Rr]elease)\s?v?(\d+(?:\.\d+)+)")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?;:]\s+|[“\"'‘(]\s*)$")


@dataclass(frozen=True, slots=True)
class Name:
    """key: its Latin spelling in lower case, or its line of the table. sure: told by a table or by how it is
    written; False = it may be a word at the beginning of a sentence. compound: names that stand together have
    one number."""

    key: str
    start: int
    end: int
    text: str
    sure: bool
    compound: int


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the tables know. hangul, latin: spelling → key. spelled: keys that have a Korean one."""

    capitals: frozenset[str]
    spelled: frozenset[str]
    hangul: Mapping[str, str]
    latin: Mapping[str, str]
    hangul_pattern: re.Pattern[str]
    hangul_next: re.Pattern[str]
    latin_pattern: re.Pattern[str]


class Spellings:
    """What names are known. `names`: of the catalogue, as their owners write them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        tables = _tables()
        self.capitals = tables.capitals | {
            part.casefold()
            for name in names
            for part in re.findall(r"[A-Za-z]{3,}", name)
            if part[:1].isupper()
        }
        self.spelled = tables.spelled
        self._hangul, self._latin = tables.hangul, tables.latin
        self._hangul_pattern, self._hangul_next = tables.hangul_pattern, tables.hangul_next
        self._latin_pattern = tables.latin_pattern

    def names_in(self, text: str) -> list[Name]:
        """Every name of a text in which dates are blanked, in its order."""
        raw: list[tuple[int, int, list[str], bool]] = []
        taken = [False] * len(text)
        for match in self._hangul_pattern.finditer(text):
            found: re.Match[str] | None = match
            while found and not any(taken[found.start() : found.end()]) and _ends_well(text, found):
                raw.append((*found.span(), [self._hangul[found[1]]], True))
                taken[found.start() : found.end()] = [True] * len(found[0])
                found = self._hangul_next.match(text, found.end())
        for match in self._latin_pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                raw.append((*match.span(), [self._latin[match[1]]], True))
                taken[match.start() : match.end()] = [True] * len(match[0])
        for match in _LATIN.finditer(text):
            free = not any(taken[match.start() : match.end()])
            if free and (read := self._latin_name(text, match)) is not None:
                raw.append((*match.span(), *read))
        return _compounds(text, sorted(raw))

    def _latin_name(self, text: str, match: re.Match[str]) -> tuple[list[str], bool] | None:
        word = match[0]
        if word.casefold() in _ANYTHINGS:
            return None
        korean_text = bool(re.search(r"[가-힣]", text))
        marked = bool(re.search(r"\d|[a-z][A-Z]|[A-Z]{2}", word))
        if word in LOWER_VARIANTS and text[match.start() - 1 : match.start()] == " ":
            return [word], True
        if not (word[0].isupper() or marked or korean_text):
            return None
        starts = not korean_text and _SENTENCE_START.search(text[: match.start()]) is not None
        if starts and word.casefold() in STARTERS:
            return None
        sure = marked or not starts or word.casefold() in self.capitals
        return keys_of(word), sure


def keys_of(word: str) -> list[str]:
    """ "GPT-4.1" → ["gpt", "4.1"], "Qwen3-32B" → ["qwen", "3", "32b"]; "o3" and "H100" stay whole."""
    keys: list[str] = []
    word = word[:-1] if re.fullmatch(r"[A-Z]{2,}s", word) else word  # "GPUs"
    for part in word.casefold().split("-"):
        split = re.fullmatch(r"([a-z]{3,})(\d[\d.]*[a-z]?)", part)
        keys += list(split.groups()) if split else [part]
    return [key for key in keys if key]


def free_versions(text: str) -> set[str]:
    """Versions that a text gives to nothing named: "version 2.1.0 of the SDK"."""
    return set(_FREE_VERSION.findall(text))


def is_version(key: str) -> bool:
    return key[:1].isdigit()


def _compounds(text: str, raw: list[tuple[int, int, list[str], bool]]) -> list[Name]:
    """With numbers that follow a name as its version, and what stands together numbered alike."""
    names: list[Name] = []
    compound, last_end = -1, -9
    for start, end, keys, sure in raw:
        between = text[last_end:start] if last_end >= 0 else "?"
        if between not in ("", " ", "-") or last_end < 0:
            if keys[0] in LOWER_VARIANTS and text[start:end] in LOWER_VARIANTS:
                continue  # a word: it follows no name
            compound += 1
        names += [Name(key, start, end, text[start:end], sure, compound) for key in keys]
        last_end = end
        version = _VERSION.match(text, end)
        if version and (version[0][0] in " -" or (text[end - 1] >= "가" and version[0][0].isdigit())):
            names.append(Name(version[1].lower(), end, version.end(), version[0].strip(" -"), sure, compound))
            last_end = version.end()
    return names


def _ends_well(text: str, match: re.Match[str]) -> bool:
    """Whether a known Hangul word ends there: a particle or another word's end, not the middle of a word."""
    word = match[1]
    rest = re.match(r"[가-힣]*", text[match.end() :])
    follows = rest[0] if rest else ""
    if not follows or re.fullmatch(rf"(?:{PARTICLES})+", follows):
        return True
    return len(word) >= 3


@cache
def _tables() -> _Tables:
    known: dict[str, str] = {}
    for usual in (True, False):  # 그록 is Grok, and how some write Groq
        for word, spellings in korean().words.items():
            for one in spellings[:1] if usual else spellings[1:]:
                known.setdefault(one, word)
    known = {one: word for one, word in known.items() if one not in _AMBIGUOUS}
    latin: dict[str, str] = {}
    for key, (english, hangul) in names_table().items():
        latin |= dict.fromkeys(english, key)
        known |= dict.fromkeys(hangul, key)
    return _Tables(
        capitals=frozenset(word for word in korean().words if len(word) > 3),
        spelled=frozenset(known.values()),
        hangul=known,
        latin=latin,
        hangul_pattern=_alternatives(
            known, r"(?<![가-힣])({})(?=(?:" + PARTICLES + r")*(?![가-힣])|[가-힣])"
        ),
        hangul_next=_alternatives(known, r"({})"),
        latin_pattern=_alternatives(latin, r"(?<![A-Za-z0-9])({})(?![A-Za-z0-9])"),
    )


def _alternatives(words: Mapping[str, str], frame: str) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile(frame.replace("{}", "|".join(map(re.escape, longest))) if longest else r"(?!)()")


@cache
def names_table() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Key → English and Korean spellings."""
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, english, hangul = (part.strip() for part in line.split("|"))
            rows[key] = (_listed(english), _listed(hangul))
    return rows


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())
