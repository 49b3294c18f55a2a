"""All rules on one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from news.checking import covering, pairing, polarity
from news.checking.concepts import places_of
from news.checking.dates import carried
from news.checking.findings import BLOCKS, WARNS, Finding, Rule
from news.checking.naming import PARTICLES, VARIANTS, Name, Spellings, is_version
from news.checking.quantities import ABOUT, Quantity, rounds_to, same
from news.checking.reading import Reading, plainly, read
from news.checking.sounding import sounds_like

#: What is longer is no sentence: the rules are not asked to read it.
MOST_SENTENCE: Final = 600
MOST_QUOTE: Final = 4000
#: What was found is kept of so many sentences: a page asks of each several times, and again when it is sent.
MOST_KEPT: Final = 512
_QUOTATION: Final = re.compile(r'"([^"]{2,})"|(?<![A-Za-z0-9])\'([^\']{2,}?)\'(?![A-Za-z])')
_LISTED: Final = re.compile(r"\s?(?:,|,?\s?and|,?\s?or|와|과|및|·|/)\s?")
_TITLES: Final = r"CEO|CTO|CFO|COO|대표|회장|사장|교수|의장|장관|위원장|부사장|연구원|대변인|총리|대통령"
_TITLED: Final = re.compile(rf"([가-힣]{{2,}})\s(?=(?:[가-힣A-Za-z]+\s)?(?:{_TITLES}))")


def check(
    sentence: str, quote: str, *, spellings: Spellings | None = None, source: str | None = None
) -> list[Finding]:
    """What keeps the quote from carrying the sentence; [] = no rule objects.

    sentence, quote: English or Korean, each in any of both. spellings: the names that are known, None = those
    of the tables. source: the text that the quote is from; None = not looked at.
    """
    whole = (0, len(sentence))
    if source is not None and (not quote.strip() or quote not in source):
        return [Finding(Rule.SOURCE, BLOCKS, quote[:80], whole)]
    if len(sentence) > MOST_SENTENCE or len(quote) > MOST_QUOTE:
        return [Finding(Rule.WORDS, BLOCKS, sentence[:80], whole)]
    if plainly(sentence).strip() == plainly(quote).strip():
        return []
    return list(_found(sentence, quote, spellings or plain_spellings()))


@lru_cache(maxsize=MOST_KEPT)
def _found(sentence: str, quote: str, known: Spellings) -> tuple[Finding, ...]:
    said, quoted = read(sentence, known), read(quote, known)
    found = [one for rule in RULES for one in rule(said, quoted)]
    return tuple(sorted(found, key=lambda one: (one.severity != BLOCKS, one.where)))


@cache
def plain_spellings() -> Spellings:
    """Those of the tables alone."""
    return Spellings()


def quotations(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What stands in quotation marks stands in the quote, letter by letter. A translated one does not."""
    for match in _QUOTATION.finditer(said.text):
        words = (match[1] or match[2]).strip(" .,!?")
        if _squeezed(words) not in _squeezed(quoted.text) and not (match[2] and _is_name(match[2], said)):
            yield Finding(Rule.QUOTATION, BLOCKS, match[0], match.span())


def quantities(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Every figure is in the quote, with its unit and its bound."""
    for one in said.quantities:
        place, text = (one.start, one.end), said.text[one.start : one.end]
        alike = [other for other in quoted.quantities if same(one, other)]
        if alike:
            if all(other.bound != one.bound for other in alike):
                yield _bound_differs(one, alike[0], text, place)
        elif not (_is_rounded(one, quoted) or _is_named(one, said, quoted) or _counts(one, quoted)):
            unit = next((other for other in quoted.quantities if other.value == one.value), None)
            instead = quoted.text[unit.start : unit.end] if unit else ""
            yield Finding(Rule.UNIT if unit else Rule.NUMBER, BLOCKS, text, place, instead)


def dates(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Every date is in the quote, as precise as it is told; relative ones are the quote's own."""
    for one in said.moments:
        if not carried(one, quoted.moments):
            rule = Rule.RELATIVE if one.relative else Rule.DATE
            yield Finding(rule, BLOCKS, said.text[one.start : one.end], (one.start, one.end))


def names(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Every name is in the quote; a version and a variant with the name that they belong to."""
    together = _compounds(quoted)
    keys = quoted.keys | {key for compound in together for key in compound}
    hangul = [word for word in quoted.words if word[0] >= "가"]
    for before, name in zip((None, *said.names), said.names, strict=False):
        place, text = (name.start, name.end), name.text
        if _generic(name, said):
            continue
        if is_version(name.key):
            if not _version_fits(before, name, together, quoted):
                yield Finding(Rule.MODEL, BLOCKS, text, place)
        elif name.key not in keys and not _sounds(name, hangul):
            if name.sure or (said.lang == quoted.lang and not _common(name, quoted)):
                yield Finding(Rule.NAME, BLOCKS, text, place)
        elif _is_another(before, name, together):
            yield Finding(Rule.MODEL, BLOCKS, text, place)
    yield from _titled(said, quoted)


def terms(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Words that narrow what is meant are in the quote."""
    theirs = places_of("term", quoted.text)
    for name, places in places_of("term", said.text).items():
        if name not in theirs:
            place = places[0]
            yield Finding(Rule.TERM, BLOCKS, said.text[slice(*place)], place)


RULES: Final[tuple[Callable[[Reading, Reading], Iterator[Finding]], ...]] = (
    quotations,
    quantities,
    dates,
    names,
    terms,
    polarity.polarity,
    polarity.modality,
    polarity.direction,
    polarity.undone,
    pairing.figures,
    pairing.ways,
    pairing.roles,
    covering.covering,
)


def _bound_differs(one: Quantity, other: Quantity, text: str, place: tuple[int, int]) -> Finding:
    """ "about" added or dropped is for a person; "up to" and "at least" change the statement."""
    mild = {one.bound, other.bound} <= {"", ABOUT}
    return Finding(Rule.BOUND, WARNS if mild else BLOCKS, text, place)


def _is_rounded(one: Quantity, quoted: Reading) -> bool:
    return any(rounds_to(one, other) for other in quoted.quantities)


def _counts(one: Quantity, quoted: Reading) -> bool:
    """Whether it is how many the quote lists: "four sizes" of "1B, 4B, 12B and 27B"."""
    items = sorted(
        {(each.start, each.end) for each in quoted.quantities}
        | {(name.start, name.end) for name in quoted.names}
    )
    run = longest = 1
    for (_, end), (start, _) in pairwise(items):
        run = run + 1 if _LISTED.fullmatch(quoted.text[end:start]) else 1
        longest = max(longest, run)
    return not one.unit and one.value == longest > 1


def _is_named(one: Quantity, said: Reading, quoted: Reading) -> bool:
    """Whether it is part of a name or a version in the quote: "Tier 1", "HyperCLOVA X SEED 3B"."""
    digits = said.text[one.start : one.end].strip()
    return digits in quoted.versions or (
        not one.unit and digits.casefold() in {name.key for name in quoted.names}
    )


def _version_fits(before: Name | None, name: Name, together: list[frozenset[str]], quoted: Reading) -> bool:
    if name.key in quoted.versions:
        return True
    if before is None or before.compound != name.compound:
        return any(name.key in compound for compound in together)
    if any({before.key, name.key} <= compound for compound in together):
        return True
    plain = [
        other for other in quoted.quantities if quoted.text[other.start : other.end].casefold() == name.key
    ]
    return bool(plain)


def _sounds(name: Name, hangul: list[str]) -> bool:
    """Whether a name in Latin letters, whose Korean spelling no table knows, is one of these words."""
    unknown = name.text.isascii() and name.key not in plain_spellings().spelled
    return unknown and any(sounds_like(name.key, word) for word in hangul)


def _is_another(before: Name | None, name: Name, together: list[frozenset[str]]) -> bool:
    """Whether it is another one of a family than the quote's: "Gemini 2.5 Flash" for "Gemini 2.5 Pro"."""
    if name.key not in VARIANTS or before is None or before.compound != name.compound:
        return False
    return not any({before.key, name.key} <= compound for compound in together)


def _compounds(reading: Reading) -> list[frozenset[str]]:
    rows: dict[int, set[str]] = {}
    for name in reading.names:
        rows.setdefault(name.compound, set()).add(name.key)
    return [frozenset(keys) for keys in rows.values()]


def _generic(name: Name, said: Reading) -> bool:
    """A variant that stands alone is a word: "Preview", 프로."""
    alone = sum(other.compound == name.compound for other in said.names) == 1
    return name.key in VARIANTS and alone


def _common(name: Name, quoted: Reading) -> bool:
    """Whether a sentence's first word is one of the quote's, or stands for no name."""
    return any(word[:4] == name.key[:4] for word in quoted.words) or name.key in _STARTERS


_STARTERS: Final = frozenset(
    """the a an in on at by for from with as of to it its this that these those there they he she we you all
    some many most more no not both each every during after before since when while if although however but
    and or users customers developers researchers companies people according about over under between version
    requests prices costs new""".split()  # noqa: SIM905  # read as words
)


def _titled(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """A Korean name that stands by a title is in the quote, or sounds like one of its names."""
    if said.lang != "ko":
        return
    for match in _TITLED.finditer(said.text):
        word = re.sub(rf"(?:{PARTICLES})$", "", match[1]) or match[1]
        if any(name.start <= match.start() < name.end for name in said.names):
            continue
        if word not in quoted.text and not any(
            sounds_like(other, word) for other in quoted.words if other.isascii() and len(other) > 2
        ):
            yield Finding(Rule.NAME, BLOCKS, match[1], match.span(1))


def _is_name(words: str, said: Reading) -> bool:
    return any(name.text.casefold() in words.casefold() for name in said.names)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()
