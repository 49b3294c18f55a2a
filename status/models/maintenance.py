"""Maintenance that was announced: what is not told as trouble and not held against anybody meanwhile."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aigo.lib.words import Words
from catalog.models import Endpoint, Provider
from status.rules.maintenance import Window


class MaintenanceWindow(models.Model):
    """One span of time, or the first of many. Written by status.services.maintenance only.

    It covers all endpoints of `provider`, or `endpoints` (one of both is given), in `regions` (slugs; empty =
    everywhere). `starts_at`, `ends_at`: the first occurrence, UTC. `recurrence`: an RRULE's value
    (RFC 5545, 3.3.10; which parts: status.rules.maintenance), "" = once; it counts in the days and clock of
    `time_zone` (IANA), so that 02:00 stays 02:00 when clocks change. `cancelled_at`: from then on it covers
    nothing; what it covered before stays.
    """

    title_en = models.CharField(_("title in English"), max_length=160, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=160, blank=True)
    provider = models.ForeignKey(
        Provider,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="maintenance_windows",
        verbose_name=_("provider"),
    )
    endpoints = models.ManyToManyField(
        Endpoint, blank=True, related_name="maintenance_windows", verbose_name=_("endpoints")
    )
    regions = models.JSONField(_("regions"), default=list, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    recurrence = models.CharField(_("recurrence"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    class Meta:
        ordering: ClassVar = ["-starts_at", "-pk"]
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        constraints: ClassVar = [
            models.CheckConstraint(name="maintenance_lasts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="maintenance_has_title", condition=~Q(title_en="", title_ko="")),
        ]

    def __str__(self) -> str:
        return f"{self.title_en or self.title_ko} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def title(self) -> Words:
        """In both languages."""
        return Words(self.title_en, self.title_ko)

    @property
    def window(self) -> Window:
        """As the rules see it."""
        return Window(
            id=self.pk,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            recurrence=self.recurrence,
            time_zone=self.time_zone,
            regions=frozenset(self.regions),
            cancelled_at=self.cancelled_at,
        )
