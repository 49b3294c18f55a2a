"""What somebody wants reckoned, its one address, and what of an address is refused. Pure.

    /cost/?models=gpt-4.1,claude-sonnet-4-5&input_tokens=2000&output_tokens=400&cache_pct=50&requests_per_day=5000

A text of the reader's own is no part of it: it is sent, counted and forgotten. The sample texts that ship
have names, so that a link can hold them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

#: As many models as a comparison holds.
MOST_MODELS: Final = 4
#: Bytes of a text (UTF-8).
MOST_TEXT: Final = 200_000
MOST_TYPED: Final = 100
#: Parameter → (least, most).
NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "input_tokens": (0, 10_000_000),
    "output_tokens": (0, 1_000_000),
    "cache_pct": (0, 100),
    "requests_per_day": (1, 100_000_000),
}
#: Parameter → the values that it takes, the default first.
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "batch": ("0", "1"),
    "reasoning": ("measured", "none"),
    "sample": ("", "ko", "en", "code"),
    "offers": ("own", "all"),
    "free": ("0", "1"),
    "open_weights": ("", "yes", "no"),
    "sort": ("cost", "name"),
}
#: Free words and slugs that only the data knows.
TEXTS: Final = ("q", "provider", "creator", "region")
#: What an address may say, in its order.
NAMES: Final = ("models", *NUMBERS, *CHOICES, *TEXTS)
Remedy = Literal["number", "choice", "four", "unknown", "wordless", "long", "text"]


@dataclass(frozen=True, slots=True)
class CostWish:
    """models: slugs of models or endpoints, () = all that have a price and pass the filters.

    input_tokens: of a request, where no text is counted; output_tokens: of the visible answer; cache_pct: the
    share of the input that is read from a cache; batch: "1" = at batch prices; reasoning: "none" leaves out
    what reasoning adds; sample: a text that ships; offers: "own" = each model where its maker sells it;
    free: "1" = with what is free of charge; region: a scope of price lists, where one has rates of its own.
    """

    models: tuple[str, ...] = ()
    input_tokens: int = 1_000
    output_tokens: int = 500
    cache_pct: int = 0
    requests_per_day: int = 1_000
    batch: str = "0"
    reasoning: str = "measured"
    sample: str = ""
    offers: str = "own"
    free: str = "0"
    open_weights: str = ""
    sort: str = "cost"
    q: str = ""
    provider: str = ""
    creator: str = ""
    region: str = "all"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address; what is the default is left out."""
        said = (
            (name, getattr(self, name)) for name in NAMES if getattr(self, name) != getattr(DEFAULT, name)
        )
        return [(name, ",".join(value) if name == "models" else str(value)) for name, value in said]

    @property
    def query(self) -> str:
        """Equal wishes have equal ones; "" = the default."""
        return urlencode(self.pairs, safe=",")

    def address(self, *, page: int = 1) -> str:
        """Where it is shown; page: of its lines."""
        pairs = [*self.pairs, *([("page", str(page))] if page > 1 else [])]
        return f"/cost/?{urlencode(pairs, safe=',')}" if pairs else "/cost/"

    def with_(self, **changes: Any) -> "CostWish":
        """The same but for these."""
        return replace(self, **changes)


DEFAULT: Final = CostWish()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A parameter whose value was not taken. `accepted`: what would be, in English, for the API.

    `near`: slugs like an unknown one.
    """

    name: str
    value: str
    remedy: Remedy
    accepted: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The wish without what was refused."""

    wish: CostWish
    refusals: tuple[Refusal, ...] = ()


def asked(query: Mapping[str, Sequence[str]]) -> Asked:
    """The wish of an address or a form: parameter → its values. Blank values are the defaults."""
    changes: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for name in NAMES:
        given = [value.replace("\0", "").strip() for value in query.get(name, ())]
        taken = _taken(name, [value for value in given if value])
        if isinstance(taken, Refusal):
            refusals.append(taken)
        elif taken is not None:
            changes[name] = taken
    models, more = _four(changes.pop("models", ()))
    return Asked(CostWish(models=models, **changes), (*refusals, *more))


def _taken(name: str, values: list[str]) -> Any:
    """None = not said."""
    if not values:
        return None
    if name == "models":
        return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    value = values[-1]
    if name in NUMBERS:
        return _number(name, value)
    if name in CHOICES:
        return value if value in CHOICES[name] else _no_choice(name, value)
    if len(value) > MOST_TYPED:
        return Refusal(name, value[:MOST_TYPED], "long", f"a text of at most {MOST_TYPED} characters")
    return value


def _number(name: str, value: str) -> int | Refusal:
    least, most = NUMBERS[name]
    plain = value.replace(",", "").replace("_", "")
    if plain.isascii() and plain.isdigit() and len(plain) <= 12 and least <= int(plain) <= most:
        return int(plain)
    return Refusal(name, value[:MOST_TYPED], "number", f"a whole number from {least} to {most}")


def _no_choice(name: str, value: str) -> Refusal:
    accepted = ", ".join(choice for choice in CHOICES[name] if choice)
    return Refusal(name, value[:MOST_TYPED], "choice", f"one of: {accepted}")


def _four(slugs: Sequence[str]) -> tuple[tuple[str, ...], list[Refusal]]:
    """The first four, each once, and what is left out."""
    once = tuple(dict.fromkeys(slug[:240] for slug in slugs))
    accepted = f"at most {MOST_MODELS} models or endpoints"
    return once[:MOST_MODELS], [Refusal("models", slug, "four", accepted) for slug in once[MOST_MODELS:][:5]]


def too_long(text: str) -> Refusal | None:
    """Whether a text is longer than may be counted."""
    size = len(text.encode("utf-8", "replace"))
    accepted = f"a text of at most {MOST_TEXT:,} bytes (UTF-8)"
    return Refusal("text", f"{size:,} bytes", "text", accepted) if size > MOST_TEXT else None
