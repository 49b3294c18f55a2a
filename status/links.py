"""The links in letters to subscribers: signed, so that nobody guesses one; by random names, never by numbers.

BadLink      theirs: it was not made here, or cut on its way
  StaleLink  it was, but leads nowhere any more: too old, or of a life before
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from aigo.lib.site import absolute

#: A wish can be confirmed for so long after its letter was sent.
CONFIRM_WITHIN: Final = timedelta(hours=48)
#: The settings can be opened for so long after a letter. Unsubscribing has no such end.
MANAGE_WITHIN: Final = timedelta(days=30)


class BadLink(Exception):
    """It was not made here."""


class StaleLink(BadLink):
    """It was made here and is over."""


def host() -> str:
    """What the names of our letters end with."""
    return (settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]) or "localhost"


def confirm_link(letter_uid: str) -> str:
    """Where a letter's wish comes true; how old the letter may be, its row says."""
    return absolute(reverse("subscription-confirm", args=[_signer("confirm").sign(letter_uid)]))


def manage_link(uid: str, version: int) -> str:
    """Where a subscription is changed."""
    signer = signing.TimestampSigner(salt=_salt("manage"), sep=".")
    return absolute(reverse("subscription-manage", args=[signer.sign(f"{uid}.{version}")]))


def unsubscribe_link(uid: str) -> str:
    """Where a subscription is ended, by one POST (RFC 8058)."""
    return absolute(reverse("subscription-end", args=[_signer("end").sign(uid)]))


def read_confirm(token: str) -> str:
    """The letter's uid. Raises BadLink."""
    return _unsigned("confirm", token)


def read_end(token: str) -> str:
    """The subscription's uid. Raises BadLink."""
    return _unsigned("end", token)


def read_manage(token: str) -> tuple[str, int]:
    """The subscription's uid, and the version its link was made for. Raises BadLink, StaleLink."""
    signer = signing.TimestampSigner(salt=_salt("manage"), sep=".")
    try:
        uid, _dot, version = signer.unsign(token, max_age=MANAGE_WITHIN).rpartition(".")
    except signing.SignatureExpired:
        raise StaleLink("it is older than 30 days") from None
    except signing.BadSignature:
        raise BadLink("it was not made here") from None
    return uid, int(version)


def _unsigned(purpose: str, token: str) -> str:
    try:
        return _signer(purpose).unsign(token)
    except signing.BadSignature:
        raise BadLink("it was not made here") from None


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=_salt(purpose), sep=".")


def _salt(purpose: str) -> str:
    """A token of one purpose is none of another."""
    return f"status.subscription.{purpose}"
