"""A reader's own views of the board, as pages show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from aigo.lib.kept import AWAY
from aigo.lib.regions import BY_SLUG
from catalog.tagging import FUNCTIONS
from status.board import SORTS
from status.filtering import STATES, BoardWish, asked
from status.models import SavedView
from status.models.saved import MOST_VIEWS, NAME_MOST


@dataclass(frozen=True, slots=True)
class View:
    """`url`: the board with it; `current`: it is the one that is shown."""

    pk: int
    name: str
    query: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class SavedViews:
    """`signed_in`: they are kept in the account, else by the browser alone. `query`: of the board that is
    shown; `most`, `name_most`: limits."""

    signed_in: bool
    query: str
    views: Sequence[View] = ()
    most: int = MOST_VIEWS
    name_most: int = NAME_MOST

    @property
    def full(self) -> bool:
        return len(self.views) >= self.most


class _Anything(Collection[str]):
    """A provider may leave the board and come back; a view keeps it."""

    def __contains__(self, value: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


_KNOWN: Final[dict[str, Collection[str]]] = {
    "region": tuple(BY_SLUG),
    "sort": SORTS,
    "function": FUNCTIONS,
    "provider": _Anything(),
    "foundation": _Anything(),
    "state": STATES,
}


def saved_views_of(user: Any, wish: BoardWish) -> SavedViews:
    """Somebody's views beside a board of `wish`. One query for who is signed in, none for others; while the
    database is away nobody is known.
    """
    try:
        if not user.is_authenticated:
            return SavedViews(False, wish.query)
        rows = list(SavedView.objects.filter(user=user).values_list("pk", "name", "query"))
    except AWAY:
        return SavedViews(False, wish.query)
    views = [View(pk, name, query, board_address(query), query == wish.query) for pk, name, query in rows]
    return SavedViews(True, wish.query, sorted(views, key=lambda view: view.name.casefold()))


def canonical(query: str) -> str:
    """The one address of a wish that somebody's browser names; what is unknown is left out."""
    lists = dict(QueryDict(query.lstrip("?")[:4_000]).lists())
    given = {name: [value.replace("\0", "") for value in values] for name, values in lists.items()}
    return asked(given, _KNOWN).wish.query


def board_address(query: str) -> str:
    return f"/?{query}" if query else "/"
