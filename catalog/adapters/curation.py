"""The curated files `providers.json` (facts of the watched providers) and `watchlist.json`. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.listing import ListingError, Node

DATA = Path(__file__).parent.parent / "data"
LINK_KINDS = ("docs", "changelog", "quickstart", "notices", "pricing")


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the curated file says of a provider; "" and None = not known. Options are keyed by protocol."""

    slug: str
    url: str
    protocol: str
    base_url: str
    key_env: str
    base_url_env: str
    icon: Mapping[str, str]
    status_page_url: str
    status_page_kind: str
    status_page_scope: tuple[str, ...]
    links: Mapping[str, str]
    embeddings: bool
    probe_options: Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """An endpoint of the list; `protocol` "" = as its provider; `reasoning` None = as
    `probes.protocols.quirks` has it; `options` on top.
    """

    provider: str
    id: str
    protocol: str
    reasoning: dict[str, Any] | None
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curation:
    providers: Mapping[str, ProviderFacts]
    watched: Mapping[tuple[str, str], WatchEntry]


def read_curation(providers: bytes | None = None, watchlist: bytes | None = None) -> Curation:
    """The curation in the given files, by default the shipped ones; ListingError on a fault."""
    facts = _rows(providers, "providers.json", "providers")
    entries = _rows(watchlist, "watchlist.json", "endpoints")
    known = {row.slug: row for row in map(_facts, facts.items())}
    watched: dict[tuple[str, str], WatchEntry] = {}
    for node in entries.items():
        entry = _entry(node)
        if entry.provider not in known:
            raise ListingError(f"{node.place}.provider", f'"{entry.provider}" is not in providers.json')
        if (entry.provider, entry.id) in watched:
            raise ListingError(node.place, f'"{entry.provider}" "{entry.id}" stands in the list twice')
        watched[entry.provider, entry.id] = entry
    return Curation(known, watched)


def _rows(data: bytes | None, name: str, key: str) -> Node:
    try:
        root = json.loads((DATA / name).read_bytes() if data is None else data)
    except ValueError as error:
        raise ListingError(name, f"not JSON ({error})") from None
    return Node(root, name).at(key)


def _text(node: Node, key: str) -> str:
    return node.at(key).text() if node.has(key) else ""


def _facts(node: Node) -> ProviderFacts:
    status = node.at("status_page") if node.has("status_page") else None
    return ProviderFacts(
        slug=node.at("slug").text(80),
        url=_text(node, "url"),
        protocol=node.at("protocol").text(40),
        base_url=node.at("base_url").text(),
        key_env=node.at("key_env").text(80),
        base_url_env=node.at("base_url_env").text(80),
        icon={key: value.text(20) for key, value in node.at("icon").children()},
        status_page_url=status.at("url").text() if status else "",
        status_page_kind=status.at("kind").text(40) if status else "",
        status_page_scope=status.at("scope").texts() if status and status.has("scope") else (),
        links={kind: node.at(kind).text() for kind in LINK_KINDS if node.has(kind)},
        embeddings=node.has("embeddings") and node.at("embeddings").flag(),
        probe_options={
            protocol: options.mapping() for protocol, options in node.at("probe_options").children()
        },
    )


def _entry(node: Node) -> WatchEntry:
    return WatchEntry(
        provider=node.at("provider").text(80),
        id=node.at("id").text(200),
        protocol=_text(node, "protocol"),
        reasoning=node.at("reasoning").mapping() if node.has("reasoning") else None,
        options=node.at("options").mapping() if node.has("options") else {},
    )
