"""A claim: one sentence, and the words of a fetched source that carry it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

#: What articles are written in, how many lines of summary each has, and how many characters a sentence.
LANGUAGES: Final = ("en", "ko")
LINES: Final = 3
MOST_TEXT: Final = 400
#: Fields of an article that hold claims, in the order of its form.
CLAIM_FIELDS: Final = ("summary", "key_facts")


class BadClaim(ValueError):
    """Ours or a client's: not a claim as articles keep them. The message names the key, value and remedy."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`text` in language `lang` ("en", "ko"); `quote` stands in the text of the item with id `source`
    from character `start` up to `end`, so that `item.text[start:end] == quote`."""

    lang: str
    text: str
    source: int
    quote: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        """As articles keep it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Claim:
        """BadClaim: a key is missing, unknown or of another type, or the span does not fit its quote."""
        if not isinstance(kept, Mapping) or set(kept) != set(_TYPES):
            raise BadClaim(f"claim {kept!r:.120}: give exactly the keys {', '.join(_TYPES)}")
        for name, kind in _TYPES.items():
            if not isinstance(kept[name], kind) or isinstance(kept[name], bool):
                raise BadClaim(f"claim.{name}={kept[name]!r:.60} is no {kind.__name__}")
        claim = cls(**kept)
        if claim.start < 0 or claim.end - claim.start != len(claim.quote):
            raise BadClaim(
                f"claim.start={claim.start}, claim.end={claim.end}: "
                f"the quote has {len(claim.quote)} characters"
            )
        return claim

    def is_quoted_from(self, text: str) -> bool:
        """Whether its quote stands in the source's text where it says."""
        return bool(self.quote) and text[self.start : self.end] == self.quote


_TYPES = {"lang": str, "text": str, "source": int, "quote": str, "start": int, "end": int}


def read_claims(kept: Iterable[Mapping[str, Any]]) -> list[Claim]:
    """What an article keeps, as claims. BadClaim."""
    return [Claim.from_dict(one) for one in kept]


def write_claims(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """As an article keeps them."""
    return [claim.to_dict() for claim in claims]
