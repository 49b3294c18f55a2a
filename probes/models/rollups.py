"""What attempts amount to: hours that keep every attempt in four bytes, and wider buckets made of them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import connections, models

from aigo.lib.regions import ALL
from aigo.lib.regions import CODES as REGION_CODES
from catalog.models import Endpoint
from probes.models.fields import CodedField
from probes.models.results import TIER_CODES

#: With the pool of all regions as 0.
POOLED_CODES: Final = {ALL: 0, **REGION_CODES}


def cascade_to_tables(collector: Any, field: Any, rows: Any, using: str) -> None:
    """CASCADE, but not on TimescaleDB, where hours are a continuous aggregate that cannot be deleted from."""
    if not str(connections[using].settings_dict["ENGINE"]).startswith("timescale."):
        models.CASCADE(collector, field, rows, using)


class HourRollup(models.Model):
    """The attempts of an endpoint, tier and region that were due in an hour (UTC), in no order.

    `codes`: `probes.sketches.code_of` of each, so that every minute of the hour can still be told apart. A
    result that is left out has the outcome of the reason. Appended to in ingest's own transaction; on
    TimescaleDB a continuous aggregate over the raw rows, real-time, with the same columns.
    """

    pk = models.CompositePrimaryKey("endpoint_id", "tier", "region", "hour_at")
    endpoint = models.ForeignKey(Endpoint, on_delete=cascade_to_tables, related_name="+", db_index=False)
    hour_at = models.DateTimeField()
    tier = CodedField(TIER_CODES)
    region = CodedField(REGION_CODES)
    codes = models.BinaryField()

    class Meta:
        indexes: ClassVar = [
            # probes.services.rollups.roll_up(), and the end of what is kept: all series of some hours.
            models.Index(fields=["hour_at"], name="hour_rollup_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.tier} {self.hour_at:%Y-%m-%d %H:00}"


class BucketRollup(models.Model):
    """A wider bucket, summed up from hours once it is over; what comes late makes it anew.

    `attempts`: those that enter availability; `ok`: right answers. `outcomes`: every attempt's outcome, as
    `probes.sketches.pack_outcomes` has it. `worst_*`: of the five minutes with the least share of right
    answers. `total_sketch`, `ttft_sketch`: durations of right answers, `probes.sketches.pack_sketch`.
    Region "all" is the pool of all regions: what is worst of it is no sum of what is worst of each.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    bucket_at = models.DateTimeField()
    attempts = models.PositiveIntegerField()
    ok = models.PositiveIntegerField()
    worst_attempts = models.PositiveIntegerField()
    worst_ok = models.PositiveIntegerField()
    tier = CodedField(TIER_CODES)
    region = CodedField(POOLED_CODES)
    outcomes = models.BinaryField()
    total_sketch = models.BinaryField()
    ttft_sketch = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.tier} {self.bucket_at:%Y-%m-%d %H:00}"


class ThreeHourRollup(BucketRollup):
    """Three hours of all regions together: a month of the pool in 240 rows."""

    pk = models.CompositePrimaryKey("endpoint_id", "tier", "region", "bucket_at")

    class Meta:
        # As of hours.
        indexes: ClassVar = [models.Index(fields=["bucket_at"], name="three_hour_rollup_by_bucket")]


class EightHourRollup(BucketRollup):
    """Eight hours of each region and of all together: 90 days in 270 rows."""

    pk = models.CompositePrimaryKey("endpoint_id", "tier", "region", "bucket_at")

    class Meta:
        # As of hours.
        indexes: ClassVar = [models.Index(fields=["bucket_at"], name="eight_hour_rollup_by_bucket")]


class RollupMark(models.Model):
    """Up to when (UTC) a table of buckets is complete; what is read of the time after it comes from hours.

    Whoever changes what lies before it, or moves it, holds its row.
    """

    table = models.CharField(primary_key=True, max_length=40)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.table} until {self.until:%Y-%m-%d %H:%M}"
