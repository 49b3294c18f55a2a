"""What of a table stands on which page, and where. Pure: points (1/72 inch) from the upper left corner."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aigo.lib.printing import Paper, Sign
from aigo.lib.printing_ink import REGULAR, STRONG, load_fonts, printable, width, wrapped

A4_ACROSS: Final = (841.89, 595.28)
MARGIN: Final = 34.0
#: Of the column with the titles of the lines, and of the others at least and at most.
TITLES_WIDTH: Final = 172.0
LEAST_WIDTH, MOST_WIDTH = 46.0, 76.0
LINE_HEIGHT, TALL_LINE_HEIGHT = 17.0, 22.0
HEAD_SIZE, HEAD_LEADING, HEAD_LINES = 6.6, 7.8, 3
FOOT_SIZE, FOOT_LEADING, FOOT_LINES = 6.6, 9.0, 4
TITLE_SIZE, LEAD_SIZE, LEAD_LEADING = 17.0, 8.6, 11.6
#: Of a shape in the legend.
SIGN_ROOM: Final = 9.0
#: Room between a text and the edge of its field.
INSET: Final = 4.0


@dataclass(frozen=True, slots=True)
class Page:
    """Lines `first_line` … and columns `first_head` … of the table. `opens`: with the title and the lead."""

    first_line: int
    lines: int
    first_head: int
    heads: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is the same on each page, and the pages.

    `legend`, `foot`: dealt out to lines. `titles_width`, `head_width`: of columns.
    """

    width: float
    height: float
    pages: tuple[Page, ...]
    titles_width: float
    head_width: float
    head_height: float
    line_height: float
    lead: tuple[str, ...]
    legend: tuple[tuple[Sign, ...], ...]
    foot: tuple[str, ...]

    @property
    def foot_height(self) -> float:
        return (len(self.legend) + len(self.foot) + 1) * FOOT_LEADING + 10

    @property
    def table_top(self) -> float:
        """On the pages that do not open: below the running title."""
        return MARGIN + 16

    @property
    def opening_top(self) -> float:
        """Where the table begins below title and lead."""
        return MARGIN + TITLE_SIZE + 12 + len(self.lead) * LEAD_LEADING + 8

    def top(self, page: Page) -> float:
        return self.opening_top if page.opens else self.table_top

    def lines_on(self, *, opens: bool) -> int:
        """How many lines have room, at least one."""
        top = self.opening_top if opens else self.table_top
        room = self.height - MARGIN - self.foot_height - top - self.head_height
        return max(1, int(room / self.line_height))


def of_a4(paper: Paper) -> Layout:
    """Pages of A4 across; columns are dealt out evenly, lines first, then the next columns."""
    wide, tall = A4_ACROSS
    room = wide - 2 * MARGIN - TITLES_WIDTH
    parts = max(1, math.ceil(len(paper.heads) / int(room / LEAST_WIDTH)))
    each = max(1, math.ceil(len(paper.heads) / parts))
    layout = _layout(paper, wide, tall, min(MOST_WIDTH, room / each))
    pages: list[Page] = []
    for first_head in range(0, max(1, len(paper.heads)), each):
        heads = min(each, len(paper.heads) - first_head)
        for first_line, lines in _dealt(len(paper.lines), layout, opens=not pages):
            pages.append(Page(first_line, lines, first_head, heads, opens=not pages))
    return _with(layout, tuple(pages))


def in_one(paper: Paper) -> Layout:
    """Everything on one page that is as large as it has to be."""
    each = 58.0
    wide = max(560.0, 2 * MARGIN + TITLES_WIDTH + each * len(paper.heads))
    layout = _layout(paper, wide, 0.0, each)
    whole = Page(0, len(paper.lines), 0, len(paper.heads), opens=True)
    table = layout.head_height + layout.line_height * len(paper.lines)
    height = layout.opening_top + table + layout.foot_height + MARGIN
    return _with(layout, (whole,), height)


def _layout(paper: Paper, wide: float, height: float, head_width: float) -> Layout:
    load_fonts()
    inside = wide - 2 * MARGIN
    tall = any(field.below for line in paper.lines for field in line.fields)
    heads = max((len(head_lines(head.title, head_width)) for head in paper.heads), default=1)
    below = any(head.below for head in paper.heads)
    return Layout(
        width=wide,
        height=height,
        pages=(),
        titles_width=TITLES_WIDTH,
        head_width=head_width,
        head_height=(heads + below) * HEAD_LEADING + 9,
        line_height=TALL_LINE_HEIGHT if tall or _two_lines(paper) else LINE_HEIGHT,
        lead=tuple(wrapped(printable(paper.lead), REGULAR, LEAD_SIZE, min(inside, 640.0), most=3)),
        legend=tuple(_legend_lines(paper.legend, inside)),
        foot=tuple(
            line
            for sentence in paper.foot
            for line in wrapped(printable(sentence), REGULAR, FOOT_SIZE, inside, most=FOOT_LINES)
        ),
    )


def sign_width(sign: Sign) -> float:
    """With its words and the room behind them."""
    mark = width(sign.mark, STRONG, FOOT_SIZE) + 3 if sign.mark else 0.0
    return SIGN_ROOM * bool(sign.shape) + mark + width(printable(sign.words), REGULAR, FOOT_SIZE) + 14


def _legend_lines(signs: Sequence[Sign], room: float) -> list[tuple[Sign, ...]]:
    lines: list[list[Sign]] = []
    left = 0.0
    for sign in signs:
        if not lines or sign_width(sign) > left:
            lines.append([])
            left = room
        lines[-1].append(sign)
        left -= sign_width(sign)
    return [tuple(line) for line in lines]


def head_lines(title: str, room: float) -> list[str]:
    """The title of a column in as many lines as it needs, all about as long: no "5" alone on the last one."""
    text, room = printable(title), room - INSET
    lines = wrapped(text, STRONG, HEAD_SIZE, room, most=HEAD_LINES)
    for share in (0.6, 0.7, 0.8, 0.9):
        narrower = wrapped(text, STRONG, HEAD_SIZE, room * share, most=HEAD_LINES + 1)
        whole = "".join(narrower).replace(" ", "") == text.replace(" ", "")
        if whole and len(narrower) == len(lines) and _broken(narrower, text) <= _broken(lines, text):
            return narrower
    return lines


def _broken(lines: Sequence[str], text: str) -> int:
    """How many words are broken that need not be."""
    words = set(text.replace("-", "- ").split())
    return sum(part not in words for line in lines for part in line.replace("-", "- ").split())


def _two_lines(paper: Paper) -> bool:
    return any(line.below for line in paper.lines)


def _dealt(count: int, layout: Layout, *, opens: bool) -> Iterator[tuple[int, int]]:
    """(first, how many) of the lines on each page; one empty page where there is none."""
    first = 0
    while True:
        room = layout.lines_on(opens=opens)
        yield first, min(room, count - first)
        first, opens = first + room, False
        if first >= count:
            return


def _with(layout: Layout, pages: tuple[Page, ...], height: float | None = None) -> Layout:
    return replace(layout, pages=pages, height=layout.height if height is None else height)
