"""Which models somebody wants side by side, and how: the wish, its one address, what was left out of it.

Knows no database and no clock. Page, API, exports and saved comparisons read and write the same addresses:
`/compare/?models=gpt-4.1,claude-sonnet-4&region=seoul&norm=raw&only=differences`. A model is named by its
slug or by that of one endpoint, whichever the reader used; two that stand for one endpoint count once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlencode

from aigo.lib.regions import ALL, BY_SLUG
from benchmarks.filtering import NORMS

#: Columns of a comparison.
MOST: Final = 4
#: What is read of an address: more names than these are not looked up.
MOST_NAMED: Final = 12
MOST_LETTERS: Final = 240
PATH: Final = "/compare/"
Norm = Literal["sota", "minmax", "raw"]
#: Values of `only`.
DIFFERENCES: Final = "differences"
#: Why something of an address was left out. too_many: a model beyond the fourth; unknown: no such model;
#: region, norm, only: a value that the parameter does not have.
Refused = Literal["too_many", "unknown", "region", "norm", "only"]


@dataclass(frozen=True, slots=True)
class CompareWish:
    """Up to four models in the order of their columns, the region of what is measured, how scores are made
    comparable, and whether rows that are alike are left out. Slugs are of models or of endpoints."""

    models: tuple[str, ...] = ()
    region: str = ALL
    norm: Norm = "sota"
    only_differences: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        found = [("models", ",".join(self.models))] if self.models else []
        if self.region != ALL:
            found.append(("region", self.region))
        if self.norm != NORMS[0]:
            found.append(("norm", self.norm))
        if self.only_differences:
            found.append(("only", DIFFERENCES))
        return found

    @property
    def query(self) -> str:
        """Its one address, without path and question mark; "" = nothing is asked for."""
        return urlencode(self.pairs, safe=",")

    def address(self, path: str = PATH) -> str:
        """Equal wishes have equal ones. `path`: of the page, or of what is made of it."""
        return f"{path}?{self.query}" if self.pairs else path

    def with_model(self, slug: str) -> "CompareWish":
        """The same with a model at the end; as it is where it has it, or has four."""
        full = slug in self.models or len(self.models) >= MOST
        return self if full else replace(self, models=(*self.models, slug))

    def without(self, slug: str) -> "CompareWish":
        """The same without a model."""
        return replace(self, models=tuple(one for one in self.models if one != slug))

    def moved(self, slug: str, to: int) -> "CompareWish":
        """The same with a model in the place `to`, from 0 on; beyond an end it stays at that end."""
        if slug not in self.models:
            return self
        rest = [one for one in self.models if one != slug]
        rest.insert(min(max(to, 0), len(rest)), slug)
        return replace(self, models=tuple(rest))

    def measured_from(self, region: str) -> "CompareWish":
        """The same with what is measured from one region, or ALL."""
        return replace(self, region=region)

    def normalised(self, norm: Norm) -> "CompareWish":
        """The same with scores made comparable in another way."""
        return replace(self, norm=norm)

    def differing(self, only: bool) -> "CompareWish":
        """The same with the rows that differ alone, or with all of them."""
        return replace(self, only_differences=only)

    @property
    def full(self) -> bool:
        return len(self.models) >= MOST


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was left out, and why. `near`: (slug, name) of models whose slugs are most like an unknown one.

    `compare.reasons.refusal_words` says it in a sentence.
    """

    why: Refused
    parameter: str
    value: str
    near: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, as far as it can be had."""

    wish: CompareWish
    refusals: tuple[Refusal, ...] = ()


def named(query: Mapping[str, Sequence[str]], parameter: str = "models") -> tuple[str, ...]:
    """The slugs that an address names, each once, in its order; at most MOST_NAMED of them."""
    parts = (part.strip() for text in query.get(parameter, ()) for part in text.split(","))
    found = dict.fromkeys(part[:MOST_LETTERS] for part in parts if part)
    return tuple(found)[:MOST_NAMED]


def asked(
    query: Mapping[str, Sequence[str]],
    known: Mapping[str, str] | None = None,
    *,
    near: Callable[[str], Sequence[tuple[str, str]]] = lambda _slug: (),
    regions: Collection[str] = tuple(BY_SLUG),
    parameter: str = "models",
) -> Asked:
    """The wish of an address: parameter → its values (`dict(request.GET.lists())`).

    known: slug → what it stands for (the endpoint, or the model where nobody serves it); two that stand for
    the same are one; None = every slug is taken for known. near: of an unknown slug, for the first refusals.
    """
    models, refusals = _models(named(query, parameter), known, near, parameter)
    wish = CompareWish(models)
    for name, accepted in (("region", regions), ("norm", NORMS), ("only", (DIFFERENCES,))):
        value = ([text for text in query.get(name, ()) if text] or [""])[-1]
        if value and value not in accepted:
            refusals.append(Refusal(name, name, value[:MOST_LETTERS]))  # type: ignore[arg-type]
        elif value:
            wish = _with(wish, name, value)
    return Asked(wish, tuple(refusals))


def _models(
    slugs: Sequence[str],
    known: Mapping[str, str] | None,
    near: Callable[[str], Sequence[tuple[str, str]]],
    parameter: str,
) -> tuple[tuple[str, ...], list[Refusal]]:
    taken: dict[str, str] = {}
    refusals: list[Refusal] = []
    for slug in slugs:
        stands_for = slug if known is None else known.get(slug)
        if stands_for is None:
            close = tuple(near(slug)) if len(refusals) < MOST else ()
            refusals.append(Refusal("unknown", parameter, slug, close))
        elif stands_for not in taken and len(taken) >= MOST:
            refusals.append(Refusal("too_many", parameter, slug))
        else:
            taken.setdefault(stands_for, slug)
    return tuple(taken.values()), refusals


def _with(wish: CompareWish, name: str, value: str) -> CompareWish:
    if name == "region":
        return wish.measured_from(value)
    if name == "norm":
        return wish.normalised(value)  # type: ignore[arg-type]  # it is among NORMS
    return wish.differing(True)
