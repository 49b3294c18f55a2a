"""What came of the probes, what is expected of the next, and who it was that answered."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from timescale.db.models.fields import TimescaleDateTimeField

from catalog.models import Endpoint
from probes.attempts import MAX_CHARS
from probes.models.orders import TIERS, ProbeTarget
from probes.outcomes import OUTCOMES

#: Pulse: so many failures in a row are expected to go on, so many right answers in a row as well.
CONFIRMED_FAILURES = 2
SETTLED_GOOD = 3
STREAK_CAP = 100


class ProbeResultQuerySet(models.QuerySet["ProbeResult"]):
    def countable(self) -> ProbeResultQuerySet:
        """Attempts that enter availability: answered rightly, or failed by the provider's fault."""
        return self.filter(counts=True)


class ProbeResult(models.Model):
    """One attempt, retries included; nothing of it is changed after it is stored but the mark `left_out`.

    Times are UTC. `*_ms` are milliseconds as `probes.attempts.Attempt` defines them, None = that phase
    did not happen. `counts`: the attempt enters availability, as its outcome's row in `probes.outcomes` says
    and unless it is left out. `left_out`: why a result is not believed ("" = it is): "pop_offline".
    `cost_usd`: reported tokens × the price at that moment, None where no source states a price;
    `cost_estimated`: the provider reported no tokens, so these were estimated.
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
    loop_lag_ms = models.FloatField(default=0)
    dns_ms = models.FloatField(null=True)
    connect_ms = models.FloatField(null=True)
    tls_ms = models.FloatField(null=True)
    sent_ms = models.FloatField(null=True)
    first_byte_ms = models.FloatField(null=True)
    first_event_ms = models.FloatField(null=True)
    first_keep_alive_ms = models.FloatField(null=True)
    first_token_ms = models.FloatField(null=True)
    first_answer_ms = models.FloatField(null=True)
    last_token_ms = models.FloatField(null=True)
    total_ms = models.FloatField(null=True)
    inter_token_p50_ms = models.FloatField(null=True)
    receive_clock = models.CharField(max_length=6, blank=True, default="")
    chunks = models.PositiveIntegerField(default=0)
    keep_alives = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)
    tokens_per_s = models.FloatField(null=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    cost_estimated = models.BooleanField(default=False)
    http_status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=24)
    counts = models.BooleanField()
    left_out = models.CharField(max_length=16, blank=True, default="")
    error_detail = models.CharField(max_length=MAX_CHARS["error_detail"], blank=True, default="")
    request_id = models.CharField(max_length=MAX_CHARS["request_id"], blank=True, default="")
    answered_model = models.CharField(max_length=MAX_CHARS["answered_model"], blank=True, default="")
    fingerprint = models.CharField(max_length=MAX_CHARS["fingerprint"], blank=True, default="")
    remote_ip = models.CharField(max_length=MAX_CHARS["remote_ip"], blank=True, default="")
    tls_version = models.CharField(max_length=MAX_CHARS["tls_version"], blank=True, default="")
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
            models.CheckConstraint(
                name="result_left_out_never_counts", condition=Q(left_out="") | Q(counts=False)
            ),
        ]
        indexes: ClassVar = [
            # probes.selectors.recent_attempts(): the newest attempts of one endpoint in one region or in all.
            models.Index(
                fields=["endpoint", "tier", "region", "-started_at"], name="result_newest_in_region"
            ),
            models.Index(fields=["endpoint", "tier", "-started_at"], name="result_newest"),
            # probes.services.pops.judge_pop(): what one region saw of all providers a moment ago.
            models.Index(fields=["region", "-started_at"], name="result_of_region"),
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


class AnsweringIdentity(models.Model):
    """A model name or fingerprint that answered for an endpoint, and what answered before it.

    A provider that puts another model behind a name says so here at best: a value that was never seen, or not
    for a week, is a swap. `previous` "" = the first that was ever seen, which is none.
    """

    class Kind(models.TextChoices):
        MODEL = "model", "model"
        FINGERPRINT = "fingerprint", "fingerprint"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.CharField(max_length=MAX_CHARS["answered_model"])
    previous = models.CharField(max_length=MAX_CHARS["answered_model"], blank=True, default="")
    region = models.CharField(max_length=20)
    appeared_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-appeared_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "endpoint", "kind", "value", "appeared_at", name="identity_once_per_appearance"
            ),
            models.CheckConstraint(
                name="identity_kind_known", condition=Q(kind__in=["model", "fingerprint"])
            ),
        ]
        indexes: ClassVar = [
            # probes.services.ingest: what answered last.
            models.Index(fields=["endpoint", "kind", "-last_seen_at"], name="identity_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.kind} {self.value}"
