"""Which figure belongs to what.

Every name and figure of a false sentence may stand in the quote, only elsewhere: this looks at the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Final

from news.checking.clauses import clauses
from news.checking.concepts import axes, places_of
from news.checking.dates import carried
from news.checking.findings import BLOCKS, Finding, Rule
from news.checking.naming import Name
from news.checking.polarity import denials, ends_alike
from news.checking.quantities import Quantity, same
from news.checking.reading import Reading

#: What figures are told of, besides names.
_LABELS: Final = (
    ("input", "output", "cached"),
    ("cost", "latency", "throughput"),
    ("free", "paid", "enterprise", "consumer"),
    ("revenue", "profit", "loss"),
    ("daily", "weekly", "monthly", "yearly"),
    ("image", "audio", "video"),
    ("new users", "existing users"),
)
#: Of more names or figures not each is held against each: the work grows with the fourth power.
MOST_CROSSED: Final = 8

Label = tuple[str, int]
Place = tuple[int, int]
_VERSION: Final = re.compile(r"(?<![\d.])\d+(?:\.\d+)+(?!\d)")
#: The deed of a version: what stands between says only that it is one. So far before it is looked for.
_DEED_BEFORE: Final = re.compile(
    r"\b(?!(?:in|with|by|since|from|to|until|as|of|the|and|or|versions?|releases?|v)\b)([A-Za-z]+) "
    r"(?:(?:in|with|by|since|from|to|until|as of) )?(?:the )?(?:[Vv]ersions? |[Rr]eleases? )?v?$"
)
_DEED_BEHIND: Final = re.compile(r"\s?(?:버전|릴리스)?(?:에서|부터|까지|으로|로|에)?\s([가-힣]+)")
_NEAR: Final = 60


def figures(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """A figure that the quote tells of something else."""
    for unit in sorted({one.unit for one in said.quantities}):
        mine = [one for one in said.quantities if one.unit == unit]
        theirs = [one for one in quoted.quantities if one.unit == unit]
        for labels_of in (_subjects, *(_terms(group) for group in _LABELS)):
            if (wrong := _mispaired(labels_of(said), mine, labels_of(quoted), theirs)) is not None:
                yield Finding(
                    Rule.PAIRING, BLOCKS, said.text[wrong.start : wrong.end], (wrong.start, wrong.end)
                )
                return


def _subjects(reading: Reading) -> list[Label]:
    """Its compounds of names, by their keys in order, each where it stands first."""
    return [(" ".join(sorted(keys)), start) for keys, start, _ in compounds_of(reading)]


def _terms(group: Sequence[str]) -> Callable[[Reading], list[Label]]:
    def labels(reading: Reading) -> list[Label]:
        places = {**places_of("term", reading.text), **places_of("label", reading.text)}
        return sorted(
            ((name, place[0]) for name in group for place in places.get(name, ())), key=lambda label: label[1]
        )

    return labels


def _mispaired(
    mine: list[Label], my_values: list[Quantity], theirs: list[Label], their_values: list[Quantity]
) -> Quantity | None:
    """The first figure that stands by another label than in the quote, where the quote is plain: as many
    labels as figures, two at least."""
    names = [name for name, _ in theirs]
    if len(set(names)) != len(names) or len(names) < 2:
        return None
    if len(their_values) != len(names):
        return None
    if not _in_turn([place for _, place in theirs], [one.start for one in their_values]):
        return None
    said = [name for name, _ in mine if name in names]
    if len(said) != len(set(said)) or not said:
        return None
    values = [one for one in my_values if any(same(one, other) for other in their_values)]
    if len(values) != len(said):
        return None
    quoted = dict(zip(names, their_values, strict=True))
    pairs = zip(said, values, strict=True)
    return next((value for name, value in pairs if not same(value, quoted[name])), None)


def _in_turn(labels: Sequence[int], values: Sequence[int]) -> bool:
    """Whether labels and figures alternate, or all of one kind stand before all of the other."""
    kinds = "".join(
        kind for _, kind in sorted([*((at, "L") for at in labels), *((at, "V") for at in values)])
    )
    return re.fullmatch(r"(?:LV)+|(?:VL)+|L+V+|V+L+", kinds) is not None


def crossed(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Two figures or two opposite deeds of two names, told the other way round, whatever stands between."""
    mine, theirs = dict(_once(_subjects(said))), dict(_once(_subjects(quoted)))
    for place, here, then, there in (*_two_figures(said, quoted), *_two_sides(said, quoted)):
        for one, other in permutations([name for name in mine if name in theirs][:MOST_CROSSED], 2):
            order = [mine[one], place[0], mine[other], then]
            if order == sorted(order) and theirs[other] < here < theirs[one] < there:
                yield Finding(Rule.PAIRING, BLOCKS, said.text[slice(*place)], place)
                return


#: Where the sentence has something and where the quote, and the same of another.
Two = tuple[tuple[int, int], int, int, int]


def _two_figures(said: Reading, quoted: Reading) -> Iterator[Two]:
    for one, other in permutations(said.quantities[:MOST_CROSSED], 2):
        here, there = _place(one, quoted), _place(other, quoted)
        if one.unit == other.unit and here is not None and there is not None:
            yield (one.start, one.end), here, other.start, there


def _two_sides(said: Reading, quoted: Reading) -> Iterator[Two]:
    for axis in axes():
        mine, theirs = places_of(axis, said.text), places_of(axis, quoted.text)
        if len(mine) == len(theirs) == 2 and all(len(at) == 1 for at in (*mine.values(), *theirs.values())):
            for one, other in permutations(mine, 2):
                yield mine[one][0], theirs[one][0][0], mine[other][0][0], theirs[other][0][0]


def _once(labels: list[Label]) -> list[Label]:
    names = [name for name, _ in labels]
    return [label for label in labels if names.count(label[0]) == 1]


def _place(value: Quantity, quoted: Reading) -> int | None:
    """Where the quote has that figure; None: nowhere, or more than once."""
    alike = [one.start for one in quoted.quantities if same(value, one)]
    return alike[0] if len(alike) == 1 else None


def owned(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """A figure, date or denial of one of two kinds (input, output), told of the other; where one is told."""
    for group in _LABELS:
        mine, theirs = _terms(group)(said), _terms(group)(quoted)
        if len({name for name, _ in mine}) != 1 or len({name for name, _ in theirs}) < 2:
            continue
        for place, rule, mine_of, theirs_of in _ownables(said, quoted):
            leads = theirs[0][1] < theirs_of[0][0]
            owners = {_owner(at, theirs, quoted.text, leads=leads) for at in mine_of}
            if owners and None not in owners and mine[0][0] not in owners:
                yield Finding(rule, BLOCKS, said.text[slice(*place)], place)
                return


def _ownables(said: Reading, quoted: Reading) -> Iterator[tuple[Place, Rule, list[Place], list[Place]]]:
    """What the sentence tells of something: its place, where the quote has it, and all of its kind there."""
    every = [(one.start, one.end) for one in quoted.quantities]
    for figure in said.quantities:
        alike = [(one.start, one.end) for one in quoted.quantities if same(figure, one)]
        if alike:
            yield (figure.start, figure.end), Rule.PAIRING, alike, every
    days = [one for one in quoted.moments if not one.relative]
    for day in said.moments:
        alike = [(one.start, one.end) for one in days if carried(day, [one])]
        if alike:
            yield (day.start, day.end), Rule.PAIRING, alike, [(one.start, one.end) for one in days]
    mine, theirs = places_of("axis:life", said.text), places_of("axis:life", quoted.text)
    for side in [side for side in mine if side in theirs]:
        yield mine[side][0], Rule.PAIRING, theirs[side], theirs[side]
    denied = [match.span() for match in denials(quoted.text)]
    for match in denials(said.text):
        if denied and not ends_alike(said.text, quoted.text):
            yield match.span(), Rule.NEGATION, denied, denied


def beside(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """A figure right beside one name, told right beside another: "3.6 million Blackwell GPUs"."""
    for one in said.quantities:
        here, alike = _neighbours(said, one), [other for other in quoted.quantities if same(one, other)]
        there = set[str]().union(*(_neighbours(quoted, other) for other in alike))
        if here - there and there - here and here <= quoted.keys:
            yield Finding(Rule.PAIRING, BLOCKS, said.text[one.start : one.end], (one.start, one.end))
            return


def versioned(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What the quote tells of one version, told of another: "introduced in 1.8.2 and fixed in 1.8.4"."""
    if said.lang != quoted.lang:
        return
    mine, theirs = _deeds(said), _deeds(quoted)
    for deed, places in mine.items():
        told = {quoted.text[slice(*place)] for place in theirs.get(deed, ())}
        for place in places:
            version = said.text[slice(*place)]
            if told and version not in told and version in quoted.versions:
                yield Finding(Rule.PAIRING, BLOCKS, version, place)


def _deeds(reading: Reading) -> dict[str, list[Place]]:
    """The word that each bare version belongs to: before it in English, behind it in Korean."""
    found: dict[str, list[Place]] = {}
    for match in _VERSION.finditer(reading.text):
        start, end = match.span()
        korean, before = reading.lang == "ko", reading.text[max(0, start - _NEAR) : start]
        deed = _DEED_BEHIND.match(reading.text, end) if korean else _DEED_BEFORE.search(before)
        if deed and match[0] in reading.versions:
            found.setdefault(deed[1].casefold(), []).append((start, end))
    return found


def _neighbours(reading: Reading, one: Quantity) -> set[str]:
    """Keys of the compounds that touch a figure."""
    near = {
        name.compound
        for name in reading.names
        if 0 <= one.start - name.end <= 1 or 0 <= name.start - one.end <= 1
    }
    return {name.key for name in reading.names if name.compound in near}


def _owner(place: Place, labels: list[Label], text: str, *, leads: bool) -> str | None:
    """The nearest label of its clause: before the figure where the quote has labels first, else behind."""
    start, end = next((part for part in clauses(text) if part[0] <= place[0] < part[1]), (0, len(text)))
    if leads:
        return next((name for name, at in reversed(labels) if start <= at < place[0]), None)
    return next((name for name, at in labels if place[1] <= at < end), None)


def compounds_of(reading: Reading) -> list[tuple[frozenset[str], int, int]]:
    rows: dict[int, list[Name]] = {}
    for name in reading.names:
        rows.setdefault(name.compound, []).append(name)
    return [
        (frozenset(name.key for name in names), names[0].start, names[-1].end)
        for names in rows.values()
        if any(name.sure for name in names)
    ]
