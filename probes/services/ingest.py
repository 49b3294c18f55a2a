"""Keeping what comes back: each attempt once, with everything that follows from it, in one transaction."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction

from catalog.models import Endpoint
from catalog.services.rate_limits import LimitsSeen, note_rate_limits
from probes.attempts import Attempt
from probes.models import Origin, ProbeResult, ProbeTarget, Pulse
from probes.outcomes import counts
from probes.plausible import MOST_MS, implausible
from probes.reachability import NETWORK_FAILURES, is_network_failure
from probes.scrubbing import scrub
from probes.services import identities, orders, pops, provenances, spending
from probes.services.orders import Moment
from probes.services.spending import Cost
from probes.signals import results_stored
from probes.timeseries import rows as timeseries

#: What Django and a database say of a row that cannot be held. ValueError: no Unicode, or no
#: date (OSError as well); KeyError: an outcome that only a newer worker knows.
REFUSALS = (DataError, IntegrityError, ValueError, OverflowError, KeyError, OSError)
#: What a row has of its attempt as it is; what it shares with others is in its origin.
TAKEN = tuple(
    field.name
    for field in ProbeResult._meta.concrete_fields
    if field.name in Attempt.__slots__ and field.name not in ("endpoint", "due_at", "started_at", "lag_ms")
)
NEVER = datetime.fromtimestamp(0, UTC)

logger = logging.getLogger(__name__)
Ids = Mapping[str, int]
Stored = tuple[Attempt, Cost]
#: region → since when its own network fails
Offline = Mapping[str, datetime]


def read_attempts(rows: Any, *, region: str, now: datetime) -> tuple[list[Attempt], list[str]]:
    """The attempts of a delivery, and why other rows of it are none; a region speaks only for itself."""
    attempts: list[Attempt] = []
    refused: list[str] = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            attempt = Attempt.from_json(row)
        except (TypeError, AttributeError) as exc:
            refused.append(f"{type(exc).__name__} {exc}")
            continue
        reason = implausible(attempt, now=now)
        if not reason and attempt.region != region:
            reason = f"an attempt from {attempt.region!r}"
        if reason:
            refused.append(reason)
        else:
            attempts.append(attempt)
    return attempts, refused


def store_attempts(attempts: Sequence[Attempt], *, now: datetime) -> list[Attempt]:
    """Keep the attempts in one transaction and announce the news; those that are new here, in their order.

    An attempt that is kept already changes nothing, that of an endpoint that no longer exists is passed over.
    A row that the database refuses is logged, and its order stays open: it becomes `missed` in the end.
    """
    endpoints = Endpoint.objects.filter(slug__in={attempt.endpoint for attempt in attempts})
    rows = list(endpoints.values_list("slug", "pk", "provider"))
    ids = {slug: pk for slug, pk, _ in rows}
    provider_of = {slug: provider for slug, _, provider in rows}
    known = [attempt for attempt in attempts if attempt.endpoint in ids and _is_dated(attempt)]
    with transaction.atomic():
        orders.lock_regions(attempt.region for attempt in known)
        fresh, answered = _sift(known, ids)
        stored = _store_rows(fresh, ids, pops.open_gaps())
        _follow_up(stored, ids, provider_of, now)
        new = [attempt for attempt, _ in stored]
        orders.close(answered | {_moment(attempt, ids) for attempt in new if attempt.attempt == 1})
        pairs = {(ids[attempt.endpoint], attempt.region) for attempt in new} | _judge_pops(new, now)
        if pairs:
            transaction.on_commit(lambda: results_stored.send(sender=ProbeResult, pairs=pairs))
    return new


def _is_dated(attempt: Attempt) -> bool:
    try:
        _utc(attempt.due_at), _utc(attempt.started_at)
    except REFUSALS as exc:
        _log_refusal(attempt, exc)
        return False
    return True


def _sift(attempts: Sequence[Attempt], ids: Ids) -> tuple[list[Attempt], set[Moment]]:
    """The attempts that are not kept yet, each once, and the moments that are answered already.

    What was never asked (`missed`, or `lagged` and not sent) makes room for an attempt that says more.
    """
    kept = {
        (endpoint, region, tier, due_at, number): (outcome, sent_ms is not None)
        for endpoint, region, tier, due_at, number, outcome, sent_ms in ProbeResult.objects.filter(
            endpoint__in={ids[a.endpoint] for a in attempts},
            tier__in={a.tier for a in attempts},
            region__in={a.region for a in attempts},
            due_at__in={_utc(a.due_at) for a in attempts},
        ).values_list("endpoint", "region", "tier", "due_at", "attempt", "outcome", "sent_ms")
    }
    fresh: dict[tuple[Moment, int], Attempt] = {}
    replaced = []
    for attempt in attempts:
        moment = _moment(attempt, ids)
        there = kept.get((*moment, attempt.attempt))
        if there and not _says_more(attempt, *there):
            continue
        fresh.setdefault((moment, attempt.attempt), attempt)
        if there:
            endpoint_id, region, tier, due_at = moment
            replaced.append((endpoint_id, tier, region, due_at, attempt.attempt))
    if replaced:
        ProbeResult.objects.filter(pk__in=replaced).delete()
    return list(fresh.values()), {key[:4] for key in kept if key[4] == 1}


def _says_more(attempt: Attempt, kept_outcome: str, kept_sent: bool) -> bool:
    """Whether an attempt replaces the row that stands for its moment."""
    if kept_outcome == "missed":
        return attempt.outcome != "missed"
    return kept_outcome == "lagged" and not kept_sent and attempt.sent_ms is not None


def _moment(attempt: Attempt, ids: Ids) -> Moment:
    return ids[attempt.endpoint], attempt.region, attempt.tier, _utc(attempt.due_at)


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _store_rows(attempts: Sequence[Attempt], ids: Ids, offline: Offline) -> list[Stored]:
    """All at once; where the database refuses one of them, one by one. Returns those that were kept."""
    stored = list(zip(attempts, spending.costs_of(attempts, ids), strict=True))
    try:
        _insert(stored, ids, offline)
    except REFUSALS:
        return [pair for pair in stored if _stored_alone(pair, ids, offline)]
    return stored


def _stored_alone(stored: Stored, ids: Ids, offline: Offline) -> bool:
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


def _insert(stored: Sequence[Stored], ids: Ids, offline: Offline) -> None:
    if not stored:
        return
    with transaction.atomic():
        day = max(_utc(attempt.due_at) for attempt, _ in stored).date()
        known = provenances.numbers({_origin(attempt) for attempt, _ in stored}, day=day)
        timeseries.write(
            [_row_of(attempt, cost, ids, offline, known[_origin(attempt)]) for attempt, cost in stored]
        )


def _origin(attempt: Attempt) -> Origin:
    return Origin(*(getattr(attempt, name) for name in Origin._fields))


def _row_of(attempt: Attempt, cost: Cost, ids: Ids, offline: Offline, provenance_id: int) -> ProbeResult:
    started_at = _utc(attempt.started_at)
    since = offline.get(attempt.region)
    unreached = is_network_failure(attempt.outcome, got_bytes=attempt.first_byte_ms is not None)
    doubtful = unreached and since is not None and started_at >= since
    return ProbeResult(
        endpoint_id=ids[attempt.endpoint],
        provenance_id=provenance_id,
        due_at=_utc(attempt.due_at),
        started_at=started_at,
        lag_ms=min(attempt.lag_ms, MOST_MS),
        counts=counts(attempt.outcome) and not doubtful,
        left_out=pops.LEFT_OUT if doubtful else "",
        cost_usd=cost.usd,
        cost_estimated=cost.estimated,
        **{name: getattr(attempt, name) for name in TAKEN},
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


def _judge_pops(stored: Sequence[Attempt], now: datetime) -> set[tuple[int, str]]:
    """(endpoint, region) whose results were marked or unmarked, for their region's own network failed."""
    offline = pops.open_gaps()
    failed = {attempt.region for attempt in stored if attempt.outcome in NETWORK_FAILURES}
    touched: set[tuple[int, str]] = set()
    for region in sorted({attempt.region for attempt in stored} & (failed | offline.keys())):
        started = [_utc(attempt.started_at) for attempt in stored if attempt.region == region]
        touched |= {(pk, region) for pk in pops.judge_pop(region, now=now, started=started)}
    return touched


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
