"""What is promised of an endpoint, how much of the allowed failures is left, and when they went too fast."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Endpoint
from status.rules.slo import PERIOD_DAYS, PERIODS, TARGET_PCT

#: A target of 100 % allows no failure at all: nothing can be divided by that.
LEAST_PCT, MOST_PCT = 50, 99.99


class SloTarget(models.Model):
    """An endpoint's own target; one without has that of status.rules.slo. Written by status.services.slo."""

    endpoint = models.OneToOneField(
        Endpoint, on_delete=models.CASCADE, related_name="slo_target", verbose_name=_("endpoint")
    )
    target_pct = models.FloatField(
        _("target in percent"),
        default=TARGET_PCT,
        validators=[MinValueValidator(LEAST_PCT), MaxValueValidator(MOST_PCT)],
        help_text=_("Share of the attempts that count which must be right, 50 to 99.99."),
    )
    period_days = models.PositiveSmallIntegerField(
        _("over so many days"), default=PERIOD_DAYS, choices=[(days, str(days)) for days in PERIODS]
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("SLO target")
        verbose_name_plural = _("SLO targets")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="slo_target_allows_failures",
                condition=Q(target_pct__gte=LEAST_PCT, target_pct__lte=MOST_PCT),
            ),
            models.CheckConstraint(name="slo_period_known", condition=Q(period_days__in=PERIODS)),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.target_pct:g} % / {self.period_days} d"


class SloStandingQuerySet(models.QuerySet["SloStanding"]):
    def least_left_first(self) -> "SloStandingQuerySet":
        """What is not known comes last, and among that what was not attempted at all."""
        attempted = models.Case(models.When(counted__gt=0, then=0), default=1)
        return self.order_by(models.F("budget_left_pct").asc(nulls_last=True), attempted, "endpoint__slug")

    def burning(self) -> "SloStandingQuerySet":
        """Those that have an alert which goes on."""
        going_on = BurnAlert.objects.filter(endpoint=models.OuterRef("endpoint"), ended_at=None)
        return self.filter(models.Exists(going_on))


class SloStanding(models.Model):
    """How an endpoint stood when it was judged last; made anew every minute by status.services.slo.

    `counted`, `failed`: attempts of tier B since `since`, all regions, maintenance left out.
    `budget_left_pct`: status.rules.slo. `windows`: seconds → [counted, failed, of the first half counted].
    `settled`: what of the period lies in buckets that are summed up, as that service keeps it. Times are UTC.
    """

    endpoint = models.OneToOneField(
        Endpoint, primary_key=True, on_delete=models.CASCADE, related_name="slo_standing"
    )
    judged_at = models.DateTimeField()
    target_pct = models.FloatField()
    period_days = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    counted = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    budget_left_pct = models.FloatField(null=True)
    windows = models.JSONField()
    settled = models.JSONField()
    method_version = models.CharField(max_length=20)

    objects = SloStandingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.failed}/{self.counted}"


class BurnAlert(models.Model):
    """An endpoint's budget went faster than a pair of windows allows, from `began_at` to `ended_at`.

    `pair`: as in status.rules.slo.PAIRS. `burn_long`, `burn_short`, `samples` (of the long window): when it
    began. `ended_why`: recovered, too_few_samples, unwatched. `told_at`, `over_told_at`: when its beginning
    and its end were handed over as notices; `held_by`: why its beginning was not, so far: an incident,
    maintenance, another burn alert.
    """

    class Severity(models.TextChoices):
        MINOR = "minor", _("minor")
        CRITICAL = "critical", _("critical")

    class HeldBy(models.TextChoices):
        NOTHING = "", _("nothing")
        INCIDENT = "incident", _("an incident")
        MAINTENANCE = "maintenance", _("maintenance")
        ALERT = "alert", _("another burn alert")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="burn_alerts")
    pair = models.CharField(max_length=4)
    severity = models.CharField(max_length=8, choices=Severity)
    target_pct = models.FloatField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=16, blank=True, default="")
    burn_long = models.FloatField()
    burn_short = models.FloatField()
    samples = models.PositiveIntegerField()
    held_by = models.CharField(max_length=12, choices=HeldBy, blank=True, default="")
    told_at = models.DateTimeField(null=True)
    over_told_at = models.DateTimeField(null=True)
    method_version = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("burn alert")
        verbose_name_plural = _("burn alerts")
        ordering: ClassVar = ["-began_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "endpoint", "pair", name="burn_alert_one_open", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="burn_severity_known", condition=Q(severity__in=["minor", "critical"])
            ),
            models.CheckConstraint(
                name="burn_over_told_after_told",
                condition=Q(over_told_at__isnull=True) | Q(told_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # what status.services.slo looks at every minute: what goes on, and ends that are to be told
            models.Index(
                fields=["endpoint"],
                name="burn_alert_pending",
                condition=Q(ended_at__isnull=True) | Q(told_at__isnull=False, over_told_at__isnull=True),
            ),
            # the operators' page: an endpoint's alerts, newest first
            models.Index(fields=["endpoint", "-began_at"], name="burn_alert_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.pair} {self.began_at:%Y-%m-%d %H:%M}"
