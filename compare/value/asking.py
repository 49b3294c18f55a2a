"""What somebody wants to see of price, quality and speed: the wish, its one address, what is refused.

    /compare/value/?quality=gpqa-diamond&price=output&speed=tokens&region=seoul&creator=openai,anthropic

Several values of one filter widen it (a or b), several filters narrow each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final
from urllib.parse import urlencode

from aigo.lib.filters import Filtered
from aigo.lib.regions import ALL, BY_SLUG
from catalog.rates import BANDS
from catalog.tagging import FUNCTIONS

PATH: Final = "/compare/value/"
#: Parameter → the values that it takes, the default first.
#: price: USD per million tokens, "blended" = three in and one out.
#: speed: tokens a second of long answers, the median until the first token, the 95th percentile of short
#: answers; "" = left out. settings: the front is of one setting of the suite, or of all.
#: offers: each model where it stands, or wherever it is sold.
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "price": ("blended", "input", "output"),
    "speed": ("", "tokens", "ttft", "p95"),
    "settings": ("same", "all"),
    "offers": ("own", "all"),
    "simulated": ("0", "1"),
    "open": ("", "yes", "no"),
}
#: Bands of the blended price; what is free has no place on an axis of ratios.
ACCEPTED_BANDS: Final = tuple(band for band in BANDS if band != "free")
#: Filters that take several values, in the order of addresses and menus.
SEVERAL: Final = ("creator", "provider", "function", "band")
#: What an address may say, in its order.
AXES: Final = ("quality", "settings", "price", "speed", "region", "offers", "simulated")
NAMES: Final = (*AXES, "q", "open", *SEVERAL)
MOST_TYPED: Final = 100


@dataclass(frozen=True, slots=True)
class ValueWish(Filtered):
    """quality: slug of a composite or of a suite, "" = the first composite. region: where speed is measured
    from. Values of a filter are sorted, each once; () or "" = it is not set. simulated "1": invented models,
    too. See CHOICES for the others.
    """

    SEVERAL: ClassVar = SEVERAL

    quality: str = ""
    price: str = "blended"
    speed: str = ""
    region: str = ALL
    settings: str = "same"
    offers: str = "own"
    simulated: str = "0"
    q: str = ""
    open: str = ""
    creator: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    function: tuple[str, ...] = ()
    band: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        said = (
            (name, getattr(self, name)) for name in NAMES if getattr(self, name) != getattr(DEFAULT, name)
        )
        return [(name, ",".join(value) if name in SEVERAL else value) for name, value in said]

    @property
    def query(self) -> str:
        """Equal wishes have equal ones; "" = the default."""
        return urlencode(self.pairs, safe=",")

    def address(self, path: str = PATH) -> str:
        """Where it is shown."""
        return f"{path}?{self.query}" if self.query else path

    def cleared(self) -> "ValueWish":
        """The same axes without any filter."""
        return replace(DEFAULT, **{name: getattr(self, name) for name in AXES})

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return self.cleared() != self


DEFAULT: Final = ValueWish()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that nobody knows, and what would be taken."""

    name: str
    value: str
    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The wish without what was refused."""

    wish: ValueWish
    refusals: tuple[Refusal, ...] = ()


def asked(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]) -> Asked:
    """The wish of an address: parameter → its values. `known`: what quality, creator and provider take."""
    accepted: dict[str, Collection[str]] = {
        **known, **CHOICES, "region": tuple(BY_SLUG), "function": FUNCTIONS, "band": ACCEPTED_BANDS,
    }  # fmt: skip
    wish, refusals = DEFAULT, []
    for name in NAMES:
        values = _values(name, query.get(name, ()))
        if name == "q":
            wish = wish.only("q", *[" ".join(value.split())[:MOST_TYPED] for value in values[-1:]] or [""])
            continue
        refusals += [
            Refusal(name, value[:MOST_TYPED], tuple(filter(None, accepted[name])))
            for value in values
            if value not in accepted[name]
        ]
        good = [value for value in values if value in accepted[name]]
        if good:
            wish = wish.only(name, *(good if name in SEVERAL else good[-1:]))
    return Asked(wish, tuple(refusals))


def _values(name: str, given: Sequence[str]) -> list[str]:
    """Blank ones are not said."""
    parts = [part for text in given for part in (text.split(",") if name in SEVERAL else (text,))]
    return list(dict.fromkeys(part for text in parts if (part := text.replace("\0", " ").strip())))
