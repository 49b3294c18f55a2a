"""What to ask now: due moments become orders, and orders become batches for the regions' queues.

Tasks send what this returns: no broker here.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db import Error, transaction

from catalog.models import Endpoint
from probes import schedule
from probes.attempts import Attempt, ProbeSpec
from probes.models import DispatchCursor, Gap, ProbeTarget
from probes.selectors import POP_FORGOTTEN_AFTER, board_targets, expectations, reaches
from probes.services import orders, pops, spending
from probes.services.spending import Till
from probes.services.targets import spec_of_target

logger = logging.getLogger(__name__)
#: After a confirmed surprise at a provider, how long until the next one spreads again, in seconds.
SUSPICION_PAUSE_S = 20
#: A surprise older than this spreads no more.
SUSPICION_FRESH = timedelta(seconds=60)
#: The attempt number that ends a confirmation (probes.engine: the first and two more).
CONFIRMING_ATTEMPT = 3
#: Tiers asked in a region's first round; the rarer ones wait for their own moment.
FREQUENT_TIERS = {"A", "B"}


@dataclass(slots=True)
class Batch:
    """Specs for one region's queue, and the ids of the orders they answer (none for extra probes)."""

    region: str
    specs: list[ProbeSpec] = field(default_factory=list)
    order_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Due:
    """A due moment (unix s) of a target."""

    at: float
    target: ProbeTarget


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What was ordered of a region in this tick."""

    region: str
    due: list[_Due]
    order_ids: list[int]


def due_batches(*, now: datetime) -> list[Batch]:
    """The probes to send out now, per region; each due moment is ordered once, by whoever asks first.

    What a provider's budget of the day does not bear is not asked; its moments are kept as `budget`. A region
    that cannot be ordered for now does not keep the others waiting.
    """
    targets = [target for target in board_targets() if not target.paused]
    till = spending.till(now=now)
    live = reaches(now=now)
    _note_silence([reach.region for reach in live], targets, now)
    ordered = []
    for reach in live:
        covered = [target for target in targets if reach.covers(target.endpoint)]
        try:
            ordered.append(_order_region(reach.region, covered, till, now))
        except Error:
            logger.exception("the due moments of %s were not ordered", reach.region)
    return _batches([part for part in ordered if part.due])


def _batches(ordered: Sequence[_Ordered]) -> list[Batch]:
    expected = expectations({due.target.pk: due.target for part in ordered for due in part.due}.values())
    return [
        Batch(
            part.region,
            [spec_of_target(due.target, part.region, due.at, expected) for due in part.due],
            part.order_ids,
        )
        for part in ordered
    ]


@transaction.atomic
def _order_region(region: str, targets: list[ProbeTarget], till: Till, now: datetime) -> _Ordered:
    asked: list[_Due] = []
    refused: list[_Due] = []
    for due in _claim_moments(region, targets, now):
        (asked if till.take(due.target) else refused).append(due)
    moments = [
        (due.target.endpoint_id, region, due.target.tier, datetime.fromtimestamp(due.at, UTC))
        for due in refused
    ]
    orders.store_unmeasured(dict.fromkeys(moments, ""), "budget", started_at=now)
    ids = orders.place(region, [(due.target, due.at) for due in asked], now=now)
    return _Ordered(region, asked, ids)


def _claim_moments(region: str, targets: list[ProbeTarget], now: datetime) -> list[_Due]:
    """Move the region's cursor on and return the due moments it passed, in order of time.

    Ticks that were missed leave a gap. After one, or at the very first, the frequent tiers are asked at once,
    and of the rare ones those whose moment was missed.
    """
    DispatchCursor.objects.get_or_create(region=region, defaults={"dispatched_until": schedule.NEVER})
    cursor = DispatchCursor.objects.select_for_update().get(region=region)
    before, moment = cursor.dispatched_until.timestamp(), now.timestamp()
    start, end = schedule.window(before, moment)
    if start < before - schedule.LEAD_S:
        logger.warning("%s was ordered until %s: the clock was set back", region, cursor.dispatched_until)
    cursor.dispatched_until = datetime.fromtimestamp(end, UTC)
    cursor.save(update_fields=["dispatched_until"])
    # The very first tick misses nothing.
    missed = _missed(region, targets, before, start) if 0 < before < start else set()
    resumed = moment - before > schedule.RESUMED_AFTER_S
    due = []
    for target in targets:
        phase = _phase(target, region)
        moments = schedule.due_moments(target.asked_every_s, phase, start, end)
        if resumed and not moments and (target.tier in FREQUENT_TIERS or target.pk in missed):
            # Inside the window that is claimed here: no later tick comes upon the same moment.
            moments = [round(start + phase * (end - start), 3)]
        due += [_Due(at, target) for at in moments]
    return sorted(due, key=lambda due: due.at)


def _phase(target: ProbeTarget, region: str) -> float:
    return schedule.phase(target.endpoint.slug, region, target.tier)


def _missed(region: str, targets: list[ProbeTarget], before: float, start: float) -> set[int]:
    """Keep the gap between two ticks; the targets that had a moment in it."""
    counts = _due_counts(region, targets, before, start)
    began, ended = datetime.fromtimestamp(before, UTC), datetime.fromtimestamp(start, UTC)
    probes = sum(counts.values())
    if probes and not pops.was_silent(region, began, ended):
        Gap.objects.create(
            region=region, reason=Gap.Reason.NOT_DISPATCHED, started_at=began, ended_at=ended, probes=probes
        )
    return {pk for pk, count in counts.items() if count}


def _due_counts(region: str, targets: Sequence[ProbeTarget], start: float, end: float) -> dict[int, int]:
    return {
        target.pk: schedule.due_count(target.asked_every_s, _phase(target, region), start, end)
        for target in targets
    }


def _note_silence(live: list[str], targets: list[ProbeTarget], now: datetime) -> None:
    """Let the regions' silence be noted, unless it was the centre that was away."""
    newest = DispatchCursor.objects.order_by("-dispatched_until").values_list("dispatched_until", flat=True)
    last = newest.first()
    ticked_at = last - timedelta(seconds=schedule.LEAD_S) if last else None
    known = {reach.region: reach for reach in reaches(now=now, within=POP_FORGOTTEN_AFTER)}

    def count(region: str, began: datetime, ended: datetime) -> int:
        reach = known.get(region)
        covered = [target for target in targets if reach and reach.covers(target.endpoint)]
        return sum(_due_counts(region, covered, began.timestamp(), ended.timestamp()).values())

    pops.note_silence(live, now=now, ticked_at=ticked_at, count=count)


def overdue_batches(*, now: datetime) -> list[Batch]:
    """Orders whose answer is overdue, to be sent again; those that are too old become `missed`."""
    orders.give_up(now=now)
    overdue = orders.take_overdue(now=now)
    expected = expectations({order.target_id: order.target for order in overdue}.values())
    batches: dict[str, Batch] = {}
    for order in overdue:
        batch = batches.setdefault(order.region, Batch(order.region))
        batch.specs.append(spec_of_target(order.target, order.region, order.due_at.timestamp(), expected))
        batch.order_ids.append(order.pk)
    return list(batches.values())


def suspicion_batches(stored: Sequence[Attempt], *, now: datetime) -> list[Batch]:
    """Immediate probes of everything a provider serves, once a surprise there is confirmed.

    stored: attempts that are new here; what was delivered before, or late, spreads nothing. A surprise is an
    outage that begins or ends; the engine confirms it with attempts 2 and 3. At most one round per provider
    and kind of surprise in SUSPICION_PAUSE_S. These are extra: no order stands for them.
    """
    since = (now - SUSPICION_FRESH).timestamp()
    surprises = {
        (a.endpoint, a.region): a.outcome == "ok"
        for a in stored
        if a.attempt >= CONFIRMING_ATTEMPT and a.started_at > since
    }
    providers = _newly_surprising(surprises) if surprises else set()
    if not providers:
        return []
    till = spending.till(now=now)
    targets = [
        target
        for target in board_targets()
        if target.tier in FREQUENT_TIERS and target.endpoint.provider_id in providers and not target.paused
    ]
    moment = round(now.timestamp(), 3)
    ordered = []
    for reach in reaches(now=now):
        asked = [
            _Due(moment, target)
            for target in targets
            if reach.covers(target.endpoint)
            and (target.endpoint.slug, reach.region) not in surprises
            and till.take(target)
        ]
        ordered.append(_Ordered(reach.region, asked, []))
    return _batches([part for part in ordered if part.due])


def _newly_surprising(surprises: Mapping[tuple[str, str], bool]) -> set[int]:
    """The providers of these endpoints that had no such surprise a moment ago."""
    slugs = {slug for slug, _ in surprises}
    provider_of = dict(Endpoint.objects.filter(slug__in=slugs).values_list("slug", "provider"))
    kinds = {(provider_of[slug], ok) for (slug, _), ok in surprises.items() if slug in provider_of}
    return {
        pk for pk, ok in kinds if cache.add(f"probes:suspicion:{pk}:{ok}", True, timeout=SUSPICION_PAUSE_S)
    }
