"""What is to be measured and when, and the moments at which nothing was."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Endpoint
from probes.pacing import PAUSED

TIERS = {
    "A": _("reachability"),
    "B": _("light inference"),
    "C": _("performance"),
    "D": _("known-answer canary"),
}


class ProbeTarget(models.Model):
    """One endpoint in one tier: how often it is asked and what it must answer.

    `interval_s` and `timeout_s` are seconds; `expected_answer` "" = any text is right (tier D brings items of
    its own). `stretch`: the interval is this many times longer for now, so that the provider's budget lasts
    the day; PAUSED = not asked at all.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="targets")
    tier = models.CharField(max_length=1, choices=TIERS)
    interval_s = models.PositiveIntegerField()
    stretch = models.PositiveSmallIntegerField(default=1, editable=False)
    timeout_s = models.FloatField()
    expected_answer = models.CharField(max_length=200, blank=True, default="")
    enabled = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("probe target")
        verbose_name_plural = _("probe targets")
        ordering: ClassVar = ["endpoint", "tier"]
        constraints: ClassVar = [
            models.UniqueConstraint("endpoint", "tier", name="target_once_per_tier"),
            models.CheckConstraint(name="target_interval_sane", condition=Q(interval_s__gte=5)),
            models.CheckConstraint(name="target_stretch_sane", condition=Q(stretch__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.tier}"

    @property
    def asked_every_s(self) -> int:
        """Seconds between two probes of this target in one region as things stand, while it is not paused."""
        return self.interval_s * (1 if self.paused else self.stretch)

    @property
    def paused(self) -> bool:
        """Not asked at all: its provider's budget does not bear even its slowest cadence."""
        return self.stretch >= PAUSED


class DispatchCursor(models.Model):
    """Up to which moment a region's probes have been ordered; what lies before is never ordered again."""

    region = models.CharField(max_length=20, unique=True)
    dispatched_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.region} {self.dispatched_until:%H:%M:%S}"


class DueProbe(models.Model):
    """An order that has not been answered: one due moment of one target in one region.

    Written in the transaction that moves the region's cursor and deleted in the one that stores the first
    attempt, so whatever dies in between, the moment is not forgotten. It goes with its target: nobody wants
    the answer of one that was deleted. `send_again_at`: when the answer is overdue. `sendings`: how often it
    left for the region's queue.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    target = models.ForeignKey(ProbeTarget, on_delete=models.CASCADE, related_name="+", db_index=False)
    region = models.CharField(max_length=20)
    tier = models.CharField(max_length=1, choices=TIERS)
    due_at = models.DateTimeField()
    send_again_at = models.DateTimeField()
    sendings = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "region", "tier", "due_at"], name="due_once_per_moment"
            ),
        ]
        indexes: ClassVar = [
            # probes.services.orders.overdue_batches(): what is overdue now.
            models.Index(fields=["send_again_at"], name="due_overdue"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.tier} {self.due_at:%H:%M:%S}"


class Gap(models.Model):
    """A time in which a region did not measure what was due; it is no outage and no health.

    `ended_at` None = it goes on. `probes`: how many due moments fell into it, None where results were left
    out instead of being missed.
    """

    class Reason(models.TextChoices):
        NOT_DISPATCHED = "not_dispatched", _("nobody sent the probes out")
        NO_WORKER = "no_worker", _("no worker of the region answered")
        POP_OFFLINE = "pop_offline", _("most providers failed at once from this region alone")

    region = models.CharField(max_length=20)
    reason = models.CharField(max_length=16, choices=Reason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    probes = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="gap_reason_known",
                condition=Q(reason__in=["not_dispatched", "no_worker", "pop_offline"]),
            ),
            models.CheckConstraint(
                name="gap_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
            ),
            models.UniqueConstraint(
                fields=["region", "reason"],
                condition=Q(ended_at__isnull=True),
                name="gap_one_open_per_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.reason} {self.started_at:%H:%M:%S}"
