"""Drawing a table on pages (ReportLab): measures are from printing_pages, colours from printing_ink."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reportlab.lib.colors import Color

from aigo.lib.printing import NOTHING, Field, Head, Line, Paper, Sign, Theme
from aigo.lib.printing_ink import REGULAR, STRONG, fitted, load_fonts, printable, width
from aigo.lib.printing_pages import (
    FOOT_LEADING,
    FOOT_SIZE,
    HEAD_LEADING,
    HEAD_SIZE,
    INSET,
    LEAD_LEADING,
    LEAD_SIZE,
    MARGIN,
    SIGN_ROOM,
    TITLE_SIZE,
    Layout,
    Page,
    head_lines,
    sign_width,
)
from aigo.lib.printing_strokes import Strokes, opened

TEXT_SIZE: Final = 8.0
SMALL_SIZE: Final = 6.2
MARK_SIZE: Final = 6.6
#: From this heat on the quieter ink would be hard to read (below 4.5 : 1).
DEEP: Final = 5


def drawn(paper: Paper, layout: Layout, theme: Theme) -> bytes:
    """The document: the same bytes for the same table."""
    load_fonts()
    written = io.BytesIO()
    size = (layout.width, layout.height)
    words = (paper.title, paper.lead, paper.address)
    canvas = opened(written, size, words=words, language=paper.language)
    pen = _Pen(canvas, paper, layout, theme)
    for number, page in enumerate(layout.pages, 1):
        pen.page(page, number)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


class _Pen(Strokes):
    """Draws the pages of one table."""

    def __init__(self, canvas: Any, paper: Paper, layout: Layout, theme: Theme) -> None:
        super().__init__(canvas, (layout.width, layout.height), theme)
        self.paper, self.layout = paper, layout
        self.ranked = any(line.lead for line in paper.lines)

    def page(self, page: Page, number: int) -> None:
        self.box(0, 0, self.layout.width, self.layout.height, self.inks.ground)
        self.opening() if page.opens else self.running_title()
        top = self.layout.top(page)
        self.heads(page, top)
        top += self.layout.head_height
        for line in self.paper.lines[page.first_line : page.first_line + page.lines]:
            self.line(line, page, top)
            top += self.layout.line_height
        self.foot(page, number)

    # --- above the table --------------------------------------------------------------------------

    def opening(self) -> None:
        self.brand(MARGIN + TITLE_SIZE - 3)
        room = self.layout.width - 2 * MARGIN - 60
        title = fitted(printable(self.paper.title), STRONG, TITLE_SIZE, room)
        self.text(MARGIN, MARGIN + TITLE_SIZE - 3, title, STRONG, TITLE_SIZE, self.inks.ink)
        for number, line in enumerate(self.layout.lead):
            y = MARGIN + TITLE_SIZE + 14 + number * LEAD_LEADING
            self.text(MARGIN, y, line, REGULAR, LEAD_SIZE, self.inks.ink_2)

    def running_title(self) -> None:
        self.brand(MARGIN + 4)
        title = fitted(printable(self.paper.title), STRONG, LEAD_SIZE, self.layout.width - 2 * MARGIN - 60)
        self.text(MARGIN, MARGIN + 4, title, STRONG, LEAD_SIZE, self.inks.ink_2)

    def brand(self, y: float) -> None:
        self.text_end(self.layout.width - MARGIN, y, "AI-GO", STRONG, LEAD_SIZE, self.inks.ink_3)

    # --- the table --------------------------------------------------------------------------------

    def heads(self, page: Page, top: float) -> None:
        foot = top + self.layout.head_height
        self.text(MARGIN, foot - 6, printable(self.paper.corner), REGULAR, HEAD_SIZE, self.inks.ink_3)
        for place, head in enumerate(self._heads_of(page)):
            self.head(head, self.left(place), foot)
        self.rule(foot, self.inks.strong_line, page)

    def head(self, head: Head, left: float, foot: float) -> None:
        right = left + self.layout.head_width - INSET
        lines = [(line, STRONG, self.inks.ink) for line in head_lines(head.title, self.layout.head_width)]
        if head.below:
            below = fitted(printable(head.below), REGULAR, HEAD_SIZE, self.layout.head_width - INSET)
            lines.append((below, REGULAR, self.inks.ink_3))
        y = foot - 6 - (len(lines) - 1) * HEAD_LEADING
        for text, font, ink in lines:
            self.text_end(right, y, text, font, HEAD_SIZE, ink)
            y += HEAD_LEADING
        if head.url:
            self.link(head.url, left, foot - self.layout.head_height, self.layout.head_width, foot)

    def line(self, line: Line, page: Page, top: float) -> None:
        base = top + (10.4 if self.layout.line_height > 20 else 11.2)
        left = MARGIN
        if self.ranked:
            lead = line.lead or NOTHING
            self.text_end(MARGIN + 15, base, lead, REGULAR, SMALL_SIZE, self.inks.ink_3)
            left += 20
        room = self.layout.titles_width - (left - MARGIN) - 6
        title = fitted(printable(line.title), STRONG, TEXT_SIZE, room)
        self.text(left, base, title, STRONG, TEXT_SIZE, self.inks.ink)
        if line.below:
            below = fitted(printable(line.below), REGULAR, SMALL_SIZE, room)
            self.text(left, base + 7.8, below, REGULAR, SMALL_SIZE, self.inks.ink_3)
        if line.url:
            self.link(line.url, left, top, room, top + self.layout.line_height)
        for place, field in enumerate(line.fields[page.first_head : page.first_head + page.heads]):
            self.field(field, self.left(place), top, base)
        self.rule(top + self.layout.line_height, self.inks.line, page)

    def field(self, field: Field, left: float, top: float, base: float) -> None:
        right = left + self.layout.head_width
        if field.heat is not None:
            heat = self.inks.heats[field.heat]
            self.box(left + 1, top + 0.5, self.layout.head_width - 1, self.layout.line_height - 1, heat)
        ink = self.inks.ink_3 if field.text == NOTHING else self.inks.ink
        self.figure(right - INSET, base, printable(field.text), REGULAR, TEXT_SIZE, ink)
        if field.dotted:
            self.dots(right - INSET - width(field.text, REGULAR, TEXT_SIZE), right - INSET, base + 1.7)
        if field.below:
            ink = self.inks.ink_2 if (field.heat or 0) < DEEP else self.inks.ink
            self.figure(right - INSET, base + 7.8, printable(field.below), REGULAR, SMALL_SIZE, ink)
        self.shape(field.shape, left + INSET + 1.2, base - 4.6)
        if field.mark:
            self.text(left + INSET + 6, base - 2.2, field.mark, STRONG, MARK_SIZE, self.inks.ink)

    # --- below it ---------------------------------------------------------------------------------

    def foot(self, page: Page, number: int) -> None:
        top = self.layout.height - MARGIN - self.layout.foot_height + 8
        y = top + FOOT_LEADING
        for signs in self.layout.legend:
            self.legend(signs, y)
            y += FOOT_LEADING
        y += 2
        for line in self.layout.foot:
            self.text(MARGIN, y, line, REGULAR, FOOT_SIZE, self.inks.ink_2)
            y += FOOT_LEADING
        told = " · ".join(self._told(page, number))
        room = self.layout.width - 2 * MARGIN - width(told, REGULAR, FOOT_SIZE) - 20
        address = fitted(self.paper.address, REGULAR, FOOT_SIZE, room)
        self.text(MARGIN, y, address, REGULAR, FOOT_SIZE, self.inks.accent)
        self.link(self.paper.address, MARGIN, y - FOOT_SIZE, width(address, REGULAR, FOOT_SIZE), y + 2)
        self.text_end(self.layout.width - MARGIN, y, told, REGULAR, FOOT_SIZE, self.inks.ink_3)

    def legend(self, signs: Sequence[Sign], y: float) -> None:
        x = MARGIN
        for sign in signs:
            at = x
            if sign.shape:
                self.shape(sign.shape, at + 2, y - 2.2)
                at += SIGN_ROOM
            if sign.mark:
                self.text(at, y, sign.mark, STRONG, FOOT_SIZE, self.inks.ink)
                mark = width(sign.mark, STRONG, FOOT_SIZE)
                if sign.dotted:
                    self.dots(at, at + mark, y + 1.4)
                at += mark + 3
            self.text(at, y, printable(sign.words), REGULAR, FOOT_SIZE, self.inks.ink_2)
            x += sign_width(sign)

    def _told(self, page: Page, number: int) -> Iterator[str]:
        count = len(self.paper.heads)
        if page.heads < count:
            last = page.first_head + page.heads
            yield printable(self.paper.columns_of.format(first=page.first_head + 1, last=last, count=count))
        if len(self.layout.pages) > 1:
            yield printable(self.paper.page_of.format(page=number, pages=len(self.layout.pages)))

    # --- where -------------------------------------------------------------------------------------

    def _heads_of(self, page: Page) -> Sequence[Head]:
        return self.paper.heads[page.first_head : page.first_head + page.heads]

    def left(self, place: int) -> float:
        return MARGIN + self.layout.titles_width + place * self.layout.head_width

    def rule(self, y: float, ink: Color, page: Page) -> None:
        self.box(MARGIN, y - 0.25, self.left(page.heads) - MARGIN, 0.5, ink)
