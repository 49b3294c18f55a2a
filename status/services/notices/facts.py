"""What a notice of an incident says: plain data, the same for everyone who is told of it."""

from collections.abc import Collection
from typing import Any, Final

from aigo.lib.moments import moment_text
from aigo.lib.site import absolute
from status.incidents import UpdateLine, standing
from status.models import Incident
from status.told import incident_title, updates_of

#: So many endpoints are named; the rest is counted.
MOST_NAMED: Final = 50


def incident_facts(incident: Incident, *, replaces: Collection[int]) -> dict[str, Any]:
    """As it is now; what `status.outgoing` documents. Two queries."""
    members = incident.members.order_by("endpoint__slug")
    named = dict(members.values_list("endpoint__slug", "endpoint__model__name"))
    title = incident_title(incident, list(named.values()))
    said = standing(updates_of([incident.pk]).get(incident.pk, []))
    return {
        "incident": incident.pk,
        "title_en": title.told("en"),
        "title_ko": title.told("ko"),
        "provider": {"slug": incident.provider.slug, "name": incident.provider.name},
        "kind": incident.kind,
        "scope": incident.scope,
        "severity": incident.effective_severity,
        "state": incident.state,
        "cause": incident.cause,
        "regions": list(incident.regions),
        "endpoints": [{"slug": slug, "name": name} for slug, name in list(named.items())[:MOST_NAMED]],
        "endpoints_total": len(named),
        "started_at": moment_text(incident.started_at),
        "detected_at": moment_text(incident.detected_at),
        "ended_at": moment_text(incident.ended_at),
        "simulated": incident.simulated,
        "replaces": sorted(replaces),
        "update": update_facts(said[-1]) if said else None,
        "url": absolute(f"/incidents/{incident.pk}/"),
    }


def update_facts(update: UpdateLine) -> dict[str, Any]:
    """What a person told."""
    return {
        "at": moment_text(update.at),
        "status": update.status,
        "body_en": update.body.en,
        "body_ko": update.body.ko,
    }
