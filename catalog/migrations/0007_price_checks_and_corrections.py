import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _rate():
    return models.DecimalField(blank=True, decimal_places=8, max_digits=16, null=True)


AMOUNTS = (
    "input_usd_per_mtok",
    "output_usd_per_mtok",
    "cache_read_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "reasoning_usd_per_mtok",
    "input_audio_usd_per_mtok",
    "output_audio_usd_per_mtok",
    "input_image_usd_per_mtok",
    "output_image_usd_per_mtok",
    "requests_usd_per_k",
)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_admin_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source_name", models.CharField(max_length=40, verbose_name="source")),
                ("source_url", models.URLField(max_length=300, verbose_name="address of the source")),
                ("origin", models.CharField(max_length=300, verbose_name="file")),
                ("content_hash", models.CharField(max_length=64)),
                ("complete", models.BooleanField(default=False, verbose_name="whole list")),
                ("applied_at", models.DateTimeField(verbose_name="applied")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("new", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("corrected", models.PositiveIntegerField(default=0, verbose_name="corrected")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("ended", models.PositiveIntegerField(default=0, verbose_name="ended")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "price list",
                "verbose_name_plural": "price lists",
                "ordering": ["-applied_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source_url", ""), _negated=True), name="priceimport_has_a_source"
                    )
                ],
            },
        ),
        migrations.AddField("price", "input_image_usd_per_mtok", _rate()),
        migrations.AddField("price", "output_image_usd_per_mtok", _rate()),
        migrations.AddField("price", "requests_usd_per_k", _rate()),
        migrations.AddField("price", "last_checked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "price", "last_checked_in", models.CharField(blank=True, default="", max_length=80)
        ),
        migrations.AddField(
            "price",
            "corrects",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="corrected_by",
                to="catalog.price",
            ),
        ),
        migrations.AddField("price", "reason", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField("price", "struck_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "price",
            "read_in",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="prices",
                to="catalog.priceimport",
            ),
        ),
        migrations.RemoveConstraint("price", "price_one_open_row"),
        migrations.AddConstraint(
            "price",
            models.UniqueConstraint(
                condition=models.Q(("struck_at__isnull", True), ("valid_to__isnull", True)),
                fields=("endpoint", "tier", "region_scope"),
                name="price_one_open_row",
            ),
        ),
        migrations.RemoveConstraint("price", "price_not_negative"),
        migrations.AddConstraint(
            "price",
            models.CheckConstraint(
                condition=models.Q(
                    *(
                        models.Q((f"{name}__isnull", True), (f"{name}__gte", 0), _connector="OR")
                        for name in AMOUNTS
                    )
                ),
                name="price_not_negative",
            ),
        ),
        migrations.AddConstraint(
            "price",
            models.CheckConstraint(
                condition=models.Q(
                    ("corrects__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="price_corrected_with_reason",
            ),
        ),
        migrations.AddIndex("price", models.Index(fields=["-valid_from"], name="price_newest")),
    ]
