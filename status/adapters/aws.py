"""AWS' `currentevents`: a bare array of what is going on now, in UTF-16 with a byte order mark. Pure.

No documentation of theirs is known; the form is that of public programs that read it. `status` counts from
"0" (over) to "3" (disrupted); there is no history, so what is not there any more is over.
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
from status.adapters.words import concerns, indicator_of, plain

_IMPACTS = {"0": "none", "1": "minor", "2": "major", "3": "critical"}


def sources(url: str) -> tuple[Source, ...]:
    return (Source("currentevents", f"{url.rstrip('/')}/public/currentevents"),)


def read(asked: Asked) -> PageReading:
    nodes = list(parse(asked.bodies, "currentevents").items(20_000))
    ours = [
        node for node in nodes if concerns(asked.scope, (node.text_at("service"), node.text_at("arn", 400)))
    ]
    incidents = tuple(map(_event, ours[:MOST_INCIDENTS]))
    ongoing = [row.impact for row in incidents if row.resolved_at is None]
    return PageReading(indicator_of(ongoing), (), incidents, complete=True)


def _event(node: Shape) -> PageIncident:
    level = node.at("status").text(10)
    if level not in _IMPACTS:
        raise node.at("status").fail(f"one of {', '.join(_IMPACTS)}")
    log = [_update(row) for row in node.each("event_log", 1_000)]
    updates = sorted(log, key=lambda row: str(row.published_at), reverse=True)
    moments = [row.published_at for row in updates if row.published_at]
    started, end = node.moment_at("date"), node.moment_at("end_time")
    over = level == "0" or end is not None
    words = (node.text_at("service_name") or node.text_at("service"), node.text_at("region_name"))
    return PageIncident(
        external_id=node.at("arn").text(200),
        title=plain(node.text_at("summary", 1_000))[:300] or "—",
        impact=_IMPACTS[level],
        status="resolved" if over else "investigating",
        claimed_started_at=started,
        published_at=min(moments, default=started),
        resolved_at=(end or max(moments, default=started)) if over else None,
        components=tuple(word for word in words if word),
        updates=tuple(updates[:MOST_UPDATES]),
    )


def _update(node: Shape) -> Update:
    return Update(
        id="",
        status="resolved" if node.text_at("status", 10) == "0" else "update",
        body=plain(node.text_at("message", 50_000) or node.text_at("summary", 1_000)),
        published_at=node.moment_at("timestamp"),
    )
