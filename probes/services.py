"""Sending probes out and keeping what comes back. Tasks send what this returns: no broker here."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import DataError, IntegrityError, transaction

from catalog.models import Endpoint
from probes import schedule
from probes.attempts import Attempt, ProbeSpec, Tier, timeout_s_for
from probes.models import DispatchCursor, Pop, ProbeResult, ProbeTarget, Pulse
from probes.outcomes import counts
from probes.scrubbing import scrub
from probes.selectors import POP_FORGOTTEN_AFTER, board_targets, expectations, reaches
from probes.signals import results_stored

#: How often tier A and B ask, in seconds; a reasoning model costs more per answer and is asked less often.
INTERVAL_S = {"A": 30, "B": 60}
REASONING_INTERVAL_S = 180
#: Functions that a short text prompt can exercise; endpoints with none of them get tier A only.
TEXT_FUNCTIONS = {"chat", "code", "embedding"}
#: After a confirmed surprise at a provider, how long until the next one spreads again, in seconds.
SUSPICION_PAUSE_S = 20
#: The attempt number that ends a confirmation (probes.engine: the first and two more).
CONFIRMING_ATTEMPT = 3
#: What Django and a database say of a row that cannot be held. ValueError: no Unicode, or no
#: date; KeyError: an outcome that only a newer worker knows.
REFUSALS = (DataError, IntegrityError, ValueError, OverflowError, KeyError)
LONG_AGO = datetime.fromtimestamp(0, UTC)

logger = logging.getLogger(__name__)
Batches = dict[str, list[ProbeSpec]]


def sync_targets() -> int:
    """Give every watched endpoint its target; returns how many were added. Existing ones stay as edited."""
    watched = Endpoint.objects.filter(watched=True, targets__isnull=True).select_related("model")
    added = ProbeTarget.objects.bulk_create(
        [_target_of(endpoint) for endpoint in watched], ignore_conflicts=True
    )
    return len(added)


def _target_of(endpoint: Endpoint) -> ProbeTarget:
    model = endpoint.model
    tier = "B" if TEXT_FUNCTIONS & set(model.functions) else "A"
    slow = model.reasoning and tier == "B" and not endpoint.simulated
    return ProbeTarget(
        endpoint=endpoint,
        tier=tier,
        interval_s=REASONING_INTERVAL_S if slow else INTERVAL_S[tier],
        timeout_s=timeout_s_for(tier, reasoning=model.reasoning),
    )


def spec_for(
    endpoint: Endpoint,
    *,
    region: str,
    tier: Tier,
    due_at: float,
    expect_ok: bool = True,
    target: ProbeTarget | None = None,
) -> ProbeSpec:
    """One probe of an endpoint; `due_at` in unix seconds. Without a target: one made by hand, id 0."""
    reasoning = endpoint.model.reasoning
    return ProbeSpec(
        target_id=target.pk if target else 0,
        endpoint=endpoint.slug,
        region=region,
        tier=tier,
        protocol=endpoint.protocol,
        base_url=endpoint.base_url,
        provider_model_id=endpoint.provider_model_id,
        key_env=endpoint.key_env,
        base_url_env=endpoint.base_url_env,
        due_at=due_at,
        timeout_s=target.timeout_s if target else timeout_s_for(tier, reasoning=reasoning),
        reasoning=reasoning,
        options=endpoint.probe_options,
        expected_answer=(target.expected_answer or None) if target else None,
        expect_ok=expect_ok,
    )


def due_batches(*, now: datetime) -> Batches:
    """The probes to send out now, per region; each due moment is handed out once, by whoever asks first."""
    targets = board_targets()
    expected = expectations(targets)
    batches: Batches = {}
    for reach in reaches(now=now):
        covered = [target for target in targets if reach.covers(target.endpoint)]
        moments = _claim_moments(reach.region, covered, now)
        batches[reach.region] = [
            _spec_of_target(target, reach.region, moment, expected) for moment, target in moments
        ]
    return {region: specs for region, specs in batches.items() if specs}


@transaction.atomic
def _claim_moments(region: str, targets: list[ProbeTarget], now: datetime) -> list[tuple[float, ProbeTarget]]:
    """Move the region's cursor on and return the due moments it passed, in order of time."""
    DispatchCursor.objects.get_or_create(
        region=region, defaults={"dispatched_until": datetime.fromtimestamp(0, UTC)}
    )
    cursor = DispatchCursor.objects.select_for_update().get(region=region)
    moment = now.timestamp()
    start, end = schedule.window(cursor.dispatched_until.timestamp(), moment)
    resumed = moment - cursor.dispatched_until.timestamp() > schedule.FIRST_ROUND_S
    cursor.dispatched_until = datetime.fromtimestamp(end, UTC)
    cursor.save(update_fields=["dispatched_until"])
    due = []
    for target in targets:
        phase = schedule.phase(target.endpoint.slug, region, target.tier)
        moments = schedule.due_moments(target.interval_s, phase, start, end)
        if resumed and not moments:
            moments = [start + phase * schedule.FIRST_ROUND_S]
        due += [(at, target) for at in moments]
    return sorted(due, key=lambda pair: pair[0])


def _spec_of_target(
    target: ProbeTarget, region: str, due_at: float, expected: dict[tuple[int, str], bool]
) -> ProbeSpec:
    return spec_for(
        target.endpoint,
        region=region,
        tier=target.tier,  # type: ignore[arg-type]  # choices are the literals
        due_at=due_at,
        expect_ok=expected.get((target.pk, region), True),
        target=target,
    )


def store_attempts(attempts: list[Attempt], *, now: datetime) -> int:
    """Keep the attempts in one transaction and announce the news; a row already kept is left as it is.

    A row that cannot be stored is logged and left out. Returns how many attempts were kept, redelivered ones
    included; those of endpoints that no longer exist are not.
    """
    slugs = {attempt.endpoint for attempt in attempts}
    ids = dict(Endpoint.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    known = [attempt for attempt in attempts if attempt.endpoint in ids]
    with transaction.atomic():
        kept = _store_rows(known, ids)
        _store_pulses(kept)
        pairs = {(ids[attempt.endpoint], attempt.region) for attempt in kept}
        transaction.on_commit(lambda: results_stored.send(sender=ProbeResult, pairs=pairs))
    return len(kept)


def _store_rows(attempts: list[Attempt], ids: dict[str, int]) -> list[Attempt]:
    """All at once; where the database refuses one of them, one by one. Returns those that were kept."""
    try:
        _insert(attempts, ids)
    except REFUSALS:
        return [attempt for attempt in attempts if _stored_alone(attempt, ids)]
    return attempts


def _stored_alone(attempt: Attempt, ids: dict[str, int]) -> bool:
    try:
        _insert([attempt], ids)
    except REFUSALS as exc:
        # The first line only: PostgreSQL's further lines repeat the row.
        reason = f"{type(exc).__name__} {scrub((str(exc).splitlines() or [''])[0])}"
        logger.error("a result of %s in %s was refused: %s", attempt.endpoint, attempt.region, reason)
        return False
    return True


def _insert(attempts: list[Attempt], ids: dict[str, int]) -> None:
    rows = [_row_of(attempt, ids[attempt.endpoint]) for attempt in attempts]
    with transaction.atomic():
        ProbeResult.objects.bulk_create(rows, ignore_conflicts=True)


def _row_of(attempt: Attempt, endpoint_id: int) -> ProbeResult:
    facts = attempt.to_json()
    for name in ("endpoint", "target_id"):
        del facts[name]
    facts["due_at"] = datetime.fromtimestamp(attempt.due_at, UTC)
    facts["started_at"] = datetime.fromtimestamp(attempt.started_at, UTC)
    return ProbeResult(endpoint_id=endpoint_id, counts=counts(attempt.outcome), **facts)


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
            pulse = held.get((pk, region)) or Pulse(target_id=pk, region=region, started_at=LONG_AGO)
            for attempt in followed:
                pulse.follow(attempt.outcome == "ok", datetime.fromtimestamp(attempt.started_at, UTC))
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


def suspicion_batches(attempts: list[Attempt], *, now: datetime) -> Batches:
    """Immediate probes of everything a provider serves, once a surprise there is confirmed.

    A surprise is an outage that begins or ends; the engine confirms it with attempts 2 and 3. At most
    one round per provider and kind of surprise in SUSPICION_PAUSE_S.
    """
    surprises = {
        (a.endpoint, a.region): a.outcome == "ok" for a in attempts if a.attempt >= CONFIRMING_ATTEMPT
    }
    if not surprises:
        return {}
    provider_of = dict(
        Endpoint.objects.filter(slug__in={slug for slug, _ in surprises}).values_list("slug", "provider")
    )
    kinds = {(provider_of[slug], ok) for (slug, _), ok in surprises.items() if slug in provider_of}
    providers = {
        pk for pk, ok in kinds if cache.add(f"probes:suspicion:{pk}:{ok}", True, timeout=SUSPICION_PAUSE_S)
    }
    targets = [t for t in board_targets() if t.endpoint.provider_id in providers]
    expected = expectations(targets)
    batches: Batches = defaultdict(list)
    for reach in reaches(now=now):
        for target in targets:
            if reach.covers(target.endpoint) and (target.endpoint.slug, reach.region) not in surprises:
                batches[reach.region].append(_spec_of_target(target, reach.region, now.timestamp(), expected))
    return dict(batches)


def register_pop(*, region: str, worker: str, real: bool, keys: list[str], now: datetime) -> None:
    """Note that a worker is there, and which key variables it holds."""
    Pop.objects.update_or_create(
        region=region, worker=worker, defaults={"real": real, "keys": keys, "last_seen_at": now}
    )
    Pop.objects.filter(last_seen_at__lt=now - POP_FORGOTTEN_AFTER).delete()
