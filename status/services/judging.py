"""Turning results into verdicts: lock, read the attempts, judge on from what is kept, write; announce."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from math import inf
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from aigo.lib.events import tell
from aigo.lib.regions import ALL
from probes.attempts import METHOD_VERSION
from probes.models import ProbeResult, ProbeTarget, Pulse
from probes.selectors import board_targets, recent_attempts
from probes.services import pops, spending
from status import rules
from status.models import EndpointState, StatusChange
from status.rules import Figures, Reason, State, Verdict
from status.services.outbox import announce_changes, announce_outstanding
from status.unfolding import INSTANT, NEVER, NOTHING, UNRESOLVED, Known, Turn, unfold

#: So far back a judge that was away looks for what it missed; before that it sees a gap.
CAUGHT_UP = timedelta(hours=6)
#: More than one endpoint collects in seven hours from all regions at the fastest cadence (5 s).
HISTORY_LIMIT = 40_000
#: A batch that takes longer is told bit by bit: as often as pages take news (status.live), in seconds.
TELL_EVERY_S = 0.5
FIGURES = tuple(field.name for field in fields(Figures))
JUDGED = ("tier", "interval_s", "state", "reason", "since", *FIGURES, "method_version")
#: Reasons of silence; which of them it is, is looked up when it is written.
SILENT = (Reason.STALE, Reason.BUDGET, Reason.POP_OFFLINE)

#: region → slugs of the endpoints whose row changed
Changed = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Judged:
    """regions: those whose row is another than before; turned: whether a state changed."""

    regions: Sequence[str]
    turned: bool


class _Circumstances:
    """Why something was not measured; what all endpoints share is looked up once, and only if asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def _till(self) -> spending.Till:
        return spending.till(now=self.now)

    @cached_property
    def _offline(self) -> frozenset[str]:
        return pops.offline_regions()

    def reason(self, target: ProbeTarget, region: str) -> Reason:
        """Of a state that has no fresh sample."""
        if target.paused or not self._till.affords(target):
            return Reason.BUDGET
        return Reason.POP_OFFLINE if region in self._offline else Reason.STALE


def judge_endpoints(endpoint_ids: Iterable[int], *, now: datetime) -> Changed:
    """Judge these endpoints on to `now` in every region they have results from, and over all.

    Every change of state that a judge would have found who had judged after every delivery is kept, whenever
    this one comes (status.unfolding). Announces `status.update` with what changed (once, or every
    TELL_EVERY_S of a long batch), and a `status.changed` for every change of state. Not to be called in a
    transaction: it announces what it has committed.
    """
    news = _News(now)
    around = _Circumstances(now)
    try:
        for target in _deciding_targets(endpoint_ids):
            news.note(target.endpoint.slug, _judge(target, around))
    finally:  # what was committed is announced, even if a later endpoint fails
        news.tell()
    return dict(news.changed)


class _News:
    """What a batch has changed so far. Told while a long one goes on: readers do not wait for its end."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.changed: Changed = defaultdict(list)
        self._untold: Changed = defaultdict(list)
        self._turned = False
        self._told_s = monotonic()

    def note(self, slug: str, judged: _Judged) -> None:
        for region in judged.regions:
            self.changed[region].append(slug)
            self._untold[region].append(slug)
        self._turned |= judged.turned
        if monotonic() - self._told_s >= TELL_EVERY_S:
            self.tell()

    def tell(self) -> None:
        untold, turned = self._untold, self._turned
        self._untold, self._turned, self._told_s = defaultdict(list), False, monotonic()
        if untold:
            tell("status.update", {"changed": untold}, now=self.now)
        if turned:
            announce_changes(now=self.now)


def refresh_stale(*, now: datetime) -> Changed:
    """Repair what lost events left behind: runs on a timetable, and when a judge begins or missed events.

    Judges anew what has no fresh sample any more, so that its turn to unknown is kept and pushed, and what
    has attempts that no event told of; announces what was written and could not be told.
    """
    targets = _deciding_targets(None)
    asked = {target.endpoint_id: target.asked_every_s for target in targets}
    known = EndpointState.objects.exclude(state=State.UNKNOWN)
    rows = known.values_list("endpoint", "last_sample_at", "interval_s")
    # A slower cadence is another measure of freshness at once; a faster one is from its first sample on.
    stale = {
        pk
        for pk, last, interval_s in rows
        if interval_s < asked.get(pk, inf) or not rules.is_fresh(last, interval_s, now)
    }
    if stale:
        _forget_untargeted(stale - asked.keys(), now)
    behind = stale | _with_news(targets, now)
    changed = judge_endpoints(behind, now=now) if behind else {}
    announce_outstanding(now=now)
    return changed


def _with_news(targets: Sequence[ProbeTarget], now: datetime) -> set[int]:
    """Endpoints with a countable attempt that is newer than their state in its region.

    A name that does not resolve is not looked for: it may be charged to nobody.
    """
    judged = EndpointState.objects.filter(
        endpoint=OuterRef("target__endpoint"),
        region=OuterRef("region"),
        last_sample_at__gte=OuterRef("started_at"),
    )
    pulses = Pulse.objects.filter(~Exists(judged), started_at__gt=now - CAUGHT_UP)
    deciding = {target.pk: target for target in targets}
    ahead = [pulse for pulse in pulses if pulse.target_id in deciding]
    if not ahead:
        return set()
    # A pulse also follows what was left out since; only what still counts is news.
    ids = {deciding[pulse.target_id].endpoint_id for pulse in ahead}
    seen = {
        (row.endpoint_id, row.region): row.last_sample_at
        for row in EndpointState.objects.filter(endpoint__in=ids)
    }
    tiers = {target.endpoint_id: target.tier for target in targets}
    attempts = ProbeResult.objects.countable().exclude(outcome=UNRESOLVED).filter(endpoint__in=ids)
    attempts = attempts.started_between(
        min(pulse.started_at for pulse in ahead), regions={pulse.region for pulse in ahead}
    )
    return {
        pk
        for pk, region, tier, at in attempts.values_list("endpoint", "region", "tier", "started_at")
        if tier == tiers[pk] and at > (seen.get((pk, region)) or NEVER)
    }


@transaction.atomic
def _forget_untargeted(endpoint_ids: set[int], now: datetime) -> None:
    """Endpoints that nobody is asked to measure any more have no state; what was known is unknown."""
    # As judging does, and beside it: one that has no target at all any more has its rows only.
    list(ProbeTarget.objects.select_for_update().filter(endpoint__in=endpoint_ids).order_by("pk"))
    rows = EndpointState.objects.filter(endpoint__in=endpoint_ids)
    changed: Changed = defaultdict(list)
    known = []
    for row in rows.select_for_update(of=("self",)).select_related("endpoint").order_by("pk"):
        changed[row.region].append(row.endpoint.slug)
        if row.state != State.UNKNOWN:
            known.append(row)
    StatusChange.objects.bulk_create(
        StatusChange(
            endpoint=row.endpoint,
            region=row.region,
            from_state=row.state,
            to_state=State.UNKNOWN,
            reason=Reason.NO_SAMPLES,
            at=max(now, row.since + INSTANT),
            figures={},
            method_version=METHOD_VERSION,
        )
        for row in known
    )
    rows.delete()
    if changed:
        transaction.on_commit(partial(tell, "status.update", {"changed": changed}, now=now))


def _deciding_targets(endpoint_ids: Iterable[int] | None) -> list[ProbeTarget]:
    """The target whose tier decides the colour: B, or A where an endpoint has no B. None = all endpoints."""
    deciding: dict[int, ProbeTarget] = {}
    for target in sorted(board_targets(endpoint_ids), key=lambda target: target.tier):
        if target.tier in ("A", "B"):
            deciding[target.endpoint_id] = target
    return list(deciding.values())


@transaction.atomic
def _judge(target: ProbeTarget, around: _Circumstances) -> _Judged:
    """Write the endpoint's states and their changes."""
    now = around.now
    # The target's row serialises judgements of one endpoint, also before it has any state to lock.
    ProbeTarget.objects.select_for_update().filter(pk=target.pk).first()
    kept = {row.region: row for row in EndpointState.objects.filter(endpoint=target.endpoint)}
    known = {region: _known(row) for region, row in kept.items()} or _forgotten(target)
    attempts = recent_attempts(
        target.endpoint_id, target.tier, region=None, since=_looked_at(known, now), limit=HISTORY_LIMIT
    )
    model = target.endpoint.model
    limits = rules.thresholds_for(model.functions, reasoning=model.reasoning)
    unfolded = unfold(attempts, known, limits=limits, every_s=target.asked_every_s, now=now)
    rows = [_row(target, region, found, around) for region, found in unfolded.standing.items()]
    news = [row for row in rows if _differs(row, kept.get(row.region))]
    EndpointState.objects.bulk_create(
        news, update_conflicts=True, unique_fields=["endpoint", "region"], update_fields=JUDGED
    )
    reasons = {(row.region, row.since): row.reason for row in rows}
    changes = [_change(target, turn, reasons.get((turn.region, turn.at))) for turn in unfolded.turns]
    StatusChange.objects.bulk_create(changes)
    return _Judged([row.region for row in news], bool(changes))


def _looked_at(known: Mapping[str, Known], now: datetime) -> datetime:
    """Since when attempts are needed: an hour of them before the oldest that is judged on from."""
    judged_on = [
        k.through for region, k in known.items() if region == ALL or k.verdict.state != State.UNKNOWN
    ]
    oldest = min(judged_on, default=NEVER) if ALL in known else NEVER
    return max(oldest, now - CAUGHT_UP) - rules.WIDEST_WINDOW - rules.WINDOW


def _forgotten(target: ProbeTarget) -> dict[str, Known]:
    """Where an endpoint without states had some once: what led to their changes is not judged again."""
    turns = StatusChange.objects.filter(endpoint=target.endpoint).order_by()
    last = turns.values("region").annotate(at=Max("at")).values_list("region", "at")
    return {region: replace(NOTHING, since=at) for region, at in last}


def _known(row: EndpointState) -> Known:
    return Known(
        verdict=Verdict(State(row.state), Reason(row.reason)),
        figures=Figures(**{name: getattr(row, name) for name in FIGURES}),
        since=row.since,
        interval_s=row.interval_s,
    )


def _row(target: ProbeTarget, region: str, found: Known, around: _Circumstances) -> EndpointState:
    reason = found.verdict.reason
    if found.verdict.state is State.UNKNOWN and reason in SILENT:
        reason = around.reason(target, region)
    return EndpointState(
        endpoint=target.endpoint,
        region=region,
        tier=target.tier,
        interval_s=found.interval_s or target.asked_every_s,
        state=found.verdict.state,
        reason=reason,
        since=found.since or around.now,
        method_version=METHOD_VERSION,
        **{name: getattr(found.figures, name) for name in FIGURES},
    )


def _differs(row: EndpointState, kept: EndpointState | None) -> bool:
    return kept is None or any(getattr(row, name) != getattr(kept, name) for name in JUDGED)


def _change(target: ProbeTarget, turn: Turn, reason: str | None) -> StatusChange:
    """reason: that of the row the turn led to; None = it was not the last."""
    figures: dict[str, Any] = {name: getattr(turn.figures, name) for name in FIGURES}
    moments = {"last_sample_at": turn.figures.last_sample_at, "failing_since": turn.failing_since}
    return StatusChange(
        endpoint=target.endpoint,
        region=turn.region,
        from_state=turn.before,
        to_state=turn.after.state,
        reason=reason or turn.after.reason,
        at=turn.at,
        figures=figures | {name: at.isoformat() for name, at in moments.items() if at is not None},
        method_version=METHOD_VERSION,
    )
