"""Hours of attempts and the buckets made of them; hours of what is there already."""

# ruff: noqa: S608 (constants of ours)

from django.db import migrations, models

import probes.models.fields
import probes.models.rollups
from probes.timeseries import hours, vendor

DAY_S = 86_400
#: A result is believed for a week and kept for a month: no hour changes after this, and none is refreshed
#: whose raw rows are gone.
AGGREGATE = (
    f"""
    CREATE MATERIALIZED VIEW probes_hourrollup
    WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT endpoint_id, tier, region, time_bucket('1 hour', due_at) AS hour_at,
        string_agg(int4send({hours.CODE_SQL}), ''::bytea) AS codes
    FROM probes_proberesult
    GROUP BY 1, 2, 3, 4
    WITH NO DATA
    """,
    # Not at once: after the first refresh, hours older than its start are no more. A store that was upgraded may
    # hold such, and its wider buckets are to be made of them before.
    """
    SELECT add_continuous_aggregate_policy('probes_hourrollup', start_offset => INTERVAL '29 days',
        end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '10 minutes',
        initial_start => now() + INTERVAL '1 day')
    """,
    "ALTER MATERIALIZED VIEW probes_hourrollup SET (timescaledb.compress = true)",
    "SELECT add_compression_policy('probes_hourrollup', compress_after => INTERVAL '30 days')",
    "SELECT add_retention_policy('probes_hourrollup', INTERVAL '180 days')",
)
#: An hour's row is written sixty times: room on its page, so that the index is left alone. Four bytes each of
#: even one attempt every five seconds stay in the row.
ROOM = (
    "ALTER TABLE probes_hourrollup SET (fillfactor = 70)",
    "ALTER TABLE probes_hourrollup ALTER COLUMN codes SET STORAGE MAIN",
)


class CreateHours(migrations.CreateModel):
    """A table, on TimescaleDB a continuous aggregate."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if vendor() == "timescale":
            for statement in AGGREGATE:
                schema_editor.execute(statement)
            return
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        for statement in ROOM if vendor() == "postgresql" else ():
            schema_editor.execute(statement)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if vendor() == "timescale":
            schema_editor.execute("DROP MATERIALIZED VIEW probes_hourrollup")
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def make_hours(apps, schema_editor):
    """Day by day, so that no more than a day's attempts are in memory."""
    if vendor() == "timescale":
        return
    result = apps.get_model("probes", "ProbeResult")
    first, last = (
        result.objects.aggregate(moment=each("due_at"))["moment"] for each in (models.Min, models.Max)
    )
    if first is not None:
        start_s = int(first.timestamp()) // DAY_S * DAY_S
        for since_s in range(start_s, int(last.timestamp()) + 1, DAY_S):
            hours.derive(since_s, since_s + DAY_S)


def series_fields(moment, on_delete):
    """What a row is of, the long columns first, so that none needs padding."""
    names = ("endpoint_id", "tier", "region", moment)
    key = models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)
    endpoint = models.ForeignKey(db_index=False, on_delete=on_delete, related_name="+", to="catalog.endpoint")
    return [("pk", key), ("endpoint", endpoint), (moment, models.DateTimeField())]


def place_fields():
    return [(name, probes.models.fields.CodedField({})) for name in ("tier", "region")]


def bucket_model(name, index):
    figures = ("attempts", "ok", "worst_attempts", "worst_ok")
    packed = ("outcomes", "total_sketch", "ttft_sketch")
    return migrations.CreateModel(
        name=name,
        fields=[
            *series_fields("bucket_at", models.CASCADE),
            *((figure, models.PositiveIntegerField()) for figure in figures),
            *place_fields(),
            *((column, models.BinaryField()) for column in packed),
        ],
        options={"abstract": False, "indexes": [models.Index(fields=["bucket_at"], name=index)]},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_sync_and_limits"),
        ("probes", "0004_narrow_results"),
    ]

    operations = [
        migrations.CreateModel(
            name="RollupMark",
            fields=[
                ("table", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
        CreateHours(
            name="HourRollup",
            fields=[
                *series_fields("hour_at", probes.models.rollups.cascade_to_tables),
                *place_fields(),
                ("codes", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["hour_at"], name="hour_rollup_by_hour")]},
        ),
        bucket_model("ThreeHourRollup", "three_hour_rollup_by_bucket"),
        bucket_model("EightHourRollup", "eight_hour_rollup_by_bucket"),
        migrations.RunPython(make_hours, migrations.RunPython.noop, elidable=True),
    ]
