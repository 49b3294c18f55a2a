"""The present state of every endpoint and region, and every change of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
    """A change of state, with the figures at that moment. Never changed afterwards, except to be announced.

    `event_id`: the event that told of it; "" = it is still to be announced.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="changes")
    region = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    reason = models.CharField(max_length=24)
    at = models.DateTimeField()
    figures = models.JSONField()
    method_version = models.CharField(max_length=20)
    event_id = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="change_states_known", condition=Q(from_state__in=STATES, to_state__in=STATES)
            ),
            models.CheckConstraint(name="change_is_one", condition=~Q(from_state=models.F("to_state"))),
            # a region's changes form one chain: two judges cannot both write its next link;
            # also the index of one endpoint's history
            models.UniqueConstraint("endpoint", "region", "at", name="change_once_a_moment"),
        ]
        indexes: ClassVar = [
            # what flaps: all changes of the last half hour
            models.Index(fields=["at"], name="change_recent"),
            # what is still to be announced; empty but for moments
            models.Index(fields=["id"], name="change_untold", condition=Q(event_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.from_state} → {self.to_state}"
