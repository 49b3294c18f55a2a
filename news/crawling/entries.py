"""What a listing says of its items. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from news.cleaning import one_line
from news.urls import canonical_url

#: What is taken of one entry, in characters; of one listing, in entries: the newest.
MAX_URL: Final = 1_000
MAX_CONTENT: Final = 200_000
MAX_ENTRIES: Final = 300
_DAY: Final = len("2026-03-04")


class Unreadable(ValueError):
    """Theirs: the listing is not what its source's kind says. The message says what it is instead."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was published. `precision`: "" = not stated (`at` None), "day" (00:00 UTC) or
    "instant"."""

    at: datetime | None = None
    precision: str = ""

    def __str__(self) -> str:
        if self.at is None:
            return ""
        return self.at.isoformat()[:_DAY] if self.precision == "day" else self.at.isoformat()


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a listing names it. `url` "" = the listing holds all there is of it (`content`, HTML).

    `changed`: what the listing says of its last change, as written; another one = its page is read again.
    `whole`: `content` is the item, its page need not be asked.
    """

    url: str
    guid: str = ""
    title: str = ""
    author: str = ""
    published: Moment = field(default_factory=Moment)
    changed: str = ""
    lang: str = ""
    content: str = ""
    whole: bool = False

    def to_json(self) -> dict[str, Any]:
        """As ListedItem keeps it."""
        moment = self.published
        told = {"at": moment.at.isoformat() if moment.at else "", "precision": moment.precision}
        return {**asdict(self), "published": told}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Entry:
        """What `to_json` wrote."""
        told = kept["published"]
        at = datetime.fromisoformat(told["at"]) if told["at"] else None
        return cls(**{**kept, "published": Moment(at, told["precision"])})

    @property
    def sha256(self) -> str:
        """Of all that the listing says of it."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as read. `more`: addresses of further listings (a sitemap's index). `lang`: "" = not stated.

    `note`: what was wrong with it, though it could be read; "" = nothing.
    """

    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()
    note: str = ""


def listing_of(entries: Iterable[Entry], *, base: str, more: Iterable[str] = (), note: str = "") -> Listing:
    """Bounded, with complete addresses, each item once; those without any address or content left out."""
    found: dict[str, Entry] = {}
    for entry in entries:
        bounded = _bounded(entry, base)
        if bounded.url and bounded.url not in found:
            found[bounded.url] = bounded
        if len(found) >= MAX_ENTRIES:
            break
    listings = (canonical_url(address, base) for address in more)
    return Listing(tuple(found.values()), tuple(url for url in listings if _is_short(url)), note)


def _bounded(entry: Entry, base: str) -> Entry:
    url = canonical_url(entry.url, base) if entry.url else ""
    if entry.whole:  # one page holds several: each is named by its heading
        url = f"{canonical_url(base)}#{entry.guid}"
    return replace(
        entry,
        url=url if _is_short(url) else "",
        guid=one_line(entry.guid, 500),
        title=one_line(entry.title, 500),
        author=one_line(entry.author, 200),
        changed=one_line(entry.changed, 100),
        lang=entry.lang if len(entry.lang) <= 12 else "",
        content=entry.content.replace("\x00", "")[:MAX_CONTENT],
    )


def _is_short(url: str) -> bool:
    return 0 < len(url.encode()) <= MAX_URL
