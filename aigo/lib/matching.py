"""Finding by what people type: parts of words, several words, Korean while a syllable is still being typed.

A text is folded to the keys that type it: lower case, without accents, Hangul taken apart into the letters
of a keyboard (글 → ㄱㅡㄹ), nothing but letters and digits. So `gpt4.1` and `GPT 4 1` find "GPT-4.1", and
오프, 오픈ㅇ and 오픈에 find 오픈에이아이. Names in Hangul are found by their first consonants, too: ㅋㄹㄷ
finds 클로드.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Generic, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
Numbers = np.ndarray[Any, np.dtype[np.intp]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
#: What is longer is cut off: nobody types it, and every word costs a pass.
MOST_LETTERS: Final = 100
MOST_WORDS: Final = 8

#: Finals and vowels that are typed with two keys, as these keys; NFKC makes all others one letter already.
_FINALS: Final = (
    "ㄱ,ㄲ,ㄱㅅ,ㄴ,ㄴㅈ,ㄴㅎ,ㄷ,ㄹ,ㄹㄱ,ㄹㅁ,ㄹㅂ,ㄹㅅ,ㄹㅌ,ㄹㅍ,ㄹㅎ,ㅁ,ㅂ,ㅂㅅ,ㅅ,ㅆ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ"
)
_VOWELS: Final = "ㅏ,ㅐ,ㅑ,ㅒ,ㅓ,ㅔ,ㅕ,ㅖ,ㅗ,ㅗㅏ,ㅗㅐ,ㅗㅣ,ㅛ,ㅜ,ㅜㅓ,ㅜㅔ,ㅜㅣ,ㅠ,ㅡ,ㅡㅣ,ㅣ"
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_KEYS: Final = {
    **{0x1100 + n: key for n, key in enumerate(_INITIALS)},
    **{0x1161 + n: keys for n, keys in enumerate(_VOWELS.split(","))},
    **{0x11A8 + n: keys for n, keys in enumerate(_FINALS.split(","))},
}
#: A run of letters of one writing, or of digits: where a word begins.
_RUNS: Final = re.compile(r"\d+|[\u3131-\u3163]+|[^\W\d_\u3131-\u3163]+")
_SYLLABLES: Final = re.compile("[가-힣]+")


class Grade(IntEnum):
    """How well a word fits a text, the best first."""

    EXACT = 0
    PREFIX = 1
    WORD = 2
    INSIDE = 3


class Text(NamedTuple):
    """A folded text. `keys`: its letters and digits in a row; `starts`: where in them a word begins."""

    keys: str
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: its words' keys, and all of them in a row. Empty (false): nothing to look for."""

    words: tuple[str, ...]
    whole: str

    def __bool__(self) -> bool:
        return bool(self.whole)


class Entry(NamedTuple, Generic[T]):
    """Something that can be found.

    `names`: what it is called; none where a name has no letter, such as "★". `by`: whose it is, never better
    than a name's beginning: what OpenAI makes stands beside what is called "OpenAI …". `about`: what else it
    is found by, after all that is called so. `weight`: which of equals comes first, the lowest.
    """

    item: T
    kind: str
    names: tuple[Text, ...]
    by: tuple[Text, ...] = ()
    about: tuple[Text, ...] = ()
    weight: int = 0


class Match(NamedTuple, Generic[T]):
    """What was found, and how well: the lower `score`, the better. `grade`: of the whole query, or of the
    word that fits worst where its words stand apart."""

    item: T
    kind: str
    grade: Grade
    score: tuple[int, int]


#: The least rank of a text of `names`, `by` and `about`; and past all ranks: it fits nowhere.
_LEAST: Final = (0, 1, len(Grade))
_NOWHERE: Final = 2 * len(Grade)
_GRADES: Final = tuple(Grade)
#: What no query fits.
_UNTYPED: Final = Text("", ())
#: Ranks and grades are carried together, so that the best rank keeps its grade: rank times this, plus grade.
_STEP: Final = len(Grade)


class Ranking(Generic[T]):
    """What was found, the best first; of equals by kind, then by weight and the shorter name. A match is made
    when it is looked at: of thousands a page shows few.

    `kinds`: the order of kinds. `_table`: rows rank of the whole query, ranks of its words together, kind,
    place among all entries, grade.
    """

    def __init__(self, entries: Sequence[Entry[T]], table: Numbers, kinds: Sequence[str]) -> None:
        self._entries, self._kinds = entries, kinds
        self._table = table[:, np.lexsort(table[3::-1])]

    def __len__(self) -> int:
        return int(self._table.shape[1])

    def __getitem__(self, part: slice) -> list[Match[T]]:
        return [self._match(*column) for column in self._table[:, part].T.tolist()]

    def _match(self, whole: int, total: int, kind: int, place: int, grade: int) -> Match[T]:
        return Match(self._entries[place].item, self._kinds[kind], _GRADES[grade], (whole, total))

    def of(self, kinds: Collection[str]) -> "Ranking[T]":
        """Those of these kinds only."""
        wanted = [self._kinds.index(kind) for kind in kinds]
        return Ranking(self._entries, self._table[:, np.isin(self._table[2], wanted)], self._kinds)

    def by_kind(self) -> dict[str, int]:
        """How many of each kind that has any, in the order of the best of each."""
        found, first, counts = np.unique(self._table[2], return_index=True, return_counts=True)
        return {self._kinds[found[n]]: int(counts[n]) for n in np.argsort(first)}

    def beside(self, other: "Ranking[T]") -> "Ranking[T]":
        """Both together; of the same kinds."""
        table = other._table.copy()
        table[3] += len(self._entries)
        entries = [*self._entries, *other._entries]
        return Ranking(entries, np.concatenate([self._table, table], axis=1), self._kinds)


class Index(Generic[T]):
    """Things by what they are called; built once, read by any number of threads. `kinds`: all of theirs, in
    the order in which equals are shown.

    All texts stand in one row of letters, each once, however many entries bear it. A word is looked for
    letter by letter in the whole row at once, so that a query costs much the same whatever it finds.
    """

    def __init__(self, entries: Iterable[Entry[T]], kinds: Sequence[str]) -> None:
        self.entries, self._kinds = sorted(entries, key=_order), kinds
        ranks = {kind: rank for rank, kind in enumerate(kinds)}
        self._kind = np.array([ranks[entry.kind] for entry in self.entries], np.intp)
        texts: dict[Text, int] = {}
        borne: list[int] = []
        least: list[int] = []
        firsts: list[int] = []
        for entry in self.entries:
            firsts.append(len(borne))
            for lowest, own in zip(_LEAST, (entry.names, entry.by, entry.about), strict=True):
                borne += [texts.setdefault(text, len(texts)) for text in own]
                least += [lowest] * len(own)
            if len(borne) == firsts[-1]:  # each has its place in the row, one that cannot be typed as well
                borne.append(texts.setdefault(_UNTYPED, len(texts)))
                least.append(_LEAST[0])
        self._borne, self._first = np.array(borne, np.intp), np.array(firsts, np.intp)
        self._least = np.array(least, np.intp)
        self._row = _Row(list(texts))

    def find(self, query: Query) -> Ranking[T]:
        """Everything in which all words occur."""
        if not query or not self.entries:
            return Ranking(self.entries, np.empty((5, 0), np.intp), self._kinds)
        whole = self._ranks(query.whole)
        words = [self._ranks(word) for word in query.words] if len(query.words) > 1 else [whole]
        worst = np.maximum.reduce(words)
        found = np.flatnonzero(worst // _STEP < _NOWHERE)
        grade = np.where(whole // _STEP < _NOWHERE, whole, worst) % _STEP
        total = np.add.reduce([word // _STEP for word in words])
        columns = [whole // _STEP, total, self._kind, np.arange(len(self.entries)), grade]
        return Ranking(self.entries, np.stack([column[found] for column in columns]), self._kinds)

    def _ranks(self, keys: str) -> Numbers:
        """Per entry the best rank among its texts with its grade: rank * _STEP + grade."""
        grade = self._row.grades(keys)[self._borne]
        rank = np.where(self._least < _STEP, np.maximum(grade, self._least), grade + _STEP)
        rank = np.where(grade == _NOWHERE, _NOWHERE, rank)
        return np.minimum.reduceat(rank * _STEP + np.minimum(grade, _STEP - 1), self._first)


class _Row:
    """Texts one after the other, a line's end between them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._count = len(texts)
        self._letters = _codes("\n" + "\n".join(text.keys for text in texts) + "\n")
        lengths = np.array([len(text.keys) + 1 for text in texts], np.intp)
        self._text_at = np.concatenate([[0], np.repeat(np.arange(len(texts)), lengths)])
        begins = np.cumsum(lengths) - lengths + 1
        self._starts: Flags = np.zeros(len(self._letters), bool)
        self._starts[
            [begin + at for begin, text in zip(begins, texts, strict=True) for at in text.starts]
        ] = True

    def grades(self, keys: str) -> Numbers:
        """Per text how `keys` fits; _NOWHERE = it does not. A single letter fits only where a word begins."""
        found = self._places(keys)
        best = np.full(self._count, _NOWHERE, np.intp)
        first, last = self._letters[found - 1] == _END, self._letters[found + len(keys)] == _END
        fits = [(first & last, Grade.EXACT), (first, Grade.PREFIX), (self._starts[found], Grade.WORD)]
        if len(keys) > 1:
            fits.append((np.ones(len(found), bool), Grade.INSIDE))
        for fitting, grade in reversed(fits):  # the best last, so that it stays
            best[self._text_at[found[fitting]]] = grade
        return best

    def _places(self, keys: str) -> Numbers:
        wanted = _codes(keys)
        found = np.flatnonzero(self._letters[: len(self._letters) - len(wanted)] == wanted[0])
        for at, letter in enumerate(wanted[1:], 1):
            found = found[self._letters[found + at] == letter]
        return found


_END: Final = ord("\n")


def _codes(text: str) -> Numbers:
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint32)


def _order(entry: Entry[Any]) -> tuple[int, int, str]:
    name = entry.names[0].keys if entry.names else ""
    return entry.weight, len(name), name


def folded(text: str) -> Text:
    """A text as it is compared."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", plain))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_KEYS)
    runs, starts, length = _RUNS.findall(plain), [], 0
    for run in runs:
        starts.append(length)
        length += len(run)
    return Text("".join(runs), tuple(starts))


def names_of(*names: str) -> tuple[Text, ...]:
    """Names folded, each once; those in Hangul by their first consonants, too."""
    written = [*names, *(initials(name) for name in names if _SYLLABLES.search(name))]
    return tuple(dict.fromkeys(text for name in written if (text := folded(name)).keys))


def initials(text: str) -> str:
    """The first consonant of each syllable, all else as it is: "오픈AI" → "ㅇㅍAI"."""
    return _SYLLABLES.sub(lambda run: "".join(_INITIALS[(ord(s) - 0xAC00) // 588] for s in run[0]), text)


def query_of(typed: str) -> Query:
    """What somebody types, as it is looked for."""
    words = [keys for word in typed[:MOST_LETTERS].split() if (keys := folded(word).keys)][:MOST_WORDS]
    return Query(tuple(dict.fromkeys(words)), "".join(words))
