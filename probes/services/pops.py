"""The workers: who is there, who is silent, and whose own network failed."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from probes.models import DeadLetter, DispatchCursor, Gap, Pop, ProbeResult
from probes.reachability import (
    COMPARED,
    NETWORK_FAILURES,
    Sighting,
    Span,
    looked_at,
    offline_spans,
    stretches,
)
from probes.selectors import POP_FORGOTTEN_AFTER, POP_SILENT_AFTER
from probes.services import rollups

#: A judgement may be revoked for so long: then every other region has looked as well.
REVOCABLE = 2 * COMPARED
#: Dead letters kept of one kind from one region (from all unknown ones together); the oldest go first.
DEAD_LETTERS_KEPT = 200
DEAD_LETTER_CHARS = 65_536
#: The same letter again within this time is a repeat, whichever worker sent it within the shorter one.
REPEATED_WITHIN = timedelta(hours=1)
FLOODED_WITHIN = timedelta(seconds=1)
#: The mark of results that a broken network of ours spoilt.
LEFT_OUT = "pop_offline"
#: What says which rollups a result is part of.
HOUR_OF = ("endpoint", "tier", "region", "due_at")

logger = logging.getLogger(__name__)


@transaction.atomic
def register_pop(
    *,
    region: str,
    worker: str,
    real: bool,
    keys: list[str],
    now: datetime,
    announced_at: datetime | None = None,
) -> None:
    """Note that a worker is there, which key variables it holds, and how far its clock may be off.

    `announced_at`: when it said so by its own clock, UTC; None = it did not say. An announcement that is not
    newer than the last changes nothing, so it can be delivered, or replayed, at any time.
    """
    kept = Pop.objects.select_for_update().filter(region=region, worker=worker).first()
    if kept and announced_at and announced_at <= kept.last_seen_at:
        return
    skew_ms = (now - announced_at) / timedelta(milliseconds=1) if announced_at else None
    Pop.objects.update_or_create(
        region=region,
        worker=worker,
        defaults={
            "real": real,
            "keys": keys,
            "last_seen_at": min(announced_at or now, now),
            "clock_skew_ms": skew_ms,
        },
    )
    Pop.objects.filter(last_seen_at__lt=now - POP_FORGOTTEN_AFTER).delete()


def note_silence(
    live: Collection[str],
    *,
    now: datetime,
    ticked_at: datetime | None,
    count: Callable[[str, datetime, datetime], int],
) -> None:
    """Open a gap for every region whose workers have gone silent; close those of regions that are back.

    `ticked_at`: when the centre last dispatched for any region, None = never. `count(region, began, ended)`:
    how many due moments fell between; those before the region's cursor were ordered and are counted there.
    Workers speak when the centre asks them, so while it was away itself no worker is called silent, nor
    before it has been back for long enough to be heard.
    """
    open_gaps = list(Gap.objects.filter(reason=Gap.Reason.NO_WORKER, ended_at__isnull=True))
    _close_silence([gap for gap in open_gaps if gap.region in live], now, count)
    if ticked_at is None or now - ticked_at >= POP_SILENT_AFTER or _was_away(now):
        return
    last_seen: dict[str, datetime] = {}
    silent = Pop.objects.filter(last_seen_at__lte=now - POP_SILENT_AFTER).exclude(region__in=live)
    for region, seen in silent.order_by("last_seen_at").values_list("region", "last_seen_at"):
        last_seen[region] = seen
    for gap in open_gaps:
        last_seen.pop(gap.region, None)
    Gap.objects.bulk_create(
        [
            Gap(region=region, reason=Gap.Reason.NO_WORKER, started_at=seen)
            for region, seen in last_seen.items()
        ],
        ignore_conflicts=True,
    )


def _close_silence(
    gaps: Sequence[Gap], now: datetime, count: Callable[[str, datetime, datetime], int]
) -> None:
    cursors = DispatchCursor.objects.filter(region__in=[gap.region for gap in gaps]) if gaps else []
    ordered = {cursor.region: cursor.dispatched_until for cursor in cursors}
    for gap in gaps:
        gap.ended_at = max(now, gap.started_at)
        unordered_from = max(gap.started_at, ordered.get(gap.region, gap.started_at))
        gap.probes = count(gap.region, unordered_from, now) if unordered_from < now else 0
    Gap.objects.bulk_update(gaps, ["ended_at", "probes"])


def _was_away(now: datetime) -> bool:
    """Whether the centre itself came back so lately that not every worker can have been heard."""
    away = Gap.objects.filter(reason=Gap.Reason.NOT_DISPATCHED, ended_at__gt=now - POP_SILENT_AFTER)
    return away.exists()


def was_silent(region: str, began: datetime, ended: datetime) -> bool:
    """Whether gaps for want of a worker cover at least half of this time already."""
    gaps = Gap.objects.filter(region=region, reason=Gap.Reason.NO_WORKER, started_at__lt=ended)
    touching = gaps.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=began))
    covered = [
        min(over or ended, ended) - max(since, began)
        for since, over in touching.values_list("started_at", "ended_at")
    ]
    return bool(covered) and 2 * sum(covered, timedelta()) >= ended - began


def bury(*, kind: str, region: str, worker: str, reason: str, body: str, now: datetime) -> None:
    """Keep what was delivered and cannot be believed, for an operator to look at.

    The same again within an hour is counted, not kept; so is the same of another worker within a second.
    """
    region, worker, reason = _storable(region)[:40], _storable(worker)[:80], _storable(reason)[:300]
    logger.error("%s of worker %r in %r refused: %s", kind, worker, region, reason)
    same = DeadLetter.objects.filter(kind=kind, region=region, reason=reason)
    again = same.filter(
        Q(worker=worker, received_at__gt=now - REPEATED_WITHIN) | Q(received_at__gt=now - FLOODED_WITHIN)
    )
    if first := again.values_list("pk", flat=True).first():
        DeadLetter.objects.filter(pk=first).update(repeats=F("repeats") + 1)
        return
    DeadLetter.objects.create(
        kind=kind,
        region=region,
        worker=worker,
        reason=reason,
        body=_storable(body[:DEAD_LETTER_CHARS]),
        received_at=now,
    )
    _drop_oldest(kind, region)


def _storable(text: str) -> str:
    """The text as a database can hold it: no NUL (PostgreSQL), no half of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _drop_oldest(kind: str, region: str) -> None:
    """A noisy sender pushes out its own letters only; all regions that are none of ours are one sender."""
    letters = DeadLetter.objects.filter(kind=kind)
    known = settings.PROBE_REGIONS
    letters = letters.filter(region=region) if region in known else letters.exclude(region__in=known)
    surplus = letters.order_by("-received_at", "-pk").values_list("pk", flat=True)[DEAD_LETTERS_KEPT:]
    DeadLetter.objects.filter(pk__in=list(surplus)).delete()


def offline_regions() -> frozenset[str]:
    """The regions whose POP is judged offline now."""
    return frozenset(open_gaps())


def open_gaps() -> dict[str, datetime]:
    """The regions whose POP is judged offline now → since when."""
    gaps = Gap.objects.filter(reason=Gap.Reason.POP_OFFLINE, ended_at__isnull=True)
    return dict(gaps.values_list("region", "started_at"))


def judge_pop(region: str, *, now: datetime, started: Sequence[datetime]) -> set[int]:
    """Whether the region's own network has failed; endpoints whose results were marked or unmarked by this.

    `started`: when the attempts started that the region has just delivered; the time about them is judged,
    however late they come. What failed while it was offline is left out, from the beginning on. The
    judgement is revoked when other regions soon turn out to see the same.
    """
    touched: set[int] = set()
    for began, last in stretches(started):
        touched |= _judge_stretch(region, began, last, now)
    return touched


def _judge_stretch(region: str, began: datetime, last: datetime, now: datetime) -> set[int]:
    """`began`, `last`: first and last start of what was delivered. It is about now unless it is late."""
    since, until = began - COMPARED, min(last + COMPARED, now)
    gaps = list(_gaps_between(region, since, until))
    own = _sightings([region], since, until)
    # Late results are judged at the moments when the region looked; those of now by what is known now.
    moments = [*looked_at(own, began, until), *([now] if until == now else [])]
    going_on = any(gap.started_at <= began and _ends_after(gap, began) for gap in gaps)
    suspected = offline_spans(own, (), moments, going_on=going_on)
    others = _sightings(_regions_but(region), since, until) if suspected else []
    spans = offline_spans(own, others, moments, going_on=going_on) if suspected else []
    if until == now and not _goes_on(spans):
        still = next((gap for gap in gaps if gap.ended_at is None), None)
        if _goes_on(suspected):  # others see the same: it was the providers
            return _revoke(still, now) if still else set()
        if still:
            still.ended_at = now
            still.save(update_fields=["ended_at"])
    for span in spans:
        _keep_gap(region, span, open_ended=until == now and not span.over)
    return _leave_out(region, since, until) if gaps or spans else set()


def _goes_on(spans: Sequence[Span]) -> bool:
    return bool(spans) and not spans[-1].over


def _ends_after(gap: Gap, moment: datetime) -> bool:
    return gap.ended_at is None or gap.ended_at >= moment


def _gaps_between(region: str, since: datetime, until: datetime) -> QuerySet[Gap]:
    gaps = Gap.objects.filter(region=region, reason=Gap.Reason.POP_OFFLINE, started_at__lte=until)
    return gaps.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=since)).order_by("started_at")


def _keep_gap(region: str, span: Span, *, open_ended: bool) -> None:
    """Keep the span as a gap, or let a gap that it touches grow by it."""
    touching = list(_gaps_between(region, span.since, span.until))
    gap = touching[0] if touching else Gap(region=region, reason=Gap.Reason.POP_OFFLINE)
    if not touching:
        logger.warning("%s: most providers failed from this region alone; its results are left out", region)
    open_ended = open_ended or any(other.ended_at is None for other in touching)
    Gap.objects.filter(pk__in=[other.pk for other in touching[1:]]).delete()
    gap.started_at = min([span.since, *(other.started_at for other in touching)])
    gap.ended_at = (
        None if open_ended else max([span.until, *(other.ended_at for other in touching if other.ended_at)])
    )
    gap.save()


def _revoke(gap: Gap, now: datetime) -> set[int]:
    """Take a young judgement and its marks back; an older one was right, and ends."""
    if now - gap.started_at > REVOCABLE:
        gap.ended_at = now
        gap.save(update_fields=["ended_at"])
        return set()
    rows = ProbeResult.objects.started_between(gap.started_at, regions=[gap.region])
    marked = rows.filter(left_out=LEFT_OUT)
    keys = set(marked.values_list(*HOUR_OF))
    marked.update(counts=True, left_out="")
    rollups.rederive(keys)
    gap.delete()
    return {endpoint for endpoint, *_ in keys}


def _leave_out(region: str, since: datetime, until: datetime) -> set[int]:
    """Mark what failed in the gaps between two moments; the endpoints concerned."""
    endpoints: set[int] = set()
    for gap in _gaps_between(region, since, until):
        rows = ProbeResult.objects.started_between(max(gap.started_at, since), gap.ended_at, regions=[region])
        doubtful = rows.filter(counts=True, outcome__in=NETWORK_FAILURES).exclude(
            outcome="timeout", first_byte_ms__isnull=False
        )
        keys = set(doubtful.values_list(*HOUR_OF))
        doubtful.update(counts=False, left_out=LEFT_OUT)
        rollups.rederive(keys)
        endpoints |= {endpoint for endpoint, *_ in keys}
    return endpoints


def _regions_but(region: str) -> list[str]:
    known = Pop.objects.order_by().values_list("region", flat=True)
    return sorted({*known.union(DispatchCursor.objects.values_list("region", flat=True))} - {region})


def _sightings(regions: Iterable[str], since: datetime, until: datetime) -> list[Sighting]:
    """What these regions saw, oldest first."""
    columns = ("region", "endpoint__provider", "endpoint", "outcome", "started_at", "first_byte_ms")
    rows = ProbeResult.objects.started_between(since, until, regions=regions).order_by("started_at")
    return [
        Sighting(region, provider, endpoint, outcome, at, byte_ms is not None, simulated)
        for region, provider, endpoint, outcome, at, byte_ms, simulated in rows.values_list(
            *columns, "endpoint__simulated"
        )
    ]
