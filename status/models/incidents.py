"""Incidents as we see them in our own measurements: what was wrong, where, how badly, and until when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from aigo.lib.words import Words
from catalog.models import Endpoint, Provider
from status.incidents import effective_severity
from status.models.states import STATES


class IncidentQuerySet(models.QuerySet["Incident"]):
    def ongoing(self) -> "IncidentQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def with_severity(self) -> "IncidentQuerySet":
        """Annotated with `told_severity`: `Incident.effective_severity` for filters and orders."""
        return self.annotate(told_severity=Coalesce("severity_by_hand", "severity"))


class Incident(models.Model):
    """Trouble of one endpoint, or of many of a provider's at once.

    Written by status.services.incidents from measurements, and by status.services.reporting in people's name:
    neither touches the other's fields.

    `started_at`: when the trouble began (the first change of state), `detected_at`: when it was confirmed
    enough to open, `announced_at`: when its opening was first told (None: not yet, or before that was kept).
    `regions`: slugs, sorted. `cause`: one word for machines. Times are UTC.

    `severity` is what was measured; `severity_by_hand` (None: nobody decided) stands above it for whoever
    reads `effective_severity`. `title_*`: by hand, "" = made from the facts (status.wording.title_of).
    `postmortem_*` are drafts until `postmortem_published_at`.
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

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="incidents", verbose_name=_("provider")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    scope = models.CharField(_("extent"), max_length=8, choices=Scope)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    cause = models.CharField(_("cause"), max_length=24)
    regions = models.JSONField(_("regions"), default=list)
    started_at = models.DateTimeField(_("began"))
    detected_at = models.DateTimeField(_("detected"))
    ended_at = models.DateTimeField(_("over"), null=True)
    simulated = models.BooleanField(_("simulated"), default=False)
    method_version = models.CharField(max_length=20)
    announced_at = models.DateTimeField(null=True)
    title_en = models.CharField(max_length=160, blank=True, default="")
    title_ko = models.CharField(max_length=160, blank=True, default="")
    severity_by_hand = models.CharField(max_length=8, choices=Severity, null=True)  # noqa: DJ001
    postmortem_en = models.TextField(blank=True, default="")
    postmortem_ko = models.TextField(blank=True, default="")
    postmortem_published_at = models.DateTimeField(null=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
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
                name="incident_severity_by_hand_known",
                condition=Q(severity_by_hand=None)
                | Q(severity_by_hand__in=["info", "minor", "major", "critical"]),
            ),
            models.CheckConstraint(
                name="incident_postmortem_has_text",
                condition=Q(postmortem_published_at=None) | ~Q(postmortem_en="", postmortem_ko=""),
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
        return f"#{self.pk} {self.effective_severity} {self.state} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def effective_severity(self) -> str:
        """What everybody is told: decided by hand, else as measured."""
        return effective_severity(self.severity, self.severity_by_hand)

    @property
    def title_by_hand(self) -> Words:
        """Empty where it is made from the facts."""
        return Words(self.title_en, self.title_ko)

    @property
    def postmortem(self) -> Words:
        """The published one; empty while there is none."""
        if self.postmortem_published_at is None:
            return Words()
        return Words(self.postmortem_en, self.postmortem_ko)


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

    `kind` is the step's (status.rules.incidents) or a person's (HUMAN_KINDS), `data` what it says, as plain
    JSON: severity (the effective one), severity_measured, state, scope, slugs, regions, and more by kind.
    `event_id`: as in StatusChange. `planned_at`: when its notices were made; None = they are still to be.
    """

    #: What people do (status.services.reporting): their own words in `data` are named there.
    HUMAN_KINDS: ClassVar = ("update", "severity", "title", "postmortem")

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


class IncidentUpdate(models.Model):
    """What a person tells about an incident. Never edited: a correction is a new one that `corrects` it.

    At least one language is given; readers of the other see what there is. `by`: None once the account is
    gone.
    """

    class Status(models.TextChoices):
        """The words of public status pages."""

        INVESTIGATING = "investigating", _("investigating")
        IDENTIFIED = "identified", _("identified")
        MONITORING = "monitoring", _("monitoring")
        RESOLVED = "resolved", _("resolved")
        POSTMORTEM = "postmortem", _("post-mortem")
        NOTE = "note", _("note")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    at = models.DateTimeField()
    status = models.CharField(max_length=13, choices=Status)
    body_en = models.TextField(blank=True, default="")
    body_ko = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    corrects = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="correction"
    )

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="update_status_known",
                condition=Q(
                    status__in=[
                        *("investigating", "identified", "monitoring", "resolved", "postmortem", "note")
                    ]
                ),
            ),
            models.CheckConstraint(name="update_says_something", condition=~Q(body_en="", body_ko="")),
        ]
        indexes: ClassVar = [
            # what was told of one incident, or of some
            models.Index(fields=["incident", "at"], name="incident_told"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.status} {self.at:%Y-%m-%d %H:%M}"
