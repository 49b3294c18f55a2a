"""Keeping what comes back: each attempt once, with everything that follows from it, in one transaction."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction

from catalog.models import Endpoint
from catalog.services.rate_limits import LimitsSeen, note_rate_limits
from probes.attempts import Attempt
from probes.models import DispatchCursor, ProbeResult, ProbeTarget, Pulse
from probes.outcomes import counts
from probes.reachability import NETWORK_FAILURES
from probes.scrubbing import scrub
from probes.services import identities, orders, pops, spending
from probes.services.spending import Cost
from probes.signals import results_stored

#: What Django and a database say of a row that cannot be held. ValueError: no Unicode, or no
#: date (OSError as well); KeyError: an outcome that only a newer worker knows.
REFUSALS = (DataError, IntegrityError, ValueError, OverflowError, KeyError, OSError)
#: Of an Attempt, but not of its row: used on the way in.
PASSING = ("endpoint", "target_id", "rate_limits", "retry_after_s", "reported_cost_usd")
NEVER = datetime.fromtimestamp(0, UTC)

logger = logging.getLogger(__name__)
#: endpoint id, region, tier, due_at: what an order is known by.
Moment = tuple[int, str, str, datetime]
Ids = Mapping[str, int]
Stored = tuple[Attempt, Cost]


def read_attempts(rows: Any, *, region: str) -> tuple[list[Attempt], list[str]]:
    """The attempts of a delivery, and why other rows of it are none; a region speaks only for itself."""
    attempts: list[Attempt] = []
    refused: list[str] = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            attempt = Attempt.from_json(row)
        except (TypeError, AttributeError) as exc:
            refused.append(f"{type(exc).__name__} {exc}")
            continue
        if attempt.region == region:
            attempts.append(attempt)
        else:
            refused.append(f"an attempt from {attempt.region!r}")
    return attempts, refused


def store_attempts(attempts: Sequence[Attempt], *, now: datetime) -> int:
    """Keep the attempts in one transaction and announce the news; a row already kept is left as it is.

    A row that cannot be stored is logged and left out. Returns how many attempts were kept, redelivered ones
    included; those of endpoints that no longer exist are not.
    """
    endpoints = Endpoint.objects.filter(slug__in={attempt.endpoint for attempt in attempts})
    rows = list(endpoints.values_list("slug", "pk", "provider"))
    ids = {slug: pk for slug, pk, _ in rows}
    provider_of = {slug: provider for slug, _, provider in rows}
    known = [attempt for attempt in attempts if attempt.endpoint in ids and _is_dated(attempt)]
    with transaction.atomic():
        _one_at_a_time({attempt.region for attempt in known})
        fresh = _unknown_of(known, ids)
        offline = pops.offline_regions()
        stored = _store_rows(fresh, ids, offline)
        _follow_up(stored, ids, provider_of, now)
        orders.close(_moment(attempt, ids) for attempt in known)
        pairs = {(ids[attempt.endpoint], attempt.region) for attempt, _ in stored}
        pairs |= _judge_pops(stored, offline, now)
        if pairs:
            transaction.on_commit(lambda: results_stored.send(sender=ProbeResult, pairs=pairs))
    return len(known) - (len(fresh) - len(stored))


def _is_dated(attempt: Attempt) -> bool:
    try:
        _utc(attempt.due_at), _utc(attempt.started_at)
    except REFUSALS as exc:
        _log_refusal(attempt, exc)
        return False
    return True


def _one_at_a_time(regions: Iterable[str]) -> None:
    """Lock the regions, so that what is looked up as unknown is still unknown when it is written."""
    cursors = DispatchCursor.objects.filter(region__in=regions).order_by("region")
    list(cursors.select_for_update().values_list("pk", flat=True))


def _unknown_of(attempts: Sequence[Attempt], ids: Ids) -> list[Attempt]:
    """The attempts that are not kept yet, each once; what was given up as `missed` makes room for them."""
    kept = {
        (*key, number): (pk, outcome)
        for pk, *key, number, outcome in ProbeResult.objects.filter(
            endpoint__in={ids[a.endpoint] for a in attempts},
            region__in={a.region for a in attempts},
            due_at__in={_utc(a.due_at) for a in attempts},
        ).values_list("pk", "endpoint", "region", "tier", "due_at", "attempt", "outcome")
    }
    unknown: dict[tuple[Moment, int], Attempt] = {}
    replaced = []
    for attempt in attempts:
        moment = _moment(attempt, ids)
        pk, outcome = kept.get((*moment, attempt.attempt), (None, ""))
        if pk is None or (outcome == "missed" and attempt.outcome != "missed"):
            unknown.setdefault((moment, attempt.attempt), attempt)
            replaced += [pk] if pk else []
    ProbeResult.objects.filter(pk__in=replaced).delete()
    return list(unknown.values())


def _moment(attempt: Attempt, ids: Ids) -> Moment:
    return ids[attempt.endpoint], attempt.region, attempt.tier, _utc(attempt.due_at)


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _store_rows(attempts: Sequence[Attempt], ids: Ids, offline: Collection[str]) -> list[Stored]:
    """All at once; where the database refuses one of them, one by one. Returns those that were kept."""
    stored = list(zip(attempts, spending.costs_of(attempts, ids), strict=True))
    try:
        _insert(stored, ids, offline)
    except REFUSALS:
        return [pair for pair in stored if _stored_alone(pair, ids, offline)]
    return stored


def _stored_alone(stored: Stored, ids: Ids, offline: Collection[str]) -> bool:
    try:
        _insert([stored], ids, offline)
    except REFUSALS as exc:
        _log_refusal(stored[0], exc)
        return False
    return True


def _log_refusal(attempt: Attempt, exc: Exception) -> None:
    # The first line only: PostgreSQL's further lines repeat the row.
    reason = f"{type(exc).__name__} {scrub((str(exc).splitlines() or [''])[0])}"
    logger.error("a result of %s in %s was refused: %s", attempt.endpoint, attempt.region, reason)


def _insert(stored: Sequence[Stored], ids: Ids, offline: Collection[str]) -> None:
    rows = [_row_of(attempt, cost, ids, offline) for attempt, cost in stored]
    with transaction.atomic():
        ProbeResult.objects.bulk_create(rows, ignore_conflicts=True)


def _row_of(attempt: Attempt, cost: Cost, ids: Ids, offline: Collection[str]) -> ProbeResult:
    facts = attempt.to_json()
    for name in PASSING:
        del facts[name]
    facts |= {"due_at": _utc(attempt.due_at), "started_at": _utc(attempt.started_at)}
    doubtful = attempt.region in offline and attempt.outcome in NETWORK_FAILURES
    return ProbeResult(
        endpoint_id=ids[attempt.endpoint],
        counts=counts(attempt.outcome) and not doubtful,
        left_out=pops.LEFT_OUT if doubtful else "",
        cost_usd=cost.usd,
        cost_estimated=cost.estimated,
        **facts,
    )


def _follow_up(stored: Sequence[Stored], ids: Ids, provider_of: Ids, now: datetime) -> None:
    """What new attempts mean for the targets' pulses, the ledger, the limits and the identities seen."""
    attempts = [attempt for attempt, _ in stored]
    _store_pulses(attempts)
    spending.book(attempts, [cost for _, cost in stored], provider_of)
    identities.follow(attempts, ids, now=now)
    note_rate_limits(
        LimitsSeen(ids[attempt.endpoint], attempt.region, _utc(attempt.started_at), attempt.rate_limits)
        for attempt in attempts
        if attempt.rate_limits
    )


def _judge_pops(stored: Sequence[Stored], offline: Collection[str], now: datetime) -> set[tuple[int, str]]:
    """(endpoint, region) whose earlier results were marked, because their region's own network failed."""
    suspects = {attempt.region for attempt, _ in stored if attempt.outcome in NETWORK_FAILURES}
    regions = (suspects | set(offline)) & {attempt.region for attempt, _ in stored}
    return {(pk, region) for region in regions for pk in pops.judge_pop(region, now=now)}


def _store_pulses(attempts: Iterable[Attempt]) -> None:
    """Let every target's pulse follow its countable attempts; a late batch changes nothing newer."""
    series: dict[tuple[int, str], list[Attempt]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda attempt: attempt.started_at):
        if attempt.target_id and counts(attempt.outcome):
            series[attempt.target_id, attempt.region].append(attempt)
    asked = {pk for pk, _ in series}
    # The targets' rows are locked, so that two batches do not follow the same pulse.
    locked = ProbeTarget.objects.select_for_update(no_key=True).filter(pk__in=asked).order_by("pk")
    existing = set(locked.values_list("pk", flat=True))
    held = {(pulse.target_id, pulse.region): pulse for pulse in Pulse.objects.filter(target__in=asked)}
    pulses = []
    for (pk, region), followed in series.items():
        if pk in existing:
            pulse = held.get((pk, region)) or Pulse(target_id=pk, region=region, started_at=NEVER)
            for attempt in followed:
                pulse.follow(attempt.outcome == "ok", _utc(attempt.started_at))
            pulses.append(pulse)
    Pulse.objects.bulk_create(
        [
            Pulse(target_id=p.target_id, region=p.region, ok=p.ok, streak=p.streak, started_at=p.started_at)
            for p in pulses
        ],
        update_conflicts=True,
        unique_fields=["target", "region"],
        update_fields=["ok", "streak", "started_at"],
    )
