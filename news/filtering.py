"""Which articles somebody wants to read: the wish and its one address. Pure.

Pages, feeds and the API read and write the same addresses:
`?category=model&tag=model:gpt-4.1&tag=provider:openai&stance=facts_only&q=가격&form=list`.
Several tags widen it (a or b), several filters narrow each other. Tags may be repeated or joined by commas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final, NamedTuple
from urllib.parse import urlencode

from aigo.lib.filters import Filtered

CATEGORIES: Final = ("model", "provider", "research", "product", "policy", "infra")
STANCES: Final = ("facts_only", "opinion")
TAG_KINDS: Final = ("model", "provider", "suite", "topic")
#: How a page lays its articles out, the default first.
FORMS: Final = ("cards", "list")
MOST_TYPED: Final = 100
MOST_TAGS: Final = 20
#: What an address may say of articles, in its order; `page`, `limit` and `offset` belong to who shows them.
NAMES: Final = ("category", "tag", "stance", "q", "form")
_TAG: Final = re.compile(rf"({'|'.join(TAG_KINDS)}):([\w.-]{{1,120}})", re.ASCII)


class Remedy(StrEnum):
    """What to ask for instead; news.wording has the words for pages, news.api those of the API."""

    CHOICE = "choice"  # one of the accepted values
    TAG = "tag"  # a tag that there is
    FEWER = "fewer"  # fewer tags
    SHORTER = "shorter"  # fewer characters, none of them NUL
    NUMBER = "number"  # the number of a page, from 1; the API has none


class Refusal(NamedTuple):
    """A value that nobody knows. `accepted`: those that are, () where they are not a few."""

    name: str
    value: str
    remedy: Remedy
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsWish(Filtered):
    """What is asked of the articles. "" or () = it is not set.

    tag: "<kind>:<slug>", sorted, each once. q: words that must all occur in titles, standfirsts, summaries
    or tags, of either language.
    """

    SEVERAL: ClassVar = ("tag",)

    category: str = ""
    tag: tuple[str, ...] = ()
    stance: str = ""
    q: str = ""
    form: str = FORMS[0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        return [
            (name, value)
            for name in NAMES
            for value in (self.tag if name == "tag" else [getattr(self, name)])
            if value != getattr(_DEFAULT, name)
        ]

    @property
    def query(self) -> str:
        """Without the question mark: equal wishes have equal ones; "" = the default."""
        return urlencode(self.pairs, safe=":")

    @property
    def tags(self) -> list[tuple[str, str]]:
        """(kind, slug) of each."""
        return [(kind, slug) for kind, _, slug in (tag.partition(":") for tag in self.tag)]

    @property
    def terms(self) -> list[str]:
        """What must occur: the typed words, folded."""
        return list(dict.fromkeys(folded(self.q).split()))

    def cleared(self) -> NewsWish:
        """Every article, laid out alike."""
        return NewsWish(form=self.form)

    def as_sought(self) -> NewsWish:
        """The same articles, however they are laid out: equal where the same are found."""
        return replace(self, form=_DEFAULT.form)

    @property
    def narrows(self) -> bool:
        """Whether it may leave articles out."""
        return self.cleared() != self


_DEFAULT: Final = NewsWish()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `refused`: what nobody knows, left out of the wish; it is answered 400."""

    wish: NewsWish
    refused: tuple[Refusal, ...] = ()


def asked(query: Mapping[str, Sequence[str]], known_tags: Collection[str]) -> Asked:
    """The wish of an address: parameter → its values (`dict(request.GET.lists())`).

    known_tags: those of `tags_asked` that exist (news.selectors.portal.known_tags).
    """
    wish, refused = _DEFAULT, list[Refusal]()
    closed = {"category": CATEGORIES, "stance": STANCES, "form": FORMS}
    for name, accepted in closed.items():
        value = _last(query, name)
        if value in accepted:
            wish = wish.only(name, value)
        elif value:
            refused.append(Refusal(name, value, Remedy.CHOICE, accepted))
    tags = tags_asked(query)
    wrong = [tag for tag in tags if tag not in known_tags]
    refused += [Refusal("tag", tag, Remedy.TAG) for tag in wrong]
    if len(tags) > MOST_TAGS:
        refused.append(Refusal("tag", tags[MOST_TAGS], Remedy.FEWER))
    elif tags != wrong:
        wish = wish.only("tag", *(tag for tag in tags if tag in known_tags))
    typed = _last(query, "q")
    if len(typed) > MOST_TYPED or "\x00" in typed:
        refused.append(Refusal("q", typed, Remedy.SHORTER))
    elif typed:
        wish = wish.only("q", " ".join(typed.split()))
    return Asked(wish, tuple(refused))


def tags_asked(query: Mapping[str, Sequence[str]]) -> list[str]:
    """The tags that an address names, as they are written, each once."""
    parts = (part.strip() for text in query.get("tag", ()) for part in text.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def tag_pairs(tags: Iterable[str]) -> list[tuple[str, str]]:
    """(kind, slug) of those that are written as tags are."""
    return [(match[1], match[2]) for match in map(_TAG.fullmatch, tags) if match]


def folded(text: str) -> str:
    """As words are looked for: small letters of one form (NFKC), whatever the keyboard made of them."""
    return unicodedata.normalize("NFKC", text).casefold()


def _last(query: Mapping[str, Sequence[str]], name: str) -> str:
    return next((text.strip() for text in reversed(query.get(name, ())) if text.strip()), "")
