"""Parts of the board that are rendered once for all who are shown them."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from django import template
from django.utils.translation import get_language

from status.board import BoardRow
from status.rendered import row_html, unmeasured_html

register = template.Library()

#: So many unmeasured endpoints are told in the page; the providers' pages have all.
MOST_UNMEASURED: Final = 100


class Unmeasured(NamedTuple):
    """A provider's unmeasured endpoints: those that are told, by name, and how many more there are."""

    provider: str
    provider_slug: str
    key_env: str
    rows: Sequence[BoardRow]
    others: int


@register.simple_tag
def board_row(row: BoardRow) -> str:
    """A row of the list in the page's language."""
    return row_html(row, get_language() or "en")


@register.simple_tag
def board_unmeasured(rows: Iterable[BoardRow]) -> str:
    """What the catalogue knows of these endpoints, in the page's language."""
    return unmeasured_html(tuple(rows), get_language() or "en")


@register.filter
def by_provider(rows: Iterable[BoardRow]) -> list[Unmeasured]:
    """By name; the first MOST_UNMEASURED endpoints are told, of the others how many there are."""
    ordered = sorted(rows, key=lambda row: (row.provider.casefold(), row.provider, row.name.casefold()))
    found, room = [], MOST_UNMEASURED
    for provider, group in groupby(ordered, key=lambda row: row.provider):
        every = list(group)
        told = every[:room]
        room -= len(told)
        others = len(every) - len(told)
        found.append(Unmeasured(provider, every[0].provider_slug, every[0].key_env, told, others))
    return found
