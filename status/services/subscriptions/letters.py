"""The letters that ask subscribers to confirm: claimed, sent, tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from status.links import CONFIRM_WITHIN
from status.models import SubscriptionLetter
from status.outgoing import Outcome
from status.services.subscriptions.asking import Wish, present_wish, wish_of
from status.services.subscriptions.ending import note_bounce

#: Whoever claims a letter has so long to send it.
LEASE: Final = timedelta(minutes=3)
#: After each try that failed; then every two hours, for as long as the letter could be of use.
PAUSES_S: Final = (30, 120, 600, 1_800, 7_200)


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter that is the claimer's to send, until LEASE is over.

    `present`: what the address is told already, None = nothing yet.
    """

    pk: int
    uid: str
    address: str
    wish: Wish
    present: Wish | None
    subscription_uid: str
    token_version: int


def claim_letters(*, now: datetime, limit: int) -> list[ClaimedLetter]:
    """At most `limit` letters that are due, the oldest first."""
    waiting = SubscriptionLetter.objects.filter(state="waiting", next_try_at__lte=now)
    free = waiting.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    # Mostly there is none, and nobody has to wait for a lock.
    return _claim(free, now, limit) if free.exists() else []


@transaction.atomic
def _claim(free: QuerySet[SubscriptionLetter], now: datetime, limit: int) -> list[ClaimedLetter]:
    rows = list(
        free.select_related("subscription")
        .order_by("next_try_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    for row in rows:
        row.claimed_until, row.tries = now + LEASE, row.tries + 1
    SubscriptionLetter.objects.bulk_update(rows, ["claimed_until", "tries"])
    return [_claimed(row) for row in rows]


def _claimed(letter: SubscriptionLetter) -> ClaimedLetter:
    subscription = letter.subscription
    return ClaimedLetter(
        pk=letter.pk,
        uid=letter.uid,
        address=subscription.email,
        wish=wish_of(letter),
        present=present_wish(subscription) if subscription.is_told else None,
        subscription_uid=subscription.uid,
        token_version=subscription.token_version,
    )


@transaction.atomic
def note_letter(letter: ClaimedLetter, outcome: Outcome, *, now: datetime) -> None:
    """Keep what became of the try, and when the next one is due."""
    row = SubscriptionLetter.objects.select_for_update(no_key=True).filter(pk=letter.pk).first()
    if row is None or row.state != SubscriptionLetter.State.WAITING:
        return
    row.claimed_until, row.error = None, outcome.error[:300]
    pause_s = outcome.retry_after_s or PAUSES_S[min(row.tries, len(PAUSES_S)) - 1]
    row.next_try_at = now + timedelta(seconds=pause_s)
    if outcome.ok:
        row.state, row.sent_at = SubscriptionLetter.State.SENT, now
    elif outcome.gone or outcome.permanent or row.next_try_at > row.made_at + CONFIRM_WITHIN:
        row.state = SubscriptionLetter.State.FAILED
    row.save()
    if outcome.gone:
        note_bounce(subscription_uid=letter.subscription_uid, reason=outcome.error, now=now)
