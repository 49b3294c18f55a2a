"""Better Stack's `index.json`, in the form of JSON:API. Pure.

https://betterstack.com/docs/uptime/status-pages/subscribing-to-status-updates/subscribing-to-api: the page,
its resources, and its reports with their updates.
"""

from status.adapters.reading import (
    MOST_COMPONENTS,
    MOST_INCIDENTS,
    MOST_UPDATES,
    Asked,
    Component,
    PageIncident,
    PageReading,
    Source,
    Update,
)
from status.adapters.shape import Shape, parse
from status.adapters.words import component_state, concerns, gravest, impact, plain

_PAGE_WORDS = {
    "operational": "none",
    "degraded": "minor",
    "downtime": "critical",
    "maintenance": "maintenance",
}


def sources(url: str) -> tuple[Source, ...]:
    return (Source("index.json", f"{url.rstrip('/')}/index.json"),)


def read(asked: Asked) -> PageReading:
    index = parse(asked.bodies, "index.json")
    word = index.at("data").at("attributes").at("aggregate_state").text(60).lower()
    included = list(index.at("included").items(20_000))
    resources = [node for node in included if node.text_at("type") == "status_page_resource"]
    sections = _names(included, "status_page_section", "name")
    components = tuple(_component(node, sections) for node in resources[:MOST_COMPONENTS])
    updates: dict[str, list[Update]] = {}
    for node in included:
        if node.text_at("type") == "status_update":
            updates.setdefault(_report_of(node), []).append(_update(node))
    names = {row.id: row.name for row in components}
    reports = [node for node in included if node.text_at("type") == "status_report"]
    incidents = (_incident(node, updates, names) for node in reports[:MOST_INCIDENTS])
    return PageReading(
        indicator=_PAGE_WORDS.get(word, ""),
        components=tuple(row for row in components if concerns(asked.scope, (row.id, row.name, row.group))),
        incidents=tuple(
            row for row in incidents if not row.components or concerns(asked.scope, row.components)
        ),
        complete=True,
    )


def _names(included: list[Shape], kind: str, key: str) -> dict[str, str]:
    rows = (node for node in included if node.text_at("type") == kind and node.has("attributes"))
    return {node.text_at("id"): node.at("attributes").text_at(key) for node in rows}


def _component(node: Shape, sections: dict[str, str]) -> Component:
    told = node.at("attributes")
    return Component(
        id=node.at("id").text(200),
        name=told.at("public_name" if told.has("public_name") else "resource_name").text(),
        status=component_state(told.text_at("status", 60)),
        group=sections.get(told.text_at("status_page_section_id"), ""),
    )


def _report_of(node: Shape) -> str:
    """The id of the report that an update belongs to."""
    told = node.at("attributes").text_at("status_report_id")
    linked = node.mapping().get("relationships")
    if told or not isinstance(linked, dict) or "status_report" not in linked:
        return told
    return node.at("relationships").at("status_report").at("data").text_at("id")


def _update(node: Shape) -> Update:
    told = node.at("attributes")
    return Update(
        id=node.text_at("id", 200),
        status="update",
        body=plain(told.text_at("message", 50_000)),
        published_at=told.moment_at("published_at", "created_at"),
    )


def _incident(node: Shape, updates: dict[str, list[Update]], names: dict[str, str]) -> PageIncident:
    told, report = node.at("attributes"), node.at("id").text(200)
    own = sorted(updates.get(report, []), key=lambda row: str(row.published_at), reverse=True)
    moments = [row.published_at for row in own if row.published_at]
    affected = list(told.each("affected_resources", 200))
    maintenance = told.text_at("report_type") == "maintenance"
    impacts = [impact(row.text_at("status", 60)) for row in affected]
    end, state = told.moment_at("ends_at"), told.text_at("aggregate_state").lower()
    # Maintenance bears its planned end from the first.
    over = state == "operational" or (end is not None and not maintenance)
    working = ("in_progress" if state == "maintenance" else "scheduled") if maintenance else "investigating"
    return PageIncident(
        external_id=report,
        title=plain(told.text_at("title", 1_000))[:300] or "—",
        impact="maintenance" if maintenance else gravest(impacts) if impacts else "unknown",
        status="resolved" if over else working,
        claimed_started_at=told.moment_at("starts_at"),
        published_at=min(moments, default=None),
        resolved_at=(end or max(moments, default=told.moment_at("starts_at"))) if over else None,
        components=tuple(
            names[key] for row in affected if (key := row.text_at("status_page_resource_id")) in names
        ),
        updates=tuple(own[:MOST_UPDATES]),
        maintenance=maintenance,
    )
