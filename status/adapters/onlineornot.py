"""OnlineOrNot's public summary of a page: what is going on now, without its texts. Pure.

`status_pages/<custom domain>/summary` answers without a key; an incident that is over drops out. The form is
that of public programs that read OpenRouter's page.
"""

from urllib.parse import urlsplit

from status.adapters.reading import (
    MOST_COMPONENTS,
    MOST_INCIDENTS,
    Asked,
    Component,
    PageIncident,
    PageReading,
    Source,
)
from status.adapters.shape import Shape, parse
from status.adapters.words import component_state, concerns, gravest, impact, incident_state, plain

_API = "https://api.onlineornot.com/v1/status_pages"
#: What the components say when the page has no incident to tell of.
_INDICATORS = {
    "operational": "none",
    "maintenance": "maintenance",
    "degraded": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}


def sources(url: str) -> tuple[Source, ...]:
    return (Source("summary", f"{_API}/{urlsplit(url).hostname}/summary"),)


def read(asked: Asked) -> PageReading:
    root = parse(asked.bodies, "summary")
    told = root.at("result")
    nodes = told.at("components").items(MOST_COMPONENTS)
    components = [row for row in map(_component, nodes) if concerns(asked.scope, (row.id, row.name))]
    incidents = [_incident(node, False) for node in told.each("active_incidents", MOST_INCIDENTS)]
    work = [_incident(node, True) for node in told.each("scheduled_maintenance", MOST_INCIDENTS)]
    known = [_INDICATORS[row.status] for row in components if row.status in _INDICATORS]
    found = gravest([*known, *(row.impact for row in incidents)])
    return PageReading(
        indicator="" if found == "unknown" or not components else found,
        components=tuple(components),
        incidents=(*incidents, *work),
        complete=True,
    )


def _component(node: Shape) -> Component:
    return Component(
        id=node.at("id").text(200),
        name=node.at("name").text(),
        status=component_state(node.text_at("status", 60)),
    )


def _incident(node: Shape, maintenance: bool) -> PageIncident:
    return PageIncident(
        external_id=node.at("id").text(200),
        title=plain(node.text_at("title", 1_000))[:300] or "—",
        impact="maintenance" if maintenance else impact(node.text_at("impact", 60)),
        status=incident_state(node.text_at("status", 60), "scheduled" if maintenance else "investigating"),
        claimed_started_at=node.moment_at("started", "created_at"),
        published_at=node.moment_at("created_at"),
        maintenance=maintenance,
    )
