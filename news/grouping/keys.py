"""Numbers by which items that might belong together find each other in an indexed table. Pure."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from news.grouping.names import KNOWN
from news.grouping.rules import Told
from news.grouping.texts import bands_of


class Keys(NamedTuple):
    """Of 63 bits each. `copies`: page, title, bands; for all times. `marks`: for the days of an event."""

    copies: frozenset[int]
    marks: frozenset[int]


def keys_of(told: Told) -> Keys:
    """Two items without a common number are not compared."""
    copies = {_number(f"{kind}:{key}") for kind, key in (("page", told.page), ("title", told.title)) if key}
    marks = {mark for mark, weight in told.marks.items() if weight >= KNOWN}
    return Keys(
        copies=frozenset({*copies, *bands_of(told.shingles)}),
        marks=frozenset(_number(f"mark:{mark}") for mark in marks),
    )


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
