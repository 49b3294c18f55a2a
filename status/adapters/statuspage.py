"""Atlassian's Statuspage, API v2, and incident.io's pages that answer in its form. Pure.

https://confluence.status.atlassian.com/api: summary.json holds the unresolved incidents and the
maintenance that is ahead, incidents.json the last 50 incidents. incident.io may leave the incidents out of
its summary, has no `shortlink` of its own, and keeps about 14 days; so both are always read.
"""

from collections.abc import Sequence

from status.adapters.reading import (
    MOST_COMPONENTS,
    MOST_INCIDENTS,
    MOST_UPDATES,
    OVER,
    Asked,
    Component,
    PageIncident,
    PageReading,
    Source,
    Update,
)
from status.adapters.shape import Shape, parse
from status.adapters.words import component_state, concerns, impact, incident_state, link, plain

SUMMARY, INCIDENTS = "api/v2/summary.json", "api/v2/incidents.json"
#: incidents.json holds no more; fewer are all there are.
_FULL_PAGE = 50


def sources(url: str) -> tuple[Source, ...]:
    root = url.rstrip("/")
    return (
        Source(SUMMARY, f"{root}/{SUMMARY}"),
        Source(INCIDENTS, f"{root}/{INCIDENTS}"),
    )


def read(asked: Asked) -> PageReading:
    summary, history = parse(asked.bodies, SUMMARY), parse(asked.bodies, INCIDENTS)
    told = history.at("incidents")
    listed = list(told.items(MOST_INCIDENTS))
    found = {row.external_id: row for row in map(_incident, listed)}
    for node in summary.each("incidents", MOST_INCIDENTS):
        found.setdefault(node.at("id").text(200), _incident(node))
    for node in summary.each("scheduled_maintenances", MOST_INCIDENTS):
        row = _incident(node, maintenance=True)
        found.setdefault(row.external_id, row)
    return PageReading(
        indicator=_indicator(summary),
        components=_components(summary, asked.scope),
        incidents=tuple(row for row in found.values() if _is_ours(row, asked.scope)),
        complete=summary.has("incidents") or len(listed) < _FULL_PAGE,
    )


def _is_ours(row: PageIncident, scope: Sequence[str]) -> bool:
    return not row.components or concerns(scope, row.components)


def _indicator(summary: Shape) -> str:
    found = impact(summary.at("status").at("indicator").text(40))
    return "" if found == "unknown" else found


def _components(summary: Shape, scope: Sequence[str]) -> tuple[Component, ...]:
    nodes = list(summary.at("components").items(MOST_COMPONENTS))
    groups = {node.text_at("id"): node.text_at("name") for node in nodes if node.value.get("group") is True}
    rows = (
        Component(
            id=node.at("id").text(200),
            name=node.at("name").text(),
            status=component_state(node.text_at("status", 60)),
            group=groups.get(node.text_at("group_id"), ""),
        )
        for node in nodes
        if node.mapping().get("group") is not True
    )
    return tuple(row for row in rows if concerns(scope, (row.id, row.name, row.group)))


def _incident(node: Shape, maintenance: bool = False) -> PageIncident:
    status = incident_state(node.at("status").text(60))
    updates = tuple(_update(row) for row in node.each("incident_updates", MOST_UPDATES))
    moments = [row.published_at for row in updates if row.published_at]
    created = node.moment_at("created_at")
    resolved = node.moment_at("resolved_at")
    if status in OVER and resolved is None:
        resolved = max(moments, default=node.moment_at("updated_at") or created)
    found = impact(node.text_at("impact", 60) or "unknown")
    return PageIncident(
        external_id=node.at("id").text(200),
        title=plain(node.text_at("name", 1_000))[:300] or "—",
        impact=found,
        status=status,
        url=link(node.text_at("shortlink", 400)),
        claimed_started_at=node.moment_at("scheduled_for", "started_at", "created_at"),
        published_at=min(moments, default=created),
        resolved_at=resolved if status in OVER else None,
        components=tuple(row.text_at("name") for row in node.each("components", 200)),
        updates=updates,
        maintenance=maintenance or found == "maintenance" or node.has("scheduled_for"),
    )


def _update(node: Shape) -> Update:
    return Update(
        id=node.text_at("id", 200),
        status=incident_state(node.text_at("status", 60)),
        body=plain(node.text_at("body", 50_000)),
        # not `display_at`, which the page's owner may edit
        published_at=node.moment_at("created_at", "display_at"),
    )
