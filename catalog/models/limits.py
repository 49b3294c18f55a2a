"""How much a provider lets us ask."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.offers import Endpoint


class RateLimitQuerySet(models.QuerySet["RateLimit"]):
    def current(self) -> RateLimitQuerySet:
        """The open rows: what was said last."""
        return self.filter(ended_at__isnull=True)


class RateLimit(models.Model):
    """A limit of one account at one endpoint, from `first_seen_at` on.

    Never overwritten: another limit closes the row (`ended_at`) and adds a new one. `tier` "" = not known.
    `remaining`: what was left of it at `last_seen_at`, None = not told. `region`: the POP whose headers told
    it, since POPs may have accounts of their own; "" for documentation, which has its address instead.
    """

    class Kind(models.TextChoices):
        REQUESTS = "requests", _("requests")
        TOKENS = "tokens", _("tokens")
        INPUT_TOKENS = "input_tokens", _("input tokens")
        OUTPUT_TOKENS = "output_tokens", _("output tokens")

    class Window(models.TextChoices):
        MINUTE = "minute", _("per minute")
        DAY = "day", _("per day")
        UNKNOWN = "unknown", _("unknown")

    class Source(models.TextChoices):
        DOCUMENTATION = "documentation", _("documentation")
        HEADERS = "headers", _("headers of an answer")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="rate_limits")
    tier = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=14, choices=Kind)
    window = models.CharField(max_length=8, choices=Window)
    limit = models.PositiveBigIntegerField()
    remaining = models.PositiveBigIntegerField(null=True, blank=True)
    retry_advice = models.CharField(max_length=300, blank=True, default="")
    source = models.CharField(max_length=14, choices=Source)
    source_url = models.URLField(max_length=300, blank=True, default="")
    region = models.CharField(max_length=20, blank=True, default="")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RateLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")
        ordering: ClassVar = ["endpoint", "kind", "window", "tier", "source", "region", "-first_seen_at"]
        constraints: ClassVar = [
            # RateLimit.objects.current() of one endpoint or of many uses this index, too.
            models.UniqueConstraint(
                fields=["endpoint", "kind", "window", "tier", "source", "region"],
                condition=Q(ended_at__isnull=True),
                name="rate_limit_one_open_row",
            ),
            models.CheckConstraint(
                name="rate_limit_kind_known",
                condition=Q(kind__in=["requests", "tokens", "input_tokens", "output_tokens"]),
            ),
            models.CheckConstraint(
                name="rate_limit_window_known", condition=Q(window__in=["minute", "day", "unknown"])
            ),
            models.CheckConstraint(
                name="rate_limit_has_a_source",
                condition=(
                    (Q(source="documentation", region="") & ~Q(source_url=""))
                    | (Q(source="headers", source_url="") & ~Q(region=""))
                ),
            ),
            models.CheckConstraint(name="rate_limit_not_zero", condition=Q(limit__gte=1)),
            models.CheckConstraint(
                name="rate_limit_ends_after_start",
                condition=(
                    Q(last_seen_at__gte=models.F("first_seen_at"))
                    & (Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("last_seen_at")))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.limit} {self.kind} {self.window}"
