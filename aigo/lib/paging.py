"""What stands below a page of a list, which Django's Paginator cuts."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page


def pager_of(page: Page[Any], to: Callable[[int], str]) -> dict[str, Any]:
    """offset: where its rows begin, from 0; first, last: the same as people count, 0 where there is no row.

    previous, next: the addresses beside it, as `to` makes them of a page's number; "" = there is none.
    """
    return {
        "number": page.number,
        "pages": page.paginator.num_pages,
        "offset": (page.number - 1) * page.paginator.per_page,
        "limit": page.paginator.per_page,
        "first": page.start_index(),
        "last": page.end_index(),
        "previous": to(page.number - 1) if page.has_previous() else "",
        "next": to(page.number + 1) if page.has_next() else "",
    }
