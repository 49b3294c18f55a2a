"""Drawing columns side by side on pages (ReportLab); measures are from printing_sides_pages."""

import io
from typing import Any

from aigo.lib.printing import NOTHING, Theme
from aigo.lib.printing_ink import REGULAR, STRONG, fitted, load_fonts, printable, width
from aigo.lib.printing_pages import FOOT_LEADING, FOOT_SIZE, LEAD_LEADING, LEAD_SIZE, MARGIN, TITLE_SIZE
from aigo.lib.printing_sides import Side, Sides
from aigo.lib.printing_sides_pages import (
    BAND_HEIGHT,
    GAP,
    NAME_LEADING,
    NAME_SIZE,
    NOTES_LEADING,
    NOTES_SIZE,
    NUMBER_ROOM,
    PAD,
    SMALL_SIZE,
    STAR_ROOM,
    TEXT_LEADING,
    TEXT_SIZE,
    Block,
    Layout,
    Page,
    Text,
)
from aigo.lib.printing_strokes import Strokes, opened

DAGGER = "†"


def drawn(sides: Sides, layout: Layout, theme: Theme) -> bytes:
    """The document: the same bytes for the same columns."""
    load_fonts()
    written = io.BytesIO()
    size = (layout.width, layout.height)
    canvas = opened(written, size, words=(sides.title, sides.lead, sides.address), language=sides.language)
    pen = _Pen(canvas, sides, layout, theme)
    for number, page in enumerate(layout.pages, 1):
        pen.page(page, number)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


class _Pen(Strokes):
    def __init__(self, canvas: Any, sides: Sides, layout: Layout, theme: Theme) -> None:
        super().__init__(canvas, (layout.width, layout.height), theme)
        self.sides, self.layout = sides, layout

    def page(self, page: Page, number: int) -> None:
        self.box(0, 0, self.width, self.height, self.inks.ground)
        self.opening() if page.opens else self.running_title()
        if page.headed:
            self.heads(self.layout.top(opens=page.opens))
        for top, block in page.blocks:
            self.block(block, top)
        self.foot(number)

    # --- above the table --------------------------------------------------------------------------

    def opening(self) -> None:
        y = MARGIN + TITLE_SIZE - 3
        self.brand(y)
        title = fitted(printable(self.sides.title), STRONG, TITLE_SIZE, self.layout.inside - 60)
        self.text(MARGIN, y, title, STRONG, TITLE_SIZE, self.inks.ink)
        for number, line in enumerate(self.layout.lead):
            down = MARGIN + TITLE_SIZE + 14 + number * LEAD_LEADING
            self.text(MARGIN, down, line, REGULAR, LEAD_SIZE, self.inks.ink_2)

    def running_title(self) -> None:
        self.brand(MARGIN + 4)
        title = fitted(printable(self.sides.title), STRONG, LEAD_SIZE, self.layout.inside - 60)
        self.text(MARGIN, MARGIN + 4, title, STRONG, LEAD_SIZE, self.inks.ink_2)

    def brand(self, y: float) -> None:
        self.text_end(self.width - MARGIN, y, "AI-GO", STRONG, LEAD_SIZE, self.inks.ink_3)

    def heads(self, top: float) -> None:
        for place, (side, name) in enumerate(zip(self.sides.sides, self.layout.names, strict=True)):
            self.head(side, name, self.left(place), top)
        self.rule(top + self.layout.head_height, self.inks.strong_line)

    def head(self, side: Side, name: tuple[str, ...], left: float, top: float) -> None:
        x, y = left + STAR_ROOM, top + NAME_SIZE
        room = self.layout.side_width - STAR_ROOM - 4
        for line in name:
            self.text(x, y, line, STRONG, NAME_SIZE, self.inks.ink)
            y += NAME_LEADING
        below = fitted(printable(side.below), REGULAR, TEXT_SIZE - 0.6, room)
        self.text(x, y - 0.6, below, REGULAR, TEXT_SIZE - 0.6, self.inks.ink_3)
        y += TEXT_LEADING
        if side.word:
            self.state(side.state, x + 2.6, y - 3.0, 2.6)
            indent = 8.0 if side.state else 0.0
            word = fitted(printable(side.word), REGULAR, TEXT_SIZE - 0.6, room - indent)
            ink = self.inks.states.get(side.state, self.inks.ink_3)
            self.text(x + indent, y - 0.6, word, REGULAR, TEXT_SIZE - 0.6, ink)
        if side.url:
            self.link(side.url, left, top, self.layout.side_width, top + self.layout.head_height)

    # --- the table --------------------------------------------------------------------------------

    def block(self, block: Block, top: float) -> None:
        if block.band:
            self.band(block.band, top)
        elif block.item:
            self.item(block, top)
        elif block.notes:
            self.notes(block, top)
        for number, line in enumerate(block.remark):
            y = top + NOTES_SIZE + 1 + number * NOTES_LEADING
            self.text(MARGIN, y, line, REGULAR, NOTES_SIZE, self.inks.ink_2)

    def band(self, title: str, top: float) -> None:
        """The room above it sets bands apart."""
        foot = top + GAP + BAND_HEIGHT
        self.text(MARGIN, foot - 6, printable(title), STRONG, LEAD_SIZE + 0.6, self.inks.ink)
        self.rule(foot, self.inks.strong_line)

    def item(self, block: Block, top: float) -> None:
        item = block.item
        assert item  # noqa: S101 (of a line)
        base = top + PAD + TEXT_SIZE - 0.6
        if item.differs:
            self.box(MARGIN, top + PAD - 0.6, 1.6, block.height - 2 * PAD + 0.6, self.inks.accent)
        ink = self.inks.ink if item.differs else self.inks.ink_2
        for number, line in enumerate(block.title):
            self.text(MARGIN + 6, base + number * TEXT_LEADING, line, STRONG, TEXT_SIZE, ink)
        if item.below:
            y = base + (len(block.title) - 0.1) * TEXT_LEADING
            below = fitted(printable(item.below), REGULAR, SMALL_SIZE, self.layout.titles_width - 12)
            self.text(MARGIN + 6, y, below, REGULAR, SMALL_SIZE, self.inks.ink_3)
        for place, text in enumerate(block.texts):
            self.entry(text, self.left(place), base)
        self.rule(top + block.height, self.inks.line)

    def entry(self, text: Text, left: float, base: float) -> None:
        entry, x, y = text.entry, left + STAR_ROOM, base
        if entry.best:
            self.best(left + STAR_ROOM - 5.4, base - 2.8, 3.2)
        if entry.state:
            self.state(entry.state, x + 2.6, base - 2.7, 2.6)
            x += 8.0
        font = STRONG if entry.best else REGULAR
        ink = self.inks.ink_3 if entry.text == NOTHING else self.inks.ink
        for number, line in enumerate(text.lines):
            y = base + number * TEXT_LEADING
            self.text(x, y, line, font, TEXT_SIZE, ink)
        end = x + width(text.lines[-1], font, TEXT_SIZE)
        if entry.url:
            self.link(entry.url, x, base - TEXT_SIZE, end - x, y + 2)
        if entry.apart:
            self.text(end + 1.2, y, DAGGER, REGULAR, TEXT_SIZE, self.inks.ink_2)
            end += width(DAGGER, REGULAR, TEXT_SIZE) + 1.2
        if entry.note:
            self.text(end + 2, y - 2.6, str(entry.note), REGULAR, SMALL_SIZE - 1, self.inks.ink_3)

    def notes(self, block: Block, top: float) -> None:
        for place, (number, lines) in enumerate(block.notes):
            left = MARGIN + place * (self.layout.note_width + 16)
            y = top + NOTES_SIZE + 1
            self.text_end(left + NUMBER_ROOM - 5, y, str(number), STRONG, NOTES_SIZE, self.inks.ink_3)
            for line in lines:
                self.text(left + NUMBER_ROOM, y, line, REGULAR, NOTES_SIZE, self.inks.ink_2)
                y += NOTES_LEADING
            if url := self.sides.notes[number - 1].url:
                self.link(url, left, top, self.layout.note_width, top + block.height - 2)

    # --- below it ---------------------------------------------------------------------------------

    def foot(self, number: int) -> None:
        y = self.height - MARGIN - self.layout.foot_height + 10 + FOOT_LEADING
        self.key(y)
        y += FOOT_LEADING + 2
        for line in self.layout.foot:
            self.text(MARGIN, y, line, REGULAR, FOOT_SIZE, self.inks.ink_2)
            y += FOOT_LEADING
        pages = len(self.layout.pages)
        told = printable(self.sides.page_of.format(page=number, pages=pages)) if pages > 1 else ""
        room = self.layout.inside - width(told, REGULAR, FOOT_SIZE) - 20
        address = fitted(self.sides.address, REGULAR, FOOT_SIZE, room)
        self.text(MARGIN, y, address, REGULAR, FOOT_SIZE, self.inks.accent)
        self.link(self.sides.address, MARGIN, y - FOOT_SIZE, width(address, REGULAR, FOOT_SIZE), y + 2)
        self.text_end(self.width - MARGIN, y, told, REGULAR, FOOT_SIZE, self.inks.ink_3)

    def key(self, y: float) -> None:
        """What the signs mean, of those that occur."""
        x = MARGIN
        if self.sides.best:
            self.best(x + 3, y - 2.4, 3.0)
            x = self.words(x + 9, y, self.sides.best)
        if self.sides.differs:
            self.box(x, y - 6, 1.6, 7.4, self.inks.accent)
            x = self.words(x + 5, y, self.sides.differs)
        if self.sides.apart:
            self.text(x, y, DAGGER, REGULAR, FOOT_SIZE, self.inks.ink)
            self.words(x + 6, y, self.sides.apart)

    def words(self, x: float, y: float, words: str) -> float:
        """Where the next sign may stand."""
        text = printable(words)
        self.text(x, y, text, REGULAR, FOOT_SIZE, self.inks.ink_2)
        return x + width(text, REGULAR, FOOT_SIZE) + 14

    # --- where ------------------------------------------------------------------------------------

    def left(self, place: int) -> float:
        return MARGIN + self.layout.titles_width + place * self.layout.side_width

    def rule(self, y: float, ink: Any) -> None:
        self.box(MARGIN, y - 0.25, self.layout.inside, 0.5, ink)
