"""Which prices somebody wants to see, in which order: the wish, its address, what it leaves. Pure.

`?q=gpt&provider=openai,azure&band=2-10&sort=input`. Several values of one filter widen it, several filters
narrow each other; values may be joined by commas or repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol, TypeVar
from urllib.parse import urlencode

from aigo.lib.filters import Filtered
from catalog.rates import BANDS, UNKNOWN_BAND
from catalog.tagging import FUNCTIONS


class Line(Protocol):
    """What the filters read of a line of prices."""

    @property
    def provider(self) -> str: ...
    @property
    def creator(self) -> str: ...
    @property
    def functions(self) -> tuple[str, ...]: ...
    @property
    def band(self) -> str: ...


AnyLine = TypeVar("AnyLine", bound=Line)
#: Filter → the values that a line has of it, in the order of addresses and toolbars.
FILTERS: Final[dict[str, Callable[[Line], tuple[str, ...]]]] = {
    "provider": lambda line: (line.provider,),
    "creator": lambda line: (line.creator,),
    "function": lambda line: line.functions,
    "band": lambda line: (line.band,),
}
ALL_BANDS: Final = (*BANDS, UNKNOWN_BAND)
#: Newest models first; by name; the cheapest first; the last that was changed first.
SORTS: Final = ("released", "name", "blended", "input", "output", "changed")
ORDERS: Final = ("", "desc")
MOST_TYPED: Final = 100
NAMES: Final = (*FILTERS, "q", "sort", "order")
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class PriceWish(Filtered):
    """The values of a filter are sorted, each once; () = it is not set. order "desc" turns the sort round."""

    SEVERAL: ClassVar = FILTERS

    q: str = ""
    provider: tuple[str, ...] = ()
    creator: tuple[str, ...] = ()
    function: tuple[str, ...] = ()
    band: tuple[str, ...] = ()
    sort: str = SORTS[0]
    order: str = ORDERS[0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        pairs = [(name, ",".join(self.chosen(name))) for name in FILTERS if self.chosen(name)]
        plain = PriceWish()
        named = [(name, getattr(self, name)) for name in ("q", "sort", "order")]
        return pairs + [(name, value) for name, value in named if value != getattr(plain, name)]

    @property
    def query(self) -> str:
        """Without the question mark; "" = the default."""
        return urlencode(self.pairs, safe=",")

    def sorted_by(self, sort: str) -> PriceWish:
        """By this; turned round where it is sorted by it already."""
        order = "desc" if sort == self.sort and not self.order else ""
        return replace(self, sort=sort, order=order)

    def cleared(self) -> PriceWish:
        """Everything, in the same order."""
        return PriceWish(sort=self.sort, order=self.order)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `refused`: (name, value) of what nobody knows, left out of the wish."""

    wish: PriceWish
    refused: tuple[tuple[str, str], ...] = ()


def wish_of(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]) -> Asked:
    """The wish of an address; `known`: what each filter accepts."""
    accepted: dict[str, Collection[str]] = {
        **known, "function": FUNCTIONS, "band": ALL_BANDS, "sort": SORTS, "order": ORDERS,
    }  # fmt: skip
    wish, refused = PriceWish(), []
    for name in NAMES:
        values = [part for text in query.get(name, ()) for part in _parts(name, text)]
        if name == "q":
            typed = " ".join(values).replace("\0", "").strip()[:MOST_TYPED]
            wish = wish.only("q", typed)
            continue
        good = [value for value in values if value in accepted[name]]
        refused += [(name, value) for value in values if value and value not in accepted[name]]
        if good:
            wish = wish.only(name, *(good if name in FILTERS else good[:1]))
    return Asked(wish, tuple(refused))


def _parts(name: str, text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if name in FILTERS else [text]


def narrowed(lines: Iterable[AnyLine], wish: PriceWish, *, but: str = "") -> list[AnyLine]:
    """The lines that all filters leave, without the filter `but`."""
    filters = [(FILTERS[name], {*wish.chosen(name)}) for name in FILTERS if name != but and wish.chosen(name)]
    return [line for line in lines if all(wanted.intersection(of(line)) for of, wanted in filters)]


def facets(lines: Sequence[Line], wish: PriceWish) -> Facets:
    """How many lines each value of a filter would leave beside the other filters."""
    found: dict[str, dict[str, int]] = {}
    for name, of in FILTERS.items():
        counts = Counter(value for line in narrowed(lines, wish, but=name) for value in of(line))
        found[name] = dict(counts)
    return found
