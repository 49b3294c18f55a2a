"""What came of the probes, what is expected of the next, and who it was that answered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import ClassVar, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _
from timescale.db.models.fields import TimescaleDateTimeField

from aigo.lib.regions import CODES as REGION_CODES
from catalog.models import Endpoint
from probes.attempts import MAX_CHARS
from probes.models.fields import CodedField, MillisecondsField
from probes.models.orders import ProbeTarget
from probes.outcomes import CODES as OUTCOME_CODES
from probes.plausible import DUE_WITHIN

#: Published numbers of stored rows, as those of regions and outcomes.
TIER_CODES = {"A": 1, "B": 2, "C": 3, "D": 4}
#: What a small integer holds.
MOST_EVENTS = 2**15 - 1
LEFT_OUT_CODES = {"": 0, "pop_offline": 1}

#: Pulse: so many failures in a row are expected to go on, so many right answers in a row as well.
CONFIRMED_FAILURES = 2
SETTLED_GOOD = 3
STREAK_CAP = 100


class Origin(NamedTuple):
    """Who asked, by which method, who answered and how it was timed: what many attempts have in common."""

    worker: str
    method_version: str
    answered_model: str = ""
    fingerprint: str = ""
    remote_ip: str = ""
    tls_version: str = ""
    receive_clock: str = ""

    @property
    def digest(self) -> UUID:
        """What this combination, and no other, is known by."""
        return UUID(bytes=blake2b(json.dumps(self).encode(), digest_size=16).digest())


class Provenance(models.Model):
    """A combination of `Origin`'s texts, kept once; `used_on`: the latest day (UTC) on which it was due."""

    id = models.AutoField(primary_key=True)
    digest = models.UUIDField(unique=True)
    used_on = models.DateField()
    worker = models.CharField(max_length=80, blank=True)
    method_version = models.CharField(max_length=20)
    answered_model = models.CharField(max_length=MAX_CHARS["answered_model"], blank=True)
    fingerprint = models.CharField(max_length=MAX_CHARS["fingerprint"], blank=True)
    remote_ip = models.CharField(max_length=MAX_CHARS["remote_ip"], blank=True)
    tls_version = models.CharField(max_length=MAX_CHARS["tls_version"], blank=True)
    receive_clock = models.CharField(max_length=6, blank=True)

    def __str__(self) -> str:
        return f"{self.worker} {self.method_version} {self.answered_model}"


class ProbeResultQuerySet(models.QuerySet["ProbeResult"]):
    def countable(self) -> ProbeResultQuerySet:
        """Attempts that enter availability: answered rightly, or failed by the provider's fault."""
        return self.filter(counts=True)

    def started_between(
        self, since: datetime, until: datetime | None = None, *, regions: Iterable[str] = REGION_CODES
    ) -> ProbeResultQuerySet:
        """Attempts of these regions that started between two moments, both included; until None = no end.

        Bound by region, so that an index is used whose first column it is or that has it before the moment
        (`regions` are all there are, unless given), and by due moment, so that other days are not looked at.
        """
        rows = self.filter(region__in=list(regions), started_at__gte=since, due_at__gte=since - DUE_WITHIN)
        return rows if until is None else rows.filter(started_at__lte=until, due_at__lte=until + DUE_WITHIN)


class ProbeResult(models.Model):
    """One attempt, retries included; nothing of it is changed after it is stored but the mark `left_out`.

    Times are UTC. `*_ms` are milliseconds as `probes.attempts.Attempt` defines them, None = that phase
    did not happen; a `lag_ms` of more than 35 minutes 47, and more than MOST_EVENTS `chunks` or
    `keep_alives`, are kept as that. `counts`: the attempt enters availability, as its outcome's row in
    `probes.outcomes` says and unless it is left out. `left_out`: why a result is not believed ("" = it is):
    "pop_offline".
    `cost_usd`: reported tokens × the price at that moment, None where no source states a price;
    `cost_estimated`: the provider reported no tokens, so these were estimated.

    A row has at most 200 bytes, for there are a million a day: its fields stand in the order in which
    columns need no padding. It is written by `probes.timeseries.rows` only. On PostgreSQL the table is
    partitioned by the UTC day of `due_at`, on TimescaleDB a hypertable in chunks of a day. The two references
    are not checked by the database: that costs twice what the row does, and making or dropping a day would
    lock the tables that are referred to. `manage.py dbcheck` looks for orphans.
    """

    pk = models.CompositePrimaryKey("endpoint_id", "tier", "region", "due_at", "attempt")
    # 8 bytes
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="results", db_index=False, db_constraint=False
    )
    due_at = TimescaleDateTimeField(interval="1 day")
    started_at = models.DateTimeField()
    tokens_per_s = models.FloatField(null=True)
    # 4 bytes
    provenance = models.ForeignKey(
        Provenance, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lag_ms = MillisecondsField(default=0)
    loop_lag_ms = MillisecondsField(default=0)
    dns_ms = MillisecondsField(null=True)
    connect_ms = MillisecondsField(null=True)
    tls_ms = MillisecondsField(null=True)
    sent_ms = MillisecondsField(null=True)
    first_byte_ms = MillisecondsField(null=True)
    first_event_ms = MillisecondsField(null=True)
    first_keep_alive_ms = MillisecondsField(null=True)
    first_token_ms = MillisecondsField(null=True)
    first_answer_ms = MillisecondsField(null=True)
    last_token_ms = MillisecondsField(null=True)
    total_ms = MillisecondsField(null=True)
    inter_token_p50_ms = MillisecondsField(null=True)
    input_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)
    # 2 bytes
    region = CodedField(REGION_CODES)
    tier = CodedField(TIER_CODES)
    attempt = models.PositiveSmallIntegerField(default=1)
    chunks = models.PositiveSmallIntegerField(default=0)
    keep_alives = models.PositiveSmallIntegerField(default=0)
    outcome = CodedField(OUTCOME_CODES)
    left_out = CodedField(LEFT_OUT_CODES, blank=True, default="")
    http_status = models.PositiveSmallIntegerField(null=True)
    # 1 byte
    counts = models.BooleanField()
    cost_estimated = models.BooleanField(default=False)
    reused = models.BooleanField(default=False)
    # as long as they are
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    error_detail = models.CharField(max_length=MAX_CHARS["error_detail"], blank=True, default="")
    request_id = models.CharField(max_length=MAX_CHARS["request_id"], blank=True, default="")

    objects = ProbeResultQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # The number has five bits in the rollups' codes.
            models.CheckConstraint(
                name="result_outcome_has_code", condition=Q(outcome__gte=Value(0), outcome__lt=Value(32))
            ),
            models.CheckConstraint(
                name="result_left_out_counts_not", condition=Q(left_out=Value(0)) | Q(counts=False)
            ),
        ]
        indexes: ClassVar = [
            # ProbeResultQuerySet.started_between() of whole regions: what one saw of all a moment ago.
            models.Index(fields=["region", "due_at"], name="result_of_region_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.region} {self.tier} {self.due_at:%H:%M:%S} {self.outcome}"

    @property
    def worker(self) -> str:
        """The process that measured, "" = none did."""
        return self.provenance.worker

    @property
    def method_version(self) -> str:
        """The method it was measured by."""
        return self.provenance.method_version

    @property
    def answered_model(self) -> str:
        """The model's name in the answer, "" = it gave none."""
        return self.provenance.answered_model

    @property
    def fingerprint(self) -> str:
        """The fingerprint in the answer, "" = it gave none."""
        return self.provenance.fingerprint

    @property
    def remote_ip(self) -> str:
        """The address that was spoken to, "" = none."""
        return self.provenance.remote_ip

    @property
    def tls_version(self) -> str:
        """ "TLSv1.3"; "" = no TLS."""
        return self.provenance.tls_version

    @property
    def receive_clock(self) -> str:
        """Who stamped the received bytes: "kernel", "loop", or "" where nothing came."""
        return self.provenance.receive_clock


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
        verbose_name = _("answering identity")
        verbose_name_plural = _("answering identities")
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
