"""Raw rows become narrow: whole microseconds, numbers for words, and what many rows share in a table of its own.

The old table is renamed, copied by the database itself and dropped. On PostgreSQL the new one is partitioned
by the UTC day of `due_at`; on TimescaleDB it is a hypertable with its policies. A lag of more than 35:47
minutes, or more than 32,767 chunks, become that, the most that the column holds; a time that was negative or
NaN becomes none.
"""

import json
from datetime import date, timedelta
from hashlib import blake2b
from uuid import UUID

import django.db.models.deletion
import timescale.db.models.fields
from django.db import migrations, models
from django.db.models import Q, Value

import probes.models.fields

TABLE = "probes_proberesult"
OLD = "probes_proberesult_0003"

#: The numbers as they were published with this migration.
REGIONS = {"seoul": 1, "tokyo": 2, "singapore": 3, "frankfurt": 4, "virginia": 5, "oregon": 6, "local": 7}
TIERS = {"A": 1, "B": 2, "C": 3, "D": 4}
LEFT_OUT = {"": 0, "pop_offline": 1}
OUTCOMES = (
    "ok", "timeout", "connect_error", "tls_error", "dns_error", "http_5xx", "overloaded", "bad_json",
    "truncated", "empty", "wrong_answer", "stream_error", "slow_stream", "capacity_throttle", "edge_block",
    "auth", "quota", "bad_request", "rate_limited", "budget", "cancelled", "lagged", "pop_offline", "missed",
)  # fmt: skip
ORIGIN = (
    "worker", "method_version", "answered_model", "fingerprint", "remote_ip", "tls_version", "receive_clock",
)  # fmt: skip
PHASES = (
    "dns", "connect", "tls", "sent", "first_byte", "first_event", "first_keep_alive", "first_token",
    "first_answer", "last_token", "total", "inter_token_p50",
)  # fmt: skip
KEPT = (
    "endpoint_id", "due_at", "started_at", "tokens_per_s", "input_tokens",
    "cached_tokens", "output_tokens", "reasoning_tokens", "attempt", "http_status", "counts",
    "cost_estimated", "reused", "cost_usd", "error_detail", "request_id",
)  # fmt: skip


def kind_of(connection):
    if connection.vendor == "sqlite":
        return "sqlite"
    return "timescale" if connection.settings_dict["ENGINE"].startswith("timescale.") else "postgresql"


class CreateResults(migrations.CreateModel):
    """CREATE TABLE, partitioned where the database is plain PostgreSQL."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        kind = kind_of(schema_editor.connection)
        if kind == "postgresql":
            schema_editor.sql_create_table += " PARTITION BY RANGE (due_at)"
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        if kind == "postgresql":
            del schema_editor.sql_create_table
        if kind == "timescale":  # its backend drops the key that a hypertable could well have
            schema_editor.execute(
                f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_pkey"
                " PRIMARY KEY (endpoint_id, tier, region, due_at, attempt)"
            )


def rename_old(apps, schema_editor):
    schema_editor.execute(f"ALTER TABLE {TABLE} RENAME TO {OLD}")
    if kind_of(schema_editor.connection) == "postgresql":
        schema_editor.execute(f"ALTER TABLE {OLD} RENAME CONSTRAINT {TABLE}_pkey TO {OLD}_pkey")


def copy_rows(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if copy_origins(apps.get_model("probes", "Provenance"), cursor):
            if kind_of(connection) == "postgresql":
                make_partitions(cursor)
            cursor.execute(copying())
    schema_editor.execute(f"DROP TABLE {OLD}")


def copy_origins(provenance, cursor):
    """Number the combinations that there are; how many."""
    names = ", ".join(ORIGIN)
    cursor.execute(f"SELECT {names}, max(due_at) FROM {OLD} GROUP BY {names}")  # noqa: S608
    rows = [
        provenance(
            digest=UUID(bytes=blake2b(json.dumps(origin).encode(), digest_size=16).digest()),
            used_on=date.fromisoformat(str(last)[:10]),
            **dict(zip(ORIGIN, origin, strict=True)),
        )
        for *origin, last in cursor.fetchall()
    ]
    provenance.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def make_partitions(cursor):
    cursor.execute(f"SELECT DISTINCT (due_at AT TIME ZONE 'UTC')::date FROM {OLD}")  # noqa: S608
    for (day,) in cursor.fetchall():
        after = day + timedelta(days=1)
        cursor.execute(
            f"CREATE TABLE {TABLE}_p{day:%Y%m%d} PARTITION OF {TABLE}"
            f" FOR VALUES FROM ('{day} 00:00:00+00') TO ('{after} 00:00:00+00')"
        )


def copying():
    """One INSERT … SELECT that all three databases understand."""
    values = {name: f"o.{name}" for name in KEPT}
    values["provenance_id"] = "p.id"
    for name in ("chunks", "keep_alives"):
        values[name] = f"CASE WHEN o.{name} < 32767 THEN o.{name} ELSE 32767 END"
    for name, codes in (("region", REGIONS), ("tier", TIERS), ("left_out", LEFT_OUT)):
        values[name] = coded(name, codes)
    values["outcome"] = coded("outcome", {name: code for code, name in enumerate(OUTCOMES)})
    for name in PHASES:
        values[f"{name}_us"] = microseconds(name)
    for name in ("lag", "loop_lag"):
        values[f"{name}_us"] = f"coalesce({microseconds(name)}, 0)"
    same = " AND ".join(f"p.{name} = o.{name}" for name in ORIGIN)
    return (
        f"INSERT INTO {TABLE} ({', '.join(values)}) SELECT {', '.join(values.values())}"  # noqa: S608
        f" FROM {OLD} o JOIN probes_provenance p ON {same}"
    )


def coded(name, codes):
    """No row has another word; one that had would end the migration here, for want of a number."""
    cases = " ".join(f"WHEN '{word}' THEN {code}" for word, code in codes.items())
    return f"CASE o.{name} {cases} END"


def microseconds(name):
    value = f"o.{name}_ms"
    return (
        f"CASE WHEN {value} BETWEEN 0 AND 2147483.647 THEN CAST(round({value} * 1000) AS integer)"
        f" WHEN {value} > 0 AND {value} < 1e300 THEN 2147483647 END"
    )


def set_policies(apps, schema_editor):
    """On TimescaleDB: order, compression and retention of the chunks."""
    if kind_of(schema_editor.connection) != "timescale":
        return
    # A table whose chunks are to be compressed takes no more constraints: those that wait for the end come first.
    for statement in schema_editor.deferred_sql:
        schema_editor.execute(statement)
    schema_editor.deferred_sql.clear()
    for statement in (
        f"ALTER TABLE {TABLE} SET (timescaledb.compress,"
        " timescaledb.compress_segmentby = 'endpoint_id, tier, region',"
        " timescaledb.compress_orderby = 'due_at, attempt')",
        f"SELECT add_compression_policy('{TABLE}', INTERVAL '2 days')",
        f"SELECT add_reorder_policy('{TABLE}', '{TABLE}_pkey')",
        # Not at once: a store that was upgraded may hold more, which the rollups are still to be made of.
        f"SELECT add_retention_policy('{TABLE}', INTERVAL '30 days', initial_start => now() + INTERVAL '1 day')",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_docref_imported"),
        ("probes", "0003_clocks_and_repeats"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(rename_old)],
            state_operations=[migrations.DeleteModel("ProbeResult")],
        ),
        migrations.CreateModel(
            name="Provenance",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("digest", models.UUIDField(unique=True)),
                ("used_on", models.DateField()),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("method_version", models.CharField(max_length=20)),
                ("answered_model", models.CharField(blank=True, max_length=200)),
                ("fingerprint", models.CharField(blank=True, max_length=120)),
                ("remote_ip", models.CharField(blank=True, max_length=45)),
                ("tls_version", models.CharField(blank=True, max_length=10)),
                ("receive_clock", models.CharField(blank=True, max_length=6)),
            ],
        ),
        migrations.CreateModel(
            name="RefusedRows",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=20)),
                ("rows", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("region"), models.F("reason"), name="refused_rows_once")
                ],
            },
        ),
        CreateResults(
            name="ProbeResult",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "endpoint_id",
                        "tier",
                        "region",
                        "due_at",
                        "attempt",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="catalog.endpoint",
                    ),
                ),
                ("due_at", timescale.db.models.fields.TimescaleDateTimeField(interval="1 day")),
                ("started_at", models.DateTimeField()),
                ("tokens_per_s", models.FloatField(null=True)),
                (
                    "provenance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="probes.provenance",
                    ),
                ),
                ("lag_ms", probes.models.fields.MillisecondsField(default=0)),
                ("loop_lag_ms", probes.models.fields.MillisecondsField(default=0)),
                ("dns_ms", probes.models.fields.MillisecondsField(null=True)),
                ("connect_ms", probes.models.fields.MillisecondsField(null=True)),
                ("tls_ms", probes.models.fields.MillisecondsField(null=True)),
                ("sent_ms", probes.models.fields.MillisecondsField(null=True)),
                ("first_byte_ms", probes.models.fields.MillisecondsField(null=True)),
                ("first_event_ms", probes.models.fields.MillisecondsField(null=True)),
                ("first_keep_alive_ms", probes.models.fields.MillisecondsField(null=True)),
                ("first_token_ms", probes.models.fields.MillisecondsField(null=True)),
                ("first_answer_ms", probes.models.fields.MillisecondsField(null=True)),
                ("last_token_ms", probes.models.fields.MillisecondsField(null=True)),
                ("total_ms", probes.models.fields.MillisecondsField(null=True)),
                ("inter_token_p50_ms", probes.models.fields.MillisecondsField(null=True)),
                ("input_tokens", models.PositiveIntegerField(null=True)),
                ("cached_tokens", models.PositiveIntegerField(null=True)),
                ("output_tokens", models.PositiveIntegerField(null=True)),
                ("reasoning_tokens", models.PositiveIntegerField(null=True)),
                ("region", probes.models.fields.CodedField({})),
                ("tier", probes.models.fields.CodedField({})),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                ("chunks", models.PositiveSmallIntegerField(default=0)),
                ("keep_alives", models.PositiveSmallIntegerField(default=0)),
                ("outcome", probes.models.fields.CodedField({})),
                ("left_out", probes.models.fields.CodedField({}, blank=True, default="")),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("counts", models.BooleanField()),
                ("cost_estimated", models.BooleanField(default=False)),
                ("reused", models.BooleanField(default=False)),
                ("cost_usd", models.DecimalField(decimal_places=8, max_digits=14, null=True)),
                ("error_detail", models.CharField(blank=True, default="", max_length=300)),
                ("request_id", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__gte=Value(0), outcome__lt=Value(32)),
                        name="result_outcome_has_code",
                    ),
                    models.CheckConstraint(
                        condition=Q(left_out=Value(0)) | Q(counts=False), name="result_left_out_counts_not"
                    ),
                ],
                "indexes": [models.Index(fields=["region", "due_at"], name="result_of_region_by_moment")],
            },
        ),
        migrations.RunPython(copy_rows),
        migrations.RunPython(set_policies),
    ]
