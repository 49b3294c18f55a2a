"""Incidents as we see them in our own measurements: what was wrong, where, how badly, and until when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Endpoint, Provider
from status.models.states import STATES


class IncidentQuerySet(models.QuerySet["Incident"]):
    def ongoing(self) -> "IncidentQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Incident(models.Model):
    """Trouble of one endpoint, or of many of a provider's at once. Written by status.services.incidents only.

    `started_at`: when the trouble began (the first change of state), `detected_at`: when it was confirmed
    enough to open. `regions`: slugs, sorted. `cause`: one word for machines. Times are UTC.
    """

    class Kind(models.TextChoices):
        ENDPOINT = "endpoint", _("one endpoint")
        PROVIDER = "provider", _("provider-wide")

    class Scope(models.TextChoices):
        REGIONAL = "regional", _("regional")
        GLOBAL = "global", _("global")

    class Severity(models.TextChoices):
        INFO = "info", _("info")
        MINOR = "minor", _("minor")
        MAJOR = "major", _("major")
        CRITICAL = "critical", _("critical")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        FLAPPING = "flapping", _("flapping")
        CLOSED = "closed", _("closed")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=8, choices=Kind)
    scope = models.CharField(max_length=8, choices=Scope)
    severity = models.CharField(max_length=8, choices=Severity)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    cause = models.CharField(max_length=24)
    regions = models.JSONField(default=list)
    started_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    simulated = models.BooleanField(default=False)
    method_version = models.CharField(max_length=20)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="incident_words_known",
                condition=Q(
                    kind__in=["endpoint", "provider"],
                    scope__in=["regional", "global"],
                    severity__in=["info", "minor", "major", "critical"],
                    state__in=["open", "flapping", "closed"],
                ),
            ),
            models.CheckConstraint(
                name="incident_ended_iff_closed",
                condition=Q(state="closed", ended_at__isnull=False)
                | (~Q(state="closed") & Q(ended_at__isnull=True)),
            ),
            models.UniqueConstraint(
                "provider",
                "simulated",
                name="incident_one_provider_wide",
                condition=Q(kind="provider", ended_at__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            # the strip on the board, and what is tended to
            models.Index(fields=["provider"], name="incident_ongoing", condition=Q(ended_at__isnull=True)),
            # a provider's incidents, newest first
            models.Index(fields=["provider", "-started_at"], name="incident_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.severity} {self.state} {self.started_at:%Y-%m-%d %H:%M}"


class IncidentEndpoint(models.Model):
    """An endpoint that an incident holds or held. `worst`: the gravest state it was in meanwhile.

    `regions`: those it is in trouble in, each with the reason it was taken in for; none while an anomaly
    holds it.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="members")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="memberships")
    regions = models.JSONField(default=dict)
    worst = models.CharField(max_length=12)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["joined_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="member_worst_known", condition=Q(worst__in=STATES)),
            models.UniqueConstraint("endpoint", name="member_of_one_open", condition=Q(left_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.endpoint_id}"


class IncidentChange(models.Model):
    """One step of an incident: the timeline, and the outbox of its events and notices. It never changes.

    `kind` is the step's (status.rules.incidents), `data` what it says, as plain JSON. `event_id`: as in
    StatusChange. `planned_at`: when its notices were made; None = they are still to be.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12)
    data = models.JSONField(default=dict)
    event_id = models.CharField(max_length=40, blank=True, default="", editable=False)
    planned_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [
            # the timeline of one incident
            models.Index(fields=["incident", "at"], name="incident_timeline"),
            # what is still to be announced; empty but for moments
            models.Index(fields=["id"], name="incident_untold", condition=Q(event_id="")),
            # what is still to be planned; empty but for moments
            models.Index(fields=["id"], name="incident_unplanned", condition=Q(planned_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"
