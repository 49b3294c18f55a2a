"""What observation may cost and what it did cost."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Provider
from probes.models.orders import TIERS


class ProbeBudget(models.Model):
    """A provider's cap in USD per day (UTC). A provider without a row has the default of the settings.

    0 = nothing that costs money is asked.
    """

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="budget")
    usd_per_day = models.DecimalField(max_digits=10, decimal_places=4)

    class Meta:
        verbose_name = _("probe budget")
        verbose_name_plural = _("probe budgets")
        constraints: ClassVar = [
            models.CheckConstraint(name="budget_not_negative", condition=Q(usd_per_day__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.usd_per_day} USD/day"


class LedgerEntry(models.Model):
    """What the probes of one provider, tier and region cost on one day (UTC).

    Booked in the transaction that stores the attempts, from reported tokens × the price of that moment.
    `estimated_usd` is the part of `cost_usd` that rests on an estimate, because the provider reported no
    tokens. `unpriced`: attempts that bore tokens of a model whose price no source states; they are in no sum.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="ledger")
    date = models.DateField()
    tier = models.CharField(max_length=1, choices=TIERS)
    region = models.CharField(max_length=20)
    attempts = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    estimated_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    unpriced = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-date", "provider", "tier", "region"]
        constraints: ClassVar = [
            models.UniqueConstraint("date", "provider", "tier", "region", name="ledger_one_line"),
            models.CheckConstraint(
                name="ledger_estimate_is_part", condition=Q(estimated_usd__lte=models.F("cost_usd"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.provider_id} {self.tier} {self.region} {self.cost_usd}"
