"""Counting tokens as models do: vocabularies that ship with the code. Pure, no network.

A vocabulary is a list of byte strings in the order in which pairs of them are merged, an expression that
cuts a text into words first, and for some a normalisation; `compare/data/vocabularies.json` names each with
its origin, licence and proof. Counting is tiktoken's; `benches/vocabularies.py` made the files and checked
each against the maker's own tokenizer.

UnknownVocabulary    ours, permanent: no such file ships
"""

import json
import lzma
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

Count = Callable[[str], int]
DATA: Final = Path(__file__).resolve().parent.parent / "data"
#: A token of so many bytes or more has its length in the two bytes that follow this one.
_LONG: Final = 255
#: What SentencePiece writes for a blank.
_BLANK: Final = "\u2581"


class UnknownVocabulary(Exception):
    """Nobody ships a vocabulary of that name."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One vocabulary. `tokens`: how many byte strings; `pattern`: how a text is cut into words.

    `nfc`: the text is composed first. `blanks`: blanks are written as SentencePiece does, and `whole` is
    what it takes as one token before anything else. `partial`: ranks from ≤ n < to of first bytes of
    characters, which the maker's tokenizer counts byte by byte. `source`, `checked`: where it is from, and
    against what it was checked.
    """

    name: str
    label: str
    tokens: int
    pattern: str
    nfc: bool
    blanks: bool
    whole: str
    partial: tuple[int, int]
    source: Mapping[str, str]
    checked: Mapping[str, Any]


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """All that ship, by name, in the order of the file."""
    rows = json.loads((DATA / "vocabularies.json").read_text(encoding="utf-8"))["vocabularies"]
    return {row["name"]: _vocabulary(row) for row in rows}


def _vocabulary(row: dict[str, Any]) -> Vocabulary:
    return Vocabulary(
        name=row["name"],
        label=row["label"],
        tokens=row["tokens"],
        pattern=row["pattern"],
        nfc=row.get("nfc", False),
        blanks=row.get("blanks", False),
        whole=row.get("whole", ""),
        partial=tuple(row.get("partial", (0, 0))),
        source=row["source"],
        checked=row["checked"],
    )


def counter_of(name: str) -> Count:
    """Text → its tokens. Takes a quarter to half a second and some 50 MB, which last as long as it does."""
    if name not in vocabularies():
        raise UnknownVocabulary(f"vocabulary={name!r}: expected one of {', '.join(vocabularies())}")
    return _Counter(vocabularies()[name]).count


class _Counter:
    def __init__(self, vocabulary: Vocabulary) -> None:
        import tiktoken

        ranks = {token: rank for rank, token in enumerate(tokens_of(vocabulary.name))}
        self._encoding = tiktoken.Encoding(
            vocabulary.name,
            pat_str=vocabulary.pattern,
            mergeable_ranks=ranks,
            special_tokens={},
            explicit_n_vocab=vocabulary.tokens,
        )
        # The extension has a copy; this one would double what a vocabulary takes.
        self._encoding._mergeable_ranks = {}
        first, end = vocabulary.partial
        items = ranks.items() if end > first else ()
        self._more = {rank: len(token) - 1 for token, rank in items if first <= rank < end}
        self._nfc, self._blanks = vocabulary.nfc, vocabulary.blanks
        self._whole = re.compile(f"({vocabulary.whole})") if vocabulary.whole else None

    def count(self, text: str) -> int:
        if self._nfc:
            text = unicodedata.normalize("NFC", text)
        if self._blanks:
            text = text.replace(" ", _BLANK)
        if self._whole is None:
            return len(self._encoding.encode_ordinary(text))
        parts = self._whole.split(text)
        return len(parts) // 2 + sum(self._of_part(part) for part in parts[::2] if part)

    def _of_part(self, text: str) -> int:
        ranks = self._encoding.encode_ordinary(text)
        return len(ranks) + (sum(self._more.get(rank, 0) for rank in ranks) if self._more else 0)


def tokens_of(name: str) -> Iterator[bytes]:
    """The byte strings of a vocabulary's file, the first merged first."""
    raw = lzma.decompress((DATA / "vocabularies" / f"{name}.xz").read_bytes())
    at = 0
    while at < len(raw):
        size, at = raw[at], at + 1
        if size == _LONG:
            size, at = int.from_bytes(raw[at : at + 2], "big"), at + 2
        yield raw[at : at + size]
        at += size


def packed(tokens: Iterator[bytes]) -> bytes:
    """The file of these byte strings."""
    sizes = ((len(token), token) for token in tokens)
    raw = b"".join(
        (bytes([size]) if size < _LONG else bytes([_LONG]) + size.to_bytes(2, "big")) + token
        for size, token in sizes
    )
    return lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
