"""Which models and suites of the matrix somebody wants, in which order: the wish and its one address.

Knows no database and no clock. Pages, fragments, the API and exports read and write the same addresses:
`?suites=mmlu,gsm8k&creators=openai&evidence=independent-evaluation&norm=minmax&sort=mmlu&order=asc`. Several
values of one filter widen it (a or b), several filters narrow each other. Values may be repeated or joined by
commas, but for `families`, whose names may hold commas.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final
from urllib.parse import urlencode

from aigo.lib.filters import Filtered

#: How figures are made comparable, the default first; `benchmarks.normalising` says how.
NORMS: Final = ("sota", "minmax", "raw")
#: What the API's first addresses called them.
NORM_ALIASES: Final = {"1": "sota", "0": "raw", "min-max": "minmax"}
ORDERS: Final = ("desc", "asc")
#: What rows may be sorted by beside the slug of a suite: the composite (best first), how many suites a model
#: has a figure in, its name, or when it was released.
SORTS: Final = ("composite", "coverage", "name", "released")
#: Every suite that has a figure; without a choice the columns are the most covered ones.
EVERY_SUITE: Final = "all"
#: No composite column.
NO_COMPOSITE: Final = "none"
OPEN: Final = ("yes", "no")
#: Filters that take several values, in the order of addresses.
SEVERAL: Final = ("suites", "models", "creators", "families", "evidence")
#: Filters that take one.
SINGLE: Final = ("q", "open", "norm", "composite", "sort", "order", "as_of")
#: What an address may say of the matrix.
NAMES: Final = (*SEVERAL, *SINGLE)
MOST_TYPED: Final = 100
_DAY: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


@dataclass(frozen=True, slots=True)
class BenchmarkWish(Filtered):
    """What is asked of the matrix. Values of a filter are sorted, each once; () or "" = it is not set.

    suites, models, creators: slugs; suites () = the most covered ones, ("all",) = all. q: words that must all
    occur in a model's name, slug, family or creator. evidence: classes whose figures alone count. open:
    "yes" | "no" = only models with (or known to be without) open weights. composite: slug, "" = the default
    one, "none". sort: one of SORTS or a suite's slug. as_of: YYYY-MM-DD, what readers saw at the end of that
    day (UTC); "" = now.
    """

    SEVERAL: ClassVar = SEVERAL

    suites: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    creators: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    q: str = ""
    open: str = ""
    norm: str = NORMS[0]
    composite: str = ""
    sort: str = SORTS[0]
    order: str = ORDERS[0]
    as_of: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        pairs: list[tuple[str, str]] = []
        for name in SEVERAL:
            values = self.chosen(name)
            if name == "families":
                pairs += [(name, value) for value in values]
            elif values:
                pairs.append((name, ",".join(values)))
        return pairs + [
            (name, getattr(self, name)) for name in SINGLE if getattr(self, name) != getattr(_DEFAULT, name)
        ]

    @property
    def query(self) -> str:
        """Its one address, without the question mark: equal wishes have equal ones; "" = the default."""
        return urlencode(self.pairs, safe=",")

    def sorted_by(self, sort: str) -> "BenchmarkWish":
        """What the head of a column links to: by it, the best first; again, the other way round."""
        again = self.sort == sort and self.order == ORDERS[0]
        return replace(self, sort=sort, order=ORDERS[1] if again else ORDERS[0])

    def cleared(self) -> "BenchmarkWish":
        """Every model, in the same columns, order, policy and moment."""
        kept = ("suites", "norm", "composite", "sort", "order", "as_of")
        return BenchmarkWish(**{name: getattr(self, name) for name in kept})

    @property
    def narrows(self) -> bool:
        """Whether it leaves models out by anything but their having no figure."""
        return self.cleared() != self


_DEFAULT: Final = BenchmarkWish()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `refused`: (name, value) of what nobody knows, left out of the wish."""

    wish: BenchmarkWish
    refused: tuple[tuple[str, str], ...] = ()


def asked(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]) -> Asked:
    """The wish of an address: parameter → its values (`dict(request.GET.lists())`).

    `known`: what each closed parameter accepts (`benchmarks.selectors.known_values`). Suites may be written
    as their name, in any case: the mapping name → slug is `known["suites"]` where that is a mapping.
    """
    wish, refused = _DEFAULT, []
    for name in NAMES:
        accepted = known.get(name, ())
        good = []
        for value in _values(name, query.get(name, ())):
            found = _known(name, value, accepted)
            if found is None:
                refused.append((name, value))
            else:
                good.append(found)
        if good:
            wish = wish.only(name, *good)
    return Asked(wish, tuple(refused))


def _values(name: str, given: Sequence[str]) -> list[str]:
    if name in SINGLE:
        return [text.strip() for text in given if text.strip()][-1:]
    split = [part for text in given for part in ([text] if name == "families" else text.split(","))]
    return list(dict.fromkeys(part.strip() for part in split if part.strip()))


def _is_day(value: str) -> bool:
    if not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:  # the 30th of February
        return False
    return True


def _known(name: str, value: str, accepted: Collection[str]) -> str | None:
    """The value as the wish holds it; None = nobody knows it."""
    if name == "q":
        return value if len(value) <= MOST_TYPED and "\x00" not in value else None
    if name == "as_of":
        return value if _is_day(value) else None
    if name == "norm":
        value = NORM_ALIASES.get(value, value)
    if isinstance(accepted, Mapping):
        found: str | None = accepted.get(value) or accepted.get(value.casefold())
        return found
    return value if value in accepted else None
