"""What came of comparing our incidents with those of the official pages."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Provider
from status.models.incidents import Incident
from status.models.official import OfficialIncident


class DetectionLead(models.Model):
    """A pair of an incident of ours and one of theirs, or one that has none on the other side.

    Written by status.services.leads only, from status.rules.leads.Finding. `lead_s`: their first words minus
    our detection in seconds, positive = we were first; `error_s`: how far that may be wrong, either way; both
    None without a lead. `said_at`: their first words as `basis` says, None = they said none. `at`: the
    moment by which it belongs to a month: our detection, without one of ours our first sight of theirs.
    `counted`: enters the figures, each incident once. Times are UTC.
    """

    class Verdict(models.TextChoices):
        US = "us", _("we were first")
        THEM = "them", _("the page was first")
        TOGETHER = "together", _("within the error bar")
        UNBOUNDED = "unbounded", _("told before the page was first read")
        PAGE_SILENT = "page_silent", _("the page never told")
        PAGE_UNREAD = "page_unread", _("the page could not be read")
        WE_MISSED = "we_missed", _("we did not see it")
        NOT_MEASURED = "not_measured", _("not measured by us")

    class Basis(models.TextChoices):
        PUBLISHED = "published", _("time written by the page, confirmed by our readings")
        FIRST_SEEN = "first_seen", _("our first sight of it")
        UNBOUNDED = "unbounded", _("it was there at our first reading")

    class Fit(models.TextChoices):
        MODEL = "model", _("names a model")
        API = "api", _("names the API")
        WHOLE = "whole", _("names no component")
        OTHER = "other", _("names something else")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="detection_leads")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="leads")
    official = models.ForeignKey(OfficialIncident, on_delete=models.CASCADE, null=True, related_name="leads")
    simulated = models.BooleanField()
    at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict)
    fit = models.CharField(max_length=8, choices=Fit, blank=True, default="")
    basis = models.CharField(max_length=10, choices=Basis, blank=True, default="")
    said_at = models.DateTimeField(null=True)
    lead_s = models.FloatField(null=True)
    error_s = models.FloatField(null=True)
    counted = models.BooleanField(default=True)
    matched_at = models.DateTimeField()
    method_version = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("detection lead")
        verbose_name_plural = _("detection leads")
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="lead_words_known",
                condition=Q(
                    verdict__in=[
                        *("us", "them", "together", "unbounded", "page_silent", "page_unread"),
                        *("we_missed", "not_measured"),
                    ],
                    basis__in=["", "published", "first_seen", "unbounded"],
                    fit__in=["", "model", "api", "whole", "other"],
                ),
            ),
            models.CheckConstraint(
                name="lead_has_sides",
                condition=Q(verdict__in=["page_silent", "page_unread"], incident__isnull=False, official=None)
                | Q(verdict__in=["we_missed", "not_measured"], incident=None, official__isnull=False)
                | Q(
                    verdict__in=["us", "them", "together", "unbounded"],
                    incident__isnull=False,
                    official__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="lead_with_error",
                condition=Q(
                    verdict__in=["us", "them", "together"], lead_s__isnull=False, error_s__isnull=False
                )
                | Q(lead_s=None, error_s=None) & ~Q(verdict__in=["us", "them", "together"]),
            ),
            models.UniqueConstraint("incident", "official", name="lead_once_per_pair"),
            models.UniqueConstraint("incident", name="lead_counts_ours_once", condition=Q(counted=True)),
            models.UniqueConstraint("official", name="lead_counts_theirs_once", condition=Q(counted=True)),
        ]
        indexes: ClassVar = [
            # a provider's latest, for matching anew; a month's
            models.Index(fields=["provider", "-at"], name="lead_of_provider"),
            models.Index(fields=["-at"], name="lead_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.verdict} {self.lead_s}"
