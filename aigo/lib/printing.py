"""Tables of figures on paper: what stands on a sheet, and what is refused. Pages and pictures are made of it.

    TooMuch         theirs, permanent until the wish is narrower: names what was asked and what is the most
    FontsMissing    the operator's, permanent until `make node`: Hangul cannot be set without them
    Busy            ours, transient: others are being drawn

Knows no Django: whoever prints hands words over in the reader's language. Columns with words in them are
`printing_sides`', the picture that stands for a link `printing_card`'s. `pdf` gives pages of A4, `png` all
of it as one picture. A process draws one at a time: it is computing, and the library that makes pictures of
pages is not safe to use from two threads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
#: Of one document. 100 × 40 take 2 s and 200 kB as pages (docs/adr/0035).
MOST_LINES: Final = 100
MOST_HEADS: Final = 41
#: Shades of a field, 0 … HEATS - 1.
HEATS: Final = 11
#: What stands where nothing is known.
NOTHING: Final = "—"
#: Who has waited so long for others to be drawn is sent away, in seconds.
PATIENCE_S: Final = 15.0
_ONE_AT_A_TIME: Final = threading.Lock()


class TooMuch(ValueError):
    """More than one document holds."""

    def __init__(self, lines: int, heads: int) -> None:
        super().__init__(
            f"{lines} rows of {heads} columns do not fit into one document: at most {MOST_LINES} rows of "
            f"{MOST_HEADS} columns do."
        )
        self.lines, self.heads = lines, heads


class FontsMissing(RuntimeError):
    """The npm packages are not installed."""


class Busy(RuntimeError):
    """Too many want something drawn at once."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column. `below`: its unit or direction. `url`: whole address, "" = none."""

    title: str
    below: str = ""
    url: str = ""


#: Small signs before a figure: filled ones and hollow ones, so that they are told apart without colour.
Shape = Literal["", "disc", "square", "diamond", "ring", "box", "dots"]


@dataclass(frozen=True, slots=True)
class Field:
    """One figure. `below`: a second one, smaller. `shape`, `mark` ("≠") and `dotted` (underlined so) are told
    in the legend. `heat`: 0 … HEATS - 1, None = no shade.
    """

    text: str = NOTHING
    below: str = ""
    shape: Shape = ""
    mark: str = ""
    dotted: bool = False
    heat: int | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of fields and what it means: a shape, a mark or a dotted line below `mark`."""

    words: str
    shape: Shape = ""
    mark: str = ""
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in one row, never cut by the end of a page. `lead`: its rank, "" = none."""

    title: str
    fields: tuple[Field, ...]
    below: str = ""
    lead: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A table with everything that says where its figures are from.

    `corner`: above the titles of the lines. `legend`: what the signs in it mean. `foot`: sentences at the
    foot of every page: policy, filters, moment. `address`: where the same is had again. `page_of`: "Page
    {page} of {pages}"; `columns_of`: "Columns {first} to {last} of {count}", told where a page has only
    some of them.
    """

    title: str
    lead: str
    corner: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    legend: tuple[Sign, ...]
    foot: tuple[str, ...]
    address: str
    language: str
    page_of: str = "{page} / {pages}"
    columns_of: str = "{first}–{last} / {count}"


def pdf(paper: Paper, theme: Theme) -> bytes:
    """Pages of A4 across: the head of the table on each, no line cut. Raises TooMuch, FontsMissing, Busy."""
    from aigo.lib.printing_pages import of_a4
    from aigo.lib.printing_pdf import drawn

    _refuse_too_much(paper)
    with turn():
        return drawn(paper, of_a4(paper), theme)


def png(paper: Paper, theme: Theme) -> bytes:
    """The whole table as one picture, two pixels a point where that is not too large. Raises the same."""
    from aigo.lib.printing_pages import in_one
    from aigo.lib.printing_pdf import drawn
    from aigo.lib.printing_png import pictured

    _refuse_too_much(paper)
    with turn():
        return pictured(drawn(paper, in_one(paper), theme))


@contextmanager
def turn() -> Iterator[None]:
    """While it is held nobody else draws. Raises Busy."""
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE_S):
        raise Busy(f"Nothing could be drawn within {PATIENCE_S:g} s.")
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def _refuse_too_much(paper: Paper) -> None:
    if len(paper.lines) > MOST_LINES or len(paper.heads) > MOST_HEADS:
        raise TooMuch(len(paper.lines), len(paper.heads))
