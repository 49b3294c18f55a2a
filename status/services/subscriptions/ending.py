"""Changing and ending subscriptions, by their owners, by mail servers, by operators and by time."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from status.links import CONFIRM_WITHIN, StaleLink
from status.models import Subscription
from status.rules.bounces import Failure, Refusal
from status.services.subscriptions.asking import Wish, fulfil

#: Who has not confirmed is forgotten after so long; so is who has unsubscribed, or whose mailbox is gone.
UNCONFIRMED_FOR: Final = timedelta(days=7)
ENDED_FOR: Final = timedelta(days=30)
MOST_REASON_CHARS: Final = 300


@transaction.atomic
def change(*, uid: str, version: int, wish: Wish) -> Subscription:
    """The owner, who holds a link to the settings, wants something else. Raises StaleLink."""
    subscription = opened_by(uid=uid, version=version, lock=True)
    fulfil(subscription, wish)
    return subscription


def opened_by(*, uid: str, version: int, lock: bool = False) -> Subscription:
    """The subscription that a link to its settings leads to. Raises StaleLink where it has ended."""
    rows = Subscription.objects.select_for_update(no_key=True) if lock else Subscription.objects.all()
    subscription = rows.filter(uid=uid, token_version=version).first()
    if subscription is None or not subscription.is_told:
        raise StaleLink("the subscription was ended")
    return subscription


@transaction.atomic
def unsubscribe(*, uid: str, by: AbstractBaseUser | None = None, now: datetime) -> None:
    """Nothing is sent to this address any more, and links to its settings lead nowhere. Again: nothing.

    by: the operator who does it, None = the owner of the address, who is no user here.
    """
    subscription = Subscription.objects.select_for_update(no_key=True).filter(uid=uid).first()
    if subscription is None or subscription.unsubscribed_at:
        return
    subscription.unsubscribed_at = now
    subscription.token_version += 1
    subscription.save(update_fields=["unsubscribed_at", "token_version"])
    if by is not None:
        _note(subscription, "unsubscribed", by)


@transaction.atomic
def note_bounce(*, subscription_uid: str, reason: str, now: datetime) -> bool:
    """The mailbox is gone, says a mail server: nothing is sent there until its owner confirms again.

    Whether that is news.
    """
    subscription = Subscription.objects.select_for_update(no_key=True).filter(uid=subscription_uid).first()
    if subscription is None or subscription.bounced_at:
        return False
    subscription.bounced_at = now
    subscription.bounce_reason = reason[:MOST_REASON_CHARS] or "refused"
    subscription.save(update_fields=["bounced_at", "bounce_reason"])
    return True


def record_failure(failure: Failure, *, now: datetime) -> str:
    """What another server reports of one of our letters; what was done, in words.

    Believed only where the letter that comes back is one we sent to that very address: its id is known to
    nobody else.
    """
    subscription = _recipient(failure.letter)
    if subscription is None or subscription.email.casefold() != failure.address.casefold():
        return "ignored: it returns no letter of ours to this address"
    if failure.refusal is not Refusal.GONE:
        return f"kept: the letter was refused, the mailbox is there ({failure.reason})"
    news = note_bounce(subscription_uid=subscription.uid, reason=failure.reason, now=now)
    return "sent nothing more" if news else "known already"


def _recipient(letter: str) -> Subscription | None:
    """Whom the letter of that id went to: a notice (msg_…), or one that asked to confirm (ltr_…)."""
    if letter.startswith("ltr_"):
        return Subscription.objects.filter(letters__uid=letter.removeprefix("ltr_")).first()
    return Subscription.objects.filter(notices__uid=letter).first() if letter else None


@transaction.atomic
def lift_bounce(*, uid: str, by: AbstractBaseUser) -> None:
    """An operator knows that the mailbox takes letters again."""
    subscription = Subscription.objects.select_for_update(no_key=True).get(uid=uid)
    subscription.bounced_at, subscription.bounce_reason = None, ""
    subscription.save(update_fields=["bounced_at", "bounce_reason"])
    _note(subscription, "bounce lifted", by)


def tidy(*, now: datetime) -> int:
    """Forget the addresses that have no reason to be kept, with all that was sent to them; how many."""
    unconfirmed = Q(confirmed_at=None, created_at__lte=now - UNCONFIRMED_FOR)
    ended = Q(unsubscribed_at__lte=now - ENDED_FOR) | Q(bounced_at__lte=now - ENDED_FOR)
    asked = Q(letters__made_at__gt=now - CONFIRM_WITHIN, letters__used_at=None)
    gone = Subscription.objects.filter(unconfirmed | ended).exclude(asked)
    _rows, counts = gone.delete()
    return counts.get(Subscription._meta.label, 0)


def _note(subscription: Subscription, what: str, by: AbstractBaseUser) -> None:
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(Subscription),
        object_id=str(subscription.pk),
        object_repr=subscription.uid,
        action_flag=CHANGE,
        change_message=what,
    )
