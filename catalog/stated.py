"""What a provider's own list states, and where the catalogue says otherwise. Pure: no Django, no clock.

A list that is silent about something says nothing against it: only what is stated is compared.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.listing import RATE_LIMIT, RATE_NAMES, RATE_STEP

#: The source of rows that a provider's own list is the source of; their `source_url` names the list.
LISTING_SOURCE = "provider-list"
MAX_ID_CHARS = 200
LIFECYCLES = ("active", "deprecated", "retired")
PRESENCE, PRICE = "presence", "price"
LISTED, ABSENT = "listed", "absent"
_RATE_KEYS = tuple(f"{name}_usd_per_mtok" for name in RATE_NAMES)
_MOMENTS = ("deprecated_at", "retires_at", "released_at")
_COUNTS = ("context_window", "max_output_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedModel:
    """One model of the list; None or empty = not stated. Moments are UTC, limits in tokens.

    rates: US dollars per million tokens by the name of the price's field, to eight decimals.
    """

    id: str
    name: str = ""
    lifecycle: str | None = None
    deprecated_at: dt.datetime | None = None
    retires_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    rates: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)
    modalities_in: tuple[str, ...] = ()
    modalities_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOffer:
    """What the catalogue holds of the same endpoint.

    rates: of the open standard price; None = no price is known. own_dates: the dates come from this list, so
    that its silence takes them back. limits_are_its_own: the model's limits are the provider's to state.
    """

    lifecycle: str = "active"
    deprecated_at: dt.datetime | None = None
    retires_at: dt.datetime | None = None
    own_dates: bool = False
    rates: Mapping[str, Decimal] | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    limits_are_its_own: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one model; values are JSON as `CatalogChange` keeps them, None = nothing stated."""

    kind: str
    model_id: str
    field: str
    old: Any
    new: Any
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


def read_stated(rows: Iterable[Any]) -> tuple[list[StatedModel], int]:
    """The models in the rows as JSON carried them, the first of each id, and how many rows are unusable.

    A row without a usable id is unusable; a field that is not what it should be is not stated.
    """
    found: dict[str, StatedModel] = {}
    unusable = 0
    for row in rows:
        ident = row.get("id") if isinstance(row, Mapping) else None
        if not isinstance(ident, str) or not 0 < len(ident) <= MAX_ID_CHARS or "\0" in ident:
            unusable += 1
        elif ident not in found:
            found[ident] = _read_row(ident, row)
    return list(found.values()), unusable


def compare(stated: Iterable[StatedModel], known: Mapping[str, KnownOffer]) -> list[Difference]:
    """Where the list says otherwise than the catalogue; `known` by the provider's own model id.

    What the list lacks is not among them: see `gone`.
    """
    differences: list[Difference] = []
    for model in stated:
        offer = known.get(model.id)
        if offer is None:
            differences.append(Difference("new_model", model.id, PRESENCE, ABSENT, LISTED, facts_of(model)))
        else:
            differences += _in_offer(model, offer)
    return differences


def gone(model_id: str) -> Difference:
    """That a model the catalogue holds is listed no more."""
    return Difference("gone", model_id, PRESENCE, LISTED, ABSENT)


def facts_of(model: StatedModel) -> dict[str, Any]:
    """All that is stated, as JSON; `read_stated([facts])` gives the model again."""
    facts: dict[str, Any] = {"id": model.id, "name": model.name, "lifecycle": model.lifecycle}
    facts |= {name: moment_json(getattr(model, name)) for name in _MOMENTS}
    facts |= {name: getattr(model, name) for name in _COUNTS}
    facts |= {"prices": rates_json(model.rates)}
    facts |= {name: list(getattr(model, name)) for name in ("modalities_in", "modalities_out")}
    return {name: value for name, value in facts.items() if value}


def rates_json(rates: Mapping[str, Decimal | None] | None) -> dict[str, str] | None:
    """Rates as plain decimal strings without trailing zeros; None = no price at all."""
    if rates is None:
        return None
    stated = {name: rates.get(name) for name in _RATE_KEYS}
    return {name: f"{rate.normalize():f}" for name, rate in stated.items() if rate is not None}


def shown(value: Any) -> str:
    """A value of a Difference in words for people; "—" = nothing stated."""
    if isinstance(value, Mapping):
        rates = (f"{name.removesuffix('_usd_per_mtok')} {rate}" for name, rate in value.items())
        return ", ".join(rates) or "—"
    return "—" if value is None else str(value)


def moment_json(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(dt.UTC).isoformat()


def _in_offer(model: StatedModel, offer: KnownOffer) -> Iterator[Difference]:
    lifecycle = model.lifecycle or ("active" if offer.lifecycle == "retired" else None)
    if lifecycle and lifecycle != offer.lifecycle:
        yield Difference("lifecycle", model.id, "lifecycle", offer.lifecycle, lifecycle)
    for name in ("deprecated_at", "retires_at"):
        old, new = getattr(offer, name), getattr(model, name)
        if old != new and (new is not None or offer.own_dates):
            yield Difference("lifecycle", model.id, name, moment_json(old), moment_json(new))
    if any(offer.rates is None or offer.rates.get(name) != rate for name, rate in model.rates.items()):
        yield Difference("price", model.id, PRICE, rates_json(offer.rates), rates_json(model.rates))
    for name in _COUNTS if offer.limits_are_its_own else ():
        old, new = getattr(offer, name), getattr(model, name)
        if new is not None and new != old:
            yield Difference("limit", model.id, name, old, new)


def _read_row(ident: str, row: Mapping[str, Any]) -> StatedModel:
    lifecycle, prices = row.get("lifecycle"), row.get("prices")
    rates = {name: _rate(prices.get(name)) for name in _RATE_KEYS} if isinstance(prices, Mapping) else {}
    return StatedModel(
        id=ident,
        name=_text(row.get("name")),
        lifecycle=lifecycle if lifecycle in LIFECYCLES else None,
        deprecated_at=_moment(row.get("deprecated_at")),
        retires_at=_moment(row.get("retires_at")),
        released_at=_moment(row.get("released_at")),
        context_window=_count(row.get("context_window")),
        max_output_tokens=_count(row.get("max_output_tokens")),
        rates={name: rate for name, rate in rates.items() if rate is not None},
        modalities_in=_words(row.get("modalities_in")),
        modalities_out=_words(row.get("modalities_out")),
    )


def _text(value: Any) -> str:
    return value.replace("\0", "").strip()[:MAX_ID_CHARS] if isinstance(value, str) else ""


def _words(value: Any) -> tuple[str, ...]:
    return tuple(_text(word)[:40] for word in value if _text(word)) if isinstance(value, list) else ()


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 < value < 2**31 else None


def _moment(value: Any) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(dt.UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _rate(value: Any) -> Decimal | None:
    try:
        rate = Decimal(value) if isinstance(value, str) else None
        return rate.quantize(RATE_STEP) if rate is not None and 0 <= rate < RATE_LIMIT else None
    except InvalidOperation:
        return None
