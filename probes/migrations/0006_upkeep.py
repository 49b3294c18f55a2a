"""Days in the archive, and how PostgreSQL tends the tables that are written all the time."""

from django.db import migrations, models

#: Table → storage parameters. Rows that are updated in place find room on their page, so that no index is
#: touched; tables that turn over are vacuumed by what has died, not by a share of what lives.
TENDED = {
    "probes_pulse": "fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05",
    "probes_dispatchcursor": "fillfactor = 70",
    "probes_ledgerentry": "fillfactor = 80",
    "probes_dueprobe": "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000",
}
#: Tables of millions of rows, of which only the newest are written: a fifth of them would never be reached.
LARGE = {
    "probes_hourrollup": "autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02",
}


def tend(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    hypertables = connection.settings_dict["ENGINE"].startswith("timescale.")
    for table, parameters in (TENDED if hypertables else TENDED | LARGE).items():
        schema_editor.execute(f"ALTER TABLE {table} SET ({parameters})")


class Migration(migrations.Migration):
    dependencies = [
        ("probes", "0005_rollups"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                ("url", models.CharField(max_length=500)),
                ("rows", models.PositiveBigIntegerField()),
                ("bytes", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("checksum", models.CharField(max_length=64)),
                ("tally", models.CharField(max_length=64)),
                ("schema_version", models.PositiveSmallIntegerField()),
                ("archived_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
            ],
            options={"ordering": ["-day"]},
        ),
        migrations.RunPython(tend, migrations.RunPython.noop, elidable=True),
    ]
