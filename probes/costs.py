"""Reading what observation costs: prices, what today has cost, what is on its way, what comes next."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from django.conf import settings
from django.db.models import Avg, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum

from catalog.models import Endpoint, Price, Provider
from probes.models import DueProbe, LedgerEntry, ProbeResult, ProbeTarget, Pulse
from probes.pacing import Need, is_calm, is_suspicious
from probes.pricing import Rates, Tariff, expected_cost
from probes.selectors import Reach, reaches

CapSource = Literal["provider", "default", "none"]
Basis = Literal["measured", "price", "unknown"]
#: A step of a price table: prompts longer than so many thousand tokens.
_STEP: Final = re.compile(r"over_(\d{1,6})k")
#: What a tariff is made of.
_READ: Final = (
    *("tier", "input_usd_per_mtok", "output_usd_per_mtok"),
    *("cache_read_usd_per_mtok", "reasoning_usd_per_mtok"),
    *("valid_from", "valid_to", "endpoint__probe_options", "endpoint__model__reasoning"),
)
#: How far back a target's own cost is averaged, by tier.
RECENT: Final = {"B": timedelta(minutes=30), "C": timedelta(hours=12), "D": timedelta(days=2)}


@dataclass(frozen=True, slots=True)
class Standing:
    """A provider's money on one day (UTC), in USD.

    cap_usd: None = no cap binds it (invented prices). outstanding_usd: what the orders on their way cost at
    most. costs_money: some of its targets bear tokens that are not known to be free.
    """

    provider_id: int
    slug: str
    name: str
    simulated: bool
    costs_money: bool
    cap_usd: Decimal | None
    cap_source: CapSource
    spent_usd: Decimal
    outstanding_usd: Decimal

    @property
    def left_usd(self) -> Decimal | None:
        """What may still be spent, 0 at least; None where no cap binds."""
        if self.cap_usd is None:
            return None
        return max(Decimal(0), self.cap_usd - self.spent_usd - self.outstanding_usd)

    @property
    def exhausted(self) -> bool:
        """Nothing that costs money may be asked any more: 0.99 of 1.00 is not exhausted, 1.00 is."""
        return self.costs_money and self.left_usd is not None and self.left_usd <= 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What the next probe of a target costs: the mean of its last ones, else price × tokens asked for."""

    usd: Decimal | None
    basis: Basis


def exhausted(*, now: datetime) -> frozenset[int]:
    """Ids of the providers whose cap of today (UTC) is reached, by what is booked and what is on its way."""
    return frozenset(standing.provider_id for standing in standings(now=now) if standing.exhausted)


def standings(*, now: datetime) -> list[Standing]:
    """The money of every provider with enabled targets, by name: two queries."""
    outstanding = _outstanding(now)
    return [
        Standing(
            provider_id=row.pk,
            slug=row.slug,
            name=row.name,
            simulated=row.simulated,
            costs_money=row.costs_money,
            **_cap(row),
            spent_usd=row.spent_usd or Decimal(0),
            outstanding_usd=outstanding.get(row.pk, Decimal(0)),
        )
        for row in _providers(now)
    ]


def _providers(now: datetime) -> Iterable[Any]:
    today = LedgerEntry.objects.filter(date=now.astimezone(UTC).date(), provider=OuterRef("pk"))
    spent = today.order_by().values("provider").annotate(total=Sum("cost_usd")).values("total")
    targets = ProbeTarget.objects.filter(
        endpoint__provider=OuterRef("pk"), enabled=True, endpoint__watched=True
    )
    free = _standard_prices().filter(
        Q(output_usd_per_mtok=0) | Q(output_usd_per_mtok=None),
        endpoint=OuterRef("endpoint"),
        input_usd_per_mtok=0,
    )
    bearing = targets.exclude(tier="A").filter(~Exists(free))
    return (
        Provider.objects.filter(Exists(targets))
        .annotate(costs_money=Exists(bearing), spent_usd=Subquery(spent), own_cap=F("budget__usd_per_day"))
        .order_by("name", "slug")
    )


def _cap(row: Any) -> dict[str, Any]:
    """Its own, else the default; providers with invented prices have none but their own."""
    if row.own_cap is not None:
        return {"cap_usd": row.own_cap, "cap_source": "provider"}
    if row.simulated:
        return {"cap_usd": None, "cap_source": "none"}
    return {"cap_usd": settings.PROBE_BUDGET_USD_PER_DAY, "cap_source": "default"}


def _standard_prices() -> QuerySet[Price]:
    return Price.objects.current().filter(tier="standard", region_scope="all")


def _outstanding(now: datetime) -> dict[int, Decimal]:
    """Provider id → what its unanswered orders cost at most. Orders of unknown price are in no sum."""
    standard = Q(
        endpoint__prices__valid_to=None,
        endpoint__prices__tier="standard",
        endpoint__prices__region_scope="all",
    )
    orders = (
        DueProbe.objects.exclude(tier="A")
        .annotate(price=FilteredRelation("endpoint__prices", condition=standard))
        .filter(price__isnull=False)
        .values_list(
            "endpoint__provider",
            "tier",
            "endpoint__model__reasoning",
            "endpoint__probe_options",
            "price__input_usd_per_mtok",
            "price__output_usd_per_mtok",
        )
        .annotate(orders=Count("pk"))
        .order_by()
    )
    total: dict[int, Decimal] = {}
    for provider_id, tier, reasoning, options, given, received, count in orders:
        tariff = Tariff((Rates(input=given, output=received),), reasoning, _mapping(options))
        usd = expected_cost(tier, tariff, now.timestamp()) or Decimal(0)
        total[provider_id] = total.get(provider_id, Decimal(0)) + usd * count
    return total


def tariffs(endpoint_ids: Iterable[int], *, current: bool = False) -> dict[int, Tariff]:
    """Endpoint id → its tariff, in one query; current: open rows only. Who has no row is not in it."""
    rows = Price.objects.current() if current else Price.objects.all()
    rows = rows.filter(
        Q(tier="standard") | Q(tier__startswith="over_"), region_scope="all", endpoint__in=set(endpoint_ids)
    )
    found: dict[int, Tariff] = {}
    for row in rows.select_related("endpoint__model").only(*_READ):
        if (rates := _rates_of(row)) is not None:
            earlier = found[row.endpoint_id].rates if row.endpoint_id in found else ()
            found[row.endpoint_id] = _tariff(row.endpoint, (*earlier, rates))
    return found


def _tariff(endpoint: Endpoint, rates: tuple[Rates, ...]) -> Tariff:
    return Tariff(rates, endpoint.model.reasoning, _mapping(endpoint.probe_options))


def _mapping(options: Any) -> dict[str, Any]:
    return options if isinstance(options, dict) else {}


def _rates_of(row: Price) -> Rates | None:
    """None for a step whose name says no length."""
    step = _STEP.fullmatch(row.tier)
    if row.tier != "standard" and step is None:
        return None
    return Rates(
        input=row.input_usd_per_mtok,
        output=row.output_usd_per_mtok,
        cache_read=row.cache_read_usd_per_mtok,
        reasoning=row.reasoning_usd_per_mtok,
        over_tokens=int(step[1]) * 1000 if step else 0,
        valid_from=row.valid_from.timestamp(),
        valid_to=row.valid_to.timestamp() if row.valid_to else None,
    )


def expected_costs(targets: Sequence[ProbeTarget], *, now: datetime) -> dict[int, Expected]:
    """Target id → what its next probe costs. Targets with endpoint loaded; at most four queries."""
    bearing = [target for target in targets if target.tier != "A"]
    price = tariffs({target.endpoint_id for target in bearing}, current=True)
    mean = _recent_means({target.tier for target in bearing}, now)
    return {
        target.pk: _expected(target, mean.get(target.pk), price.get(target.endpoint_id), now)
        for target in targets
    }


def _expected(target: ProbeTarget, mean: Decimal | None, tariff: Tariff | None, now: datetime) -> Expected:
    if mean is not None:
        return Expected(mean, "measured")
    usd = expected_cost(target.tier, tariff or Tariff(()), now.timestamp())
    return Expected(usd, "unknown" if usd is None else "price")


def _recent_means(tiers: Iterable[str], now: datetime) -> dict[int, Decimal]:
    """Target id → mean cost of its recent attempts that cost anything.

    One query per tier, each a seek of the index per target: the moment is a constant, so that TimescaleDB
    leaves older chunks out.
    """
    means: dict[int, Decimal] = {}
    for tier in sorted(set(tiers) & RECENT.keys()):
        since = now - RECENT[tier]
        own = ProbeResult.objects.filter(
            endpoint=OuterRef("endpoint"), tier=tier, started_at__gte=since, due_at__gte=since, cost_usd__gt=0
        )
        mean = own.order_by().values("endpoint").annotate(mean=Avg("cost_usd")).values("mean")
        targets = ProbeTarget.objects.filter(enabled=True, endpoint__watched=True, tier=tier)
        rows = targets.annotate(mean=Subquery(mean)).filter(mean__isnull=False).values_list("pk", "mean")
        means |= dict(rows)
    return means


def seconds_left(now: datetime) -> float:
    """Until midnight UTC, when a new day's money is there: 1 second before midnight → 1."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()


def needs_of(
    targets: Sequence[ProbeTarget], expected: Mapping[int, Expected], *, now: datetime
) -> dict[int, Need]:
    """Target id → what the cadence is planned from. Two queries."""
    live = reaches(now=now)
    pulses: dict[int, list[tuple[bool, int]]] = defaultdict(list)
    for pk, ok, streak in Pulse.objects.filter(target__enabled=True).values_list("target", "ok", "streak"):
        pulses[pk].append((ok, streak))
    return {target.pk: _need(target, expected[target.pk].usd, live, pulses[target.pk]) for target in targets}


def _need(
    target: ProbeTarget, usd: Decimal | None, live: Sequence[Reach], pulses: Sequence[tuple[bool, int]]
) -> Need:
    regions = sum(reach.covers(target.endpoint) for reach in live)
    return Need(
        target_id=target.pk,
        tier=target.tier,
        usd=None if usd is None else float(usd),
        interval_s=target.interval_s,
        regions=regions,
        suspicious=is_suspicious(pulses),
        calm=is_calm([streak for _, streak in pulses], regions),
        stretch=target.stretch,
    )
