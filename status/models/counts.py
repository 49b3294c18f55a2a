"""What was counted, minute by minute."""

from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q


class CountsSample(models.Model):
    """What was counted on the board in a minute, by `status.board.count`; a minute without a row is a gap.

    `minute`: since 1970-01-01 00:00 UTC, a whole number so that every database groups it alike. `region`:
    "all" = over all regions.
    """

    region = models.CharField(max_length=20)
    minute = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    active = models.PositiveIntegerField()
    operational = models.PositiveIntegerField()
    degraded = models.PositiveIntegerField()
    outage = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    simulated = models.PositiveIntegerField()
    not_measured = models.PositiveIntegerField()
    catalogue_models = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            # also the index of status.trend: one region's minutes of a window
            models.UniqueConstraint("region", "minute", name="counts_once_a_minute"),
            models.CheckConstraint(
                name="counts_add_up",
                condition=Q(
                    total=models.F("active") + models.F("unknown"),
                    active=models.F("operational") + models.F("degraded") + models.F("outage"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.at:%Y-%m-%d %H:%M}"

    @property
    def at(self) -> datetime:
        """When the minute began, UTC."""
        return datetime.fromtimestamp(self.minute * 60, UTC)
