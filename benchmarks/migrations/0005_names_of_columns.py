"""Names of columns, for the admin in both languages; the tables stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LICENCES = [("open", "open"), ("non_commercial", "non-commercial"), ("unstated", "not stated")]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("benchmarks", "0004_evaluated_as_stated"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="applied_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="applied"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="changed",
            field=models.PositiveIntegerField(default=0, verbose_name="changed"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="content_hash",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="gone",
            field=models.PositiveIntegerField(default=0, verbose_name="gone from the source"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="new",
            field=models.PositiveIntegerField(default=0, verbose_name="new"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="origin",
            field=models.CharField(max_length=300, verbose_name="file or address"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="published",
            field=models.PositiveIntegerField(default=0, verbose_name="published"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="rows",
            field=models.PositiveIntegerField(default=0, verbose_name="rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="runs",
                to="benchmarks.scoresource",
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="started_at",
            field=models.DateTimeField(verbose_name="began"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="unchanged",
            field=models.PositiveIntegerField(default=0, verbose_name="unchanged"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="unmatched",
            field=models.PositiveIntegerField(default=0, verbose_name="without a model"),
        ),
        migrations.AlterField(
            model_name="modelalias",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="decided"),
        ),
        migrations.AlterField(
            model_name="modelalias",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AlterField(
            model_name="score",
            name="evidence_note",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="note on the evidence"
            ),
        ),
        migrations.AlterField(
            model_name="score",
            name="licence_class",
            field=models.CharField(
                choices=LICENCES, default="unstated", max_length=16, verbose_name="kind of licence"
            ),
        ),
        migrations.AlterField(
            model_name="scoresource",
            name="licence_class",
            field=models.CharField(
                choices=LICENCES, default="unstated", max_length=16, verbose_name="kind of licence"
            ),
        ),
        migrations.AlterField(
            model_name="scoresource",
            name="slug",
            field=models.SlugField(max_length=60, unique=True, verbose_name="slug"),
        ),
        migrations.AlterField(
            model_name="suite",
            name="slug",
            field=models.SlugField(max_length=60, unique=True, verbose_name="slug"),
        ),
    ]
