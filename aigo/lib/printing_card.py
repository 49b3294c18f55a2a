"""The picture that stands for a comparison where its link is shared: 1200 × 630, names and a few figures.

Knows no Django, as `printing`, whose errors these are, too. No figure stands without the moment it is of.
"""

import io
from dataclasses import dataclass
from typing import Any, Final

from aigo.lib.printing import NOTHING, turn
from aigo.lib.printing_ink import REGULAR, STRONG, fitted, load_fonts, printable, width, wrapped
from aigo.lib.printing_strokes import Strokes, opened

#: Points: two pixels each.
WIDTH, HEIGHT, EDGE = 600.0, 315.0, 30.0
TITLES: Final = 118.0
#: Where the last line of each name stands, and the rows.
NAMES_FOOT, ROWS_TOP, ROWS_FOOT = 84.0, 119.0, 276.0
MOST_SIDES, MOST_ROWS = 4, 5
DAGGER: Final = "†"
#: Columns → size of names and of figures.
SIZES: Final = {1: (22.0, 19.0), 2: (18.0, 18.0), 3: (14.0, 15.5), 4: (12.0, 13.5)}


@dataclass(frozen=True, slots=True)
class Face:
    """Of a column. `state`: as `printing_ink.STATES` names them, "" = none."""

    name: str
    below: str = ""
    state: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """`apart`: it does not compare with the others of its row."""

    text: str = NOTHING
    unit: str = ""
    best: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`moment`: of its figures, in words."""

    label: str
    moment: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`kind`: what this is; `moment`: of the whole; `foot`: where it is had, and what must be known of it."""

    kind: str
    moment: str
    faces: tuple[Face, ...]
    rows: tuple[Row, ...]
    foot: str
    remark: str
    language: str


def png(card: Card) -> bytes:
    """The picture, dark as the site is by default. Raises FontsMissing, Busy."""
    from aigo.lib.printing_png import pictured

    with turn():
        return pictured(_drawn(card))


def _drawn(card: Card) -> bytes:
    load_fonts()
    written = io.BytesIO()
    canvas = opened(written, (WIDTH, HEIGHT), words=(card.kind, card.moment, ""), language=card.language)
    _Pen(canvas, card).all()
    canvas.showPage()
    canvas.save()
    return written.getvalue()


class _Pen(Strokes):
    def __init__(self, canvas: Any, card: Card) -> None:
        super().__init__(canvas, (WIDTH, HEIGHT), "dark")
        self.card = card
        self.sides = card.faces[:MOST_SIDES]
        self.name_size, self.figure_size = SIZES[max(1, len(self.sides))]
        self.room = (WIDTH - 2 * EDGE - TITLES) / max(1, len(self.sides))

    def all(self) -> None:
        self.box(0, 0, WIDTH, HEIGHT, self.inks.ground)
        self.box(0, 0, WIDTH, 4, self.inks.accent)
        self.text(EDGE, 38, "AI-GO", STRONG, 13, self.inks.ink)
        brand = width("AI-GO", STRONG, 13) + 9
        self.text(EDGE + brand, 38, printable(self.card.kind), REGULAR, 11, self.inks.ink_3)
        self.text_end(WIDTH - EDGE, 38, printable(self.card.moment), REGULAR, 11, self.inks.ink_2)
        for place, face in enumerate(self.sides):
            self.face(face, self.left(place))
        self.rows()
        self.foot()

    def face(self, face: Face, left: float) -> None:
        """Names stand on one foot, however many lines each has."""
        room = self.room - 10
        lines = wrapped(printable(face.name), STRONG, self.name_size, room, most=2)
        y = NAMES_FOOT - (len(lines) - 1) * self.name_size * 1.15
        for line in lines:
            self.text(left, y, line, STRONG, self.name_size, self.inks.ink)
            y += self.name_size * 1.15
        y = NAMES_FOOT + 14.5
        if face.word:
            self.state(face.state, left + 3.4, y - 3, 3.4)
            word = fitted(printable(face.word), REGULAR, 8.4, room - 10)
            self.text(left + 10, y, word, REGULAR, 8.4, self.inks.ink_2)
            y += 11
        self.text(left, y, fitted(printable(face.below), REGULAR, 8.4, room), REGULAR, 8.4, self.inks.ink_2)

    def rows(self) -> None:
        rows = self.card.rows[:MOST_ROWS]
        tall = (ROWS_FOOT - ROWS_TOP) / max(4, len(rows))
        for number, row in enumerate(rows):
            top = ROWS_TOP + number * tall
            self.box(
                EDGE, top, WIDTH - 2 * EDGE, 0.6, self.inks.strong_line if not number else self.inks.line
            )
            middle = top + tall / 2
            label = fitted(printable(row.label), REGULAR, 11, TITLES - 8)
            self.text(EDGE, middle - 0.5, label, REGULAR, 11, self.inks.ink_2)
            moment = fitted(printable(row.moment), REGULAR, 7.2, TITLES - 8)
            self.text(EDGE, middle + 10, moment, REGULAR, 7.2, self.inks.ink_3)
            for place, figure in enumerate(row.figures[:MOST_SIDES]):
                self.figure_of(figure, self.left(place), middle + self.figure_size * 0.36)

    def figure_of(self, figure: Figure, left: float, base: float) -> None:
        size = self.figure_size
        ink = self.inks.ink_3 if figure.text == NOTHING else self.inks.ink
        text = fitted(printable(figure.text), STRONG, size, self.room - 22)
        self.text(left, base, text, STRONG, size, ink)
        end = left + width(text, STRONG, size)
        if figure.unit and figure.text != NOTHING:
            unit = fitted(printable(figure.unit), REGULAR, 8.4, max(8.0, left + self.room - end - 20))
            self.text(end + 3.5, base, unit, REGULAR, 8.4, self.inks.ink_3)
            end += 3.5 + width(unit, REGULAR, 8.4)
        if figure.apart:
            self.text(end + 3, base - size * 0.2, DAGGER, REGULAR, 10, self.inks.ink_2)
        if figure.best:
            self.best(end + 8.5, base - size * 0.33, 4.4)

    def foot(self) -> None:
        self.box(EDGE, ROWS_FOOT, WIDTH - 2 * EDGE, 0.6, self.inks.line)
        remark = printable(self.card.remark)
        room = WIDTH - 2 * EDGE - width(printable(self.card.foot), REGULAR, 8.4) - 14
        self.text(EDGE, 294, fitted(remark, REGULAR, 8.4, room), REGULAR, 8.4, self.inks.ink_3)
        self.text_end(WIDTH - EDGE, 294, printable(self.card.foot), REGULAR, 8.4, self.inks.accent)

    def left(self, place: int) -> float:
        return EDGE + TITLES + place * self.room
