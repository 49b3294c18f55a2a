"""Whether the words of an official incident are about what one of ours holds.

Pages name products as people know them; nobody gives them our identifiers. What is matched, and how well, is
kept with every lead (`Fit`).
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Fit(StrEnum):
    """How well the words fit, best first."""

    MODEL = "model"  # they name a model that ours holds
    API = "api"  # they name the API, or part of it, and no model
    WHOLE = "whole"  # they name no component
    OTHER = "other"  # they name something that we cannot place


_WORDS: Final = re.compile(r"[^\W_]+")
#: Whole words that mean the interface which we measure.
_API: Final = (
    *("api", "apis", "inference", "completions", "chat completions", "responses", "messages", "embeddings"),
    *("models", "model serving", "serverless", "endpoints"),
)
#: What providers offer beside it, which we do not measure.
_ELSEWHERE: Final = (
    *("chatgpt", "codex", "sora", "gpts", "operator", "claude ai", "claude code", "claude for government"),
    *("le chat", "grok com", "gemini app", "web app", "app", "apps", "website", "web site", "homepage"),
    *(
        "console",
        "dashboard",
        "platform website",
        "docs",
        "documentation",
        "playground",
        "billing",
        "payments",
    ),
    *("login", "log in", "sign in", "mobile", "ios", "android", "desktop", "support", "community", "blog"),
    *("fine tuning", "training", "spaces", "datasets", "workbench", "admin", "slack", "cowork"),
)


def fit(title: str, components: Iterable[str], held: Iterable[str], named: Iterable[str]) -> Fit | None:
    """How an official incident's words fit an incident that holds models called `held`; None = not at all.

    named: what all watched models of the provider are called. Words that name a model of them, but none that
    is held, are of something else.
    """
    parts = [_plain(part) for part in components]
    whole = " ".join([*parts, _plain(title)])
    mentioned = _mentioned(whole, frozenset(map(_plain, named)))
    if mentioned:
        return Fit.MODEL if mentioned & set(map(_plain, held)) else None
    asked = parts or [_plain(title)]
    if any(_has(part, _API) for part in asked):
        return Fit.API
    if all(_has(part, _ELSEWHERE) for part in asked):
        return None
    return Fit.OTHER if parts else Fit.WHOLE


def _mentioned(text: str, names: frozenset[str]) -> set[str]:
    """Those of the names in the text, the longest first: "gpt 4 1 mini" does not mention "gpt 4 1"."""
    found = set()
    for name in sorted(names - {" ", "  "}, key=lambda name: (-len(name), name)):
        if name in text:
            found.add(name)
            text = text.replace(name, " | ")
    return found


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(f" {word} " in text for word in words)


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """In lower case, whole words between single spaces, with one at each end."""
    return " " + " ".join(_WORDS.findall(text.casefold())) + " "
