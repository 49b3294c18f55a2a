"""Who measures, and what was delivered that could not be believed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Pop(models.Model):
    """A worker that measures from a region. `keys`: names of its key and address variables, never values.

    `real`: the worker stands in that region, so its figures of real endpoints may bear the region's name.
    A machine that only plays a region for the simulated fleet is not.
    """

    region = models.CharField(max_length=20)
    worker = models.CharField(max_length=80)
    real = models.BooleanField(default=False)
    keys = models.JSONField(default=list)
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["region", "worker"]
        constraints: ClassVar = [models.UniqueConstraint("region", "worker", name="pop_once_per_worker")]

    def __str__(self) -> str:
        return f"{self.region} {self.worker}"


class DeadLetter(models.Model):
    """A delivery that was not taken in: what it was, who said to have sent it, and why it was refused.

    `body` is the message as it came, at most 64 KiB of it; it holds no key, but it is not to be believed.
    """

    kind = models.CharField(max_length=20)
    region = models.CharField(max_length=40, blank=True, default="")
    worker = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=300)
    body = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-received_at"]
        indexes: ClassVar = [
            # probes.services.pops.bury(): the oldest are dropped.
            models.Index(fields=["received_at"], name="deadletter_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.region} {self.reason[:60]}"
