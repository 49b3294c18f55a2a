"""Handing burn alerts over as notices: once each, and nothing that was told of already."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import Q

from aigo.lib.moments import moment_text
from aigo.lib.site import absolute
from status.maintenance import spans_of
from status.models import BurnAlert, IncidentEndpoint, SloStanding
from status.rules import slo
from status.rules.slo import PAIRS, PERIOD_DAYS
from status.services.notices import queue_notice


@transaction.atomic
def tell(now: datetime) -> None:
    """Hand over what is to be told, once: `status.rules.slo.to_tell` says what."""
    pending = BurnAlert.objects.filter(Q(ended_at=None) | Q(told_at__isnull=False, over_told_at=None))
    rows = pending.select_for_update(of=("self",)).select_related("endpoint__provider", "endpoint__model")
    of_endpoint: dict[int, list[BurnAlert]] = defaultdict(list)
    for row in rows.order_by("pk"):
        of_endpoint[row.endpoint_id].append(row)
    if not of_endpoint:
        return
    held = _held(of_endpoint, now)
    standings = SloStanding.objects.in_bulk(list(of_endpoint))
    for pk, alerts in of_endpoint.items():
        by_pk = {row.pk: row for row in alerts}
        views = [
            slo.Alert(row.pk, row.pair, row.ended_at is None, bool(row.told_at), bool(row.over_told_at))
            for row in alerts
        ]
        begun, over = slo.to_tell(views, hindered=list(held[pk]))
        for view in over:
            _hand_over(by_pk[view.pk], "burn_over", standings.get(pk), now)
        for view in begun:
            _hand_over(by_pk[view.pk], "burn", standings.get(pk), now)
        _keep_why_held(alerts, held[pk])


def _held(of_endpoint: Mapping[int, Iterable[BurnAlert]], now: datetime) -> dict[int, dict[str, str]]:
    """Endpoint id → pair → why its beginning is not to be told now.

    An incident that ended within a pair's short window left its failures there: these were told of with it;
    so did an alert that was told. An anomaly (info) covers nothing, for nobody is told of it.
    """
    reach = timedelta(seconds=max(pair.short_s for pair in PAIRS))
    members = IncidentEndpoint.objects.filter(endpoint__in=list(of_endpoint))
    members = members.exclude(incident__severity="info")
    left: dict[int, datetime] = {}
    for pk, left_at in members.filter(Q(left_at=None) | Q(left_at__gte=now - reach)).values_list(
        "endpoint", "left_at"
    ):
        left[pk] = max(left.get(pk, left_at or now), left_at or now)
    maintained = spans_of(list(of_endpoint), since=now, until=now + timedelta(seconds=1))
    told = _told_lately(of_endpoint, now - reach)
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, pair in product(of_endpoint, PAIRS):
        begins = now - timedelta(seconds=pair.short_s)
        if pk in left and left[pk] >= begins:
            found[pk][pair.name] = BurnAlert.HeldBy.INCIDENT.value
        elif any(not span.regions for span in maintained.get(pk, ())):
            found[pk][pair.name] = BurnAlert.HeldBy.MAINTENANCE.value
        elif any(ended_at >= begins for ended_at in told.get(pk, ())):
            found[pk][pair.name] = BurnAlert.HeldBy.ALERT.value
    return found


def _told_lately(endpoint_ids: Collection[int], since: datetime) -> dict[int, list[datetime]]:
    """Endpoint id → when told alerts of it ended since then."""
    rows = BurnAlert.objects.filter(
        endpoint__in=list(endpoint_ids), told_at__isnull=False, ended_at__gte=since
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for pk, ended_at in rows.values_list("endpoint", "ended_at"):
        if ended_at is not None:
            found[pk].append(ended_at)
    return found


def _keep_why_held(alerts: Iterable[BurnAlert], held: Mapping[str, str]) -> None:
    for row in alerts:
        untold = row.ended_at is None and row.told_at is None
        why = held.get(row.pair, BurnAlert.HeldBy.ALERT.value) if untold else ""
        if row.held_by != why:
            row.held_by = why
            row.save(update_fields=["held_by"])


def _hand_over(row: BurnAlert, kind: str, standing: SloStanding | None, now: datetime) -> None:
    queue_notice(
        topic="slo",
        subject=f"burn:{row.pk}",
        kind=kind,
        severity=row.severity,
        facts=_facts(row, standing),
        endpoint_ids=[row.endpoint_id],
        provider_id=row.endpoint.provider_id,
        now=now,
    )
    told = "told_at" if kind == "burn" else "over_told_at"
    setattr(row, told, now)
    row.save(update_fields=[told])


def _facts(row: BurnAlert, standing: SloStanding | None) -> dict[str, Any]:
    """What a notice says. burn_*: when it began. budget_left_pct: null = too few attempts to tell."""
    pair, endpoint = slo.BY_NAME.get(row.pair), row.endpoint  # None: a pair of a former release
    left = standing.budget_left_pct if standing else None
    return {
        "alert": row.pk,
        "endpoint": {"slug": endpoint.slug, "name": endpoint.model.name},
        "provider": {"slug": endpoint.provider.slug, "name": endpoint.provider.name},
        "severity": row.severity,
        "factor": pair and pair.factor,
        "long_s": pair and pair.long_s,
        "short_s": pair and pair.short_s,
        "burn_long": round(row.burn_long, 2),
        "burn_short": round(row.burn_short, 2),
        "samples": row.samples,
        "target_pct": row.target_pct,
        "period_days": standing.period_days if standing else PERIOD_DAYS,
        "budget_left_pct": None if left is None else round(left, 1),
        "began_at": moment_text(row.began_at),
        "ended_at": moment_text(row.ended_at),
        "ended_why": row.ended_why,
        "simulated": endpoint.simulated,
        "url": absolute(f"/operations/slo/?provider={endpoint.provider.slug}"),
    }
