"""Whether a Korean page says something in English that it has Korean for, or that nobody marked. Pure."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from aigo import translations
from testing.environment import ROOT

#: A page that says one of these shows its own making.
BROKEN: Final = re.compile(r"\{\{|\{%|%\(\w+\)|\[object |\bundefined\b|\bNaN\b|^None$")
HANGUL: Final = re.compile(r"[가-힣]")
#: Four words in small letters are a sentence; names and units are not.
SENTENCE: Final = re.compile(r"\b[a-z’']{2,}[ ,]+[a-z’']{2,} [a-z’']{2,} [a-z’']{2,}\b")
#: English that stands in both languages: the site's sections are names.
NAMES: Final = frozenset({"English"})


@cache
def untranslated() -> frozenset[str]:
    """English texts that have a Korean one."""
    kept = translations.read_catalogue(ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.po")
    return frozenset(
        message.id
        for message in kept
        if isinstance(message.id, str) and message.string not in ("", message.id) and len(message.id) > 2
    )


def oddities(said: Iterable[tuple[str, str]], lang: str) -> list[str]:
    """Texts (and where they stand) that a reader of the language should not meet."""
    return [f"{text!r} in {where}" for text, where in said if _is_odd(text, lang)]


def _is_odd(text: str, lang: str) -> bool:
    if BROKEN.search(text):
        return True
    if lang != "ko" or HANGUL.search(text):
        return False
    return text not in NAMES and (text in untranslated() or bool(SENTENCE.search(text)))
