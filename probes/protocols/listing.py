"""What a provider's model list says, as plain values; and the reading of OpenAI-like lists. Pure.

    ListingShapeError    theirs: the document is no such list

A list is read whole or refused whole, for a model that is missing from it reads as "retired". A single field
that cannot be read is None: not stated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_PER_MTOK: Final = Decimal(1_000_000)
# xAI: USD cents per 100 million tokens, https://docs.x.ai/docs/api-reference#list-language-models
_XAI_UNITS_PER_USD: Final = Decimal(10_000)
_MAX_USD_PER_MTOK: Final = Decimal(1_000_000)
_RATE_STEP: Final = Decimal("0.00000001")
_MAX_NAME_CHARS: Final = 200


class ListingShapeError(ValueError):
    """The document is not a model list of this protocol; the message names the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One model in a provider's list; None or empty = the list does not state it.

    id: what a request names (Gemini without `models/`). lifecycle: "active", "deprecated" (still answers) or
    "retired" (answers no more). Moments are UTC; retires_at: the announced end. Limits in tokens. prices: USD
    per million tokens by name (`input_usd_per_mtok`, `output_…`, `cache_read_…`, `cache_write_…`,
    `reasoning_…`), 0 = free. modalities_*: "text", "image", "audio", "video", "pdf", "embedding", sorted.
    """

    id: str
    name: str = ""
    lifecycle: str | None = None
    deprecated_at: datetime | None = None
    retires_at: datetime | None = None
    released_at: datetime | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: dict[str, Decimal] = field(default_factory=dict)
    owned_by: str = ""
    modalities_in: tuple[str, ...] = ()
    modalities_out: tuple[str, ...] = ()


ReadListing = Callable[[Any], list[ListedModel]]
NextPage = Callable[[Any], dict[str, str] | None]


def entries(document: Any, *keys: str) -> list[Mapping[str, Any]]:
    """The list below the first of `keys` that is there, or the document itself where it is a bare list."""
    found = document
    if isinstance(document, Mapping):
        found = next((document[key] for key in keys if key in document), None)
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise ListingShapeError(f"expected a list of objects below {' or '.join(keys)!r}")
    return found


def identity(item: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds a name. ListingShapeError when none does."""
    for key in keys:
        if name := text(item.get(key)):
            return name
    raise ListingShapeError(f"a model without {' or '.join(keys)}: {str(item)[:80]}")


def text(value: Any) -> str:
    return value.strip()[:_MAX_NAME_CHARS] if isinstance(value, str) else ""


def tokens(value: Any) -> int | None:
    """A limit in tokens; Cohere writes it with a fraction of zero. 0 and odd values state none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 < value < 2**31 else None


def moment(value: Any) -> datetime | None:
    """Unix seconds, an ISO 8601 moment or a date, in UTC. None for what is none, and for the epoch itself."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            found = found.astimezone(UTC)
        elif type(value) in (int, float):
            found = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year > 1970 else None


def usd_per_mtok(value: Any, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """A rate in USD per million tokens; below 0 (OpenRouter: it varies by route) and odd values are none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        rate = Decimal(str(value)) * times
        return rate.quantize(_RATE_STEP).normalize() + 0 if 0 <= rate < _MAX_USD_PER_MTOK else None
    except InvalidOperation:
        return None


def prices(source: Any, names: Mapping[str, str], *, times: Decimal = Decimal(1)) -> dict[str, Decimal]:
    """Rates by our names; `names`: their name → ours. What is not stated is left out."""
    if not isinstance(source, Mapping):
        return {}
    found = {ours: usd_per_mtok(source.get(theirs), times=times) for theirs, ours in names.items()}
    return {name: rate for name, rate in found.items() if rate is not None}


def modalities(value: Any) -> tuple[str, ...]:
    return tuple(sorted({text(item).lower() for item in value} - {""})) if isinstance(value, list) else ()


_PER_TOKEN_NAMES: Final = {
    "prompt": "input_usd_per_mtok",
    "completion": "output_usd_per_mtok",
    "input_cache_read": "cache_read_usd_per_mtok",
    "input_cache_write": "cache_write_usd_per_mtok",
    "internal_reasoning": "reasoning_usd_per_mtok",
}
_PER_MTOK_NAMES: Final = {
    "input": "input_usd_per_mtok",
    "output": "output_usd_per_mtok",
    "cached_input": "cache_read_usd_per_mtok",
}
_XAI_NAMES: Final = {
    "prompt_text_token_price": "input_usd_per_mtok",
    "completion_text_token_price": "output_usd_per_mtok",
    "cached_prompt_token_price": "cache_read_usd_per_mtok",
}
# Where the clones tell the size of the context: OpenRouter and Together, Mistral, Groq, vLLM, xAI.
_CONTEXT_KEYS: Final = (
    *("context_length", "max_context_length", "context_window", "max_model_len", "max_prompt_length"),
)
_END_KEYS: Final = ("shutdown_date", "expiration_date", "deprecation")
_OUTPUT_KEYS: Final = ("max_completion_tokens", "max_output_tokens")


def read_openai_listing(document: Any) -> list[ListedModel]:
    """OpenAI's list and what its clones add: OpenRouter, Together (a bare list), Mistral, Groq, xAI, vLLM.

    `shutdown_date` (OpenAI), `expiration_date` (OpenRouter) and `deprecation` (Mistral: "will be removed on")
    are the announced end; a model that has one is deprecated. `active: false` (Groq) is retired.
    """
    return [_read_openai_model(item) for item in entries(document, "data", "models")]


def _read_openai_model(item: Mapping[str, Any]) -> ListedModel:
    top, design = _object(item, "top_provider"), _object(item, "architecture")
    retires_at = next(filter(None, (moment(item.get(key)) for key in _END_KEYS)), None)
    lifecycle = "deprecated" if retires_at else None
    if isinstance(item.get("active"), bool):
        lifecycle = lifecycle or "active" if item["active"] else "retired"
    return ListedModel(
        id=identity(item, "id"),
        name=text(item.get("display_name")) or text(item.get("name")),
        lifecycle=lifecycle,
        retires_at=retires_at,
        released_at=moment(item.get("created")),
        context_window=_first_limit(_CONTEXT_KEYS, item, top)
        or tokens(_object(item, "meta").get("n_ctx_train")),
        max_output_tokens=_first_limit(_OUTPUT_KEYS, top, item),
        prices=_read_prices(item),
        owned_by=text(item.get("owned_by")) or text(item.get("organization")),
        modalities_in=modalities(design.get("input_modalities") or item.get("input_modalities")),
        modalities_out=modalities(design.get("output_modalities") or item.get("output_modalities")),
    )


def _read_prices(item: Mapping[str, Any]) -> dict[str, Decimal]:
    """OpenRouter tells USD per token (`prompt`), Together USD per million (`input`), xAI its own unit.

    Together lists what it only rents by the hour with 0 for every token; that is no price.
    """
    table = _object(item, "pricing")
    if "prompt" in table or "completion" in table:
        return prices(table, _PER_TOKEN_NAMES, times=_PER_MTOK)
    if any((found := prices(table, _PER_MTOK_NAMES)).values()):
        return found
    return prices(item, _XAI_NAMES, times=1 / _XAI_UNITS_PER_USD)


def _object(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = item.get(key)
    return value if isinstance(value, Mapping) else {}


def _first_limit(keys: tuple[str, ...], *holders: Mapping[str, Any]) -> int | None:
    found = (tokens(holder.get(key)) for holder in holders for key in keys)
    return next((limit for limit in found if limit is not None), None)


def no_next_page(document: Any) -> None:
    """The list comes whole."""


def next_page_by(key: str, parameter: str) -> NextPage:
    """The next page is asked for with the token that stands below `key` (Gemini, Cohere)."""

    def next_page(document: Any) -> dict[str, str] | None:
        token = document.get(key) if isinstance(document, Mapping) else None
        return {parameter: token} if isinstance(token, str) and token else None

    return next_page
