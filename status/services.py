"""Turning results into verdicts: lock, read the attempts, judge, write; announce after the commit."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property, partial
from math import inf
from typing import Any

from django.db import transaction

from aigo.lib.events import LogUnavailable, event_log
from aigo.lib.regions import ALL
from probes.attempts import METHOD_VERSION
from probes.models import ProbeTarget
from probes.selectors import AttemptFact, board_targets, recent_attempts
from probes.services import pops, spending
from status import rules
from status.models import CountsSample, EndpointState, StatusChange
from status.rules import Figures, Reason, Sample, State, Verdict
from status.selectors import load_stats

logger = logging.getLogger(__name__)
#: More than one endpoint collects in an hour from all regions at the fastest cadence (5 s).
HISTORY_LIMIT = 6_000
#: Two changes of a region are never of the same moment: their order is that of their moments.
INSTANT = timedelta(microseconds=1)
#: So long the counts of every minute are kept.
COUNTS_KEPT = timedelta(days=180)
FIGURES = tuple(field.name for field in fields(Figures))
JUDGED = ("tier", "interval_s", "state", "reason", "since", *FIGURES, "method_version")

#: region → slugs of the endpoints whose row changed
Changed = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Finding:
    """interval_s: the cadence under which the newest sample was taken."""

    verdict: Verdict
    figures: Figures
    interval_s: int


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


def judge_endpoints(endpoint_ids: Iterable[int] | None, *, now: datetime) -> Changed:
    """Recompute these endpoints' verdicts in every region they have results from, and over all. None = all.

    Announces one `status.update` with what changed, and a `status.changed` for every change of state.
    """
    changed: Changed = defaultdict(list)
    around = _Circumstances(now)
    try:
        for target in _deciding_targets(endpoint_ids):
            for region in _judge(target, around):
                changed[region].append(target.endpoint.slug)
    finally:  # what was committed is announced, even if a later endpoint fails
        _tell("status.update", {"changed": changed} if changed else None, now)
    return dict(changed)


def refresh_stale(*, now: datetime) -> Changed:
    """Judge anew what has no fresh sample any more, so that its turn to unknown is kept and pushed."""
    known = EndpointState.objects.exclude(state=State.UNKNOWN)
    rows = known.values_list("endpoint", "last_sample_at", "interval_s")
    asked = {target.endpoint_id: target.asked_every_s for target in _deciding_targets(None)}
    # A slower cadence is another measure of freshness at once; a faster one is from its first sample on.
    stale = {
        pk
        for pk, last, interval_s in rows
        if interval_s < asked.get(pk, inf) or not rules.is_fresh(last, interval_s, now)
    }
    if not stale:
        return {}
    _forget_untargeted(stale, now)
    return judge_endpoints(stale, now=now)


@transaction.atomic
def _forget_untargeted(endpoint_ids: set[int], now: datetime) -> None:
    """Endpoints that nobody is asked to measure any more have no state."""
    targeted = {target.endpoint_id for target in _deciding_targets(endpoint_ids)}
    rows = EndpointState.objects.filter(endpoint__in=endpoint_ids - targeted)
    changed: Changed = defaultdict(list)
    for region, slug in rows.values_list("region", "endpoint__slug"):
        changed[region].append(slug)
    rows.delete()
    if changed:
        transaction.on_commit(partial(_tell, "status.update", {"changed": changed}, now))


def _deciding_targets(endpoint_ids: Iterable[int] | None) -> list[ProbeTarget]:
    """The target whose tier decides the colour: B, or A where an endpoint has no B. None = all endpoints."""
    deciding: dict[int, ProbeTarget] = {}
    for target in sorted(board_targets(endpoint_ids), key=lambda target: target.tier):
        if target.tier in ("A", "B"):
            deciding[target.endpoint_id] = target
    return list(deciding.values())


@transaction.atomic
def _judge(target: ProbeTarget, around: _Circumstances) -> list[str]:
    """Write the endpoint's states; returns the regions whose row is another than before."""
    now = around.now
    # The target's row serialises judgements of one endpoint, also before it has any state to lock.
    ProbeTarget.objects.select_for_update().filter(pk=target.pk).first()
    kept = {s.region: s for s in EndpointState.objects.filter(endpoint=target.endpoint)}
    attempts = recent_attempts(
        target.endpoint_id, target.tier, region=None, since=now - rules.WIDEST_WINDOW, limit=HISTORY_LIMIT
    )
    rows = [
        _new_row(target, region, finding, kept.get(region), now)
        for region, finding in _findings(target, attempts, kept, around).items()
    ]
    news = [row for row in rows if _differs(row, kept.get(row.region))]
    EndpointState.objects.bulk_create(
        news, update_conflicts=True, unique_fields=["endpoint", "region"], update_fields=JUDGED
    )
    _keep_changes(target, news, kept, now)
    return [row.region for row in news]


def _findings(
    target: ProbeTarget,
    attempts: Sequence[AttemptFact],
    kept: Mapping[str, EndpointState],
    around: _Circumstances,
) -> dict[str, _Finding]:
    """Region → verdict and figures; the pool of all regions last, under "all"."""
    model, now = target.endpoint.model, around.now
    limits = rules.thresholds_for(model.functions, reasoning=model.reasoning)
    histories: dict[str, list[Sample]] = {region: [] for region in kept if region != ALL}

    def finding(verdict: Verdict, found: Figures, region: str) -> _Finding:
        interval_s = _cadence(target, found, kept.get(region))
        if verdict.state is not State.UNKNOWN and not rules.is_fresh(found.last_sample_at, interval_s, now):
            verdict = Verdict(State.UNKNOWN, around.reason(target, region))
        return _Finding(verdict, found, interval_s)

    for attempt in _charged(attempts):
        sample = Sample(attempt.started_at, attempt.ok, attempt.total_ms, attempt.answer_ms)
        histories.setdefault(attempt.region, []).append(sample)
    findings = {}
    for region, history in histories.items():
        found = rules.figures(rules.in_window(history, now), now)
        verdict = rules.judge_region(history, found, limits)
        findings[region] = finding(verdict, found, region)
    pool = sorted((s for history in histories.values() for s in history), key=lambda s: s.at)
    found = rules.figures(rules.in_window(pool, now), now)
    regional = [regionally.verdict.state for regionally in findings.values()]
    verdict = rules.judge_everywhere(regional, found, limits)
    return {**findings, ALL: finding(verdict, found, ALL)}


def _charged(attempts: Sequence[AttemptFact]) -> Sequence[AttemptFact]:
    """The attempts without unresolved names that fewer than DNS_REGIONS regions saw within a window."""
    unresolved = [attempt for attempt in attempts if attempt.outcome == "dns_error"]

    def seen_from(attempt: AttemptFact) -> int:
        near = (a for a in unresolved if abs(a.started_at - attempt.started_at) <= rules.WINDOW)
        return len({a.region for a in near})

    return [a for a in attempts if a.outcome != "dns_error" or seen_from(a) >= rules.DNS_REGIONS]


def _cadence(target: ProbeTarget, found: Figures, kept: EndpointState | None) -> int:
    """Seconds within which the newest sample had to be followed by another.

    The cadence under which it was taken, though the target is asked more often by now: its next moment may
    still lie ahead. A slower cadence holds for it at once.
    """
    if kept is not None and kept.last_sample_at == found.last_sample_at:
        return max(kept.interval_s, target.asked_every_s)
    return target.asked_every_s


def _new_row(
    target: ProbeTarget, region: str, finding: _Finding, kept: EndpointState | None, now: datetime
) -> EndpointState:
    same = kept is not None and kept.state == finding.verdict.state
    return EndpointState(
        endpoint=target.endpoint,
        region=region,
        tier=target.tier,
        interval_s=finding.interval_s,
        state=finding.verdict.state,
        reason=finding.verdict.reason,
        since=kept.since if kept and same else max(now, kept.since + INSTANT) if kept else now,
        method_version=METHOD_VERSION,
        **asdict(finding.figures),
    )


def _differs(row: EndpointState, kept: EndpointState | None) -> bool:
    return kept is None or any(getattr(row, name) != getattr(kept, name) for name in JUDGED)


def _keep_changes(
    target: ProbeTarget, rows: list[EndpointState], kept: dict[str, EndpointState], now: datetime
) -> None:
    changes = []
    for row in rows:
        before = kept[row.region].state if row.region in kept else State.UNKNOWN
        if before != row.state:
            changes.append(
                StatusChange(
                    endpoint=target.endpoint,
                    region=row.region,
                    from_state=before,
                    to_state=row.state,
                    reason=row.reason,
                    at=row.since,
                    figures=_plain_figures(row),
                    method_version=row.method_version,
                )
            )
    StatusChange.objects.bulk_create(changes)
    for change in changes:
        transaction.on_commit(partial(_announce, change, now))


def _announce(change: StatusChange, now: datetime) -> None:
    _tell(
        "status.changed",
        {
            "slug": change.endpoint.slug,
            "region": change.region,
            "from": change.from_state,
            "to": change.to_state,
            "reason": change.reason,
            "at": change.at.isoformat(),
            "change": change.pk,
        },
        now,
    )


def _tell(kind: str, data: dict[str, Any] | None, now: datetime) -> None:
    """Append to the event log (None = nothing); while it is away readers miss the push, not the board."""
    if data is None:
        return
    try:
        event_log().append(kind, data, now=now)
    except LogUnavailable as error:
        logger.warning("%s is not announced: %s", kind, error)


def sample_counts(*, now: datetime) -> int:
    """Keep what the board counts in this minute, in every region; how many rows that made.

    Zero where the minute has been counted already.
    """
    minute = int(now.timestamp()) // 60
    if CountsSample.objects.filter(region=ALL, minute=minute).exists():
        return 0
    stats = load_stats(now=now)
    rows = [
        CountsSample(region=region, minute=minute, **asdict(counts))
        for region, counts in {ALL: stats.counts, **stats.by_region}.items()
    ]
    return len(CountsSample.objects.bulk_create(rows, ignore_conflicts=True))


def prune_counts(*, now: datetime) -> int:
    """Forget counts that are older than COUNTS_KEPT; how many rows these were."""
    oldest = int((now - COUNTS_KEPT).timestamp()) // 60
    deleted, _by_model = CountsSample.objects.filter(minute__lt=oldest).delete()
    return deleted


def _plain_figures(row: EndpointState) -> dict[str, Any]:
    figures = {name: getattr(row, name) for name in FIGURES}
    if row.last_sample_at is not None:
        figures["last_sample_at"] = row.last_sample_at.isoformat()
    return figures
