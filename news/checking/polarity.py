"""What is denied, and which way something goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from news.checking.clauses import clauses, deeds, overlap, taken_up, takes_up
from news.checking.concepts import axes, places_of
from news.checking.findings import BLOCKS, Finding, Rule
from news.checking.quantities import Quantity, same
from news.checking.reading import Reading

_NO: Final = (
    r"\bnot\b(?! only)|n't\b|\bcannot\b|\bnever\b|\bno\b(?! (?:more|less|fewer|later) than)|\bnone\b"
    r"|\bneither\b|\bnor\b|\bwithout\b|\bunable\b|\bfail(?:s|ed)? to\b|\blacks?\b|\bunavailable\b"
    r"|\bunsupported\b|\bno longer\b|\bun(?:determined|decided|disclosed|specified|safe|affected)\b"
    r"|\blos(?:e|es|ing|t)\b(?= (?:\w+ )?access)|\bdrop(?:s|ped|ping)?\b(?= support)"
    r"|\bexclud\w*|\bexcept\b|\binactiv\w*"
    r"|\b(?:declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)) to\b|\bturn(?:s|ed|ing)? down\b|제외|빼고|거부|거절"
    r"|않|못(?!\s?미)|(?<![가-힣])안\s(?=[가-힣])|없|아니(?!라\s|라고|라는\s|고\s)|아닌|아니다|아니라고"
    r"|불가|말라|미지원|미공개"
)
_NEGATIONS: Final = re.compile(_NO, re.IGNORECASE)
_IDIOMS: Final = re.compile(
    r"뿐(?:만)?\s?아니라|not only|no doubt|no changes?\b|변[경동](?:은|이)?\s?없"
    r"|다름\s?없|변함\s?없|아니나|못지\s?않",
    re.IGNORECASE,
)


def polarity(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Negation that was dropped, added or moved."""
    if ends_alike(said.text, quoted.text):
        return
    mine = _denied_verbs(said.text)
    theirs = _denied_verbs(quoted.text, taken_up(said, quoted))
    shared = [name for name in mine if name in theirs]
    agreed = {mine[name][0] for name in shared if mine[name][1] == theirs[name][1]}
    for name in shared:
        (place, denied), of_theirs = mine[name], theirs[name][1]
        if place not in agreed and len(denied) == 1 and len(of_theirs) == 1:
            yield Finding(Rule.NEGATION, BLOCKS, said.text[slice(*place)], place)
            return
    whole = _denied_verbs(quoted.text)
    settled = any(
        len(whole[name][1]) == 1 and mine[name][1] & whole[name][1] for name in mine if name in whole
    )
    if settled and (not _is_denied(said.text) or _is_denied(quoted.text)):
        return
    if _is_denied(said.text) == _is_denied(quoted.text):
        if said.lang == quoted.lang and not shared and _denies_another(said, quoted):
            yield Finding(Rule.NEGATION, BLOCKS, said.text, (0, len(said.text)))
        return
    if not _is_denied(said.text) and not any(
        takes_up(said, quoted, match.start()) for match in denials(quoted.text)
    ):
        return
    match = next(denials(said.text), None)
    place = match.span() if match else (0, len(said.text))
    yield Finding(Rule.NEGATION, BLOCKS, said.text[slice(*place)], place)


def ends_alike(one: str, other: str) -> bool:
    """Whether both say that something stays, or that it ends: one of them may do so by a denial."""
    if _STAYS.search(one) and _STAYS.search(other):
        return True
    for text, told in ((one, other), (other, one)):
        if _NO_MORE.search(text) and "end" in places_of("axis:life", told):
            return True
    return False


_STAYS: Final = re.compile(
    r"\bsame\b|\bstays?\b|\bremain\w*|\bwithout (?:rais|chang|increas)ing\b|동일|유지|인상\s?없이"
    r"|\bnothing changes\b|\bno changes?\b|\bunchanged\b|\bunaffected\b"
    r"|\bnot (?:be |been )?(?:affected|changed?)\b"
    r"|영향(?:을|은|이)?\s?(?:받지|없)|그대로|변함|변[경동](?:은|이)?\s?없",
    re.IGNORECASE,
)
_NO_MORE: Final = re.compile(r"\bno longer\b|\bany (?:more|longer)\b|더\s?이상", re.IGNORECASE)


def direction(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """The other side of an opposition, or a side that the quote does not name."""
    parts = taken_up(said, quoted)
    for axis in axes():
        mine, theirs = _sides(axis, said.text), _sides(axis, quoted.text)
        told = any(
            axis not in _OF_CLAUSES or start <= place[0] < end
            for places in theirs.values()
            for place in places
            for start, end in parts
        )
        for side, places in mine.items():
            if axis == "axis:level" and not theirs and _COMPARED[side] in places_of("axis:rank", quoted.text):
                continue  # what is ahead is higher
            if axis == "axis:level" and side == "up" and not theirs and _is_multiplied(said, quoted):
                continue
            if side not in theirs and (told or axis in _NAMED):
                other = next(iter(theirs.values()), None)
                instead = quoted.text[slice(*other[0])] if other else ""
                yield Finding(Rule.DIRECTION, BLOCKS, said.text[slice(*places[0])], places[0], instead)
    yield from _turned(said, quoted)


def _is_multiplied(said: Reading, quoted: Reading) -> bool:
    """Whether both say how many times as much it is: that is more."""
    return any(
        one.unit == "times" and one.value > 1 and any(same(one, other) for other in quoted.quantities)
        for one in said.quantities
    )


def _turned(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Beside one and the same figure the other side: "0.3 points lower" for "0.3-point higher"."""
    for one in said.quantities:
        alike = [other for other in quoted.quantities if same(one, other)]
        if len(alike) != 1:
            continue
        mine, theirs = (_beside(*pair) for pair in ((said, one), (quoted, alike[0])))
        if mine and theirs and not mine & theirs:
            place = (one.start, one.end)
            yield Finding(Rule.DIRECTION, BLOCKS, said.text[slice(*place)], place)


def _beside(reading: Reading, one: Quantity) -> set[str]:
    """Which way it goes in the words around a figure, within its clause."""
    start, end = next(
        ((a, b) for a, b in clauses(reading.text) if a <= one.start < b), (0, len(reading.text))
    )
    begin, last = max(start, one.start - _BESIDE), min(end, one.end + _BESIDE)
    return {*places_of("axis:level", _UP_TO.sub("", reading.text[begin:last]))}


#: So far from a figure stands what it is told to do, in characters.
_BESIDE: Final = 16
_UP_TO: Final = re.compile(r"\bup to\b", re.IGNORECASE)


def _sides(axis: str, text: str) -> dict[str, list[tuple[int, int]]]:
    """Sides of an opposition that a text names. Of two that are all there is, one denied is the other."""
    found = dict(places_of(axis, text))
    sides = _WHOLES.get(axis)
    if sides is None:
        return found
    denied_at = [match.start() for match in denials(text)]
    turned: dict[str, list[tuple[int, int]]] = {}
    for side, places in found.items():
        for place in places:
            denied = _denies(text, place, [at for at in denied_at if at != place[0]])
            turned.setdefault(sides[side] if denied else side, []).append(place)
    return turned


_WHOLES: Final = {"axis:set": {"include": "exclude", "exclude": "include"}}
#: Of these each clause may name its own: what begins and what ends.
_OF_CLAUSES: Final = frozenset({"axis:life"})
_COMPARED: Final = {"up": "ahead", "down": "behind"}


def undone(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What the quote says was denied or came to nothing, told as done."""
    if _is_denied(said.text):
        return
    for axis, side in (("axis:word", "deny"), ("axis:outcome", "fail")):
        places = places_of(axis, quoted.text).get(side, [])
        if not places or places_of(axis, said.text):
            continue
        start, end = next(
            (part for part in clauses(quoted.text) if part[0] <= places[0][0] < part[1]), (0, 0)
        )
        if deeds(said.text) & deeds(quoted.text[start:end]):
            instead = quoted.text[slice(*places[0])]
            yield Finding(Rule.NEGATION, BLOCKS, said.text, (0, len(said.text)), instead)


#: Sides of these are said in the quote, or not at all.
_NAMED: Final = frozenset({"axis:speed", "axis:word", "axis:court", "axis:set2", "axis:level"})


def denials(text: str) -> Iterator[re.Match[str]]:
    idioms = [match.span() for match in _IDIOMS.finditer(text)]
    for match in _NEGATIONS.finditer(text):
        if not any(start <= match.start() < end for start, end in idioms):
            yield match


def _is_denied(text: str) -> bool:
    return next(denials(text), None) is not None


def _denied_verbs(
    text: str, parts: tuple[tuple[int, int], ...] | None = None
) -> dict[str, tuple[tuple[int, int], set[bool]]]:
    """Verb → where it stands first, and whether it is denied: both, where it is once and once not.

    parts: the clauses that are looked at, None = all.
    """
    found: dict[str, tuple[tuple[int, int], set[bool]]] = {}
    denied_at = [match.start() for match in denials(text)]
    for name, places in places_of("verb", text).items():
        told = {
            _denies(text, place, denied_at)
            for place in places
            if parts is None or any(start <= place[0] < end for start, end in parts)
        }
        if told:
            found[name] = (places[0], told)
    return found


def _denies(text: str, place: tuple[int, int], denials: list[int]) -> bool:
    """English denies before the verb (or "X is not available"), Korean behind it; within the clause."""
    start, end = next(((a, b) for a, b in clauses(text) if a <= place[0] < b), (0, len(text)))
    hangul = text[place[0]] >= "가"
    for at in denials:
        if hangul and place[1] <= at < min(end + 2, place[1] + 14):
            return True
        if hangul and text[at] == "안" and 0 < place[0] - at <= 3:
            return True
        if not hangul and start <= at <= place[0] and place[0] - at < 40:
            return True
        if not hangul and text[at : at + 2].lower() == "no" and place[1] <= at < min(end, place[1] + 12):
            return True
    return False


def _denies_another(said: Reading, quoted: Reading) -> bool:
    """Whether the sentence denies what the quote says in a clause without denial."""
    if not _is_denied(said.text):
        return False
    texts = [quoted.text[slice(*part)] for part in clauses(quoted.text)]
    words = set(said.words)
    denied = overlap(words, [text for text in texts if _is_denied(text)])
    return denied < 0.3 and overlap(words, [text for text in texts if not _is_denied(text)]) >= 0.6
