"""All rules on one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from news.checking import covering, modality, pairing, polarity, roles
from news.checking.bounds import ABOUT, LOOSE, bounds_agree
from news.checking.concepts import concepts, places_of
from news.checking.dates import carried
from news.checking.findings import BLOCKS, WARNS, Finding, Rule
from news.checking.naming import PARTICLES, VARIANTS, Name, Spellings, is_version
from news.checking.quantities import Quantity, rounds_to, same
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
_TITLED: Final = re.compile(rf"([가-힣]{{2,}})\s(?=(?:[가-힣A-Za-z]+\s)?(?:{_TITLES})(?!\s?\d))")


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
            if not any(bounds_agree(one.bound, other.bound) for other in alike):
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
    known = keys | {
        name.key
        for name in said.names
        if _sounds(name, said, hangul) or _is_short_for(name, quoted) or _is_word(name, said, quoted)
    }
    for before, name in zip((None, *said.names), said.names, strict=False):
        rule: Rule | None = None
        if _generic(name, said):
            rule = Rule.MODEL if name.key not in known and _names_other_alone(quoted) else None
        elif is_version(name.key):
            rule = None if _version_fits(before, name, together, quoted) else Rule.MODEL
        elif name.key in known:
            rule = Rule.MODEL if _is_another(before, name, together) else None
        elif name.sure or (said.lang == quoted.lang and not _common(name, quoted)):
            rule = Rule.NAME
        if rule:
            yield Finding(rule, BLOCKS, name.text, (name.start, name.end))
    yield from _titled(said, quoted)


def versions(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """A version that is given to nothing named is in the quote: "version 1.8.1"."""
    for version in sorted(said.versions - quoted.versions - quoted.keys):
        start = said.text.find(version)
        yield Finding(Rule.MODEL, BLOCKS, version, (start, start + len(version)))


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
    versions,
    terms,
    polarity.polarity,
    modality.modality,
    polarity.direction,
    polarity.undone,
    pairing.figures,
    pairing.crossed,
    pairing.owned,
    pairing.beside,
    pairing.versioned,
    roles.ways,
    roles.roles,
    covering.covering,
)


def _bound_differs(one: Quantity, other: Quantity, text: str, place: tuple[int, int]) -> Finding:
    """ "about" added or dropped is for a person; "up to" and "at least" change the statement."""
    mild = {one.bound, other.bound} <= {"", ABOUT, *LOOSE}
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


def _sounds(name: Name, said: Reading, hangul: list[str]) -> bool:
    """Whether a name in Latin letters, whose Korean spelling no table knows, is one of these words: alone or
    with the names that it stands together with."""
    if not name.text.isascii() or name.key in plain_spellings().spelled:
        return False
    whole = "".join(other.key for other in said.names if other.compound == name.compound)
    return any(sounds_like(one, word) for one in (name.key, whole) for word in hangul)


def _is_word(name: Name, said: Reading, quoted: Reading) -> bool:
    """Whether it is a word of the trade that the quote has in the other language: "National" for 국가."""
    return said.lang != quoted.lang and any(
        row.english.match(name.text) and row.korean.search(quoted.text) for row in concepts()["word"]
    )


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


def _names_other_alone(quoted: Reading) -> bool:
    """Whether the quote names a variant alone: "Max subscribers" are not 프로 구독자."""
    return any(_generic(other, quoted) for other in quoted.names)


def _is_short_for(name: Name, quoted: Reading) -> bool:
    """Whether it is the initials of words that follow each other: "IPO" of "initial public offering"."""
    initials = "".join(word[0] for word in quoted.words)
    return name.text.isupper() and len(name.text) > 2 and name.key in initials


def _common(name: Name, quoted: Reading) -> bool:
    """Whether a sentence's first word is one of the quote's."""
    return any(word[:4] == name.key[:4] for word in quoted.words)


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
