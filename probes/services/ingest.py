"""Keeping what comes back: each attempt once, with everything that follows from it, in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db import DataError, IntegrityError, transaction

from aigo.lib.regions import CODES as REGION_CODES
from catalog.models import Endpoint
from catalog.services.rate_limits import LimitsSeen, note_rate_limits
from probes.attempts import Attempt
from probes.models import Origin, ProbeResult, ProbeTarget, Pulse
from probes.models.results import MOST_EVENTS
from probes.outcomes import counts
from probes.plausible import MOST_MS, Reason, Refusal, implausible
from probes.reachability import NETWORK_FAILURES, is_network_failure
from probes.schedule import NEVER
from probes.services import identities, orders, pops, provenances, rollups, spending
from probes.services.orders import Moment
from probes.services.setting_aside import SetAside, not_storable, set_aside
from probes.services.spending import Cost
from probes.signals import results_stored
from probes.timeseries import days
from probes.timeseries import rows as timeseries

#: What Django and a database say of a row that cannot be held. ValueError: no Unicode, or no
#: date (OSError as well); KeyError: an outcome that only a newer worker knows.
REFUSALS = (DataError, IntegrityError, ValueError, OverflowError, KeyError, OSError)
#: What a row has of its attempt as it is; what it shares with others is in its origin.
TAKEN = tuple(
    field.name
    for field in ProbeResult._meta.concrete_fields
    if field.name in Attempt.__slots__
    and field.name not in ("endpoint", "due_at", "started_at", "lag_ms", "chunks", "keep_alives")
)

Ids = Mapping[str, int]
#: Rows that are not stored, by region and worker of who sent them.
Aside = Mapping[tuple[str, str], Sequence[SetAside]]
Stored = tuple[Attempt, Cost]
#: An attempt that is not stored, and why.
Odd = tuple[Attempt, Refusal]
#: The primary key of a row: endpoint id, tier, region, due_at, attempt number.
Key = tuple[int, str, str, datetime, int]
#: region → since when its own network fails
Offline = Mapping[str, datetime]


def read_attempts(rows: Any, *, region: str, now: datetime) -> tuple[list[Attempt], list[SetAside]]:
    """The attempts of a delivery, and its other rows with their reason; a region speaks only for itself."""
    attempts: list[Attempt] = []
    refused: list[SetAside] = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            attempt = Attempt.from_json(row)
            refusal = implausible(attempt, now=now)
        except (TypeError, AttributeError, ValueError, ArithmeticError) as exc:
            refused.append(SetAside(row, Refusal(Reason.MALFORMED, f"{type(exc).__name__} {exc}")))
            continue
        if not refusal and attempt.region != region:
            refusal = Refusal(Reason.FOREIGN, f"an attempt from {attempt.region!r}")
        if refusal:
            refused.append(SetAside(row, refusal))
        else:
            attempts.append(attempt)
    return attempts, refused


def store_attempts(
    attempts: Sequence[Attempt], *, now: datetime, aside: Aside = MappingProxyType({})
) -> list[Attempt]:
    """Keep the attempts in one transaction and announce the news; those that are new here, in their order.

    An attempt that is kept already changes nothing. One of an endpoint or region that is not known here, and
    one that the database refuses, is set aside; its order stays open and becomes `missed` in the end.
    aside: what is set aside of the same delivery besides, in the same transaction: once, however often it is
    tried.
    """
    try:
        return _store(attempts, now, aside)
    except IntegrityError:  # an endpoint was deleted meanwhile; the commit says so. It is not known any more.
        return _store(attempts, now, aside)


def _store(attempts: Sequence[Attempt], now: datetime, aside: Aside) -> list[Attempt]:
    endpoints = Endpoint.objects.filter(slug__in={attempt.endpoint for attempt in attempts})
    rows = list(endpoints.values_list("slug", "pk", "provider"))
    ids = {slug: pk for slug, pk, _ in rows}
    provider_of = {slug: provider for slug, _, provider in rows}
    known, refused = _recognised(attempts, ids)
    # Before any row is locked: who makes a day waits for others who make it.
    days.ensure({_utc(attempt.due_at).date() for attempt in known})
    with transaction.atomic():
        orders.lock_regions(attempt.region for attempt in known)
        fresh, answered, outdone = _sift(known, ids)
        offline = pops.open_gaps()
        stored, odd = _store_rows(fresh, ids, offline, outdone)
        _follow_up(stored, ids, provider_of, now)
        new = [attempt for attempt, _ in stored]
        orders.close(answered | {_moment(attempt, ids) for attempt in new if attempt.attempt == 1})
        pairs = {(ids[attempt.endpoint], attempt.region) for attempt in new} | _judge_pops(new, offline, now)
        _set_aside(refused + odd, aside, now)
        if pairs:
            transaction.on_commit(lambda: results_stored.send(sender=ProbeResult, pairs=pairs))
    return new


def _recognised(attempts: Sequence[Attempt], ids: Ids) -> tuple[list[Attempt], list[Odd]]:
    """The attempts whose endpoint, region and moments are known here, and the others."""
    known: list[Attempt] = []
    others: list[Odd] = []
    for attempt in attempts:
        if refusal := _unrecognised(attempt, ids):
            others.append((attempt, refusal))
        else:
            known.append(attempt)
    return known, others


def _unrecognised(attempt: Attempt, ids: Ids) -> Refusal | None:
    if attempt.region not in REGION_CODES:
        return Refusal(Reason.UNKNOWN_REGION, f"region={attempt.region!r:.60} is not known here")
    if attempt.endpoint not in ids:
        return Refusal(Reason.UNKNOWN_ENDPOINT, f"endpoint={attempt.endpoint!r:.120} is not known here")
    try:
        _utc(attempt.due_at), _utc(attempt.started_at)
    except REFUSALS as exc:
        return not_storable(exc)
    return None


def _set_aside(refused: Sequence[Odd], aside: Aside, now: datetime) -> None:
    senders: dict[tuple[str, str], list[SetAside]] = defaultdict(list)
    for sender, found in aside.items():
        senders[sender] += found
    for attempt, refusal in refused:
        senders[attempt.region, attempt.worker].append(SetAside(attempt.to_json(), refusal))
    for (region, worker), rows in sorted(senders.items(), key=itemgetter(0)):
        set_aside(rows, region=region, worker=worker, now=now)


def _sift(attempts: Sequence[Attempt], ids: Ids) -> tuple[list[Attempt], set[Moment], set[Key]]:
    """The attempts that are not kept yet, each once; the moments that are answered; the rows they outdo.

    What was never asked (`missed`, or `lagged` and not sent) makes room for an attempt that says more.
    """
    kept = {
        key: (outcome, sent_ms is not None)
        for key, outcome, sent_ms in ProbeResult.objects.filter(
            endpoint__in={ids[a.endpoint] for a in attempts},
            tier__in={a.tier for a in attempts},
            region__in={a.region for a in attempts},
            due_at__in={_utc(a.due_at) for a in attempts},
        ).values_list("pk", "outcome", "sent_ms")
    }
    fresh: dict[Key, Attempt] = {}
    for attempt in attempts:
        key = _key(attempt, ids)
        if key not in kept or _says_more(attempt, *kept[key]):
            fresh.setdefault(key, attempt)
    answered = {(endpoint, region, tier, due_at) for endpoint, tier, region, due_at, n in kept if n == 1}
    return list(fresh.values()), answered, fresh.keys() & kept.keys()


def _says_more(attempt: Attempt, kept_outcome: str, kept_sent: bool) -> bool:
    """Whether an attempt replaces the row that stands for its moment."""
    if kept_outcome == "missed":
        return attempt.outcome != "missed"
    return kept_outcome == "lagged" and not kept_sent and attempt.sent_ms is not None


def _moment(attempt: Attempt, ids: Ids) -> Moment:
    return ids[attempt.endpoint], attempt.region, attempt.tier, _utc(attempt.due_at)


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _key(attempt: Attempt, ids: Ids) -> Key:
    return ids[attempt.endpoint], attempt.tier, attempt.region, _utc(attempt.due_at), attempt.attempt


def _store_rows(
    attempts: Sequence[Attempt], ids: Ids, offline: Offline, outdone: Collection[Key]
) -> tuple[list[Stored], list[Odd]]:
    """Those that were kept, and those that the database refuses. outdone: rows whose place is taken."""
    pairs = list(zip(attempts, spending.costs_of(attempts, ids), strict=True))

    def insert(part: Sequence[Stored]) -> None:
        _insert(part, ids, offline, outdone)

    return _halved(pairs, insert)


def _halved(
    pairs: list[Stored], insert: Callable[[Sequence[Stored]], None]
) -> tuple[list[Stored], list[Odd]]:
    """All at once; where that is refused, each half, until what is refused is one row."""
    try:
        insert(pairs)
    except REFUSALS as exc:
        if len(pairs) == 1:
            return [], [(pairs[0][0], not_storable(exc))]
        middle = len(pairs) // 2
        left, odd_left = _halved(pairs[:middle], insert)
        right, odd_right = _halved(pairs[middle:], insert)
        return left + right, odd_left + odd_right
    return pairs, []


@transaction.atomic
def _insert(stored: Sequence[Stored], ids: Ids, offline: Offline, outdone: Collection[Key]) -> None:
    if not stored:
        return
    replaced = [key for attempt, _ in stored if (key := _key(attempt, ids)) in outdone]
    if replaced:
        ProbeResult.objects.filter(pk__in=replaced).delete()
        rollups.rederive(key[:4] for key in replaced)
    day = max(_utc(attempt.due_at) for attempt, _ in stored).date()
    known = provenances.numbers({_origin(attempt) for attempt, _ in stored}, day=day)
    rows = [_row_of(attempt, cost, ids, offline, known[_origin(attempt)]) for attempt, cost in stored]
    timeseries.write(rows)
    rollups.add(rows)


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
        chunks=min(attempt.chunks, MOST_EVENTS),
        keep_alives=min(attempt.keep_alives, MOST_EVENTS),
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


def _judge_pops(stored: Sequence[Attempt], offline: Offline, now: datetime) -> set[tuple[int, str]]:
    """(endpoint, region) whose results were marked or unmarked, for their region's own network failed."""
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
