"""Google Cloud's `incidents.json`: a bare array, current and past incidents of all products. Pure.

https://docs.cloud.google.com/service-health/docs/service-health-fallback: judged by `status_impact`, not by
`severity`, and told apart by product id, for names hide behind "Multiple Products".
"""

from status.adapters.reading import (
    MOST_INCIDENTS,
    MOST_UPDATES,
    Asked,
    PageIncident,
    PageReading,
    Source,
    Update,
)
from status.adapters.shape import Shape, parse
from status.adapters.words import concerns, impact, indicator_of, plain

_PAGE = "https://status.cloud.google.com/"
#: The archive is larger than other pages' answers; that of late 2026 was not measured.
_MOST_BYTES = 16_000_000


def sources(url: str) -> tuple[Source, ...]:
    return (Source("incidents.json", f"{url.rstrip('/')}/incidents.json", max_bytes=_MOST_BYTES),)


def read(asked: Asked) -> PageReading:
    incidents = []
    for node in parse(asked.bodies, "incidents.json").items(20_000):
        products = [
            (row.text_at("id"), row.text_at("title")) for row in node.each("affected_products", 1_000)
        ]
        products.append((node.text_at("service_key"), node.text_at("service_name")))
        if concerns(asked.scope, (word for product in products for word in product if word)):
            incidents.append(_incident(node, tuple(title for _, title in products[:-1] if title)))
        if len(incidents) == MOST_INCIDENTS:
            break
    ongoing = [row.impact for row in incidents if row.resolved_at is None]
    return PageReading(indicator_of(ongoing), (), tuple(incidents), complete=True)


def _incident(node: Shape, products: tuple[str, ...]) -> PageIncident:
    end = node.moment_at("end")
    told = sorted(
        node.each("updates", 1_000),
        key=lambda row: row.text_at("when") or row.text_at("created"),
        reverse=True,
    )
    updates = tuple(map(_update, told[:MOST_UPDATES]))
    moments = [row.moment_at("created", "when") for row in told]
    places = [row.text_at("title") for row in node.each("currently_affected_locations", 200)]
    return PageIncident(
        external_id=node.at("id").text(200),
        title=plain(node.text_at("external_desc", 2_000))[:300] or "—",
        impact=impact(node.at("status_impact").text(60)),
        status="resolved" if end else "investigating",
        url=_PAGE + node.text_at("uri", 300) if node.has("uri") else "",
        claimed_started_at=node.moment_at("begin"),
        published_at=min((moment for moment in moments if moment), default=node.moment_at("created")),
        resolved_at=end,
        components=(*products, *places)[:200],
        updates=updates,
    )


def _update(node: Shape) -> Update:
    over = node.text_at("status", 60) == "AVAILABLE"
    return Update(
        id="",
        status="resolved" if over else "update",
        body=plain(node.text_at("text", 50_000)),
        published_at=node.moment_at("created", "when"),
    )
