"""What to ask now: due moments become orders, and orders become batches for the regions' queues.

Tasks send what this returns: no broker here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import transaction

from catalog.models import Endpoint
from probes import schedule
from probes.attempts import METHOD_VERSION, Attempt, ProbeSpec
from probes.models import DispatchCursor, Gap, ProbeResult, ProbeTarget
from probes.selectors import board_targets, expectations, reaches
from probes.services import orders, pops, spending
from probes.services.targets import spec_of_target

#: After a confirmed surprise at a provider, how long until the next one spreads again, in seconds.
SUSPICION_PAUSE_S = 20
#: The attempt number that ends a confirmation (probes.engine: the first and two more).
CONFIRMING_ATTEMPT = 3
#: Tiers asked in a region's first round; the rarer ones wait for their own moment.
FREQUENT_TIERS = {"A", "B"}
NEVER = datetime.fromtimestamp(0, UTC)


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


def due_batches(*, now: datetime) -> list[Batch]:
    """The probes to send out now, per region; each due moment is ordered once, by whoever asks first.

    A provider whose budget of the day is used up is not asked; its moments are kept as `budget`.
    """
    targets = board_targets()
    expected = expectations(targets)
    broke = spending.exhausted(now=now)
    live = reaches(now=now)
    pops.note_silence([reach.region for reach in live], now=now)
    batches = []
    for reach in live:
        covered = [target for target in targets if reach.covers(target.endpoint) and not target.paused]
        batches.append(_order_region(reach.region, covered, broke, expected, now))
    return [batch for batch in batches if batch.specs]


@transaction.atomic
def _order_region(
    region: str,
    targets: list[ProbeTarget],
    broke: frozenset[int],
    expected: dict[tuple[int, str], bool],
    now: datetime,
) -> Batch:
    due = _claim_moments(region, targets, now)
    refused = [d for d in due if d.target.tier != "A" and d.target.endpoint.provider_id in broke]
    asked = [d for d in due if d not in refused]
    ProbeResult.objects.bulk_create([_unasked(d, region, now) for d in refused], ignore_conflicts=True)
    ids = orders.place(region, [(d.target, d.at) for d in asked], now=now)
    specs = [spec_of_target(d.target, region, d.at, expected) for d in asked]
    return Batch(region, specs, ids)


def _unasked(due: _Due, region: str, now: datetime) -> ProbeResult:
    """The row of a moment at which the budget of the day was used up."""
    return ProbeResult(
        endpoint_id=due.target.endpoint_id,
        region=region,
        tier=due.target.tier,
        worker="",
        due_at=datetime.fromtimestamp(due.at, UTC),
        started_at=now,
        outcome="budget",
        counts=False,
        method_version=METHOD_VERSION,
    )


def _claim_moments(region: str, targets: list[ProbeTarget], now: datetime) -> list[_Due]:
    """Move the region's cursor on and return the due moments it passed, in order of time.

    Ticks that were missed leave a gap. After one, or at the very first, the frequent tiers are asked within
    FIRST_ROUND_S, and of the rare ones those whose moment was missed.
    """
    DispatchCursor.objects.get_or_create(region=region, defaults={"dispatched_until": NEVER})
    cursor = DispatchCursor.objects.select_for_update().get(region=region)
    before, moment = cursor.dispatched_until.timestamp(), now.timestamp()
    start, end = schedule.window(before, moment)
    cursor.dispatched_until = datetime.fromtimestamp(end, UTC)
    cursor.save(update_fields=["dispatched_until"])
    # The very first tick misses nothing.
    missed = _missed(region, targets, before, start) if 0 < before < start else set()
    resumed = moment - before > schedule.FIRST_ROUND_S
    due = []
    for target in targets:
        phase = schedule.phase(target.endpoint.slug, region, target.tier)
        moments = schedule.due_moments(target.asked_every_s, phase, start, end)
        if resumed and not moments and (target.tier in FREQUENT_TIERS or target.pk in missed):
            moments = [round(start + phase * schedule.FIRST_ROUND_S, 3)]
        due += [_Due(at, target) for at in moments]
    return sorted(due, key=lambda due: due.at)


def _missed(region: str, targets: list[ProbeTarget], before: float, start: float) -> set[int]:
    """Keep the gap between two ticks; the targets that had a moment in it."""
    counts = {
        target.pk: schedule.due_count(
            target.asked_every_s,
            schedule.phase(target.endpoint.slug, region, target.tier),
            before,
            start,
        )
        for target in targets
    }
    began, ended = datetime.fromtimestamp(before, UTC), datetime.fromtimestamp(start, UTC)
    probes = sum(counts.values())
    if probes and not pops.was_silent(region, began, ended):
        Gap.objects.create(
            region=region, reason=Gap.Reason.NOT_DISPATCHED, started_at=began, ended_at=ended, probes=probes
        )
    return {pk for pk, count in counts.items() if count}


def overdue_batches(*, now: datetime) -> list[Batch]:
    """Orders whose answer is overdue, to be sent again; those given up become `missed`."""
    overdue = orders.take_overdue(now=now)
    expected = expectations([order.target for order in overdue])
    batches: dict[str, Batch] = {}
    for order in overdue:
        batch = batches.setdefault(order.region, Batch(order.region))
        batch.specs.append(spec_of_target(order.target, order.region, order.due_at.timestamp(), expected))
        batch.order_ids.append(order.pk)
    return list(batches.values())


def suspicion_batches(attempts: Sequence[Attempt], *, now: datetime) -> list[Batch]:
    """Immediate probes of everything a provider serves, once a surprise there is confirmed.

    A surprise is an outage that begins or ends; the engine confirms it with attempts 2 and 3. At most
    one round per provider and kind of surprise in SUSPICION_PAUSE_S. These are extra: no order stands for
    them.
    """
    surprises = {
        (a.endpoint, a.region): a.outcome == "ok" for a in attempts if a.attempt >= CONFIRMING_ATTEMPT
    }
    if not surprises:
        return []
    providers = _newly_surprising(surprises) - spending.exhausted(now=now)
    targets = [
        target
        for target in board_targets()
        if target.tier in FREQUENT_TIERS and target.endpoint.provider_id in providers and not target.paused
    ]
    expected = expectations(targets)
    moment = round(now.timestamp(), 3)
    batches = [
        Batch(
            reach.region,
            [
                spec_of_target(target, reach.region, moment, expected)
                for target in targets
                if reach.covers(target.endpoint) and (target.endpoint.slug, reach.region) not in surprises
            ],
        )
        for reach in reaches(now=now)
    ]
    return [batch for batch in batches if batch.specs]


def _newly_surprising(surprises: Mapping[tuple[str, str], bool]) -> set[int]:
    """The providers of these endpoints that had no such surprise a moment ago."""
    slugs = {slug for slug, _ in surprises}
    provider_of = dict(Endpoint.objects.filter(slug__in=slugs).values_list("slug", "provider"))
    kinds = {(provider_of[slug], ok) for (slug, _), ok in surprises.items() if slug in provider_of}
    return {
        pk for pk, ok in kinds if cache.add(f"probes:suspicion:{pk}:{ok}", True, timeout=SUSPICION_PAUSE_S)
    }
