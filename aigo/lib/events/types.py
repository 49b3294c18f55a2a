"""The types of events: what may be written to the log. docs/events.md prints them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "events.md"
_PLACE = re.compile(r"(?<=<!-- event types -->\n).*?(?=<!-- end of event types -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EventType:
    """fields: name → what it holds; `version` grows when a field's meaning changes or a field goes."""

    name: str
    version: int
    fields: Mapping[str, str]
    written: str


def _incident(what: str, written: str) -> EventType:
    fields = {
        "incident": "key of the incident",
        "provider": "slug",
        "severity": "info, minor, major or critical",
        "state": "open, flapping or closed",
        "scope": "regional or global",
        "slugs": "[endpoint slug, …]",
        "regions": "[region, …]",
        "at": "moment",
    }
    return EventType(f"incident.{what}", 1, fields, written)


_TYPES = (
    EventType(
        "results.stored", 1, {"pairs": "{region: [endpoint id, …]}"},
        "after results of probes were committed",
    ),
    EventType(
        "status.update", 1, {"changed": "{region: [endpoint slug, …]}"},
        "after verdicts were committed; `all` is the pool of regions",
    ),
    EventType(
        "status.changed", 1,
        {
            "slug": "endpoint", "region": "region or all", "from": "state", "to": "state",
            "reason": "reason", "at": "moment", "change": "key of the change of state",
        },
        "once per change of state",
    ),
    _incident("opened", "once an incident is open"),
    _incident(
        "updated",
        "when endpoints join or leave it, its severity, scope or state is another, or people report on it",
    ),
    _incident("closed", "once it is over"),
    EventType("stats", 1, {"minute": "minutes since 1970"}, "after the counts of a minute were kept"),
    EventType(
        "catalog.changed", 1, {},
        "after models, endpoints, providers or prices were changed; once per transaction",
    ),
    EventType(
        "model.swapped", 1,
        {
            "slug": "endpoint", "kind": "model or fingerprint", "from": "name", "to": "name",
            "region": "region", "at": "moment",
        },
        "when an answer names a model or fingerprint that was not seen for seven days",
    ),
    EventType(
        "scores.changed", 1, {},
        "after scores were published, withdrawn or imported, or suites changed; once per transaction",
    ),
    EventType("article.published", 1, {"slug": "article"}, "once an article can be read"),
    EventType(
        "news.changed", 1, {},
        "after articles were published, withdrawn or corrected; once per transaction",
    ),
)  # fmt: skip
EVENT_TYPES: Final[Mapping[str, EventType]] = {kind.name: kind for kind in _TYPES}


def checked(name: str, data: Mapping[str, Any]) -> EventType:
    """The type of an event that is to be written. ValueError where it is unknown or a field is amiss."""
    kind = EVENT_TYPES.get(name)
    if kind is None:
        raise ValueError(f"{name!r} is not a type of event. Use one of: {', '.join(EVENT_TYPES)}.")
    exactly = f"Give exactly: {', '.join(kind.fields) or 'nothing'}."
    for field in kind.fields.keys() - data.keys():
        raise ValueError(f"{name}: {field!r} is missing. {exactly}")
    for field in data.keys() - kind.fields.keys():
        raise ValueError(f"{name}: {field!r} is not a field of it. {exactly}")
    return kind


def text_of(data: Mapping[str, Any]) -> str:
    """What is stored of an event's data. TypeError for what JSON cannot hold."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def table() -> str:
    """The types as Markdown."""
    rows = ["| type | version | data | written |", "|---|---|---|---|"]
    for kind in EVENT_TYPES.values():
        data = ", ".join(f"`{name}`: {holds}" for name, holds in kind.fields.items()) or "nothing"
        rows.append(f"| `{kind.name}` | {kind.version} | {data} | {kind.written} |")
    return "\n".join(rows) + "\n"


def printed(document: str) -> str:
    """The document with the table as it is now between its two marks."""
    return _PLACE.sub(lambda _place: table(), document)


def write_table() -> None:
    """Print the table into the document."""
    DOCUMENT.write_text(printed(DOCUMENT.read_text()))
