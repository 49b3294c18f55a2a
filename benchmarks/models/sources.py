"""Where scores are read, and each time they were."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class LicenceClass(models.TextChoices):
    """What may be done with a source's figures."""

    OPEN = "open", pgettext_lazy("licence", "open")
    NON_COMMERCIAL = "non_commercial", _("non-commercial")
    UNSTATED = "unstated", _("not stated")


#: Names that the project gives its own sources, told in the reader's language; others are proper names.
OWN_NAMES: Final = (
    gettext_noop("AI-GO's seed of cited scores"),
    gettext_noop("Figures that editors bring"),
    gettext_noop("Figures sent by API keys"),
)


class ScoreSource(models.Model):
    """A file of scores that is read again and again, or the one that the project ships.

    `format`: a name in benchmarks.adapters. `data_url`: what is fetched, "" = read from files only.
    `trusted`: new values of matched models are published by themselves; otherwise they wait as drafts.
    `weekly`: the timetable reads it.
    """

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("page"), max_length=300, blank=True, default="")
    data_url = models.URLField(_("file"), max_length=300, blank=True, default="")
    format = models.CharField(_("format"), max_length=40)
    licence = models.CharField(_("licence"), max_length=80, blank=True, default="")
    licence_class = models.CharField(
        _("kind of licence"), max_length=16, choices=LicenceClass, default=LicenceClass.UNSTATED
    )
    trusted = models.BooleanField(_("trusted"), default=False)
    weekly = models.BooleanField(_("read weekly"), default=False)

    class Meta:
        verbose_name = _("source of scores")
        verbose_name_plural = _("sources of scores")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="scoresource_weekly_has_an_address", condition=Q(weekly=False) | ~Q(data_url="")
            ),
        ]

    def __str__(self) -> str:
        return gettext(self.name)


class ImportRun(models.Model):
    """One reading of a source. `problems`: [{row, column, value, problem}], the first of them; a run with any
    has changed nothing. `rows` = new + changed + unchanged; `unmatched` of them stand without a model.
    `gone`: scores of the source that it no longer states; they stay. `left_out`: {why: rows passed over on
    purpose}. `applied_at` None: looked at only, or refused.
    """

    source = models.ForeignKey(
        ScoreSource, on_delete=models.CASCADE, related_name="runs", verbose_name=_("source")
    )
    origin = models.CharField(_("file or address"), max_length=300)
    content_hash = models.CharField(_("SHA-256"), max_length=64, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    started_at = models.DateTimeField(_("began"))
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    new = models.PositiveIntegerField(pgettext_lazy("import", "new"), default=0)
    changed = models.PositiveIntegerField(pgettext_lazy("import", "changed"), default=0)
    unchanged = models.PositiveIntegerField(pgettext_lazy("import", "unchanged"), default=0)
    unmatched = models.PositiveIntegerField(_("without a model"), default=0)
    published = models.PositiveIntegerField(pgettext_lazy("import", "published"), default=0)
    gone = models.PositiveIntegerField(_("gone from the source"), default=0)
    left_out = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("import of scores")
        verbose_name_plural = _("imports of scores")
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="importrun_refused_or_applied",
                condition=Q(applied_at__isnull=True) | Q(problems=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.started_at:%Y-%m-%d %H:%M}"
