"""From notices to deliveries: at least once each, under one id, one at a time per channel.

A try is kept before it is made. If whoever makes it dies, nobody knows whether the target heard: once the
lease is over it is tried again, under the same id and with the same body.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from status.models import AlertChannel, DeliveryAttempt, Notice, Subscription
from status.outgoing import AppriseTarget, MailTarget, Outcome, Outgoing, Target, WebhookTarget
from status.rules.notices import retry_after
from status.services.notices.book import BEGINNINGS
from status.services.notices.planning import plan_notices

logger = logging.getLogger(__name__)
#: Whoever claims a notice has it for so long, and may go on holding it (`hold`): one request to a channel,
#: or a batch of letters over one connection.
LEASE: Final = timedelta(seconds=45)
LETTERS_LEASE: Final = timedelta(minutes=3)
#: So long the log of what was told is kept; a run forgets at most so many.
NOTICES_KEPT: Final = timedelta(days=90)
MOST_PRUNED: Final = 10_000
#: Whoever waits behind an earlier notice that is under way looks again after so long.
BEHIND: Final = timedelta(seconds=5)
#: So many waiting notices of channels are looked at for those that are due.
MOST_LOOKED_AT: Final = 20_000
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
    except Exception:  # told by the timetable's job, too; what is planned must go out
        logger.exception("notices cannot be planned")
    if not _due(now).exists():
        return []
    chosen = _first_of_channels(now, busy_channels)[:limit]
    room = limit - len(chosen)
    chosen += _letters(now, room if most_mails is None else min(room, most_mails))
    return _claim(chosen, now)


def hold(outgoings: Iterable[Outgoing], *, now: datetime) -> None:
    """The caller still works on these."""
    for outgoing in outgoings:
        mine = Notice.objects.waiting().filter(uid=outgoing.uid, tries=outgoing.attempt)
        mine.update(claimed_until=now + _lease(letter=outgoing.channel_id is None))


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
        error=outcome.error[:MOST_CHARS],
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
    """Forget what was told long ago, and drop what waits for subscribers that nothing goes to any more; how
    many rows are gone."""
    told = Subscription.objects.told().filter(pk=OuterRef("subscription"))
    drop_waiting(Notice.objects.filter(~Exists(told), channel=None), "the subscription has ended")
    old = Notice.objects.exclude(state=Notice.State.WAITING).filter(made_at__lt=now - NOTICES_KEPT)
    gone, _ = old.filter(pk__in=old.order_by("pk").values("pk")[:MOST_PRUNED]).delete()
    return gone


def _due(now: datetime) -> QuerySet[Notice]:
    """Those whose time has come and that nobody has."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return Notice.objects.waiting().filter(free, next_try_at__lte=now)


def _first_of_channels(now: datetime, busy: Collection[int]) -> list[int]:
    """Of every channel that nothing is on its way to, the notice that is due the longest."""
    waiting = Notice.objects.waiting().filter(channel__enabled=True).exclude(channel__in=busy)
    rows = waiting.order_by("pk").values_list("channel", "subject", "pk", "next_try_at", "claimed_until")
    heads: dict[int, dict[str, tuple[datetime, int]]] = defaultdict(dict)
    under_way = set()
    for channel, subject, pk, next_try_at, claimed_until in rows[:MOST_LOOKED_AT]:
        heads[channel].setdefault(subject, (next_try_at, pk))
        if claimed_until and claimed_until > now:
            under_way.add(channel)
    first = [min(of.values()) for channel, of in heads.items() if channel not in under_way]
    return [pk for next_try_at, pk in sorted(first) if next_try_at <= now]


def _letters(now: datetime, room: int) -> list[int]:
    """Those due the longest. What is due before an earlier one of its own has left waits as long as that."""
    due = _due(now).filter(Exists(Subscription.objects.told().filter(pk=OuterRef("subscription"))))
    found = list(due.order_by("next_try_at", "pk").only("subscription", "subject")[:room])
    waiting = Notice.objects.waiting().filter(subscription__in=[notice.subscription_id for notice in found])
    heads: dict[tuple[int | None, str], Notice] = {}
    for notice in waiting.only("subscription", "subject", "next_try_at", "claimed_until").order_by("pk"):
        heads.setdefault((notice.subscription_id, notice.subject), notice)
    chosen, behind = [], []
    for notice in found:
        head = heads.get((notice.subscription_id, notice.subject), notice)
        if head.pk == notice.pk:
            chosen.append(notice.pk)
        elif head.next_try_at > now or (head.claimed_until or now) > now:
            notice.next_try_at = max(head.next_try_at, now + BEHIND)
            behind.append(notice)
    Notice.objects.bulk_update(behind, ["next_try_at"])
    return chosen


@transaction.atomic
def _claim(chosen: Sequence[int], now: datetime) -> list[Outgoing]:
    """Those that nobody else has taken meanwhile."""
    rows = Notice.objects.filter(pk__in=chosen).select_related("channel", "subscription")
    taken = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at", "pk"))
    taken = [
        notice
        for notice in taken
        if notice.state == Notice.State.WAITING and (notice.claimed_until or now) <= now
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
    return " ".join(part for part in (status, outcome.error) if part) or "no answer"
