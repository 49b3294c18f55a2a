"""The order book: every due moment that was handed out and has not been answered yet.

An order is written with the claim of its moment and deleted with the storing of its answer, so no process,
broker or worker that dies in between can make a moment disappear or count twice.

Locks are taken in one order: the regions' cursors (by region), then orders (by key). Who decides what becomes
of a moment (ingest, giving up) holds its region's cursor.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import Error, connection, transaction

from probes.attempts import METHOD_VERSION
from probes.models import DispatchCursor, DueProbe, Origin, ProbeResult, ProbeTarget
from probes.services import provenances, rollups
from probes.timeseries import rows

logger = logging.getLogger(__name__)
#: An order that was claimed and did not leave is sent by the next tick but one.
UNSENT_AFTER = timedelta(seconds=8)
#: How long after its moment and time limit an answer is overdue (confirmation, queues, storing).
ANSWER_GRACE = timedelta(seconds=25)
#: An overdue order is sent again after so long, doubled each time.
RESEND_AFTER = timedelta(seconds=30)
#: So long after its moment an order is given up: `missed`. A result that still comes replaces it.
GIVEN_UP_AFTER = timedelta(minutes=10)
#: Overdue orders taken at a time.
OVERDUE_LIMIT = 2_000

#: endpoint id, region, tier, due_at: what an order is known by.
Moment = tuple[int, str, str, datetime]


def store_unmeasured(
    moments: Mapping[Moment, str], outcome: str, *, started_at: datetime | None = None
) -> None:
    """Store that at these due moments nobody was asked; what has a row stays as it is.

    moments: moment → detail. started_at: None = each at its due moment. The caller holds the regions.
    """
    if not moments:
        return
    nobody = Origin(worker="", method_version=METHOD_VERSION)
    known = provenances.numbers([nobody], day=max(due_at for *_, due_at in moments).date())
    new = rows.write_absent(
        [
            ProbeResult(
                endpoint_id=endpoint_id,
                region=region,
                tier=tier,
                provenance_id=known[nobody],
                due_at=due_at,
                started_at=started_at or due_at,
                outcome=outcome,
                counts=False,
                error_detail=detail,
            )
            for (endpoint_id, region, tier, due_at), detail in moments.items()
        ]
    )
    rollups.add(new)


def place(region: str, due: Sequence[tuple[ProbeTarget, float]], *, now: datetime) -> list[int]:
    """Write the orders of a region's due moments (unix s); their ids. What is ordered already stays as it is.

    Call it in the transaction that claims the moments.
    """
    moments = [datetime.fromtimestamp(at, UTC) for _, at in due]
    DueProbe.objects.bulk_create(
        [
            DueProbe(
                endpoint_id=target.endpoint_id,
                target=target,
                region=region,
                tier=target.tier,
                due_at=moment,
                send_again_at=now + UNSENT_AFTER,
            )
            for (target, _), moment in zip(due, moments, strict=True)
        ],
        ignore_conflicts=True,
    )
    placed = DueProbe.objects.filter(region=region, sendings=0, due_at__in=moments)
    return list(placed.values_list("pk", flat=True))


@transaction.atomic
def note_sent(order_ids: Sequence[int], *, now: datetime) -> None:
    """These orders left for their queue: from now on their answer is waited for."""
    orders = DueProbe.objects.filter(pk__in=order_ids).order_by("pk")
    sent = list(orders.select_for_update(of=("self",)).select_related("target"))
    for order in sent:
        order.sendings += 1
        limit = timedelta(seconds=order.target.timeout_s)
        first = max(order.due_at + limit + ANSWER_GRACE, now + UNSENT_AFTER)
        order.send_again_at = first if order.sendings == 1 else now + RESEND_AFTER * 2 ** (order.sendings - 2)
    DueProbe.objects.bulk_update(sent, ["sendings", "send_again_at"], batch_size=300)


@transaction.atomic
def take_overdue(*, now: datetime) -> list[DueProbe]:
    """Overdue orders to be sent again, oldest first, with target and endpoint."""
    overdue = DueProbe.objects.filter(send_again_at__lte=now).order_by("send_again_at", "pk")
    locked = overdue.select_for_update(skip_locked=True, of=("self",)) if _locks_rows() else overdue
    wanted = locked.select_related("target__endpoint__model", "target__endpoint__provider")
    found = list(wanted[:OVERDUE_LIMIT])
    # Until `note_sent` says otherwise they wait as if unsent, so that two dispatchers do not send them twice.
    DueProbe.objects.filter(pk__in=[order.pk for order in found]).update(send_again_at=now + UNSENT_AFTER)
    return found


def give_up(*, now: datetime) -> int:
    """Turn the orders that nobody answered in time into `missed`; how many.

    A region whose orders cannot be given up for now keeps no other waiting, and none from being asked again.
    """
    old = DueProbe.objects.filter(send_again_at__lte=now, due_at__lt=now - GIVEN_UP_AFTER)
    regions = sorted(old.order_by().values_list("region", flat=True).distinct())
    lost = 0
    for region in regions:
        try:
            lost += _give_up_region(region, old.filter(region=region)[:OVERDUE_LIMIT], now)
        except Error:
            logger.exception("the orders of %s that nobody answered were not given up", region)
    return lost


@transaction.atomic
def _give_up_region(region: str, old: Iterable[DueProbe], now: datetime) -> int:
    lock_regions([region])
    lost = list(old)
    detail = f"sent {{}} times, no answer in {GIVEN_UP_AFTER.seconds // 60} min"
    store_unmeasured(
        {(o.endpoint_id, o.region, o.tier, o.due_at): detail.format(o.sendings) for o in lost}, "missed"
    )
    DueProbe.objects.filter(pk__in=[order.pk for order in lost]).delete()
    return len(lost)


def lock_regions(regions: Iterable[str]) -> None:
    """Hold the regions: what is looked up of their moments stays so until the transaction ends."""
    cursors = DispatchCursor.objects.filter(region__in=set(regions)).order_by("region")
    list(cursors.select_for_update().values_list("pk", flat=True))


def close(answered: Iterable[Moment]) -> None:
    """These moments are answered. Call it in the transaction that stores them, its regions locked."""
    wanted = set(answered)
    if not wanted:
        return
    candidates = DueProbe.objects.filter(
        endpoint__in={moment[0] for moment in wanted},
        region__in={moment[1] for moment in wanted},
        due_at__in={moment[3] for moment in wanted},
    )
    locked = candidates.order_by("pk").select_for_update()
    found = list(locked.values_list("pk", "endpoint", "region", "tier", "due_at"))
    DueProbe.objects.filter(pk__in=[pk for pk, *moment in found if tuple(moment) in wanted]).delete()


def _locks_rows() -> bool:
    """SQLite has one writer at a time anyway."""
    return connection.features.has_select_for_update_skip_locked
