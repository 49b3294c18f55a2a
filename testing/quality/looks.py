"""The ways a page is looked at: theme, language, width. Pure."""

from dataclasses import dataclass
from itertools import product
from typing import Final

THEMES: Final = ("dark", "light")
LANGUAGES: Final = ("en", "ko")
#: Of a phone, a desk and a wall, in CSS pixels, and how high each is.
HEIGHTS: Final = {360: 780, 1440: 900, 2560: 1440}


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page."""

    theme: str
    lang: str
    width: int

    def __str__(self) -> str:
        return f"{self.theme}-{self.lang}-{self.width}"


EVERY: Final = tuple(Look(*look) for look in product(THEMES, LANGUAGES, HEIGHTS))
#: All pairs of two of the three, in six looks.
PAIRS: Final = (
    Look("dark", "en", 360), Look("light", "ko", 1440), Look("dark", "ko", 2560),
    Look("light", "ko", 360), Look("dark", "en", 1440), Look("light", "en", 2560),
)  # fmt: skip
WALL: Final = max(HEIGHTS)


def two(number: int) -> tuple[Look, Look]:
    """Of a phone and of a desk, in the two themes and languages, turned about from page to page."""
    phone, desk = PAIRS[3:5] if number % 2 else PAIRS[:2]
    return phone, desk
