"""Asking for a subscription, and confirming that one has asked."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from catalog.models import AIModel, Provider
from status.links import CONFIRM_WITHIN, StaleLink
from status.models import Subscription, SubscriptionLetter

logger = logging.getLogger(__name__)
#: So many letters an address is sent in a day that nobody there has asked for, perhaps.
MOST_PER_ADDRESS: Final = 3
#: And so many all addresses together in an hour: the form must be no weapon against strangers' mailboxes.
MOST_PER_HOUR: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber wants to be told. `providers`, `models`: slugs, sorted; none of both = everything."""

    language: str = "en"
    min_severity: str = "minor"
    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


@transaction.atomic
def request(*, email: str, wish: Wish, now: datetime) -> SubscriptionLetter | None:
    """Somebody, perhaps not its owner, wants this address to be told: a letter asks.

    None: the address, or everybody together, was asked too often lately; whoever asked is told nothing of
    that. Nothing about a subscription that there is changes before the letter is answered.
    """
    address = normalised(email)
    if SubscriptionLetter.objects.filter(made_at__gt=now - timedelta(hours=1)).count() >= MOST_PER_HOUR:
        logger.warning("no more letters to subscribers in this hour: %d were asked for", MOST_PER_HOUR)
        return None
    fields = {"email": address, "language": wish.language, "created_at": now}
    # as subscription_once_per_address compares: by its index, and "ı" is no "i"
    known = Subscription.objects.alias(lowered=Lower("email")).filter(lowered=Lower(Value(address)))
    found, _made = known.get_or_create(defaults=fields)
    subscription = Subscription.objects.select_for_update(no_key=True).get(pk=found.pk)
    lately = subscription.letters.filter(made_at__gt=now - timedelta(days=1)).count()
    if lately >= MOST_PER_ADDRESS:
        return None
    return SubscriptionLetter.objects.create(
        subscription=subscription, wish=asdict(wish), made_at=now, next_try_at=now
    )


@transaction.atomic
def confirm(*, letter_uid: str, now: datetime) -> Subscription:
    """The owner of the address says yes: what the letter's wish says is so from now on.

    Again: nothing. Raises StaleLink as `asked_wish` does.
    """
    letter = SubscriptionLetter.objects.select_for_update(no_key=True).filter(uid=letter_uid).first()
    if letter is None:
        raise StaleLink("its letter is forgotten")
    subscription = Subscription.objects.select_for_update(no_key=True).get(pk=letter.subscription_id)
    _check(letter, subscription, now)
    if letter.used_at:
        return subscription
    letter.used_at = now
    letter.save(update_fields=["used_at"])
    subscription.confirmed_at = now
    subscription.unsubscribed_at = subscription.bounced_at = None
    subscription.bounce_reason = ""
    subscription.save()
    fulfil(subscription, wish_of(letter))
    return subscription


def asked_wish(*, letter_uid: str, now: datetime) -> Wish:
    """What a letter asks its reader to confirm.

    Raises StaleLink: its address is forgotten, it is older than 48 hours (used or not: the page it leads to
    shows the address), or a later one was confirmed, or the subscription ended, since.
    """
    letter = SubscriptionLetter.objects.filter(uid=letter_uid).select_related("subscription").first()
    if letter is None:
        raise StaleLink("its letter is forgotten")
    _check(letter, letter.subscription, now)
    return wish_of(letter)


def _check(letter: SubscriptionLetter, subscription: Subscription, now: datetime) -> None:
    if now > (letter.sent_at or letter.made_at) + CONFIRM_WITHIN:
        raise StaleLink("it is older than 48 hours")
    if subscription.letters.filter(pk__gt=letter.pk, used_at__isnull=False).exists():
        raise StaleLink("a later one was confirmed")
    if subscription.unsubscribed_at and (letter.used_at or subscription.unsubscribed_at > letter.made_at):
        raise StaleLink("the subscription was ended since")


def fulfil(subscription: Subscription, wish: Wish) -> None:
    """Make the row say what the wish says. What the catalogue does not know any more is left out."""
    subscription.language, subscription.min_severity = wish.language, wish.min_severity
    subscription.save(update_fields=["language", "min_severity"])
    subscription.providers.set(Provider.objects.filter(slug__in=wish.providers))
    subscription.models.set(AIModel.objects.filter(slug__in=wish.models))


def wish_of(letter: SubscriptionLetter) -> Wish:
    """What the letter asks about."""
    kept = letter.wish
    return Wish(kept["language"], kept["min_severity"], tuple(kept["providers"]), tuple(kept["models"]))


def present_wish(subscription: Subscription) -> Wish:
    """What the subscription says."""
    return Wish(
        language=subscription.language,
        min_severity=subscription.min_severity,
        providers=tuple(sorted(subscription.providers.values_list("slug", flat=True))),
        models=tuple(sorted(subscription.models.values_list("slug", flat=True))),
    )


def wish_names(wish: Wish) -> list[str]:
    """Names of its providers and models, sorted; what the catalogue does not know any more is left out."""
    providers = Provider.objects.filter(slug__in=wish.providers).values_list("name", flat=True)
    models = AIModel.objects.filter(slug__in=wish.models).values_list("name", flat=True)
    return sorted({*providers, *models})


def normalised(email: str) -> str:
    """Without spaces around it, its domain in lower case."""
    local, at, domain = email.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"
