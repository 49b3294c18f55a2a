"""The order book: every due moment that was handed out and has not been answered yet.

An order is written with the claim of its moment and deleted with the storing of its answer, so no process,
broker or worker that dies in between can make a moment disappear or count twice.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from probes.attempts import METHOD_VERSION
from probes.models import DueProbe, ProbeResult, ProbeTarget

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


def place(region: str, due: Sequence[tuple[ProbeTarget, float]], *, now: datetime) -> list[int]:
    """Write the orders of a region's due moments (unix s); their ids, in the order of `due`.

    Call it in the transaction that claims the moments.
    """
    rows = [
        DueProbe(
            endpoint_id=target.endpoint_id,
            target=target,
            region=region,
            tier=target.tier,
            due_at=datetime.fromtimestamp(at, UTC),
            send_again_at=now + UNSENT_AFTER,
        )
        for target, at in due
    ]
    return [row.pk for row in DueProbe.objects.bulk_create(rows)]


def note_sent(order_ids: Sequence[int], *, now: datetime) -> None:
    """These orders left for their queue: from now on their answer is waited for."""
    orders = DueProbe.objects.filter(pk__in=order_ids).select_related("target")
    sent = list(orders)
    for order in sent:
        order.sendings += 1
        limit = timedelta(seconds=order.target.timeout_s)
        first = max(order.due_at + limit + ANSWER_GRACE, now + UNSENT_AFTER)
        order.send_again_at = first if order.sendings == 1 else now + RESEND_AFTER * 2 ** (order.sendings - 2)
    DueProbe.objects.bulk_update(sent, ["sendings", "send_again_at"], batch_size=300)


@transaction.atomic
def take_overdue(*, now: datetime) -> list[DueProbe]:
    """Overdue orders to be sent again, oldest first, with target and endpoint; old ones become `missed`."""
    overdue = DueProbe.objects.filter(send_again_at__lte=now).order_by("send_again_at")
    locked = overdue.select_for_update(skip_locked=True, of=("self",)) if _locks_rows() else overdue
    found = list(
        locked.select_related("target__endpoint__model", "target__endpoint__provider")[:OVERDUE_LIMIT]
    )
    lost = [order for order in found if order.due_at < now - GIVEN_UP_AFTER]
    _give_up(lost, now)
    again = [order for order in found if order not in lost]
    # Until `note_sent` says otherwise they wait as if unsent, so that two dispatchers do not send them twice.
    DueProbe.objects.filter(pk__in=[order.pk for order in again]).update(send_again_at=now + UNSENT_AFTER)
    return again


def close(keys: Iterable[tuple[int, str, str, datetime]]) -> None:
    """These (endpoint, region, tier, due_at) are answered. Call it in the transaction that stores them."""
    wanted = set(keys)
    if not wanted:
        return
    candidates = DueProbe.objects.filter(
        endpoint__in={key[0] for key in wanted},
        region__in={key[1] for key in wanted},
        due_at__in={key[3] for key in wanted},
    )
    rows = candidates.values_list("pk", "endpoint", "region", "tier", "due_at")
    DueProbe.objects.filter(pk__in=[pk for pk, *key in rows if tuple(key) in wanted]).delete()


def _give_up(lost: Sequence[DueProbe], now: datetime) -> None:
    rows = [
        ProbeResult(
            endpoint_id=order.endpoint_id,
            region=order.region,
            tier=order.tier,
            worker="",
            due_at=order.due_at,
            started_at=order.due_at,
            outcome="missed",
            counts=False,
            error_detail=f"sent {order.sendings} times, no answer within {GIVEN_UP_AFTER.seconds // 60} min",
            method_version=METHOD_VERSION,
        )
        for order in lost
    ]
    ProbeResult.objects.bulk_create(rows, ignore_conflicts=True)
    DueProbe.objects.filter(pk__in=[order.pk for order in lost]).delete()


def _locks_rows() -> bool:
    """SQLite has one writer at a time anyway."""
    return connection.features.has_select_for_update_skip_locked

