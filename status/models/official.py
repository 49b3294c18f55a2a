"""What the providers' own status pages say, when we read it, and the proof."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Provider


class OfficialPage(models.Model):
    """A provider's official status page and how reading it goes. Times are UTC.

    `kind` and `url` are the provider's, as they were when its page was last made known; another page begins
    anew. `etags`: what the servers want to hear the next time, by source name. `last_tried_at`: when we last
    asked; `last_read_at`: when we asked for the last answer that we understood. `failures`: tries in a row
    that told nothing. `problem` "" = the last try told something; `indicator` and `components` are what the
    last reading told, and mean nothing while there is a problem. `alarmed_at`: when operators were told of
    the problem.
    """

    class Problem(models.TextChoices):
        NONE = "", _("none")
        UNREACHABLE = "unreachable", _("unreachable")
        UNREADABLE = "unreadable", _("unreadable")
        FORBIDDEN = "forbidden", _("address refused")
        TOO_LARGE = "too_large", _("too large")
        RATE_LIMITED = "rate_limited", _("asked too often")

    class Indicator(models.TextChoices):
        SILENT = "", _("nothing of the whole")
        NONE = "none", _("all is well")
        MAINTENANCE = "maintenance", _("maintenance")
        MINOR = "minor", _("minor trouble")
        MAJOR = "major", _("major trouble")
        CRITICAL = "critical", _("critical trouble")

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="official_page")
    kind = models.CharField(max_length=40)
    url = models.CharField(max_length=300)
    enabled = models.BooleanField(default=True)
    interval_s = models.PositiveIntegerField(default=120)
    next_read_at = models.DateTimeField()
    etags = models.JSONField(default=dict, editable=False)
    last_tried_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=12, choices=Problem, blank=True, default="")
    problem_detail = models.CharField(max_length=500, blank=True, default="")
    problem_since = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)
    indicator = models.CharField(max_length=12, choices=Indicator, blank=True, default="")
    components = models.JSONField(default=list)

    class Meta:
        verbose_name = _("official page")
        verbose_name_plural = _("official pages")
        ordering: ClassVar = ["provider__slug"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="official_page_interval", condition=Q(interval_s__gte=60, interval_s__lte=300)
            ),
            models.CheckConstraint(
                name="official_page_words_known",
                condition=Q(
                    problem__in=[
                        *("", "unreachable", "unreadable", "forbidden", "too_large", "rate_limited"),
                    ],
                    indicator__in=["", "none", "maintenance", "minor", "major", "critical"],
                ),
            ),
            models.CheckConstraint(
                name="official_page_problem_since",
                condition=Q(problem="", problem_since__isnull=True)
                | (~Q(problem="") & Q(problem_since__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind}"


class OfficialSnapshot(models.Model):
    """An answer of a page, byte for byte, kept when it differed from the one before.

    `body` is compressed with gzip, `bytes` its length before that; `sha256` in hexadecimal, of the
    uncompressed body. What proves an incident is kept for ever.
    """

    page = models.ForeignKey(OfficialPage, on_delete=models.CASCADE, related_name="snapshots")
    url = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    bytes = models.PositiveIntegerField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("official snapshot")
        verbose_name_plural = _("official snapshots")
        ordering: ClassVar = ["-last_seen_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("page", "url", "sha256", name="official_snapshot_once"),
        ]
        indexes: ClassVar = [
            # what has been kept long enough
            models.Index(fields=["last_seen_at"], name="official_snapshot_old"),
        ]

    def __str__(self) -> str:
        return f"{self.url} {self.sha256[:12]}"


class OfficialIncident(models.Model):
    """An incident that a page told of. Times are UTC; None = the page does not say.

    `claimed_started_at`: when they say that it began; it follows the page. `published_at`: when they first
    said anything, as the page had it when we first saw it: it does not follow later edits. `first_seen_at`:
    when we first saw it; `unseen_at`: our last successful reading before that, None = it was there at our
    first. `last_seen_at`: when an incident that was not over was last on the page. `resolved_at`: when they
    say that it ended; where it vanished without a word (`status` "gone"), when we saw that. `proof`: the
    answer in which we first saw it.
    """

    page = models.ForeignKey(OfficialPage, on_delete=models.CASCADE, related_name="incidents")
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    impact = models.CharField(max_length=12)
    status = models.CharField(max_length=16)
    url = models.CharField(max_length=400, blank=True, default="")
    claimed_started_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    unseen_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    components = models.JSONField(default=list)
    updates = models.JSONField(default=list)
    maintenance = models.BooleanField(default=False)
    proof = models.ForeignKey(OfficialSnapshot, on_delete=models.PROTECT, related_name="proves")

    class Meta:
        verbose_name = _("official incident")
        verbose_name_plural = _("official incidents")
        ordering: ClassVar = ["-first_seen_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("page", "external_id", name="official_incident_once"),
            models.CheckConstraint(
                name="official_incident_words_known",
                condition=Q(
                    impact__in=["none", "minor", "major", "critical", "maintenance", "unknown"],
                    status__in=[
                        *("investigating", "identified", "monitoring", "resolved", "postmortem", "update"),
                        *("scheduled", "in_progress", "verifying", "completed", "gone"),
                    ],
                ),
            ),
        ]
        indexes: ClassVar = [
            # what may end with the next reading
            models.Index(
                fields=["page"], name="official_incident_open", condition=Q(resolved_at__isnull=True)
            ),
            # a page's incidents, newest first; a month's
            models.Index(fields=["page", "-first_seen_at"], name="official_incident_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.title[:60]}"
