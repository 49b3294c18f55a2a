"""Whom the operators have told of what, every notice, and every try at delivering it."""

import secrets
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Endpoint, Provider
from status.incidents import SEVERITIES
from status.models.subscriptions import Subscription

#: Names of environment variables that may hold a channel's addresses; no other can be read through a channel.
URL_ENV = r"ALERT_URL_[A-Z0-9_]{1,48}"


class Severity(models.TextChoices):
    INFO = "info", _("info")
    MINOR = "minor", _("minor")
    MAJOR = "major", _("major")
    CRITICAL = "critical", _("critical")


class Topic(models.TextChoices):
    INCIDENT = "incident", _("incidents")
    SLO = "slo", _("error budgets")
    OFFICIAL = "official", _("official status pages")
    PRICE = "price", _("prices")
    MODEL = "model", _("new models and retirements")


def every_topic() -> list[str]:
    """What a new rule tells of: trouble. Of prices and models it tells where somebody asks for it."""
    return [Topic.INCIDENT.value, Topic.SLO.value, Topic.OFFICIAL.value]


def new_uid() -> str:
    """128 random bits: a notice's id for whoever receives it."""
    return f"msg_{secrets.token_hex(16)}"


class AlertChannel(models.Model):
    """A place that notices go to. Written by status.services.notices.

    kind: webhook | apprise. `url`: a webhook's address. `url_env`: the environment variable that holds
    apprise's addresses, for they bear secrets. `secret_version`: of the webhook's secret, which is derived
    and kept nowhere. `disabled_reason`: why it takes no more; "" while it does.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("webhook (Standard Webhooks)")
        APPRISE = "apprise", _("apprise (mail, Slack, Discord, Telegram, …)")

    class Language(models.TextChoices):
        EN = "en", "English"
        KO = "ko", "한국어"

    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    url = models.CharField(_("address"), max_length=500, blank=True, default="")
    url_env = models.CharField(
        _("environment variable"),
        max_length=60,
        blank=True,
        default="",
        validators=[RegexValidator(f"^{URL_ENV}$", _("A name like ALERT_URL_OPERATORS is wanted."))],
        help_text=_("It holds apprise's addresses, separated by commas. Secrets are never kept here."),
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.EN)
    secret_version = models.PositiveIntegerField(_("version of the secret"), default=1, editable=False)
    rotated_at = models.DateTimeField(_("secret rotated at"), null=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    disabled_reason = models.CharField(_("disabled because"), max_length=300, blank=True, default="")
    disabled_at = models.DateTimeField(_("disabled at"), null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("alert channel")
        verbose_name_plural = _("alert channels")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="channel_has_its_address",
                condition=(Q(kind="webhook", url_env="") & ~Q(url=""))
                | (Q(kind="apprise", url="") & ~Q(url_env="")),
            ),
            models.CheckConstraint(
                name="channel_disabled_says_why",
                condition=Q(enabled=True, disabled_reason="", disabled_at__isnull=True)
                | (Q(enabled=False, disabled_at__isnull=False) & ~Q(disabled_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The address that goes with the kind, and no other."""
        wanted, other = ("url", "url_env") if self.kind == self.Kind.WEBHOOK else ("url_env", "url")
        if not getattr(self, wanted):
            raise ValidationError({wanted: _("A channel of this kind needs it.")})
        if getattr(self, other):
            raise ValidationError({other: _("A channel of this kind has none: leave it empty.")})


class AlertRule(models.Model):
    """Who is told of what, and when. Empty `providers` and `endpoints` = all, empty `regions` = everywhere.

    `at_once_from`: told at once from this severity on; what is lighter after `warning_after_s`, if it still
    lasts. Quiet hours (`quiet_from` to `quiet_until`, wall time of `time_zone`, over midnight where that is
    earlier; `quiet_days`: the weekdays they begin on, 0 = Monday, none = every day) hold what is lighter than
    `breaks_quiet` ("" = everything) until they end.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    channels = models.ManyToManyField(AlertChannel, related_name="rules", verbose_name=_("channels"))
    topics = models.JSONField(_("topics"), default=every_topic)
    providers = models.ManyToManyField(Provider, blank=True, related_name="+", verbose_name=_("providers"))
    endpoints = models.ManyToManyField(Endpoint, blank=True, related_name="+", verbose_name=_("endpoints"))
    regions = models.JSONField(_("regions"), default=list, blank=True)
    min_severity = models.CharField(
        _("from this severity on"), max_length=8, choices=Severity, default=Severity.MINOR
    )
    at_once_from = models.CharField(
        _("at once from this severity on"), max_length=8, choices=Severity, default=Severity.MAJOR
    )
    warning_after_s = models.PositiveIntegerField(_("else after so many seconds"), default=900)
    quiet_from = models.TimeField(_("quiet hours from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet hours until"), null=True, blank=True)
    quiet_days = models.JSONField(_("quiet hours begin on"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    breaks_quiet = models.CharField(
        _("breaks quiet hours"),
        max_length=8,
        choices=[("", _("nothing")), *Severity.choices],
        blank=True,
        default=Severity.CRITICAL,
    )
    tells_updates = models.BooleanField(_("tells of updates"), default=True)
    tells_recovery = models.BooleanField(_("tells of recovery"), default=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rule_words_known",
                condition=Q(
                    min_severity__in=SEVERITIES,
                    at_once_from__in=SEVERITIES,
                    breaks_quiet__in=["", *SEVERITIES],
                ),
            ),
            models.CheckConstraint(
                name="rule_quiet_hours_paired",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=models.F("quiet_until"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self) -> "NoticeQuerySet":
        """Those that are still to be delivered, now or later."""
        return self.filter(state=Notice.State.WAITING)


class Notice(models.Model):
    """What one recipient is told of one thing. Written by status.services.notices only.

    `uid`: the same on every try; who receives it twice knows by it. `subject`: what it is about, like
    "incident:12". `step`: tells notices of one kind about one subject apart; mostly 0, so that nobody is
    told twice of one opening. `due_at`: not to be told before. `body`: what the first try sent, for every
    later one. `why`: of what was dropped or failed. `tries`: how many were begun. `claimed_until`: whoever
    delivers it has so long.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        WORSENED = "worsened", _("worsened")
        UPDATED = "updated", _("updated")
        RECOVERED = "recovered", _("recovered")
        POSTMORTEM = "postmortem", _("post-mortem")
        BURN = "burn", _("budget burns")
        BURN_OVER = "burn_over", _("budget burns no more")
        UNREADABLE = "unreadable", _("page unreadable")
        READABLE = "readable", _("page readable again")
        RAISED = "raised", _("price raised")
        LOWERED = "lowered", _("price lowered")
        CHANGED = "changed", _("price changed")
        CORRECTED = "corrected", _("price corrected")
        ANNOUNCED = "announced", _("price announced")
        ENDED = "ended", _("price no longer stated")
        ADDED = "added", _("new model")
        OFFERED = "offered", _("model at one more provider")
        DEPRECATED = "deprecated", _("deprecated")
        DATED = "dated", _("retirement date")
        RETIRED = "retired", _("retired")
        RETURNED = "returned", _("active again")
        TEST = "test", _("test")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("dropped")

    uid = models.CharField(max_length=40, unique=True, default=new_uid, editable=False)
    channel = models.ForeignKey(
        AlertChannel, on_delete=models.CASCADE, null=True, related_name="notices", verbose_name=_("channel")
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, null=True, related_name="notices"
    )
    rule = models.ForeignKey(
        AlertRule, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("rule")
    )
    topic = models.CharField(_("topic"), max_length=8, choices=[*Topic.choices, ("test", _("test"))])
    subject = models.CharField(_("subject"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    step = models.PositiveBigIntegerField(default=0)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    facts = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    made_at = models.DateTimeField(_("made"))
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(_("why"), max_length=300, blank=True, default="")
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notice_has_one_recipient",
                condition=Q(channel__isnull=False, subscription__isnull=True)
                | Q(channel__isnull=True, subscription__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_words_known",
                condition=Q(severity__in=SEVERITIES, state__in=["waiting", "sent", "failed", "dropped"]),
            ),
            models.CheckConstraint(
                name="notice_sent_iff_told",
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
            # also what a recipient was told of a subject so far
            models.UniqueConstraint(
                fields=["channel", "subject", "kind", "step"], name="notice_once_per_channel"
            ),
            models.UniqueConstraint(
                fields=["subscription", "subject", "kind", "step"], name="notice_once_per_subscription"
            ),
        ]
        indexes: ClassVar = [
            # what is to be sent; empty but for moments
            models.Index(fields=["next_try_at"], name="notice_waiting", condition=Q(state="waiting")),
            # all that was told of an incident
            models.Index(fields=["subject"], name="notice_subject"),
            # the log, newest first
            models.Index(fields=["-made_at", "-id"], name="notice_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.kind} {self.state} {self.made_at:%Y-%m-%d %H:%M}"


class DeliveryAttempt(models.Model):
    """One try. `ended_at` None: it is under way, or was cut off. `duration_ms`: by a monotonic clock."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ok = models.BooleanField(default=False)
    http_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    duration_ms = models.FloatField(null=True)

    class Meta:
        ordering: ClassVar = ["notice_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "number"], name="attempt_numbered_once"),
            models.CheckConstraint(
                name="attempt_ok_has_ended", condition=Q(ok=False) | Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} #{self.number} {'ok' if self.ok else self.error or '…'}"
