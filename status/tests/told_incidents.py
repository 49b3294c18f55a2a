"""Incidents as they are kept, for tests of what is told of them: no attempt is measured for these."""

from datetime import datetime, timedelta
from typing import Any

from catalog.models import Endpoint
from probes.tests.factories import NOW
from status.models import Incident, IncidentChange, IncidentEndpoint

MINUTE = timedelta(minutes=1)


def make_incident(
    *endpoints: Endpoint, began: datetime = NOW, lasted: timedelta | None = None, **fields: Any
) -> Incident:
    """A major one of these endpoints with its steps; confirmed and announced a minute after it began.

    lasted: None = it goes on.
    """
    detected = began + MINUTE
    end = None if lasted is None else began + lasted
    facts: dict[str, Any] = {
        "provider": endpoints[0].provider,
        "kind": "endpoint" if len(endpoints) == 1 else "provider",
        "scope": "global",
        "severity": "major",
        "cause": "confirmed_failures" if len(endpoints) == 1 else "provider_wide",
        "regions": ["seoul", "tokyo"],
        "started_at": began,
        "detected_at": detected,
        "announced_at": detected,
        "simulated": True,
        "method_version": "test",
        "state": "closed" if end else "open",
        "ended_at": end,
    }
    incident = Incident.objects.create(**facts | fields)
    for endpoint in endpoints:
        IncidentEndpoint.objects.create(
            incident=incident, endpoint=endpoint, worst="outage", joined_at=detected, left_at=end,
            regions={"seoul": "confirmed_failures"},
        )  # fmt: skip
    make_step(incident, "open", at=detected, cause=incident.cause)
    if end:
        make_step(incident, "close", at=end, cause="recovered")
    return incident


def make_step(incident: Incident, kind: str, *, at: datetime, **data: Any) -> IncidentChange:
    """A step as status.services.incidents writes it, told already."""
    held = incident.members.values_list("endpoint__slug", flat=True)
    facts: dict[str, Any] = {
        "severity": incident.effective_severity,
        "scope": incident.scope,
        "state": incident.state,
        "slugs": sorted(set(held)),
        "regions": incident.regions,
        "endpoint": "",
        "absorbed": None,
    }
    return IncidentChange.objects.create(
        incident=incident, at=at, kind=kind, data=facts | data, event_id="1-0"
    )
