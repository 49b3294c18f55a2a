"""From notices to deliveries: at least once each, under one id, one at a time per channel.

A try is kept before it is made. If whoever makes it dies, nobody knows whether the target heard: once the
lease is over it is tried again, under the same id and with the same body.
"""

import logging
import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from status.models import AlertChannel, DeliveryAttempt, Notice, Subscription
from status.outgoing import AppriseTarget, MailTarget, Outcome, Outgoing, Target, WebhookTarget
from status.rules.notices import retry_after
from status.services.notices.book import BEGINNINGS
from status.services.notices.planning import plan_notices
from status.services.notices.tidings import plan_tidings

logger = logging.getLogger(__name__)
#: Whoever claims a notice has it for so long: one request to a channel, or a batch of letters over one
#: connection.
LEASE: Final = timedelta(seconds=45)
LETTERS_LEASE: Final = timedelta(minutes=3)
#: So long the log of what was told is kept; a run forgets at most so many.
NOTICES_KEPT: Final = timedelta(days=90)
MOST_PRUNED: Final = 10_000
#: Whoever waits behind an earlier notice that is under way looks again after so long.
BEHIND: Final = timedelta(seconds=5)
#: So many of a channel's notices that are due are looked at for the one that goes next.
MOST_OF_A_CHANNEL: Final = 20
_PLACES: Final = ("channel", "subscription", "subject", "next_try_at", "claimed_until")
#: What is kept of a text that says what went wrong.
MOST_CHARS: Final = 300
GIVEN_UP: Final = "given up after {tries} tries: {error}"
UNHEARD: Final = "the notice of its beginning could not be delivered"


def claim_due(
    *, now: datetime, limit: int, busy_channels: Collection[int] = (), most_mails: int | None = None
) -> list[Outgoing]:
    """At most `limit` notices that are due, of each channel one and of `busy_channels` none; each is the
    caller's until its lease is over. What was written since is planned first.

    most_mails: so many of them to mailboxes, None = as many as `limit`: while the mail server hangs, letters
    must not take the room of webhooks. A recipient is told of one subject in order. Not to be called in a
    transaction.
    """
    try:
        plan_notices(now=now)
        plan_tidings(now=now)
    except Exception:  # told by the timetable's job, too; what is planned must go out
        logger.exception("notices cannot be planned")
    if not _due(now).exists():
        return []
    chosen = _first_of_channels(now, busy_channels)[:limit]
    room = limit - len(chosen)
    chosen += _letters(now, room if most_mails is None else min(room, most_mails))
    return _claim(chosen, now)


@transaction.atomic
def note_attempt(outgoing: Outgoing, outcome: Outcome, *, now: datetime) -> None:
    """Keep what became of the try, and when the next is due. For a notice that is gone meanwhile: nothing."""
    notice = Notice.objects.select_for_update(of=("self",)).filter(uid=outgoing.uid).first()
    if notice is None:
        return
    DeliveryAttempt.objects.filter(notice=notice, number=outgoing.attempt).update(
        ended_at=now,
        ok=outcome.ok,
        http_status=outcome.http_status,
        error=_readable(outcome.error),
        duration_ms=outcome.duration_ms,
    )
    if notice.body is None and outcome.body is not None:
        notice.body = outcome.body
    if notice.state == Notice.State.WAITING:
        if outcome.ok:
            notice.state, notice.sent_at, notice.claimed_until = Notice.State.SENT, now, None
        elif notice.tries == outgoing.attempt:  # else somebody else is trying already
            _note_failure(notice, outcome, now)
    notice.save(update_fields=["body", "state", "why", "sent_at", "claimed_until", "next_try_at"])
    if outcome.gone and notice.channel_id:
        disable(notice.channel_id, f"the target wants no more: {_words(outcome)}", now=now)


def disable(channel_id: int, reason: str, *, now: datetime) -> None:
    """The channel takes no more; what waits for it is dropped."""
    enabled = AlertChannel.objects.filter(pk=channel_id, enabled=True)
    enabled.update(enabled=False, disabled_reason=reason[:MOST_CHARS], disabled_at=now)
    drop_waiting(Notice.objects.filter(channel=channel_id), f"the channel was disabled: {reason}")


def drop_waiting(notices: QuerySet[Notice], why: str) -> int:
    """They are not told; how many waited."""
    waiting = notices.filter(state=Notice.State.WAITING)
    return waiting.update(state=Notice.State.DROPPED, why=why[:MOST_CHARS], claimed_until=None)


def prune_notices(*, now: datetime) -> int:
    """Forget what was told long ago, and drop what waits for recipients that nothing goes to any more; how
    many rows are gone."""
    told = Subscription.objects.told().filter(pk=OuterRef("subscription"))
    drop_waiting(Notice.objects.filter(~Exists(told), channel=None), "the subscription has ended")
    # planned in the moment in which the channel was disabled
    drop_waiting(Notice.objects.filter(channel__enabled=False), "the channel is disabled")
    old = Notice.objects.exclude(state=Notice.State.WAITING).filter(made_at__lt=now - NOTICES_KEPT)
    gone, _ = old.filter(pk__in=old.order_by("pk").values("pk")[:MOST_PRUNED]).delete()
    return gone


def _due(now: datetime) -> QuerySet[Notice]:
    """Those whose time has come and that nobody has."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return Notice.objects.waiting().filter(free, next_try_at__lte=now)


def _first_of_channels(now: datetime, busy: Collection[int]) -> list[int]:
    """Of every channel that nothing is on its way to, the notice that is due the longest.

    What is held, of however many incidents, is not even looked at: it keeps nothing from being seen.
    """
    waiting = Notice.objects.waiting().filter(channel__isnull=False)
    under_way = waiting.filter(claimed_until__gt=now).values_list("channel", flat=True).distinct()
    due = _due(now).filter(channel__enabled=True).exclude(channel__in={*busy, *under_way})
    turn = Window(RowNumber(), partition_by="channel", order_by=["next_try_at", "pk"])
    ranked = due.annotate(turn=turn).filter(turn__lte=MOST_OF_A_CHANNEL).order_by("next_try_at", "pk")
    first: dict[int | None, int] = {}
    for notice in _in_order(ranked, now):
        first.setdefault(notice.channel_id, notice.pk)
    return list(first.values())


def _letters(now: datetime, room: int) -> list[int]:
    """Those due the longest."""
    due = _due(now).filter(Exists(Subscription.objects.told().filter(pk=OuterRef("subscription"))))
    return [notice.pk for notice in _in_order(due.order_by("next_try_at", "pk")[:room], now)]


def _in_order(due: QuerySet[Notice], now: datetime) -> list[Notice]:
    """What may leave now: of each recipient and subject the earliest that waits, if it is due, too.

    What is due before an earlier one of its own has left waits as long as that.
    """
    found = list(due.only(*_PLACES))
    same = Q(channel__in={n.channel_id for n in found}) | Q(
        subscription__in={n.subscription_id for n in found}
    )
    waiting = Notice.objects.waiting().filter(same, subject__in={notice.subject for notice in found})
    heads: dict[tuple[int | None, int | None, str], Notice] = {}
    for notice in waiting.only(*_PLACES).order_by("pk"):
        heads.setdefault((notice.channel_id, notice.subscription_id, notice.subject), notice)
    chosen, behind = {}, []
    for notice in found:
        head = heads.get((notice.channel_id, notice.subscription_id, notice.subject), notice)
        if head.next_try_at <= now and (head.claimed_until or now) <= now:
            # it may be due for a shorter time than all that is looked at here
            chosen[head.pk] = head
        else:
            notice.next_try_at = max(head.next_try_at, now + BEHIND)
            behind.append(notice)
    Notice.objects.bulk_update(behind, ["next_try_at"])
    return list(chosen.values())


@transaction.atomic
def _claim(chosen: Sequence[int], now: datetime) -> list[Outgoing]:
    """Those that nobody else has taken meanwhile."""
    rows = Notice.objects.filter(pk__in=chosen).select_related("channel", "subscription")
    taken = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at", "pk"))
    taken = [
        notice
        for notice in taken
        if notice.state == Notice.State.WAITING
        and (notice.claimed_until or now) <= now
        and notice.next_try_at <= now  # else another sender has just failed with it
    ]
    for notice in taken:
        notice.tries += 1
        notice.claimed_until = now + _lease(letter=notice.channel_id is None)
    Notice.objects.bulk_update(taken, ["tries", "claimed_until"])
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(notice=notice, number=notice.tries, started_at=now) for notice in taken
    )
    return [_outgoing(notice) for notice in taken]


def _lease(*, letter: bool) -> timedelta:
    return LETTERS_LEASE if letter else LEASE


def _outgoing(notice: Notice) -> Outgoing:
    recipient = notice.channel or notice.subscription
    assert recipient is not None, "a notice has one recipient"  # noqa: S101 (notice_has_one_recipient)
    return Outgoing(
        uid=notice.uid,
        kind=notice.kind,
        topic=notice.topic,
        severity=notice.severity,
        language=recipient.language,
        subject=notice.subject,
        facts=notice.facts,
        body=None if notice.body is None else bytes(notice.body),
        attempt=notice.tries,
        target=_target(recipient),
        made_at=notice.made_at,
    )


def _target(recipient: AlertChannel | Subscription) -> Target:
    if isinstance(recipient, Subscription):
        return MailTarget(recipient.pk, recipient.uid, recipient.email, recipient.token_version)
    if recipient.kind == AlertChannel.Kind.APPRISE:
        return AppriseTarget(recipient.pk, recipient.slug, recipient.url_env)
    return WebhookTarget(
        recipient.pk, recipient.slug, recipient.url, recipient.secret_version, recipient.rotated_at
    )


def _note_failure(notice: Notice, outcome: Outcome, now: datetime) -> None:
    """Another try, unless none can do better. Tries that were cut off said nothing and are not counted."""
    failures = notice.attempts.filter(ok=False, ended_at__isnull=False).count()
    final = outcome.permanent or outcome.gone
    delay = retry_after(
        failures,
        http_status=outcome.http_status,
        wish_s=outcome.retry_after_s,
        draw=random.random(),  # noqa: S311 (no secret)
    )
    notice.claimed_until = None
    if delay is not None and not final:
        notice.next_try_at = now + delay
        return
    notice.state = Notice.State.FAILED
    words = _words(outcome)
    notice.why = (words if final else GIVEN_UP.format(tries=failures, error=words))[:MOST_CHARS]
    if notice.kind in BEGINNINGS:
        others = Notice.objects.filter(
            channel=notice.channel_id, subscription=notice.subscription_id, subject=notice.subject
        )
        drop_waiting(others.exclude(pk=notice.pk), UNHEARD)


def _words(outcome: Outcome) -> str:
    status = f"HTTP {outcome.http_status}" if outcome.http_status else ""
    return " ".join(part for part in (status, _readable(outcome.error)) if part) or "no answer"


def _readable(said: str) -> str:
    """What a target said, as the database takes it: PostgreSQL keeps no NUL."""
    return said.replace("\0", "")[:MOST_CHARS]
