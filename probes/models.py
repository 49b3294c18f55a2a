"""What we ask (ProbeTarget), from where (Pop), and what came of it (ProbeResult, Pulse)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from timescale.db.models.fields import TimescaleDateTimeField

from catalog.models import Endpoint
from probes.attempts import MAX_CHARS
from probes.outcomes import OUTCOMES

#: Pulse: so many failures in a row are expected to go on, so many right answers in a row as well.
CONFIRMED_FAILURES = 2
SETTLED_GOOD = 3
STREAK_CAP = 100

TIERS = {
    "A": _("reachability"),
    "B": _("light inference"),
    "C": _("performance"),
    "D": _("known-answer canary"),
}


class ProbeTarget(models.Model):
    """One endpoint in one tier: how often it is asked and what it must answer.

    `interval_s` and `timeout_s` are seconds; `expected_answer` "" = any text is right.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="targets")
    tier = models.CharField(max_length=1, choices=TIERS)
    interval_s = models.PositiveIntegerField()
    timeout_s = models.FloatField()
    expected_answer = models.CharField(max_length=200, blank=True, default="")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["endpoint", "tier"]
        constraints: ClassVar = [
            models.UniqueConstraint("endpoint", "tier", name="target_once_per_tier"),
            models.CheckConstraint(name="target_interval_sane", condition=Q(interval_s__gte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.tier}"


class ProbeResultQuerySet(models.QuerySet["ProbeResult"]):
    def countable(self) -> ProbeResultQuerySet:
        """Attempts that enter availability: answered rightly, or failed by the provider's fault."""
        return self.filter(counts=True)


class ProbeResult(models.Model):
    """One attempt, retries included; never changed after it is stored.

    Times are UTC. `*_ms` are milliseconds as `probes.attempts.Attempt` defines them, None = that phase
    did not happen. `counts` repeats the outcome's row in `probes.outcomes` for the database's sake.
    On TimescaleDB this is a hypertable by `due_at`, in chunks of a day.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="results", db_index=False)
    region = models.CharField(max_length=20)
    tier = models.CharField(max_length=1, choices=TIERS)
    worker = models.CharField(max_length=80)
    due_at = TimescaleDateTimeField(interval="1 day")
    started_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=1)
    lag_ms = models.FloatField(default=0)
    dns_ms = models.FloatField(null=True)
    connect_ms = models.FloatField(null=True)
    tls_ms = models.FloatField(null=True)
    first_byte_ms = models.FloatField(null=True)
    first_token_ms = models.FloatField(null=True)
    first_answer_ms = models.FloatField(null=True)
    total_ms = models.FloatField(null=True)
    inter_token_p50_ms = models.FloatField(null=True)
    chunks = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=24)
    counts = models.BooleanField()
    error_detail = models.CharField(max_length=MAX_CHARS["error_detail"], blank=True, default="")
    request_id = models.CharField(max_length=MAX_CHARS["request_id"], blank=True, default="")
    answered_model = models.CharField(max_length=MAX_CHARS["answered_model"], blank=True, default="")
    fingerprint = models.CharField(max_length=MAX_CHARS["fingerprint"], blank=True, default="")
    remote_ip = models.CharField(max_length=MAX_CHARS["remote_ip"], blank=True, default="")
    reused = models.BooleanField(default=False)
    method_version = models.CharField(max_length=20)

    objects = ProbeResultQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # A due moment is measured once, whoever delivers it twice.
            models.UniqueConstraint(
                fields=["endpoint", "region", "tier", "due_at", "attempt"], name="result_once_per_due_moment"
            ),
            models.CheckConstraint(name="result_outcome_known", condition=Q(outcome__in=list(OUTCOMES))),
        ]
        indexes: ClassVar = [
            # probes.selectors.recent_attempts(): the newest attempts of one endpoint in one region or in all.
            models.Index(
                fields=["endpoint", "tier", "region", "-started_at"], name="result_newest_in_region"
            ),
            models.Index(fields=["endpoint", "tier", "-started_at"], name="result_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.tier} {self.due_at:%H:%M:%S} {self.outcome}"


class Pulse(models.Model):
    """What the next probe of a target in a region is expected to find; anything else is confirmed at once.

    `streak`: right answers in a row, negative = failures in a row. `ok` turns with the second failure in a
    row and back with the third right answer in a row. `started_at`: the newest countable attempt.
    """

    target = models.ForeignKey(ProbeTarget, on_delete=models.CASCADE, related_name="pulses")
    region = models.CharField(max_length=20)
    ok = models.BooleanField(default=True)
    streak = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("target", "region", name="pulse_once_per_region")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.region} {'ok' if self.ok else 'failing'}"

    def follow(self, ok: bool, started_at: datetime) -> None:
        """Take in the next attempt, in order of time; one that is not newer changes nothing."""
        if started_at <= self.started_at:
            return
        longer = min(abs(self.streak) + 1, STREAK_CAP) if (self.streak > 0) == ok else 1
        self.streak = longer if ok else -longer
        self.ok = self.streak >= SETTLED_GOOD or (self.ok and self.streak > -CONFIRMED_FAILURES)
        self.started_at = started_at


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


class DispatchCursor(models.Model):
    """Up to which moment a region's probes have been sent out; what lies before is never sent again."""

    region = models.CharField(max_length=20, unique=True)
    dispatched_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.region} {self.dispatched_until:%H:%M:%S}"
