"""Pairs of news items labelled by how they were composed; README.md tells how. Pure, no database.

`pairs("development")` is what rules are tuned on; `pairs("held back")` is measured and never tuned on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal

import yaml

FOLDER: Final = Path(__file__).parent
FAMILIES: Final = ("models", "services", "business", "research")

Label = Literal["duplicate", "event", "different"]
Half = Literal["development", "held back"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a source gave. `published_at`: UTC. `event`: what it tells, within its family."""

    name: str
    title: str
    text: str
    url: str
    published_at: datetime
    lang: str
    event: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`how`: of a duplicate, how the second was made of the first; "" for two texts written apart."""

    first: Item
    second: Item
    label: Label
    how: str
    half: Half

    @property
    def langs(self) -> str:
        return "-".join(sorted((self.first.lang, self.second.lang)))


@cache
def pairs(half: Half | None = None) -> tuple[Pair, ...]:
    """All pairs, or those of one half, in the order of the files."""
    return tuple(pair for pair in _pairs() if half in (None, pair.half))


def half_of(family: str) -> Half:
    """Fixed, by the family's name, so that no text stands in both halves."""
    return "held back" if hashlib.sha256(family.encode()).digest()[0] % 2 else "development"


def _pairs() -> Iterator[Pair]:
    families = {family["family"]: family for name in FAMILIES for family in _read(name)}
    items = {
        f"{name}.{key}": _item(f"{name}.{key}", told)
        for name, family in families.items()
        for key, told in family["items"].items()
    }
    for name, family in families.items():
        half = half_of(name)
        for copy in family["copies"].values():
            base = items[f"{name}.{copy['of']}"]
            yield Pair(base, _copied(base, copy), "duplicate", copy["how"], half)
        for first, second in combinations(family["items"], 2):
            one, other = items[f"{name}.{first}"], items[f"{name}.{second}"]
            yield Pair(one, other, "event" if one.event == other.event else "different", "", half)
    for line in _read("across"):
        first, second = line.split()
        if half_of(_family(first)) == half_of(_family(second)):
            yield Pair(items[first], items[second], "different", "", half_of(_family(first)))


def _read(name: str) -> Sequence[Any]:
    loaded: Sequence[Any] = yaml.load((FOLDER / f"{name}.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


def _family(name: str) -> str:
    return name.partition(".")[0]


def _item(name: str, told: Mapping[str, Any]) -> Item:
    return Item(
        name, told["title"], told["text"], told["url"], _moment(told["at"]), told["lang"], told["event"]
    )


def _copied(base: Item, copy: Mapping[str, Any]) -> Item:
    """ValueError where an edit finds nothing, so that "edited" never means "verbatim" by mistake."""
    text = base.text
    for old, new in copy.get("edits", ()):
        if text.count(old) != 1:
            raise ValueError(f"{base.name}: {old!r} stands {text.count(old)} times in the text")
        text = text.replace(old, new)
    if "keep" in copy:
        text = ". ".join(text.split(". ")[: copy["keep"]]).rstrip(".") + "."
    return replace(
        base,
        name=f"{base.name}'",
        text=text,
        url=copy["url"],
        title=copy.get("title", base.title),
        published_at=_moment(copy["at"]) if "at" in copy else base.published_at,
    )


def _moment(at: datetime | str) -> datetime:
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
