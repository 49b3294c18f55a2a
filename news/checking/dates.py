"""Days, months, quarters, years and times of day, in English and Korean; and relative ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from news.months import month_number


@dataclass(frozen=True, slots=True)
class Moment:
    """What a text says of a moment; None = it does not say. hour: 0 to 23 where the half of the day is said.

    half: whether it says which; else 4 may be 16. relative: "today", "last week", "monday"; "" = none.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    semester: int | None = None
    hour: int | None = None
    minute: int | None = None
    relative: str = ""
    half: bool = False

    def parts(self) -> dict[str, int | str]:
        """What it says."""
        names = ("year", "month", "day", "quarter", "semester", "hour", "minute", "relative")
        return {name: value for name in names if (value := getattr(self, name)) not in (None, "")}


_MONTH: Final = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_QUARTERS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}

_ABSOLUTE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_YEAR}-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"\b{_YEAR}[./]\s?(?P<month>[01]?\d)[./]\s?(?P<day>[0-3]?\d)\b",
        rf"{_YEAR}년\s?(?P<month>1[0-2]|[1-9])월(?:\s?(?P<day>[0-3]?\d)일)?",
        rf"{_YEAR}(?:년|\s?회계연도)?\s?(?:제\s?)?(?P<quarter>[1-4])분기",
        r"(?<!\d)(?P<month>1[0-2]|0?[1-9])월(?:\s?(?P<day>[0-3]?\d)일)?",
        r"(?<!\d)(?P<quarter>[1-4])(?:분기|Q\b)|\bQ(?P<quarter2>[1-4])\b",
        rf"(?:\b[Qq])(?P<quarter>[1-4])\s(?:of\s)?(?:(?:fiscal|FY)\s?)?{_YEAR}",
        rf"\b(?P<word>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|1st|2nd|3rd|4th)[\s-]quarter"
        rf"(?:\s(?:of\s)?(?:(?:fiscal|FY)\s?)?{_YEAR})?",
        r"\b(?P<word>[Ff]irst|[Ss]econd)[\s-](?P<semester>half)\b"
        rf"(?:\sof\s(?:the\syear\b|{_YEAR})|(?=\sof\s(?:this|next|last)\syear)|(?!\sof\b))",
        rf"(?:{_YEAR}년\s?)?(?<![가-힣])(?P<semester>[상하])반기",
        rf"\b{_MONTH}\s{_DAY}(?:\s?[–-]\s?(?P<till>\d\d?))?(?:,?\s{_YEAR})?(?![\d:])",
        rf"\b{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?\b",
        rf"\b{_MONTH},?\s(?:of\s)?{_YEAR}\b",
        rf"\b{_MONTH}(?=[\s,.;:)]|$)",
        r"\b[Tt]he (?P<word>first|1st)(?= of (?:next|this|the|last))",
        r"(?<!\d)(?P<day>[0-3]?\d)일(?=부터|까지|자|에\s|\s?오[전후]"
        r"|\s(?!안|이내|동안|간|만|후|뒤|내|전|연속|걸|정도|이상|이하|넘|치|분))",
        r"\b(?:on|by|until|from|since|to) the (?P<day>[0-3]?\d)(?:st|nd|rd|th)\b"
        r"(?!\s(?:of|century|place|generation))",
        rf"(?<![\d,.$€£¥₩천만억조]){_YEAR}(?:년(?!간)|\s?회계연도)?(?![\d,.]*\d|\s?(?:%|tokens|달러|토큰|[개명만억조]))",
    )
)
_TIMES: Final = (
    re.compile(r"(?P<half>오전|오후)\s?(?P<hour>\d\d?)시(?:\s?(?P<minute>\d\d?)분)?"),
    re.compile(r"\b(?P<hour>\d\d?)(?::(?P<minute>\d\d))?\s?(?P<half>[ap]\.?m\b\.?)", re.IGNORECASE),
    re.compile(r"(?<![\d:])(?P<hour>[0-2]?\d):(?P<minute>[0-5]\d)(?![\d:])"),
    re.compile(r"(?<!\d)(?P<hour>[0-2]?\d)시(?!간)(?:\s?(?P<minute>\d\d?)분)?"),
)
_RELATIVE: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("today", r"\btoday\b|(?<![가-힣])오늘"),
        ("yesterday", r"\byesterday\b|(?<![가-힣])어제"),
        ("tomorrow", r"\btomorrow\b|(?<![가-힣])내일"),
        ("this week", r"\bthis week\b|이번\s?주|금주"),
        ("last week", r"\blast week\b|지난\s?주|전주(?=[\s에])"),
        ("next week", r"\bnext week\b|다음\s?주|내주(?=[\s에])"),
        ("this month", r"\bthis month\b|이번\s?달|이달"),
        ("last month", r"\blast month\b|지난\s?달"),
        ("next month", r"\bnext month\b|다음\s?달|내달"),
        ("this year", r"\bthis year\b|(?<![가-힣])올해|금년|(?<![가-힣])연내"),
        ("last year", r"\blast year\b|(?<![가-힣])작년|지난해"),
        (
            "year earlier",
            r"\b(?:a|one) year (?:earlier|ago|before)\b|\byear[- ]o(?:ver|n)[- ]year\b|\bYoY\b"
            r"|\b(?:from|than) (?:the year before|a year)\b|전년\s?(?:동기|같은\s?기간)?\s?(?:대비|보다)"
            r"|1년\s?전|일\s?년\s?전",
        ),
        ("next year", r"\bnext year\b|(?<![가-힣])내년"),
        *(
            (english, rf"\b{english}\b|{korean}요일")
            for english, korean in zip(
                ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
                "월화수목금토일",
                strict=True,
            )
        ),
    )
)


def moments_in(text: str) -> list[Moment]:
    """Every moment that a text names, in its order."""
    found: list[Moment] = []
    taken = [False] * len(text)
    for patterns, read in ((_ABSOLUTE, _absolute), (_TIMES, _time)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                moment = None if any(taken[match.start() : match.end()]) else read(match)
                if moment is not None:
                    taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                    found.append(moment)
                    if (till := _till(text, match, moment)) is not None:
                        taken[till.start : till.end] = [True] * (till.end - till.start)
                        found.append(till)
    for name, pattern in _RELATIVE:
        found += [Moment(*match.span(), relative=name) for match in pattern.finditer(text)]
    return sorted(found, key=lambda moment: moment.start)


def carried(said: Moment, quoted: Iterable[Moment]) -> bool:
    """Whether a quoted moment says all that this one says: "Nov 3, 2026" carries "11월 3일"."""
    wanted = said.parts().items()
    return any(wanted <= moment.parts().items() or _same_clock(said, moment) for moment in quoted)


def _same_clock(said: Moment, quoted: Moment) -> bool:
    """ "오후 3시부터 4시까지": the second hour does not say its half of the day."""
    if said.hour is None or quoted.hour is None or said.half:
        return False
    return (said.hour % 12, said.minute) == (quoted.hour % 12, quoted.minute)


def _till(text: str, match: re.Match[str], first: Moment) -> Moment | None:
    """The last day of a range that says its month once: "between November 9 and 25", "Nov 9–25"."""
    if first.month is None or first.day is None:
        return None
    begin = re.search(r"\b(between|from)\s$", text[: match.start()])
    last = _LAST_DAY.match(text, match.end())
    if match.groupdict().get("till"):
        start, end = match.span("till")
    elif begin and last and (begin[1] == "between") == (last[1] == "and"):
        start, end = last.span(2)
    else:
        return None
    return replace(first, start=start, end=end, day=int(text[start:end]))


_LAST_DAY: Final = re.compile(
    r"\s(and|to|through|until)\s([0-3]?\d)(?:st|nd|rd|th)?(?=[.,;:)]|$|\s(?!\w+s\b|percent|thousand|[mb]illion))"
)


def _absolute(match: re.Match[str]) -> Moment | None:
    told = match.groupdict()
    month, day = told.get("month"), told.get("day")
    if month is not None and not month.isdigit():
        month = str(month_number(month))
        if match[0] == "May" and day is None and not told.get("year"):
            return None if match.start() == 0 else _moment(match, month=5)
    quarter = told.get("quarter") or told.get("quarter2")
    semester = None
    if told.get("semester"):
        semester = "1" if (told.get("word") or told["semester"]).lower() in ("first", "상") else "2"
    elif word := told.get("word"):
        quarter = None if match[0].lower().startswith("the ") else str(_QUARTERS[word.lower()])
        day = None if quarter else "1"
    numbers = {"year": told.get("year"), "month": month, "day": day, "quarter": quarter, "semester": semester}
    read = {name: int(value) for name, value in numbers.items() if value}
    if read.get("month", 1) > 12 or not 0 < read.get("day", 1) <= 31:
        return None
    return _moment(match, **read)


def _time(match: re.Match[str]) -> Moment | None:
    half = (match.groupdict().get("half") or "").lower()
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if hour > 24 or minute > 59:
        return None
    if half in ("오후",) or half.startswith("p"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return _moment(match, hour=hour, minute=minute, half=bool(half) or hour > 12)


def _moment(match: re.Match[str], **parts: Any) -> Moment:
    return Moment(match.start(), match.end(), **parts)
