"""What the measurements mean: the present state of every endpoint and region, and every change of it."""

from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models import Endpoint
from status.rules import State

STATES = [state.value for state in State]


class EndpointState(models.Model):
    """The verdict on an endpoint in a region ("all" = over its regions) and the figures it rests on.

    Recomputed from attempts with every batch of results; readers see `unknown` in its place once
    `last_sample_at` is older than three times `interval_s` (status.selectors). Figures are as
    `status.rules.Figures` defines them; times are UTC.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="states")
    region = models.CharField(max_length=20)
    tier = models.CharField(max_length=1)
    interval_s = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default=State.UNKNOWN.value)
    reason = models.CharField(max_length=24, blank=True, default="")
    since = models.DateTimeField()
    samples = models.PositiveIntegerField(default=0)
    window_s = models.PositiveIntegerField(default=0)
    availability_pct = models.FloatField(null=True)
    error_rate_pct = models.FloatField(null=True)
    p50_ms = models.FloatField(null=True)
    p95_ms = models.FloatField(null=True)
    ttft_p50_ms = models.FloatField(null=True)
    last_sample_at = models.DateTimeField(null=True)
    method_version = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("endpoint", "region", name="state_once_per_region"),
            models.CheckConstraint(name="state_known", condition=Q(state__in=STATES)),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.state}"


class StatusChange(models.Model):
    """A change of state, with the figures at that moment. Never changed afterwards."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="changes")
    region = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    reason = models.CharField(max_length=24)
    at = models.DateTimeField()
    figures = models.JSONField()
    method_version = models.CharField(max_length=20)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="change_states_known", condition=Q(from_state__in=STATES, to_state__in=STATES)
            ),
            models.CheckConstraint(name="change_is_one", condition=~Q(from_state=models.F("to_state"))),
        ]
        indexes: ClassVar = [
            # the history of one endpoint's states
            models.Index(fields=["endpoint", "region", "-at"], name="change_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.from_state} → {self.to_state}"


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
