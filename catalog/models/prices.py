"""What an endpoint costs, and what it cost before."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.offers import Endpoint


class PriceQuerySet(models.QuerySet["Price"]):
    def current(self) -> PriceQuerySet:
        """The open rows: what the source said last."""
        return self.filter(valid_to__isnull=True)

    def standard(self) -> PriceQuerySet:
        """The rows that hold for prompts of any length everywhere."""
        return self.filter(tier="standard", region_scope="all")


# Per million tokens, in the order a price table shows them.
RATE_FIELDS = (
    "input_usd_per_mtok",
    "output_usd_per_mtok",
    "cache_read_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "reasoning_usd_per_mtok",
    "input_audio_usd_per_mtok",
    "output_audio_usd_per_mtok",
)


def _rate() -> models.DecimalField:
    return models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)


class Price(models.Model):
    """What an endpoint cost from `valid_from` on; None = the source states no such rate, 0 = free of charge.

    Never overwritten: a change closes the row (`valid_to`) and adds a new one. `valid_from` is the moment we
    first read the price in the source, not the vendor's own announcement. `tier` is "standard" or a step such
    as "over_200k" (prompts longer than 200,000 tokens); `region_scope` "all" or the vendor's own region name.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="prices")
    tier = models.CharField(max_length=40, default="standard")
    region_scope = models.CharField(max_length=40, default="all")
    currency = models.CharField(max_length=3, default="USD")
    input_usd_per_mtok = _rate()
    output_usd_per_mtok = _rate()
    cache_read_usd_per_mtok = _rate()
    cache_write_usd_per_mtok = _rate()
    reasoning_usd_per_mtok = _rate()
    input_audio_usd_per_mtok = _rate()
    output_audio_usd_per_mtok = _rate()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    source_name = models.CharField(max_length=40)
    source_url = models.URLField(max_length=300, blank=True, default="")
    retrieved_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering: ClassVar = ["endpoint", "tier", "region_scope", "-valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "tier", "region_scope"],
                condition=Q(valid_to__isnull=True),
                name="price_one_open_row",
            ),
            models.CheckConstraint(
                name="price_not_negative",
                condition=Q(
                    *[Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}) for name in RATE_FIELDS]
                ),
            ),
            models.CheckConstraint(
                name="price_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(name="price_in_usd", condition=Q(currency="USD")),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.tier} {self.valid_from:%Y-%m-%d}"
