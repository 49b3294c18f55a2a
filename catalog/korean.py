"""How Korean readers write the names of providers and models, from `data/korean.json`. Pure."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

TABLE: Final = Path(__file__).parent / "data" / "korean.json"
_WORDS: Final = re.compile(r"[a-z]+\d*", re.IGNORECASE)
_LETTERS: Final = re.compile(r"[a-z]+", re.IGNORECASE)


class Korean(NamedTuple):
    """Word in lower case → its spellings, the usual one first; function tag → what people call it."""

    words: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, tuple[str, ...]]


@cache
def korean() -> Korean:
    """The table."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return Korean(
        *({key: tuple(spellings) for key, spellings in found[name].items()} for name in Korean._fields)
    )


def spellings_of(name: str) -> list[str]:
    """A name with its known words in Korean: "Claude Sonnet 4.5" → ["클로드 소넷 4.5", "클로드 소네트 4.5"].

    The usual spelling of all words first, then each other one among usual ones; [] where no word is known.
    """
    words = korean().words

    def written(which: str = "", spelling: str = "") -> str:
        def known(match: re.Match[str]) -> str:
            word = match[0].casefold()
            if word == which:
                return spelling
            if word in words:
                return words[word][0]
            return _LETTERS.sub(known, match[0]) if word[-1].isdigit() else match[0]

        return _WORDS.sub(known, name)

    found = [written()]
    for word in dict.fromkeys(part.casefold() for part in _LETTERS.findall(name)):
        found += [written(word, other) for other in words.get(word, ())[1:]]
    return [one for one in dict.fromkeys(found) if one != name]
