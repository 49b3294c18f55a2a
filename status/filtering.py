"""Which rows of the board somebody wants, in which order: the wish, its address, what it leaves.

Knows no database and no clock. The page, its fragments, live frames, the API and saved views read and write
the same addresses: `?function=chat&provider=a&provider=b&state=outage&region=seoul&sort=latency`. Several
values of one filter widen it (a or b), several filters narrow each other. Values of every filter but
`foundation` may also be joined by commas.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final
from urllib.parse import urlencode

from aigo.lib.filters import Filtered
from aigo.lib.regions import ALL, BY_SLUG
from catalog.tagging import FUNCTIONS
from status.board import SORTS, Board, BoardRow
from status.rules import State

#: Filter → the values that a row has of it. The order is that of addresses and of toolbars.
FILTERS: Final[dict[str, Callable[[BoardRow], tuple[str, ...]]]] = {
    "function": lambda row: row.functions,
    "provider": lambda row: (row.provider_slug,),
    "foundation": lambda row: (row.foundation,),
    "state": lambda row: (row.state.value,),
}
STATES: Final = tuple(state.value for state in State)
#: The facet of a filter that is not set: how many rows would remain without it.
EVERY: Final = ""

#: The chosen values by filter, in the order of FILTERS; filters without one are left out.
Filters = tuple[tuple[str, tuple[str, ...]], ...]
#: How many rows would remain, by filter and value.
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class BoardWish(Filtered):
    """What is asked of the board. The values of a filter are sorted, each once; () = it is not set."""

    SEVERAL: ClassVar = FILTERS

    region: str = ALL
    sort: str = SORTS[0]
    function: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    foundation: tuple[str, ...] = ()
    state: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        """The filters that are set."""
        chosen = ((name, self.chosen(name)) for name in FILTERS)
        return tuple((name, values) for name, values in chosen if values)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        pairs = [(name, value) for name, values in self.filters for value in values]
        defaults = BoardWish()
        return pairs + [
            (name, value)
            for name, value, default in (
                ("region", self.region, defaults.region),
                ("sort", self.sort, defaults.sort),
            )
            if value != default
        ]

    @property
    def query(self) -> str:
        """Its one address, without the question mark: equal wishes have equal ones; "" = the default."""
        return urlencode(self.pairs)

    def filtered(self, filters: Filters) -> "BoardWish":
        """The same with these filters, and no others."""
        wish = self.cleared()
        for name, values in filters:
            wish = wish.only(name, *values)
        return wish

    def cleared(self) -> "BoardWish":
        """Every row, in the same region and order."""
        return BoardWish(region=self.region, sort=self.sort)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `refused`: (name, value) of what nobody knows, left out of the wish."""

    wish: BoardWish
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What a wish leaves of a board, ranked as the board is; each row keeps the rank that it has there.

    `rows`: those that a worker measures; `not_measured`: for want of a key; `facets`: see `facets`.
    """

    board: Board
    wish: BoardWish
    rows: tuple[BoardRow, ...]
    not_measured: tuple[BoardRow, ...]
    facets: Facets

    @property
    def count(self) -> int:
        """How many endpoints it leaves, measured or not: what the API counts for the same filters."""
        return len(self.rows) + len(self.not_measured)

    def known_at(self, board: Board) -> "Selection":
        """The same of the board as it is handed out now."""
        return replace(self, board=board)


def select(board: Board, wish: BoardWish) -> Selection:
    """What the wish leaves of the board of its region and order."""
    left = narrowed(board.endpoints, wish.filters)
    return Selection(
        board=board,
        wish=wish,
        rows=tuple(row for row in left if row.measured),
        not_measured=tuple(row for row in left if not row.measured),
        facets=facets(board.endpoints, wish.filters),
    )


def known_values(rows: Iterable[BoardRow]) -> dict[str, Collection[str]]:
    """What each parameter of an address accepts on a board of these rows."""
    providers, foundations = set(), set()
    for row in rows:
        providers.add(row.provider_slug)
        foundations.add(row.foundation)
    return {
        "region": tuple(BY_SLUG),
        "sort": SORTS,
        "function": FUNCTIONS,
        "provider": providers,
        "foundation": foundations,
        "state": STATES,
    }


def asked(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]) -> Asked:
    """The wish of an address: parameter → its values (`dict(request.GET.lists())`)."""
    wish, refused = BoardWish(), []
    for name, accepted in known.items():
        values = _values(name, query.get(name, ()))
        refused += [(name, value) for value in values if value not in accepted]
        if good := [value for value in values if value in accepted]:
            wish = wish.only(name, *good)
    return Asked(wish, tuple(refused))


def _values(name: str, given: Sequence[str]) -> list[str]:
    """A foundation is a name, which may hold a comma; of region and sort the last one counts, as it is."""
    if name not in FILTERS:
        return [text for text in given if text][-1:]
    split = [part for text in given for part in ([text] if name == "foundation" else text.split(","))]
    return list(dict.fromkeys(part for part in split if part))


def narrowed(rows: Iterable[BoardRow], filters: Filters) -> list[BoardRow]:
    """The rows that have a chosen value of every filter, in their order."""
    return [row for row in rows if remains(row, filters)]


def remains(row: BoardRow, filters: Filters) -> bool:
    """Whether a row has a chosen value of every filter."""
    return all(any(value in wanted for value in FILTERS[name](row)) for name, wanted in filters)


def facets(rows: Iterable[BoardRow], filters: Filters) -> dict[str, dict[str, int]]:
    """How many rows would remain with a single value of a filter (EVERY = with none), all others as they are.

    A filter's own choice does not narrow its own counts: they say what another choice would bring.
    """
    counted: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    wanted = [(name, FILTERS[name], frozenset(values)) for name, values in filters]
    for row in rows:
        failed = [name for name, of_row, values in wanted if values.isdisjoint(of_row(row))]
        if len(failed) < 2:
            for name in failed or FILTERS:
                counted[name].update((EVERY, *FILTERS[name](row)))
    return {name: dict(counts) for name, counts in counted.items()}
