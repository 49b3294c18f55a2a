"""What of columns side by side stands on which page, and where. Pure: points from the upper left corner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aigo.lib.printing_ink import REGULAR, STRONG, load_fonts, printable, width, wrapped
from aigo.lib.printing_pages import (
    A4_ACROSS,
    FOOT_LEADING,
    FOOT_SIZE,
    LEAD_LEADING,
    LEAD_SIZE,
    MARGIN,
    TITLE_SIZE,
)
from aigo.lib.printing_sides import Entry, Item, Sides

TEXT_SIZE, TEXT_LEADING, SMALL_SIZE = 7.8, 9.8, 6.2
NAME_SIZE, NAME_LEADING = 9.6, 11.4
#: Lines of one entry at most; what is longer is had at the address.
MOST_LINES: Final = 14
#: Above and below the text of a line; left of an entry, where the star stands.
PAD, STAR_ROOM = 4.0, 11.0
BAND_HEIGHT, GAP = 19.0, 9.0
#: Between a title and the first line of text below it.
LEAD_IN: Final = 4.0
NOTES_SIZE, NOTES_LEADING, NUMBER_ROOM = 6.4, 8.4, 17.0
#: Width of the titles of the lines, upright and across.
TITLES_UPRIGHT, TITLES_ACROSS = 122.0, 146.0
#: Columns that stand on an upright page.
UPRIGHT: Final = 2


@dataclass(frozen=True, slots=True)
class Text:
    """An entry dealt out to lines."""

    entry: Entry
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Something of one height. `band`: a title; `item` with `texts`: a line of the table; `notes`: numbers
    from 1 on with their lines, side by side; `remark`: lines across. `again`: its band, for the next page.
    """

    height: float
    band: str = ""
    item: Item | None = None
    title: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()
    notes: tuple[tuple[int, tuple[str, ...]], ...] = ()
    remark: tuple[str, ...] = ()
    again: "Block | None" = None


@dataclass(frozen=True, slots=True)
class Page:
    """Blocks with where each begins. `opens`: with title and lead; `headed`: with the columns' heads."""

    blocks: tuple[tuple[float, Block], ...]
    opens: bool
    headed: bool


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    titles_width: float
    side_width: float
    lead: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    head_height: float
    foot: tuple[str, ...]
    pages: tuple[Page, ...] = ()

    @property
    def inside(self) -> float:
        return self.width - 2 * MARGIN

    @property
    def foot_height(self) -> float:
        """The key to the signs, the sentences, the address."""
        return (len(self.foot) + 2) * FOOT_LEADING + 12

    @property
    def note_width(self) -> float:
        """Two stand side by side."""
        return (self.inside - 16) / 2

    def top(self, *, opens: bool) -> float:
        """Where heads or blocks begin."""
        return MARGIN + TITLE_SIZE + 12 + len(self.lead) * LEAD_LEADING + 8 if opens else MARGIN + 18


def of_a4(sides: Sides) -> Layout:
    """Upright where two columns or fewer leave room for it, else across."""
    long, short = A4_ACROSS
    upright = len(sides.sides) <= UPRIGHT
    wide, tall = (short, long) if upright else (long, short)
    titles = TITLES_UPRIGHT if upright else TITLES_ACROSS
    layout = _layout(sides, wide, tall, titles, (wide - 2 * MARGIN - titles) / max(1, len(sides.sides)))
    return replace(layout, pages=tuple(_dealt(_blocks(sides, layout), layout)))


def in_one(sides: Sides) -> Layout:
    """Everything on one page that is as large as it has to be."""
    each = 178.0 if len(sides.sides) > 1 else 320.0
    wide = max(600.0, 2 * MARGIN + TITLES_ACROSS + each * len(sides.sides))
    each = (wide - 2 * MARGIN - TITLES_ACROSS) / max(1, len(sides.sides))
    layout = _layout(sides, wide, 0.0, TITLES_ACROSS, each)
    placed, y = [], layout.top(opens=True) + layout.head_height
    for block in _blocks(sides, layout):
        placed.append((y, block))
        y += block.height
    page = Page(tuple(placed), opens=True, headed=True)
    return replace(layout, height=y + layout.foot_height + MARGIN, pages=(page,))


def _layout(sides: Sides, wide: float, tall: float, titles: float, each: float) -> Layout:
    load_fonts()
    inside = wide - 2 * MARGIN
    room = each - STAR_ROOM - 4
    names = tuple(tuple(_lines(side.title, STRONG, NAME_SIZE, room, 3)) for side in sides.sides)
    states = any(side.word for side in sides.sides)
    return Layout(
        width=wide,
        height=tall,
        titles_width=titles,
        side_width=each,
        lead=tuple(_lines(sides.lead, REGULAR, LEAD_SIZE, min(inside, 640.0), 4)),
        names=names,
        head_height=max(map(len, names), default=1) * NAME_LEADING + (1 + states) * TEXT_LEADING + 9,
        foot=tuple(_lines(sides.foot, REGULAR, FOOT_SIZE, inside, 3)),
    )


def _lines(text: str, font: str, size: float, room: float, most: int) -> list[str]:
    return wrapped(printable(text), font, size, room, most=most)


def _blocks(sides: Sides, layout: Layout) -> Iterator[Block]:
    for band in sides.bands:
        title = Block(BAND_HEIGHT + GAP, band=band.title)
        yield title
        for item in band.items:
            yield _item(item, layout, title)
    if sides.remarks:
        yield Block(BAND_HEIGHT + GAP + LEAD_IN, band=sides.remarks_title)
        for remark in sides.remarks:
            lines = tuple(_lines(remark, REGULAR, NOTES_SIZE, layout.inside, 4))
            yield Block(len(lines) * NOTES_LEADING + 3, remark=lines)
    if sides.notes:
        yield from _notes(sides, layout)


def _item(item: Item, layout: Layout, band: Block) -> Block:
    title = tuple(_lines(item.title, STRONG, TEXT_SIZE, layout.titles_width - 12, 3))
    texts = tuple(_text(entry, layout.side_width - STAR_ROOM - 4) for entry in item.entries)
    tall = max([len(title) + bool(item.below) * 0.85, *(len(text.lines) for text in texts)])
    return Block(tall * TEXT_LEADING + 2 * PAD, item=item, title=title, texts=texts, again=band)


def _text(entry: Entry, room: float) -> Text:
    """With room left for the number of its note, and for its signs."""
    number = width(str(entry.note), REGULAR, SMALL_SIZE - 1) + 4 if entry.note else 0.0
    sign = 8.0 if entry.state else 0.0
    dagger = 5.0 if entry.apart else 0.0
    font = STRONG if entry.best else REGULAR
    lines = _lines(entry.text, font, TEXT_SIZE, room - number - sign - dagger, MOST_LINES)
    return Text(entry, tuple(lines) or ("",))


def _notes(sides: Sides, layout: Layout) -> Iterator[Block]:
    """Two and two, in the order of their numbers from the left."""
    title = Block(BAND_HEIGHT + GAP + LEAD_IN, band=sides.notes_title)
    yield title
    room = layout.note_width - NUMBER_ROOM
    told = [
        (number, tuple(_lines(note.text, REGULAR, NOTES_SIZE, room, 4)))
        for number, note in enumerate(sides.notes, 1)
    ]
    for first in range(0, len(told), 2):
        pair = tuple(told[first : first + 2])
        yield Block(max(len(lines) for _number, lines in pair) * NOTES_LEADING + 3, notes=pair, again=title)


def _dealt(blocks: Iterator[Block], layout: Layout) -> Iterator[Page]:
    """A title never stands alone at the end of a page; a band that goes on is named again."""
    every: Sequence[Block] = list(blocks)
    foot = layout.height - MARGIN - layout.foot_height
    placed: list[tuple[float, Block]] = []
    opens = headed = True
    y = layout.top(opens=True) + layout.head_height
    for place, block in enumerate(every):
        following = every[place + 1].height if block.band and place + 1 < len(every) else 0.0
        if placed and y + block.height + following > foot:
            yield Page(tuple(placed), opens, headed)
            opens, headed, placed = False, any(one.item for one in every[place:]), []
            y = layout.top(opens=False) + layout.head_height * headed
            if block.again:
                placed.append((y, block.again))
                y += block.again.height
        placed.append((y, block))
        y += block.height
    yield Page(tuple(placed), opens, headed)
