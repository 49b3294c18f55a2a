"""Reading the cap of the day: what a provider has spent, what is on its way, and what it can still pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from catalog.models import Price, Provider
from probes.confirming import CONFIRM_BACKOFF_S
from probes.costs import Asked, PriceList, price_list
from probes.models import DueProbe, LedgerEntry, ProbeTarget

CapSource = Literal["provider", "default", "none"]
#: The tiers that can cost money, and how many attempts an order of theirs can become: what surprises in tier
#: B is confirmed at once.
ATTEMPTS: Final = {"B": 1 + len(CONFIRM_BACKOFF_S), "C": 1, "D": 1}
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A provider's money on one day (UTC), in USD.

    cap_usd: None = no cap binds it (invented prices). spent_usd: as the ledger says. reckoned_usd: what its
    unpriced attempts may have cost, which is in no ledger. outstanding_usd: what the orders on their way cost
    at most, confirmations included. costs_money: some of its targets bear tokens not known to be free.
    """

    provider_id: int
    slug: str
    name: str
    simulated: bool
    costs_money: bool
    cap_usd: Decimal | None
    cap_source: CapSource
    spent_usd: Decimal
    reckoned_usd: Decimal
    outstanding_usd: Decimal

    @property
    def left_usd(self) -> Decimal | None:
        """What may still be spent, 0 at least; None where no cap binds."""
        if self.cap_usd is None:
            return None
        return max(NOTHING, self.cap_usd - self.spent_usd - self.reckoned_usd - self.outstanding_usd)

    @property
    def exhausted(self) -> bool:
        """Nothing that costs money may be asked any more: 0.99 of 1.00 is not exhausted, 1.00 is."""
        return self.costs_money and self.left_usd is not None and self.left_usd <= 0


class Till:
    """The money of one tick: what may be spent is subtracted as it is taken, over all regions.

    Made anew for every tick; three queries at the first target that can cost money, none before and after.
    """

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._highest: dict[int, Decimal | None] = {}

    def take(self, target: ProbeTarget) -> bool:
        """Whether its provider can pay one more probe of it, which is then spent. Endpoint, model loaded."""
        if not self.affords(target):
            return False
        provider, usd = target.endpoint.provider_id, self._usd(target)
        if usd and (left := self._left.get(provider)) is not None:
            self._left[provider] = left - usd
        return True

    def affords(self, target: ProbeTarget) -> bool:
        """As `take`, but nothing is spent. Tier A, free targets and where no cap binds: always."""
        if target.tier == "A":
            return True
        left = self._left.get(target.endpoint.provider_id, NOTHING)
        if left is None:
            return True
        usd = self._usd(target)
        return left > 0 if usd is None else usd <= left

    def _usd(self, target: ProbeTarget) -> Decimal | None:
        """What a probe of it costs at most with its confirmations; None where no price is known at all."""
        if target.tier == "A" or self._left.get(target.endpoint.provider_id) is None:
            return NOTHING
        if target.pk not in self._highest:
            usd = self._prices.highest(Asked.of(target.endpoint), target.tier, self._now).usd
            self._highest[target.pk] = None if usd is None else usd * ATTEMPTS[target.tier]
        return self._highest[target.pk]

    @cached_property
    def _prices(self) -> PriceList:
        return price_list()

    @cached_property
    def _left(self) -> dict[int, Decimal | None]:
        """Provider id → its money, None where no cap binds."""
        return {s.provider_id: s.left_usd for s in standings(self._prices, now=self._now)}


def exhausted(*, now: datetime) -> frozenset[int]:
    """Ids of the providers whose cap of today (UTC) is reached, by what is booked and what is on its way."""
    found = standings(price_list(), now=now)
    return frozenset(standing.provider_id for standing in found if standing.exhausted)


def standings(prices: PriceList, *, now: datetime) -> list[Standing]:
    """The money of every provider with enabled targets, by name: two queries."""
    outstanding = _outstanding(prices, now)
    return [
        Standing(
            provider_id=row.pk,
            slug=row.slug,
            name=row.name,
            simulated=row.simulated,
            costs_money=row.costs_money,
            **_cap(row),
            spent_usd=row.spent_usd or NOTHING,
            reckoned_usd=_reckoned(row, prices, now),
            outstanding_usd=outstanding.get(row.pk, NOTHING),
        )
        for row in _providers(now)
    ]


def _providers(now: datetime) -> Iterable[Any]:
    today = LedgerEntry.objects.filter(date=now.astimezone(UTC).date(), provider=OuterRef("pk"))
    targets = ProbeTarget.objects.filter(
        endpoint__provider=OuterRef("pk"), enabled=True, endpoint__watched=True
    )
    bearing = targets.exclude(tier="A")
    own = Price.objects.current().standard().filter(endpoint=OuterRef("endpoint"))
    free = own.filter(Q(output_usd_per_mtok=0) | Q(output_usd_per_mtok=None), input_usd_per_mtok=0)
    unpriced = bearing.filter(~Exists(own.filter(input_usd_per_mtok__isnull=False)))
    return (
        Provider.objects.filter(Exists(targets))
        .annotate(
            costs_money=Exists(bearing.filter(~Exists(free))),
            reasons=Exists(unpriced.filter(endpoint__model__reasoning=True)),
            own_cap=F("budget__usd_per_day"),
            spent_usd=_sum(today, "cost_usd"),
            **{f"unpriced_{tier}": _sum(today.filter(tier=tier), "unpriced") for tier in ATTEMPTS},
        )
        .order_by("name", "slug")
    )


def _sum(lines: QuerySet[LedgerEntry], name: str) -> Subquery:
    return Subquery(lines.order_by().values("provider").annotate(total=Sum(name)).values("total"))


def _cap(row: Any) -> dict[str, Any]:
    """Its own, else the default; providers with invented prices have none but their own."""
    if row.own_cap is not None:
        return {"cap_usd": row.own_cap, "cap_source": "provider"}
    if row.simulated:
        return {"cap_usd": None, "cap_source": "none"}
    return {"cap_usd": settings.PROBE_BUDGET_USD_PER_DAY, "cap_source": "default"}


def _reckoned(row: Any, prices: PriceList, now: datetime) -> Decimal:
    """What today's unpriced attempts cost at most, at the dearest rates known."""
    asked = Asked(0, row.pk, row.simulated, row.reasons, {})
    total = NOTHING
    for tier in ATTEMPTS:
        if attempts := getattr(row, f"unpriced_{tier}"):
            total += attempts * (prices.highest(asked, tier, now).usd or NOTHING)
    return total


def _outstanding(prices: PriceList, now: datetime) -> dict[int, Decimal]:
    """Provider id → what its unanswered orders cost at most, with their confirmations."""
    orders = (
        DueProbe.objects.exclude(tier="A")
        .values_list(
            *("tier", "endpoint", "endpoint__provider", "endpoint__simulated"),
            *("endpoint__model__reasoning", "endpoint__probe_options"),
        )
        .annotate(orders=Count("pk"))
        .order_by()
    )
    total: dict[int, Decimal] = {}
    for tier, endpoint_id, provider_id, simulated, reasoning, options, count in orders:
        asked = Asked(endpoint_id, provider_id, simulated, reasoning, options)
        usd = prices.highest(asked, tier, now).usd or NOTHING
        total[provider_id] = total.get(provider_id, NOTHING) + usd * count * ATTEMPTS[tier]
    return total
