"""Numbers with their units, scales and bounds, in English and Korean.

"1.2 million", "1.2M" and "120만" are one figure; "37%" and "37 percentage points" are two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from news.checking.bounds import ABOUT, LEAST, OVER, bound_after, bound_before, lasts


@dataclass(frozen=True, slots=True)
class Quantity:
    """value: exact. unit: "" of a plain count. bound: "" exact, ABOUT, LEAST, MOST, or one of LOOSE."""

    value: Fraction
    unit: str
    bound: str
    start: int
    end: int


_SCALES: Final = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9,
    "b": 10**9, "trillion": 10**12, "tn": 10**12, "t": 10**12, "hundred": 100, "dozen": 12,
}  # fmt: skip
_GREAT: Final = {"조": 10**12, "억": 10**8, "만": 10**4}
_SMALL: Final = {"천": 1000, "백": 100, "십": 10}
_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "hundred": 100,
}  # fmt: skip
_KOREAN_WORDS: Final = {
    "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10,
}  # fmt: skip
_PARTS: Final = {
    **{"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7},
    **{"eighth": 8, "ninth": 9, "tenth": 10},
}
_COUNTED: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}

_DIGITS: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_KOREAN: Final = re.compile(
    rf"(?:(?:{_DIGITS})\s?(?:[천백십]?[조억만]|[천백십])|[백천](?=만|억)[만억])"
    rf"(?:\s?(?:(?:{_DIGITS})\s?(?:[천백십]?[조억만]|[천백십])|(?:{_DIGITS})(?![\d.,]*[년월일시분])))*"
)
_GROUP: Final = re.compile(rf"({_DIGITS})?\s?([천백십]?)([조억만]?)")
_PLAIN: Final = re.compile(
    rf"(?<![\w.])(?:{_DIGITS})"
    r"(?:(?:\s|-)?(?:thousand|million|billion|trillion|hundred|dozen)\b|\s?(?:mn|bn|tn)\b|\s?[KMBT](?![A-Za-z])|k(?![A-Za-z]))?",
)
_WORDED_ALONE: Final = "|".join(word for word in _WORDS if word != "one")
_WORDED: Final = re.compile(
    rf"\b({_WORDED_ALONE}|one(?=\s(?:to|or)\s"
    r"|[\s-](?:year|month|week|day|hour|minute|[mb]illion|percent|point)s?\b))"
    r"(?:[\s-](?:(and a half)|(thousand|million|billion|trillion)))?\b",
    re.IGNORECASE,
)
_DASH: Final = re.compile(r"\s?[-–—~∼]\s?[$€£¥₩]?")
_LASTING: Final = frozenset(["min", "h", "day", "week", "month", "year"])
_SCALE_ALONE: Final = re.compile(
    r"(?:(?<=\bper )|(?<=\bevery )|(?<=\ba )|(?<=/)|(?<=/ ))(thousand|million|billion|[1]?[MK](?=\s?tok))",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(
    r"\b(?:(a|an|one|two|three|four)[\s-])?"
    r"(half|thirds?|quarters?(?= of)|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b"
    r"(?=\s(?:of|the|as|a)\b)|\b(half|(?<=a )third|(?<=two )thirds|(?<=three )quarters)\b"
    r"|(\d+)분의\s?(\d+)|(절반)"
    rf"|\b({'|'.join(_WORDS)}|\d+(?= out of)) (?:in|out of) (?:every )?({'|'.join(_WORDS)}|\d+)\b"
    r"(?! (?:hours|days|weeks|months|years))",
    re.IGNORECASE,
)
_TIMES: Final = re.compile(
    r"\b(twice|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|quadrupl(?:e|es|ed|ing)|halv(?:e|es|ed|ing)"
    r"|(?:two|three|four|five|ten)fold)\b",
    re.IGNORECASE,
)
_HALF_HOUR: Final = re.compile(r"\bhalf an hour\b|\bhalf[- ]hour\b|반\s?시간", re.IGNORECASE)
_TIMES_WORTH: Final = {"tw": 2, "do": 2, "tr": 3, "th": 3, "qu": 4, "fo": 4, "fi": 5, "te": 10}
_KOREAN_WORDED: Final = re.compile(
    rf"(?<![가-힣])({'|'.join(_KOREAN_WORDS)})\s(?=배|가지|개|명|번|차례|종|곳|시간|달|대|장|건|배로)"
)
_ORDINAL: Final = re.compile(
    r"(?<!per )(?<!a )(?<!at )\b(?:(first(?! (?:said|told|\w+ed)\b))"
    r"|(second)|(third)|(fourth)|(fifth))\b(?!\s(?:of|the)\s)"
    r"|(?<![가-힣])(?:(첫\s?(?:번째|째)?|먼저|최초)|(두\s?번째|둘째)|(세\s?번째|셋째)|(네\s?번째|넷째)|(다섯\s?번째))",
    re.IGNORECASE,
)

#: What stands after a number; the first that fits.
_UNITS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("pp", r"\s?(?:percentage[\s-]points?|%\s?p(?:oints?)?\b|%\s?포인트|퍼센트\s?포인트|포인트)"),
        ("%", r"[\s-]?(?:%|percent\b|퍼센트)"),
        ("USD", r"[\s-]?(?:US\s?dollars?|dollars?|USD|미국\s?달러|달러)"),
        ("EUR", r"[\s-]?(?:euros?\b|EUR\b|유로)"),
        ("KRW", r"[\s-]?(?:won\b|KRW\b|원(?!래|인|문|칙|격|활|하))"),
        ("JPY", r"[\s-]?(?:yen\b|JPY\b|엔(?![가-힣]{2}))"),
        ("CNY", r"[\s-]?(?:yuan\b|CNY\b|RMB\b|위안)"),
        ("cent", r"[\s-]?(?:cents?\b|센트)"),
        ("ms", r"[\s-]?(?:ms\b|ms(?=[가-힣])|milliseconds?\b|밀리초)"),
        ("min", r"[\s-]?(?:min(?:ute)?s?\b|분(?!기|의|당|야|석|류|할))"),
        ("h", r"[\s-]?(?:h\b|hrs?\b|hours?\b|시간)"),
        ("s", r"[\s-]?(?:s\b|sec(?:ond)?s?\b|초(?!당|과|기|안))"),
        ("week", r"[\s-]?(?:weeks?\b|주(?:간|일)?(?=[\s,.동만]|$))"),
        ("day", r"[\s-]?(?:(?:business|working)\s)?(?:days?\b|일(?:간|\s?동안|\s?만|째)?(?=[\s,.에로]|$))"),
        ("month", r"[\s-]?(?:months?\b|개월|달(?=[\s,.간만에]|$))"),
        ("age", r"[\s-]?(?:years?[\s-]old\b|세(?=[\s,.이미로]|$))"),
        ("year", r"[\s-]?(?:years?\b|년(?:간|\s?동안|\s?만|째)?)"),
        ("times", r"\s?(?:x\b|×|times\b|배|-?fold\b)"),
        ("GB", r"[\s-]?(?:GB|기가바이트)"),
        ("TB", r"[\s-]?(?:TB|테라바이트)"),
        ("MB", r"[\s-]?(?:MB|메가바이트)"),
        ("GW", r"[\s-]?(?:GW|gigawatts?\b|기가와트)"),
        ("MW", r"[\s-]?(?:MW|megawatts?\b|메가와트)"),
        ("point", r"[\s-]?points?\b"),
        ("token", r"[\s-]?(?:(?:input|output|thinking|cached|reasoning)\s)?(?:tokens?\b|토큰)"),
        (
            "ordinal",
            r"(?:st|nd|rd|th)\b|\s?위(?=[\s가-힣,.]|$)|\s?번째|\s?세대|\s?등(?=[\s,.])|차(?=[\s에로,.]|$)",
        ),
    )
)
_BEFORE: Final = (("USD", "$"), ("EUR", "€"), ("GBP", "£"), ("JPY", "¥"), ("KRW", "₩"))
#: Units that are so many of another: those of one table can be told as each other.
_EXACT: Final[tuple[dict[str, Fraction], ...]] = (
    {
        **{"ms": Fraction(1, 1000), "s": Fraction(1), "min": Fraction(60), "h": Fraction(3600)},
        **{"day": Fraction(86_400), "week": Fraction(604_800)},
    },
    {"month": Fraction(1), "year": Fraction(12)},
    {"cent": Fraction(1, 100), "USD": Fraction(1)},
    {"cent": Fraction(1, 100), "EUR": Fraction(1)},
    {"MB": Fraction(1), "GB": Fraction(1000), "TB": Fraction(1_000_000)},
    {"MW": Fraction(1), "GW": Fraction(1000)},
)
#: Units of which one may be told as the other where the value is the same: "0.3 points" of a percentage.
_ALIKE: Final = ({"", "token"}, {"", "age"}, {"", "point"}, {"pp", "point"}, {"share", "times"})
#: So many "times" are counted, not multiplied: "installed 4.7 million times".
_COUNTED_TIMES: Final = 1000


def quantities_in(text: str) -> list[Quantity]:
    """Every figure of a text in which names, versions and dates are blanked, in its order."""
    found: list[tuple[int, int, Fraction, str]] = []
    taken = [False] * len(text)
    for pattern, value_of, unit in _READERS:
        for match in pattern.finditer(text):
            value = None if any(taken[match.start() : match.end()]) else value_of(match)
            if value is not None:
                ended, named = (match.end(), unit) if unit else _unit(text, *match.span())
                taken[match.start() : ended] = [True] * (ended - match.start())
                found.append((match.start(), ended, value, named))
    return _joined(text, _elliptic(text, _ranged(text, sorted(found))))


def same(one: Quantity, other: Quantity) -> bool:
    """Whether both are one figure, bounds aside: a count of tokens may be written as a count."""
    units = {one.unit, other.unit}
    if len(units) == 1 or units in _ALIKE or (units == {"", "times"} and one.value >= _COUNTED_TIMES):
        return one.value == other.value
    if units == {"share", "%"}:
        return one.value * (100 if one.unit == "share" else 1) == other.value * (
            100 if other.unit == "share" else 1
        )
    return any(
        one.value * table[one.unit] == other.value * table[other.unit]
        for table in _EXACT
        if units <= {*table}
    )


def rounds_to(rough: Quantity, exact: Quantity) -> bool:
    """Whether "about 8억" may stand for 814 million: it says so, and is right to its own digits."""
    if rough.bound != ABOUT or rough.unit != exact.unit or not exact.value:
        return False
    return abs(rough.value - exact.value) / exact.value <= Fraction(3, 100)


def _elliptic(text: str, found: list[tuple[int, int, Fraction, str]]) -> list[tuple[int, int, Fraction, str]]:
    """ "for 15 years, with an option for another five": the unit is the one before."""
    rows = list(found)
    for at, (start, end, value, unit) in enumerate(rows):
        alone = at and not unit and re.search(r"\b(?:another|a further)\s$", text[:start], re.IGNORECASE)
        if alone and re.match(r"\s*(?:[.,;]|$)", text[end:]):
            rows[at] = (start, end, value, rows[at - 1][3])
    return rows


def _ranged(text: str, found: list[tuple[int, int, Fraction, str]]) -> list[tuple[int, int, Fraction, str]]:
    """ "$70–72 billion": scale and unit of a range stand once and hold for both its ends."""
    rows = list(found)
    for at, ((start, end, value, unit), (after, last, to, to_unit)) in enumerate(pairwise(found)):
        between = bool(re.search(r"\bbetween [$€£¥₩]?$", text[:start]))
        joint = text[end:after].strip(" $€£¥₩")
        lasting = joint in ("to", "or") and not unit and to_unit in _LASTING
        if not (_DASH.fullmatch(text[end:after]) or (between and joint == "and") or lasting):
            continue
        digits = re.match(_DIGITS, text[after:last])
        scale = to / Fraction(digits[0].replace(",", "")) if digits and to else Fraction(1)
        if re.fullmatch(_DIGITS, text[start:end]) and scale > 1:
            value *= scale
        rows[at] = (start, end, value, unit or to_unit)
        rows[at + 1] = (after, last, to, to_unit or unit)
    return rows


def _joined(text: str, found: list[tuple[int, int, Fraction, str]]) -> list[Quantity]:
    """With bounds; "2시간 30분" is one duration, as is "2 hours and 30 minutes"."""
    rows: list[Quantity] = []
    for start, end, value, unit in found:
        last = rows[-1] if rows else None
        between = text[last.end : start].strip() if last else "?"
        smaller = last is not None and (last.unit, unit) in {("h", "min"), ("min", "s")}
        if last is not None and smaller and between in ("", "and"):
            whole = last.value + value / 60
            rows[-1] = Quantity(whole, last.unit, last.bound or bound_after(text, end), last.start, end)
            continue
        bound = bound_before(text, start) or bound_after(text, end)
        if bound == LEAST and unit in _LASTING and lasts(text[:start]):
            bound = OVER
        rows.append(Quantity(value, unit, bound, start, end))
    return rows


def _unit(text: str, start: int, end: int) -> tuple[int, str]:
    for name, sign in _BEFORE:
        if text[:start].rstrip().endswith(sign):
            return end, name
    for name, pattern in _UNITS:
        if match := pattern.match(text, end):
            return match.end(), name
    return end, ""


def _plain(written: str) -> Fraction:
    match = re.match(rf"({_DIGITS})[\s-]?(\D*)$", written)
    assert match is not None  # noqa: S101  # _PLAIN begins with the same digits
    return Fraction(match[1].replace(",", "")) * _SCALES.get(match[2].lower(), 1)


def _korean(written: str) -> Fraction:
    """ "10조 1천억", "1억 7천만", "12만 8천": the sum of its groups."""
    total, open_part = Fraction(0), Fraction(0)
    for digits, small, great in _GROUP.findall(written):
        if not (digits or small or great):
            continue
        part = Fraction(digits.replace(",", "")) if digits else Fraction(1)
        open_part += part * _SMALL.get(small, 1)
        if great:
            total += open_part * _GREAT[great]
            open_part = Fraction(0)
    return total + open_part


def _share(match: re.Match[str]) -> Fraction | None:
    if match[6]:
        return Fraction(1, 2)
    if match[7]:  # "six in ten"
        some, of = (_WORDS.get(word) or int(word) for word in (match[7].lower(), match[8].lower()))
        return Fraction(some, of) if 0 < some < of else None
    if match[4]:
        return Fraction(int(match[5]), int(match[4])) if int(match[4]) else Fraction(0)
    part = (match[2] or match[3]).lower().rstrip("s")
    before = match.string[max(0, match.start() - 6) : match.start()].lower().split()
    counted = match[1].lower() if match[1] else (before[-1] if before else "")
    return Fraction(_COUNTED.get(counted, 1), _PARTS[part])


def _times(match: re.Match[str]) -> Fraction:
    word = match[1].lower()
    return Fraction(1, 2) if word.startswith("h") else Fraction(_TIMES_WORTH[word[:2]])


def _worded(match: re.Match[str]) -> Fraction:
    return Fraction(_WORDS[match[1].lower()] * _SCALES.get((match[3] or "").lower(), 1))


def _and_a_half(match: re.Match[str]) -> Fraction | None:
    return _WORDS[match[1].lower()] + Fraction(1, 2) if match[2] else None


_Reader = tuple[re.Pattern[str], Callable[[re.Match[str]], Fraction | None], str]
#: What reads figures, in this order; the unit that the pattern itself tells, "" = it is looked for.
_READERS: Final[tuple[_Reader, ...]] = (
    (_HALF_HOUR, lambda match: Fraction(30), "min"),
    (_WORDED, _and_a_half, ""),
    (_SHARE, _share, "share"),
    (_ORDINAL, lambda match: Fraction(((match.lastindex or 1) - 1) % 5 + 1), "ordinal"),
    (_TIMES, _times, "times"),
    (_KOREAN, lambda match: _korean(match[0]), ""),
    (_PLAIN, lambda match: _plain(match[0]), ""),
    (_SCALE_ALONE, lambda match: Fraction(_SCALES[match[1].lower().lstrip("1")]), ""),
    (_WORDED, _worded, ""),
    (_KOREAN_WORDED, lambda match: Fraction(_KOREAN_WORDS[match[1]]), ""),
)
