"""The figures of a text by their value alone: "$640 million" and "6억4000만달러" are one figure. Pure.

Units are left out on purpose: a value of three digits is rarely shared by chance, and newsrooms put units
differently. What a claim may state is checked with its units elsewhere (news.checking).
"""

from __future__ import annotations

import re
from typing import Final

from news.months import MONTHS, month_number

_SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9,
    "trillion": 1e12, "hundred": 1e2,
}  # fmt: skip
_KOREAN: Final = {"조": 1e12, "억": 1e8, "만": 1e4, "천": 1e3, "백": 1e2}
_SPELLED: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_GREAT: Final = re.compile(rf"(?:(?:{_NUMBER})\s?[조억만천백]+\s?)+(?:{_NUMBER})?")
_PART: Final = re.compile(rf"({_NUMBER})\s?([조억만천백]*)")
_PLAIN: Final = re.compile(
    rf"(?<![\w.\-])({_NUMBER})(?:[\s-]?(thousand|million|billion|trillion)\b|(k|m|mn|bn)\b)?(?!\.?\d)",
    re.IGNORECASE,
)
_WORDED: Final = re.compile(
    rf"\b({'|'.join(_SPELLED)})(?:[\s-](hundred|thousand|million|billion|trillion))?\b", re.IGNORECASE
)
_HUNDRED_THOUSAND: Final = re.compile(r"\b(?:a|one)\shundred\sthousand\b", re.IGNORECASE)
_MONTH: Final = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_DATES: Final = (
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<name>{_MONTH})\b(?:\s\d{{4}})?", re.IGNORECASE),
    re.compile(rf"\b(?P<name>{_MONTH})\s(?P<day>\d{{1,2}})\b(?:,?\s\d{{4}})?", re.IGNORECASE),
    re.compile(r"(?:\d{4}년\s)?(?<!\d)(?P<month>\d{1,2})월\s?(?P<day>\d{1,2})일"),
    re.compile(r"\b\d{4}-(?P<month>\d{2})-(?P<day>\d{2})\b"),
)
_CLOCK: Final = re.compile(
    r"(?P<half>오후\s)?(?<![\d:])(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?!\d)|시\s?(?P<분>\d{1,2})분)"
)
#: A day without its month, a year, a month: said of almost everything.
_LOOSE: Final = re.compile(
    r"(?<![\d.])(?:\d{1,2}일(?!간|\s?(?:뒤|후|안|이내|동안|만))|(?:19|20)\d\d(?:년)?(?!\d)|\d{1,2}월)"
)


def dates_of(text: str) -> tuple[frozenset[str], str]:
    """Days ("7-15") and clock times ("10:52") of a text, and the text without them."""
    found: set[str] = set()
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = parts.get("month") or month_number(parts["name"])
            found.add(f"{int(month)}-{int(parts['day'])}")
        text = pattern.sub(" ", text)
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"]) + (12 if match["half"] and int(match["hour"]) < 12 else 0)
        found.add(f"{hour}:{int(match['minute'] or match['분']):02d}")
    return frozenset(found), _LOOSE.sub(" ", _CLOCK.sub(" ", text))


def figures_of(text: str) -> frozenset[float]:
    """Values of a text from which dates, clock times and names were taken."""
    found: set[float] = set()
    for match in _GREAT.finditer(text):
        found.add(sum(_value(number, scale) for number, scale in _PART.findall(match[0])))
    text = _HUNDRED_THOUSAND.sub("100000", _GREAT.sub(" ", text))
    for match in _PLAIN.finditer(text):
        found.add(_number(match[1]) * _SCALES.get((match[2] or match[3] or "").lower(), 1.0))
    for match in _WORDED.finditer(text):
        found.add(_SPELLED[match[1].lower()] * _SCALES.get((match[2] or "").lower(), 1.0))
    return frozenset(round(value, 6) for value in found)


def weight_of(value: float) -> float:
    """How little of a chance it is that two texts share it: 58.4, 640 million → 1; 38 → 0.6; 3 → 0.15."""
    digits = len(f"{value:.6f}".rstrip("0").rstrip(".").replace(".", "").strip("0"))
    if value >= 1_000 or digits >= 3 or value != int(value):
        return 1.0
    return 0.6 if value > 12 else 0.15


def _value(number: str, scales: str) -> float:
    value = _number(number)
    for scale in scales:
        value *= _KOREAN[scale]
    return value


def _number(digits: str) -> float:
    return float(digits.replace(",", ""))
