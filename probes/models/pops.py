"""Who measures, and what was delivered that could not be believed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

#: A clock further off than this is for an operator to mend (PROTOCOLS E3).
CLOCK_OFF_MS = 500


class Pop(models.Model):
    """A worker that measures from a region. `keys`: names of its key and address variables, never values.

    `real`: the worker stands in that region, so its figures of real endpoints may bear the region's name.
    A machine that only plays a region for the simulated fleet is not.
    `clock_skew_ms`: when the centre heard the last announcement, minus when the worker said it was made: what
    the worker's clock is behind plus the transport, so the clock is behind by at most this (less than zero:
    ahead by at least so much). None = it did not say.
    """

    region = models.CharField(max_length=20)
    worker = models.CharField(max_length=80)
    real = models.BooleanField(default=False)
    keys = models.JSONField(default=list)
    last_seen_at = models.DateTimeField()
    clock_skew_ms = models.FloatField(null=True)

    class Meta:
        ordering: ClassVar = ["region", "worker"]
        constraints: ClassVar = [models.UniqueConstraint("region", "worker", name="pop_once_per_worker")]

    def __str__(self) -> str:
        return f"{self.region} {self.worker}"

    @property
    def clock_is_off(self) -> bool:
        """Its clock, or the way its announcements take, is off by more than CLOCK_OFF_MS."""
        return self.clock_skew_ms is not None and abs(self.clock_skew_ms) > CLOCK_OFF_MS


class RefusedRows(models.Model):
    """How many rows of deliveries were set aside, ever, by region and reason (`probes.plausible.Reason`)."""

    region = models.CharField(max_length=40)
    reason = models.CharField(max_length=20)
    rows = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("region", "reason", name="refused_rows_once")]

    def __str__(self) -> str:
        return f"{self.region} {self.reason} {self.rows}"


class DeadLetter(models.Model):
    """A delivery that was not taken in: what it was, who said to have sent it, and why it was refused.

    `body` is the message as it came, at most 64 KiB of it; it holds no key, but it is not to be believed.
    `repeats`: how often the same came again within the hour; of these only the first is kept.
    """

    kind = models.CharField(max_length=20)
    region = models.CharField(max_length=40, blank=True, default="")
    worker = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=300)
    body = models.TextField()
    received_at = models.DateTimeField()
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        ordering: ClassVar = ["-received_at"]
        indexes: ClassVar = [
            # probes.services.pops.bury(): what came lately from a region; its oldest are dropped.
            models.Index(fields=["kind", "region", "-received_at"], name="deadletter_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.region} {self.reason[:60]}"
