"""Which models, providers and suites a text names, in both languages. Pure.

A name is found as whole words only: "o1" not in "Pro1", "GPT-4" not in "GPT-4.1" nor in "GPT-4 Turbo", 메타
not in 메타버스. A person called Claude is no model, and "together" no provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from catalog.korean import spellings_of
from news.checking.naming import PARTICLES
from news.variants import VARIANTS

#: What is read of a text; news says first what it is about.
MOST_CHARS: Final = 40_000
#: Behind a model's name they make it another model's.
_ANOTHERS: Final = VARIANTS | frozenset(
    """opus sonnet haiku audio realtime search image tts transcribe live
    미니 나노 프로 플래시 라이트 터보 맥스 울트라 오푸스 소넷 하이쿠
    """.split()  # noqa: SIM905  # read as words
)
#: Names of providers that are words: found only with what follows in some of their names ("Together AI").
_WORDS: Final = frozenset(
    """auto together inference inception synthetic morph poe venice friendli chutes local meta-llama nova reka
    command solar sonar scout phi grok kimi ai labs router gateway cloud model models
    provider simulator unknown
    솔라 소나 파이 노바 시드 라마 보이지 미니 프로 플래시""".split()  # noqa: SIM905  # read as words
)
_TOKEN: Final = re.compile(r"[A-Za-z]+[0-9]*(?:\.\d+)*[a-z]*|\d+(?:\.\d+)*[A-Za-z]*|[가-힣]+")
_PARTICLE: Final = re.compile(rf"(?:{PARTICLES})+")
_GAP: Final = re.compile(r"[\s_-]?")


class Word(NamedTuple):
    """What can be found. kind: of news.models.Tag.Kind. names: as it is called, Korean ones too."""

    kind: str
    slug: str
    names: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """A beginning of names, token by token."""

    next: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[Word, str]] = field(default_factory=list)


class Tagger:
    """Everything that can be found; built once for many texts."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._root = _Node()
        for word in words:
            for name in dict.fromkeys(word.names):
                for spelling in (name, *spellings_of(name)[:1]):
                    self._add(word, spelling)

    def _add(self, word: Word, name: str) -> None:
        tokens = [match[0].casefold() for match in _TOKEN.finditer(name)]
        if not tokens or not _tells(word.kind, tokens):
            return
        node = self._root
        for token in tokens:
            node = node.next.setdefault(token, _Node())
        node.ends.append((word, name))

    def find(self, text: str) -> list[tuple[str, str]]:
        """(kind, slug) of what a text names, in the order of its first mention."""
        found: dict[tuple[str, str], None] = {}
        tokens = list(_TOKEN.finditer(text[:MOST_CHARS]))
        at = 0
        while at < len(tokens):
            length, words = self._longest(text, tokens, at)
            for word in words:
                found.setdefault((word.kind, word.slug))
            at += length or 1
        return list(found)

    def _longest(self, text: str, tokens: list[re.Match[str]], at: int) -> tuple[int, list[Word]]:
        """How many tokens the longest name from here has, and whose it is."""
        node, best = self._root, (0, list[Word]())
        for step, token in enumerate(tokens[at:]):
            if step and not _GAP.fullmatch(text[tokens[at + step - 1].end() : token.start()]):
                break
            for key, ends in _keys(token[0]):
                last = node.next.get(key)
                if last is None or not last.ends or not _stands(text, tokens, at, at + step, ends):
                    continue
                whole = text[tokens[at].start() : token.end()]
                words = [
                    word for word, name in last.ends if _fits(word, name, whole, text, tokens, at + step)
                ]
                if words:
                    best = (step + 1, words)
            following = node.next.get(token[0].casefold())
            if following is None:
                break
            node = following
        return best


def _tells(kind: str, tokens: list[str]) -> bool:
    """Whether a name is one's own: a model's has a figure or several words, a provider's is no plain word."""
    if kind == "model":
        return len(tokens) > 1 or any(letter.isdigit() for letter in tokens[0])
    return len(tokens) > 1 or (tokens[0] not in _WORDS and len(tokens[0]) > 1)


def _keys(token: str) -> Iterator[tuple[str, bool]]:
    """The token, and a Korean one without its particles. True: a particle was taken off."""
    yield token.casefold(), False
    if token[0] >= "가":
        for end in range(len(token) - 1, 0, -1):
            if _PARTICLE.fullmatch(token[end:]):
                yield token[:end], True


def _stands(text: str, tokens: list[re.Match[str]], first: int, last: int, cut: bool) -> bool:
    """Whether a name stands alone: no letters run on before it, and behind it only a particle."""
    begin, end = tokens[first].start(), tokens[last].end()
    if (
        begin
        and re.match(r"[A-Za-z0-9가-힣]", text[begin - 1])
        and _same_script(text[begin - 1], text[begin])
    ):
        return False
    if begin > 1 and text[begin - 1] in "-./" and text[begin - 2].isalnum():
        return False
    if cut or last + 1 >= len(tokens) or tokens[last + 1].start() > end:
        return True
    behind = tokens[last + 1][0]
    return behind[0] >= "가" and _PARTICLE.fullmatch(behind) is not None


def _fits(word: Word, name: str, whole: str, text: str, tokens: list[re.Match[str]], last: int) -> bool:
    """Whether these words are that name: a provider's keeps its capitals; behind a model's no word or number
    follows that makes it another's."""
    if word.kind == "suite" and name.isascii():
        plus = text[tokens[last].end() : tokens[last].end() + 1] == "+"
        exact = len(name.split()) > 1 or whole == name.rstrip("+")  # "MATH" and "CLIcK" are no words
        return exact and plus == name.endswith("+")
    if word.kind != "model":
        return len(name.split()) > 1 or name[:1].islower() or not whole[:1].islower()
    if last + 1 >= len(tokens):
        return True
    gap = text[tokens[last].end() : tokens[last + 1].start()]
    behind = tokens[last + 1][0]
    if gap not in (" ", "-"):
        return True
    if behind[0] >= "가":
        behind = next((key for key, _ in _keys(behind) if key in _ANOTHERS), behind)
    another = behind.casefold() in _ANOTHERS or (gap == "-" and not behind.isalpha())
    return not another and not re.fullmatch(r"\d+\.\d+|\d{1,2}", behind)


def _same_script(one: str, other: str) -> bool:
    return (one >= "가") == (other >= "가")
