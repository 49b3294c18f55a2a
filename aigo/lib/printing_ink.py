"""What is printed with: letters of Pretendard, which have Hangul, and the colours of the two themes.

Pure but for the font files, which are read once per process.
"""

import functools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from aigo.lib.printing import FontsMissing, Theme

FONTS: Final = Path(__file__).resolve().parents[2] / "node_modules/pretendard/dist/public/static/alternative"
REGULAR: Final = "Pretendard-Regular"
STRONG: Final = "Pretendard-SemiBold"
#: Where a line may be broken: behind a blank, a hyphen or a slash; LiveCodeBench before its capitals.
_PARTS: Final = re.compile(r"[^\s\-/]*(?:[\-/]+|\s+|$)")
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Inks:
    """Colours of a theme; those of tokens.css and matrix.css, held to them by a test."""

    ground: Color
    line: Color
    strong_line: Color
    ink: Color
    ink_2: Color
    ink_3: Color
    accent: Color
    heats: tuple[Color, ...]
    states: Mapping[str, Color]


#: How much of the theme's colour of heat each step has, as matrix.css mixes them (in Oklab, as browsers do).
HEAT_SHARES: Final = (0.03, 0.13, 0.2, 0.28, 0.36, 0.45, 0.54, 0.64, 0.75, 0.87, 1.0)


def _heats(ground: str, heat: str, most: float) -> tuple[Color, ...]:
    shares = (HEAT_SHARES[0], *(share * most for share in HEAT_SHARES[1:]))
    low, high = (_oklab(HexColor(colour)) for colour in (ground, heat))
    return tuple(
        _from_oklab([a + (b - a) * share for a, b in zip(low, high, strict=True)]) for share in shares
    )


def _oklab(colour: Color) -> list[float]:
    """https://bottosson.github.io/posts/oklab/"""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.rgb()]
    cones = [math.cbrt(sum(a * b for a, b in zip(row, linear, strict=True))) for row in _TO_CONES]
    return [sum(a * b for a, b in zip(row, cones, strict=True)) for row in _TO_LAB]


def _from_oklab(lab: Sequence[float]) -> Color:
    cones = [sum(a * b for a, b in zip(row, lab, strict=True)) ** 3 for row in _FROM_LAB]
    linear = [sum(a * b for a, b in zip(row, cones, strict=True)) for row in _FROM_CONES]
    return Color(*(_gamma(min(max(value, 0.0), 1.0)) for value in linear))


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


_TO_CONES: Final = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB: Final = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB: Final = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_CONES: Final = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


#: In the order in which `_inks` is given their colours.
STATES: Final = ("operational", "degraded", "outage", "unknown")


def _inks(colours: str, states: str, *, heat: str, most: float) -> Inks:
    """Ground, lines, inks 1 to 3, accent; the states."""
    named = colours.split()
    ground, line, strong_line, ink, ink_2, ink_3, accent = map(HexColor, named)
    heats = _heats(named[0], heat, most)
    told = dict(zip(STATES, map(HexColor, states.split()), strict=True))
    return Inks(ground, line, strong_line, ink, ink_2, ink_3, accent, heats, told)


#: Paper is white where the page is nearly so.
INKS: Final[Mapping[Theme, Inks]] = {
    "dark": _inks(
        "#0e1215 #232c32 #3a4750 #eaeff2 #b4c0c8 #8a98a2 #86c5ff", "#43c592 #f0b440 #ff7769 #8a98a2",
        heat="#2b74b8", most=0.78,
    ),
    "light": _inks(
        "#ffffff #dfe4e4 #b5bfc3 #13191d #435059 #5d6b74 #0a5eb0", "#0a7a4b #935d00 #c22a1e #5d6b74",
        heat="#5aa5ea", most=0.74,
    ),
}  # fmt: skip


@functools.cache
def load_fonts() -> None:
    """Reads the font files, once. Raises FontsMissing."""
    for name in (REGULAR, STRONG):
        try:
            pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
        except (OSError, TTFError) as error:
            raise FontsMissing(f"{FONTS / name}.ttf cannot be read. Run `make node`.") from error


def printable(text: str) -> str:
    """The text with "?" for every character that the font lacks; without those that only steer."""
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(letter if ord(letter) in known else "?" for letter in " ".join(text.split()))


@functools.lru_cache(maxsize=20_000)
def width(text: str, font: str, size: float) -> float:
    """In points. Figures recur: a table of 100 × 40 asks 20,000 times."""
    wide: float = pdfmetrics.stringWidth(text, font, size)
    return wide


def fitted(text: str, font: str, size: float, room: float) -> str:
    """The text, or as much of it as there is room for, and "…"."""
    if width(text, font, size) <= room:
        return text
    while text and width(f"{text}…", font, size) > room:
        text = text[:-1].rstrip()
    return f"{text}…"


def wrapped(text: str, font: str, size: float, room: float, *, most: int) -> list[str]:
    """At most so many lines; the last one ends in "…" where there is more. A word too long is broken."""
    lines, line = [], ""
    for part in _parts(text, font, size, room):
        if line and width((line + part).rstrip(), font, size) > room:
            lines.append(line.rstrip())
            line = part.lstrip()
        else:
            line += part
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], fitted(" ".join(lines[most - 1 :]) + " ", font, size, room)]
    return [line for line in lines if line]


def _parts(text: str, font: str, size: float, room: float) -> Iterator[str]:
    """Words with the blank or hyphen behind them; those that are too wide in pieces that are not."""
    for word in _PARTS.findall(text):
        fits = width(word.rstrip(), font, size) <= room
        for part in (word,) if fits else _CAPITAL.split(word):
            yield from _pieces(part, font, size, room)


def _pieces(part: str, font: str, size: float, room: float) -> Iterator[str]:
    """As many letters at once as fit."""
    while len(part) > 1 and width(part.rstrip(), font, size) > room:
        fit = max(1, sum(width(part[: n + 1], font, size) <= room for n in range(len(part))))
        yield part[:fit]
        part = part[fit:]
    yield part
