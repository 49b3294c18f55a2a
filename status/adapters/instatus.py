"""Instatus' `summary.json` and `v2/components.json`. Pure.

https://instatus.com/help/api: the summary names what is going on now, without ids and without its texts; a
page on which all is well leaves the lists out.
"""

import hashlib

from status.adapters.reading import (
    MOST_COMPONENTS,
    MOST_INCIDENTS,
    OVER,
    Asked,
    Component,
    PageIncident,
    PageReading,
    Source,
    Unreadable,
)
from status.adapters.shape import Shape, parse
from status.adapters.words import component_state, concerns, gravest, impact, incident_state, link, plain

_PAGE_WORDS = {"UP": "none", "HASISSUES": "minor", "UNDERMAINTENANCE": "maintenance"}


def sources(url: str) -> tuple[Source, ...]:
    root = url.rstrip("/")
    return (
        Source("summary.json", f"{root}/summary.json"),
        Source("v2/components.json", f"{root}/v2/components.json", required=False),
    )


def read(asked: Asked) -> PageReading:
    summary = parse(asked.bodies, "summary.json")
    word = summary.at("page").at("status")
    if word.text() not in _PAGE_WORDS:
        raise word.fail(f"one of {', '.join(_PAGE_WORDS)}")
    incidents = [_incident(node, "started") for node in summary.each("activeIncidents", MOST_INCIDENTS)]
    work = [_incident(node, "start") for node in summary.each("activeMaintenances", MOST_INCIDENTS)]
    indicator = _PAGE_WORDS[word.text()]
    if indicator == "minor":  # it has issues; how grave, its incidents say
        indicator = gravest(["minor", *(row.impact for row in incidents)])
    return PageReading(indicator, _components(asked), (*incidents, *work), complete=True)


def _components(asked: Asked) -> tuple[Component, ...]:
    """Those of the second address; a page that does not have it has none."""
    if "v2/components.json" not in asked.bodies:
        return ()
    try:
        listed = list(parse(asked.bodies, "v2/components.json").at("components").items(MOST_COMPONENTS))
    except Unreadable:
        return ()
    rows = (
        Component(
            id=node.at("id").text(200),
            name=node.at("name").text(),
            status=component_state(node.text_at("status", 60)),
            group=_group(node),
        )
        for node in listed
    )
    return tuple(row for row in rows if concerns(asked.scope, (row.id, row.name, row.group)))


def _group(node: Shape) -> str:
    return node.at("group").text_at("name") if isinstance(node.mapping().get("group"), dict) else ""


def _incident(node: Shape, began: str) -> PageIncident:
    """`began`: the key of its start; maintenance has another one."""
    started, name = node.moment_at(began), node.text_at("name", 1_000)
    url = node.text_at("url", 400)
    made = hashlib.sha256(f"{url or name}|{node.text_at(began)}".encode()).hexdigest()[:32]
    maintenance = began == "start"
    status = incident_state(node.at("status").text(60))
    return PageIncident(
        external_id=node.text_at("id", 200) or made,
        title=plain(name)[:300] or "—",
        impact="maintenance" if maintenance else impact(node.text_at("impact", 60)),
        status=status,
        url=link(url),
        claimed_started_at=started,
        resolved_at=node.moment_at("resolved", "updatedAt") if status in OVER else None,
        maintenance=maintenance,
    )
