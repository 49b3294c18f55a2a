"""Rows for the tests of notices: channels, rules, incidents and their steps."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Endpoint
from probes.tests.factories import NOW, make_endpoint
from status.models import AlertChannel, AlertRule, Incident, IncidentChange, Notice, Subscription
from status.outgoing import Outcome, Outgoing
from status.services.notices import claim_due, note_attempt

MINUTE = timedelta(minutes=1)
HEARD = Outcome(ok=True, http_status=200, body=b"said", duration_ms=3.0)


def make_channel(slug: str = "ops", **fields: Any) -> AlertChannel:
    """A webhook."""
    return AlertChannel.objects.create(
        slug=slug, **{"name": slug.title(), "kind": "webhook", "url": f"https://{slug}.test/hook"} | fields
    )


def make_rule(*channels: AlertChannel, **fields: Any) -> AlertRule:
    """A rule for everything; `providers` and `endpoints` are lists of rows."""
    chosen = {name: fields.pop(name, []) for name in ("providers", "endpoints")}
    rule = AlertRule.objects.create(**{"name": f"rule {AlertRule.objects.count()}"} | fields)
    rule.channels.set(channels or [make_channel()])
    for name, rows in chosen.items():
        getattr(rule, name).set(rows)
    return rule


def make_subscription(email: str = "reader@example.test", **fields: Any) -> Subscription:
    """A confirmed one."""
    return Subscription.objects.create(email=email, **{"created_at": NOW, "confirmed_at": NOW} | fields)


def make_incident(
    *endpoints: Endpoint, severity: str = "major", kind: str = "endpoint", at: datetime = NOW
) -> Incident:
    """One that has just opened, with its first step."""
    held = endpoints or (make_endpoint(),)
    incident = Incident.objects.create(
        provider=held[0].provider,
        kind=kind,
        scope="global",
        severity=severity,
        cause="confirmed_failures",
        regions=["seoul", "tokyo"],
        started_at=at - 2 * MINUTE,
        detected_at=at,
        simulated=True,
        method_version="test",
    )
    for endpoint in held:
        incident.members.create(endpoint=endpoint, worst="outage", joined_at=at)
    make_step(incident, "open", at=at)
    return incident


def make_step(incident: Incident, kind: str, *, at: datetime = NOW, **data: Any) -> IncidentChange:
    """A step as the services write it; a close ends the incident."""
    if kind == "close":
        incident.state, incident.ended_at = "closed", at
        incident.save()
        incident.members.update(left_at=at)
    if "severity" in data:
        incident.severity = data["severity"]
        incident.save()
    said = {
        "cause": incident.cause,
        "severity": incident.effective_severity,
        "scope": incident.scope,
        "state": incident.state,
        "slugs": sorted(incident.members.values_list("endpoint__slug", flat=True)),
        "regions": incident.regions,
    }
    return IncidentChange.objects.create(incident=incident, at=at, kind=kind, data=said | data)


def notices(**asked: Any) -> list[Notice]:
    return list(Notice.objects.filter(**asked).order_by("pk"))


def told(rows: Iterable[Notice] | None = None) -> list[tuple[str, str]]:
    """(kind, state) of all, oldest first."""
    return [(notice.kind, notice.state) for notice in (notices() if rows is None else rows)]


def deliver(now: datetime, outcome: Outcome = HEARD, *, rounds: int = 20) -> list[Outgoing]:
    """What a sender would have delivered by then, in order."""
    done: list[Outgoing] = []
    for _ in range(rounds):
        claimed: Sequence[Outgoing] = claim_due(now=now, limit=100)
        if not claimed:
            break
        for outgoing in claimed:
            note_attempt(outgoing, outcome, now=now)
        done += claimed
    return done
