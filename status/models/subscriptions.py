"""Who asked to be told by e-mail, of what, and the letters that ask whether it was really they."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.models import AIModel, Provider
from status.incidents import SEVERITIES

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def new_uid() -> str:
    """128 random bits: what addresses name a row by, never its number."""
    return secrets.token_urlsafe(16)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def told(self) -> "SubscriptionQuerySet":
        """Those that notices go to: confirmed, not ended, and their mailbox takes letters."""
        return self.filter(confirmed_at__isnull=False, unsubscribed_at=None, bounced_at=None)


class Subscription(models.Model):
    """An e-mail address that is told of incidents, once its owner has confirmed.

    `email`: as it was typed, its domain in lower case; an address has one subscription, whatever its case.
    No `providers` and no `models` = everything; else what concerns any of them. `min_severity`: told from it
    on. `token_version`: links of an older one do not lead to the settings any more. Times are UTC.
    """

    class Language(models.TextChoices):
        EN = "en", "English"
        KO = "ko", "한국어"

    class MinSeverity(models.TextChoices):
        MINOR = "minor", _("Minor and worse")
        MAJOR = "major", _("Major and worse")
        CRITICAL = "critical", _("Critical only")

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.EN)
    providers = models.ManyToManyField(Provider, blank=True, related_name="+", verbose_name=_("providers"))
    min_severity = models.CharField(
        _("from this severity on"), max_length=8, choices=MinSeverity, default=MinSeverity.MINOR
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    bounce_reason = models.CharField(max_length=300, blank=True, default="")
    token_version = models.PositiveIntegerField(default=1)
    # Last: from here on `models` is the field.
    models = models.ManyToManyField(AIModel, blank=True, related_name="+", verbose_name=_("models"))

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="subscription_once_per_address"),
            models.CheckConstraint(
                name="subscription_words_known",
                condition=Q(min_severity__in=SEVERITIES, language__in=LANGUAGES),
            ),
            models.CheckConstraint(
                name="subscription_bounce_has_reason",
                condition=Q(bounced_at__isnull=True) | ~Q(bounce_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_told(self) -> bool:
        """As `told()`."""
        return bool(self.confirmed_at and not self.unsubscribed_at and not self.bounced_at)


class SubscriptionLetter(models.Model):
    """A letter that asks the owner of an address to confirm a wish, and its way there.

    `wish`: {language, min_severity, providers, models} with slugs; it comes true when `used_at` is set.
    Tried until it is sent or nobody could use it any more; `claimed_until`: whoever sends it has so long.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="letters")
    wish = models.JSONField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="letter_sent_iff_told",
                condition=Q(state="sent", sent_at__isnull=False)
                | (Q(state__in=["waiting", "failed"]) & Q(sent_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            # what is to be sent; empty but for moments
            models.Index(fields=["next_try_at"], name="letter_waiting", condition=Q(state="waiting")),
            # how many were asked for lately, of one address and of all
            models.Index(fields=["made_at"], name="letter_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.state} {self.made_at:%Y-%m-%d %H:%M}"
