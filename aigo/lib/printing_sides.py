"""A few things side by side on paper: columns of words and figures, in bands, with a note behind each figure.

Knows no Django, as `printing`, whose errors these are, too. A table of figures alone is a `printing.Paper`.
"""

from dataclasses import dataclass
from typing import Final

from aigo.lib.printing import NOTHING, Theme, TooMuch, turn

#: Of one document; a comparison of four has some ninety lines.
MOST_SIDES: Final = 6
MOST_ITEMS: Final = 400


@dataclass(frozen=True, slots=True)
class Side:
    """Of a column. `state`: as `printing_ink.STATES` names them, "" = none; `word`: the same for readers."""

    title: str
    below: str = ""
    state: str = ""
    word: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one column says on one line. `note`: its number among the notes, from 1 on, 0 = none.

    `apart`: it does not compare with the others of its line.
    """

    text: str = NOTHING
    note: int = 0
    best: bool = False
    apart: bool = False
    state: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line, never cut by the end of a page. `below`: its unit. `differs`: it tells the columns apart."""

    title: str
    entries: tuple[Entry, ...]
    below: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Where a figure is from, or why there is none. `url`: whole address, "" = none."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """`remarks`: sentences behind the table that hold for the whole. `best`, `apart`, `differs`: what these
    signs mean, "" = the sign does not occur. `foot`: a sentence at the foot of every page. `address`: where
    the same is had again.
    """

    title: str
    lead: str
    sides: tuple[Side, ...]
    bands: tuple[Band, ...]
    notes_title: str
    notes: tuple[Note, ...]
    remarks_title: str
    remarks: tuple[str, ...]
    foot: str
    address: str
    language: str
    best: str = ""
    apart: str = ""
    differs: str = ""
    page_of: str = "{page} / {pages}"


def pdf(sides: Sides, theme: Theme) -> bytes:
    """Pages of A4, upright for one or two columns: the heads on each. Raises TooMuch, FontsMissing, Busy."""
    from aigo.lib.printing_sides_pages import of_a4
    from aigo.lib.printing_sides_pdf import drawn

    _refuse_too_much(sides)
    with turn():
        return drawn(sides, of_a4(sides), theme)


def png(sides: Sides, theme: Theme) -> bytes:
    """All of it as one picture. Raises the same."""
    from aigo.lib.printing_png import pictured
    from aigo.lib.printing_sides_pages import in_one
    from aigo.lib.printing_sides_pdf import drawn

    _refuse_too_much(sides)
    with turn():
        return pictured(drawn(sides, in_one(sides), theme))


def _refuse_too_much(sides: Sides) -> None:
    items = sum(len(band.items) for band in sides.bands)
    if items > MOST_ITEMS or len(sides.sides) > MOST_SIDES:
        raise TooMuch(items, len(sides.sides))
