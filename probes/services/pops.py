"""The workers: who is there, who is silent, and whose own network failed."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from probes.models import DeadLetter, Gap, Pop, ProbeResult
from probes.reachability import NETWORK_FAILURES, Sighting, most_fail, offline_since
from probes.selectors import POP_FORGOTTEN_AFTER, POP_SILENT_AFTER

#: What one region saw of the providers within this time is compared with what the others saw.
COMPARED = timedelta(seconds=90)
#: Dead letters kept; the oldest go first.
DEAD_LETTERS_KEPT = 1_000
DEAD_LETTER_CHARS = 65_536
#: The mark of results that a broken network of ours spoilt.
LEFT_OUT = "pop_offline"

logger = logging.getLogger(__name__)


def register_pop(*, region: str, worker: str, real: bool, keys: list[str], now: datetime) -> None:
    """Note that a worker is there, and which key variables it holds."""
    Pop.objects.update_or_create(
        region=region, worker=worker, defaults={"real": real, "keys": keys, "last_seen_at": now}
    )
    Pop.objects.filter(last_seen_at__lt=now - POP_FORGOTTEN_AFTER).delete()


def note_silence(live: Collection[str], *, now: datetime) -> None:
    """Open a gap for every region whose workers have gone silent; close those of regions that are back."""
    open_gaps = Gap.objects.filter(reason=Gap.Reason.NO_WORKER, ended_at__isnull=True)
    already = set(open_gaps.values_list("region", flat=True))
    for region in already & set(live):
        open_gaps.filter(region=region).update(ended_at=now)
    silent = Pop.objects.filter(last_seen_at__lte=now - POP_SILENT_AFTER).exclude(region__in=live)
    last_seen: dict[str, datetime] = {}
    for pop in silent:
        last_seen[pop.region] = max(pop.last_seen_at, last_seen.get(pop.region, pop.last_seen_at))
    Gap.objects.bulk_create(
        [
            Gap(region=region, reason=Gap.Reason.NO_WORKER, started_at=seen)
            for region, seen in last_seen.items()
            if region not in already
        ],
        ignore_conflicts=True,
    )


def was_silent(region: str, began: datetime, ended: datetime) -> bool:
    """Whether a gap for want of a worker covers most of this time already."""
    gaps = Gap.objects.filter(region=region, reason=Gap.Reason.NO_WORKER, started_at__lt=ended)
    return gaps.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=began)).exists()


def bury(*, kind: str, region: str, worker: str, reason: str, body: str, now: datetime) -> None:
    """Keep what was delivered and cannot be believed, for an operator to look at."""
    logger.error("%s of worker %.80r in %.40r refused: %s", kind, worker, region, reason)
    DeadLetter.objects.create(
        kind=kind,
        region=region[:40],
        worker=worker[:80],
        reason=reason[:300],
        body=body[:DEAD_LETTER_CHARS],
        received_at=now,
    )
    newest = DeadLetter.objects.order_by("-received_at").values_list("pk", flat=True)[:DEAD_LETTERS_KEPT]
    DeadLetter.objects.exclude(pk__in=list(newest)).delete()


def offline_regions() -> frozenset[str]:
    """The regions whose POP is judged offline now."""
    gaps = Gap.objects.filter(reason=Gap.Reason.POP_OFFLINE, ended_at__isnull=True)
    return frozenset(gaps.values_list("region", flat=True))


def judge_pop(region: str, *, now: datetime) -> set[int]:
    """Whether the region's own network has failed; endpoints whose results were marked by this.

    While it is judged offline its network failures are left out, those of the beginning included. The
    judgement is revoked when other regions turn out to see the same.
    """
    gap = Gap.objects.filter(region=region, reason=Gap.Reason.POP_OFFLINE, ended_at__isnull=True).first()
    sightings = _sightings(now)
    since = offline_since(region, sightings)
    if since is None:
        return _end(gap, sightings, now) if gap else set()
    if gap is None:
        gap = Gap.objects.create(region=region, reason=Gap.Reason.POP_OFFLINE, started_at=since)
        logger.warning("%s: most providers fail from this region alone; its results are left out", region)
    return _leave_out(region, gap.started_at)


def _end(gap: Gap, sightings: list[Sighting], now: datetime) -> set[int]:
    """Close the gap; where it fails on and other regions see the same, revoke it: it was the providers."""
    if not most_fail(gap.region, sightings):
        gap.ended_at = now
        gap.save(update_fields=["ended_at"])
        return set()
    marked = ProbeResult.objects.filter(region=gap.region, started_at__gte=gap.started_at, left_out=LEFT_OUT)
    endpoints = set(marked.values_list("endpoint", flat=True))
    marked.update(counts=True, left_out="")
    gap.delete()
    return endpoints


def _sightings(now: datetime) -> list[Sighting]:
    rows = ProbeResult.objects.filter(started_at__gt=now - COMPARED, started_at__lte=now)
    known = rows.order_by("started_at").values_list("region", "endpoint__provider", "outcome", "started_at")
    return [Sighting(*row) for row in known]


def _leave_out(region: str, since: datetime) -> set[int]:
    doubtful = ProbeResult.objects.filter(
        region=region, started_at__gte=since, counts=True, outcome__in=NETWORK_FAILURES
    )
    endpoints = set(doubtful.values_list("endpoint", flat=True))
    doubtful.update(counts=False, left_out=LEFT_OUT)
    return endpoints
