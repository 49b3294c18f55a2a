"""What bounds a figure: "up to", "at least", "about", and their Korean."""

from __future__ import annotations

import re
from typing import Final

ABOUT, LEAST, MOST = "about", "least", "most"
#: "over four years" is during them or longer than they are, "30회까지" at most so many or so many.
OVER, TO = "over", "to"
#: So is what something exceeds or misses: whether it does is another rule's.
LOOSE: Final = {OVER: ("", LEAST), TO: ("", MOST)}

_BOUND_BEFORE: Final = (
    (TO, r"(?:can|could|may|might) reach"),
    (
        MOST,
        r"up to|at most|as (?:many|much|high|long|large) as|no more than|less than|fewer than|under|below",
    ),
    (LEAST, r"at least|a minimum of|no fewer than|no less than|more than|(?<!year )over|above"),
    (OVER, r"exceed\w*|beyond|passed|surpass\w*|topp(?:ed|ing)"),
    (LEAST, r"upwards of|적어도"),
    (ABOUT, r"about|around|roughly|approximately|nearly|almost|some|circa|약|대략|거의"),
)
_EXTREME_BEFORE: Final = ((MOST, r"maximum|max\.?|최대|최고"), (LEAST, r"minimum|최소"))
_BOUND_AFTER: Final = (
    (LEAST, r"or (?:more|later|newer|higher|above)|\+|plus\b|이상|초과"),
    (OVER, r"[이가를을]?\s?(?:넘|웃|상회)"),
    (MOST, r"or (?:less|fewer|lower)|이하|미만|이내"),
    (TO, r"(?:에)?\s?못\s?미치|(?:를|을)?\s?밑돌|(?:를|을)?\s?하회"),
    (ABOUT, r"가량|정도|안팎|내외|쯤|or so"),
    (TO, r"번?까지(?!도)"),
)  # fmt: skip
_BEFORES: Final = tuple(
    (kind, re.compile(rf"(?:\b|(?<=[가-힣\s]))(?:{pattern}){gap}[\s$€£¥₩]*$", re.IGNORECASE))
    for rows, gap in (
        (
            _BOUND_BEFORE,
            r"(?:\s(?:a|an|the|one|two|its|their|his|her))?(?:\s(?:target(?:ed)?|expected|planned|record))?",
        ),
        (_EXTREME_BEFORE, r"[\s\w가-힣]{0,22}"),
    )
    for kind, pattern in rows
)
_AFTERS: Final = tuple(
    (kind, re.compile(rf"[\s개명회건장점원종대]{{0,3}}(?:의\s?)?(?:{pattern})", re.IGNORECASE))
    for kind, pattern in _BOUND_AFTER
)
_DURING: Final = re.compile(r"\bover(?: the (?:next|past|last|coming))?\s$", re.IGNORECASE)


def bound_before(text: str, start: int) -> str:
    before = text[max(0, start - 26) : start]
    before = re.split(r"[,;.(]\s", before)[-1]
    return next((kind for kind, pattern in _BEFORES if pattern.search(before)), "")


def bound_after(text: str, end: int) -> str:
    return next((kind for kind, pattern in _AFTERS if pattern.match(text, end)), "")


def lasts(before: str) -> bool:
    """Whether "over" stands before a figure: of a time it may be "during"."""
    return _DURING.search(before) is not None


def bounds_agree(one: str, other: str) -> bool:
    """Whether both bound a figure alike, as far as they say."""
    return one == other or one in LOOSE.get(other, ()) or other in LOOSE.get(one, ())
