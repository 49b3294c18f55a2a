"""Flashduty's public pages: `summary/active` and `change/list`. Pure.

No documentation of theirs is known; the form is that of public programs that read DeepSeek's page. Its
address bears the page's id as fragment: https://status.deepseek.com#6410630422455. Components have no state
of their own: it is what the changes under way say of them.
"""

from urllib.parse import urldefrag

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
from status.adapters.words import (
    component_state,
    concerns,
    gravest,
    impact,
    incident_state,
    indicator_of,
    plain,
)

_API = "https://statuspage.flashduty.com/api/status-page"


def sources(url: str) -> tuple[Source, ...]:
    """None where the address does not name the page's id."""
    page = urldefrag(url).fragment
    if not page.isdigit():
        return ()
    return (
        Source("summary/active", f"{_API}/{page}/summary/active"),
        Source(
            "change/list",
            f"{_API}/{page}/change/list?start_at_seconds={{since_s}}&end_at_seconds={{until_s}}",
            required=False,
        ),
    )


def read(asked: Asked) -> PageReading:
    told = parse(asked.bodies, "summary/active").at("data")
    changes = list(told.at("active_changes").items(MOST_INCIDENTS))
    if "change/list" in asked.bodies:
        changes += parse(asked.bodies, "change/list").at("data").each("items", MOST_INCIDENTS)
    found: dict[str, PageIncident] = {}
    for node in changes:
        row = _incident(node)
        if not row.components or concerns(asked.scope, row.components):
            found.setdefault(row.external_id, row)
    ongoing = [node for node in changes if incident_state(node.at("status").text(60)) not in OVER]
    ours = [row.impact for row in found.values() if row.resolved_at is None and row.status != "scheduled"]
    return PageReading(
        indicator=indicator_of(ours),
        components=tuple(
            row
            for row in _components(told.at("page"), _states(ongoing))
            if concerns(asked.scope, (row.id, row.name, row.group))
        ),
        incidents=tuple(found.values()),
        complete=True,
    )


def _states(ongoing: list[Shape]) -> dict[str, str]:
    """Component id → what the changes under way say of it."""
    return {
        row.text_at("component_id"): component_state(row.text_at("status", 60))
        for node in ongoing
        if node.text_at("status", 60) != "scheduled"
        for row in node.each("affected_components", 200)
    }


def _components(page: Shape, states: dict[str, str]) -> list[Component]:
    sections = {row.text_at("section_id"): row.text_at("name") for row in page.each("sections", 500)}
    return [
        Component(
            id=(key := node.at("component_id").text(200)),
            name=node.at("name").text(),
            status=states.get(key, "operational"),
            group=sections.get(node.text_at("section_id"), ""),
        )
        for node in page.at("components").items(MOST_COMPONENTS)
    ]


def _incident(node: Shape) -> PageIncident:
    maintenance = node.text_at("type") == "maintenance"
    status = incident_state(node.at("status").text(60))
    listed = list(node.each("updates", 1_000))
    changed = [
        impact(row.text_at("status", 60)) for up in listed for row in up.each("component_changes", 200)
    ]
    updates = sorted(map(_update, listed), key=lambda row: str(row.published_at), reverse=True)
    moments = [row.published_at for row in updates if row.published_at]
    started = node.moment_at("start_at_seconds")
    return PageIncident(
        external_id=node.at("change_id").text(200),
        title=plain(node.text_at("title", 1_000))[:300] or "—",
        impact="maintenance" if maintenance else gravest(changed) if changed else "unknown",
        status=status,
        claimed_started_at=started,
        published_at=min(moments, default=started),
        resolved_at=node.moment_at("close_at_seconds") or max(moments, default=started)
        if status in OVER
        else None,
        components=tuple(row.text_at("name") for row in node.each("affected_components", 200)),
        updates=tuple(updates[:MOST_UPDATES]),
        maintenance=maintenance,
    )


def _update(node: Shape) -> Update:
    return Update(
        id=node.text_at("update_id", 200),
        status=incident_state(node.text_at("status", 60)),
        body=plain(node.text_at("description", 50_000)),
        published_at=node.moment_at("at_seconds"),
    )
