"""HTML of the board that is the same for all readers of a language, kept while what it shows is the same.

Pages and live frames share it. Nothing in these parts knows a reader.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation

from aigo.lib.once import once
from status.board import BoardRow

#: Parts that are kept, the last used: some 5 KB each.
MOST_PARTS: Final = 2_000


class Rendered:
    """Parts by key, each with what it was rendered from. Safe to use from several threads."""

    def __init__(self, most: int = MOST_PARTS) -> None:
        self._most = most
        self._parts: OrderedDict[Hashable, tuple[Any, str]] = OrderedDict()
        self._lock = threading.Lock()

    def part(self, key: Hashable, shown: Any, render: Callable[[], str]) -> str:
        """The part of this key as it was rendered from what equals `shown`, else rendered now."""
        with self._lock:
            known = self._parts.get(key)
        same = known is not None and (known[0] is shown or known[0] == shown)
        html = known[1] if known and same else render()
        with self._lock:
            self._parts[key] = shown, html
            self._parts.move_to_end(key)
            while len(self._parts) > self._most:
                self._parts.popitem(last=False)
        return html


@once
def rendered() -> Rendered:
    """This process's."""
    return Rendered()


def row_html(row: BoardRow, lang: str) -> str:
    """A row of the list, in a language."""

    def render() -> str:
        with translation.override(lang):
            return render_to_string("status/_row.html", {"row": row})

    return rendered().part(("row", lang, row.region, row.slug, row.rank), row, render)


def news_html(row: BoardRow, lang: str) -> str:
    """The lines of news on a row's card, in a language; "" = there are none."""
    if not row.news:
        return ""
    with translation.override(lang):
        return render_to_string("status/_card_news.html", {"news": row.news}).strip()


def unmeasured_html(rows: tuple[BoardRow, ...], lang: str) -> str:
    """What the catalogue knows of the endpoints that nobody measures, in a language."""

    def render() -> str:
        with translation.override(lang):
            return render_to_string("status/_unmeasured.html", {"rows": rows})

    key = ("unmeasured", lang, len(rows), rows[0].slug if rows else "")
    return rendered().part(key, rows, render)
