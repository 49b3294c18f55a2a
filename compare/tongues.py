"""Texts that must read in either language long after they were made.

A comparison is frozen in one language and read in the other, so its words are kept in both. A text that is
the same in both is kept as it is.
"""

from collections.abc import Callable
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.functional import lazy as _lazy

LANGUAGES: Final = ("en", "ko")
Text = str | Promise


def in_each(text: Text) -> dict[str, str]:
    """Language → the text in it."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(text)
    return found


def text_json(text: Text) -> str | dict[str, str]:
    """As it is kept: {"en", "ko"}, or the text alone where both are the same."""
    if not isinstance(text, Promise):
        return text
    found = in_each(text)
    return found["en"] if found["en"] == found["ko"] else found


def text_from(kept: str | dict[str, str]) -> Text:
    """The text that was kept; in the reader's language when it is read."""
    return kept if isinstance(kept, str) else lazily(lambda: _told(kept))


def lazily(make: Callable[[], str]) -> Text:
    """A text that is made whenever it is read, in the language of that moment."""
    return _lazy(make, str)()


def _told(kept: dict[str, Any]) -> str:
    language = (translation.get_language() or LANGUAGES[0])[:2]
    return str(kept.get(language, kept[LANGUAGES[0]]))


__all__ = ["LANGUAGES", "Text", "in_each", "lazily", "text_from", "text_json"]
