"""What became different in the catalogue, one row each: for feeds, calendars and alerts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.offers import Endpoint
from catalog.models.prices import Price


class TidingQuerySet(models.QuerySet["Tiding"]):
    def unplanned(self) -> TidingQuerySet:
        """Those that nobody has decided on yet whom to tell."""
        return self.filter(planned_at__isnull=True)


class Tiding(models.Model):
    """One thing that became different. Written by catalog.services.noting only, and never changed.

    `key`: names it for ever, so that nothing is noted twice. `at`: from when on it holds, later than
    `told_at`, when we learned of it, where it is announced. `facts`: plain JSON, as it was learned: of a
    price {tier, region_scope, amounts: {name: [before, after]}, reason}, of a model what changed of
    lifecycle, deprecated_at and retires_at: {name: [before, after]}. `price`: the row that tells it.
    `planned_at`: when it was decided who is told of it.
    """

    class Topic(models.TextChoices):
        PRICE = "price", _("prices")
        MODEL = "model", _("models and retirements")

    class Kind(models.TextChoices):
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

    key = models.CharField(max_length=80, unique=True)
    topic = models.CharField(_("topic"), max_length=8, choices=Topic)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="tidings")
    price = models.ForeignKey(Price, null=True, on_delete=models.CASCADE, related_name="tidings")
    facts = models.JSONField(default=dict)
    source_name = models.CharField(max_length=40, blank=True, default="")
    source_url = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField(_("from"))
    told_at = models.DateTimeField(_("learned"))
    planned_at = models.DateTimeField(null=True)

    objects = TidingQuerySet.as_manager()

    class Meta:
        verbose_name = _("tiding")
        verbose_name_plural = _("tidings")
        ordering: ClassVar = ["-told_at", "-pk"]
        indexes: ClassVar = [
            # catalog.tidings: the newest of all
            models.Index(fields=["-told_at", "-id"], name="tiding_newest"),
            # what is to be planned; empty but for moments
            models.Index(fields=["id"], name="tiding_unplanned", condition=models.Q(planned_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.key


class NotedEndpoint(models.Model):
    """An endpoint as it was when tidings of it were looked for last.

    `noted_at`: when that was done first. `dates_since`: when these dates were first seen.
    """

    endpoint = models.OneToOneField(
        Endpoint, primary_key=True, on_delete=models.CASCADE, related_name="noted"
    )
    lifecycle = models.CharField(max_length=12)
    deprecated_at = models.DateTimeField(null=True)
    retires_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField()
    dates_since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.lifecycle}"


class TidingScan(models.Model):
    """One row: when tidings were first looked for, and last. Whoever looks locks it."""

    begun_at = models.DateTimeField()
    scanned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.scanned_at:%Y-%m-%d %H:%M}"
