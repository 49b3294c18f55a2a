"""What is asked of a POP, and what it answers: plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from probes.protocols.listing import ListedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingOrder:
    """Which list to read. options: `auth`, `extra_headers` as in probe options.

    etag, content_hash: of the list that is known; while they hold, the answer is "unchanged".
    """

    provider: str
    region: str
    protocol: str
    base_url: str
    key_env: str
    base_url_env: str
    options: dict[str, Any] = field(default_factory=dict)
    etag: str = ""
    content_hash: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Unknown keys are passed over; TypeError names a required key that is missing."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingResult:
    """What came of it. fetched_at: unix seconds, UTC. status: "listed", "unchanged" or "failed".

    models: the fields of `ListedModel` that the list states, as JSON (moments ISO 8601, rates as decimal
    strings). complete: read to its end. source_url: the list's documented address, "" where an operator gave
    another. error: scrubbed, at most 300 characters, "" unless failed. retry_after_s: what the provider asks.
    """

    provider: str
    region: str
    fetched_at: float
    status: str
    models: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = False
    etag: str = ""
    content_hash: str = ""
    source_url: str = ""
    error: str = ""
    retry_after_s: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def plain_model(model: ListedModel) -> dict[str, Any]:
    """What the list states of the model, as JSON."""
    stated = {name: _plain(value) for name, value in asdict(model).items()}
    return {name: value for name, value in stated.items() if value not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value
