"""The simulator's fleet of invented providers and models: `catalog/data/simulated_fleet.json`. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from catalog.listing import AMOUNTS, ListedModel, ListedProvider, Listing, ListingError, Node, Rates
from catalog.tagging import FUNCTIONS

SOURCE = "simulated fleet"
FLEET = Path(__file__).parent.parent / "data" / "simulated_fleet.json"


def read_listing(data: bytes | None = None) -> Listing:
    """The fleet in `data`, by default the file that ships with the program."""
    try:
        root = Node(json.loads(FLEET.read_bytes() if data is None else data), "")
    except ValueError as error:
        raise ListingError("simulated_fleet.json", f"not JSON ({error})") from None
    return Listing(SOURCE, tuple(_provider(node) for node in root.at("providers").items()), simulated=True)


def _provider(node: Node) -> ListedProvider:
    slug = node.at("slug").text(80)
    base_url = f"simulator:/{slug}{node.at('path').value or ''}"
    protocol = node.at("protocol").text(40)
    page = node.at("status_page")
    return ListedProvider(
        slug=slug,
        name=node.at("name").text(120),
        base_url=base_url,
        protocol=protocol,
        status_page_url=page.at("url").text(300),
        status_page_kind=page.at("kind").text(40),
        models=tuple(_model(item, protocol, base_url) for item in node.at("models").items()),
    )


def _model(node: Node, protocol: str, base_url: str) -> ListedModel:
    functions = node.at("functions").texts()
    if unknown := [name for name in functions if name not in FUNCTIONS]:
        raise node.at("functions").fail(f"words of {', '.join(FUNCTIONS)} (not {unknown[0]})")
    return ListedModel(
        id=node.at("id").text(160),
        name=node.at("name").text(200),
        family=node.at("family").text(80),
        modalities_in=node.at("modalities_in").texts(),
        modalities_out=node.at("modalities_out").texts(),
        capabilities=node.at("capabilities").texts(),
        reasoning=node.at("reasoning").flag(),
        context_window=node.at("context_window").count() if node.has("context_window") else None,
        max_output_tokens=node.at("max_output_tokens").count() if node.has("max_output_tokens") else None,
        open_weights=node.at("open_weights").flag() if node.has("open_weights") else None,
        creator_name=node.at("creator").text(120),
        functions=functions,
        protocol=node.at("protocol").text(40) if node.has("protocol") else protocol,
        base_url=base_url,
        rates=tuple(_rates(node.at("prices"))) if node.has("prices") else (),
    )


def _rates(prices: Node) -> Iterator[Rates]:
    """Invented ones; a rate that no row may state is a fault of the file."""
    for tier, amounts in prices.children():
        if unknown := amounts.mapping().keys() - AMOUNTS.keys():
            raise ListingError(f"{amounts.place}.{min(unknown)}", f"expected one of {', '.join(AMOUNTS)}")
        blank = Rates(tier=tier, source_name=SOURCE, source_url="")
        yield replace(blank, **{name: rate.rate() for name, rate in amounts.children()})  # type: ignore[arg-type]
