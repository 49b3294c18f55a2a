"""Reading what probes cost: prices, what the next one costs, and what the cadence is planned from.

A model without a stated price is reckoned at the dearest rates that are known of its provider, else of all
that is watched: for what is planned and what may still be spent, and never in the ledger. Else nothing would
keep it within the cap.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, Self

from django.db.models import Avg, OuterRef, Q, Subquery

from catalog.charging import Rates
from catalog.models import Endpoint, Price
from probes.models import ProbeResult, ProbeTarget, Pulse
from probes.pacing import Need, is_calm, is_suspicious
from probes.pricing import Tariff, expected_cost
from probes.selectors import Reach, reaches

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
class Expected:
    """What the next probe of a target costs: the mean of its last ones, else price × tokens asked for.

    basis "unknown": no source states its price, so usd is reckoned at the dearest rates known; None where
    no price of anything is known.
    """

    usd: Decimal | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Asked:
    """What the highest cost of a probe follows from. endpoint_id 0: one without a price of its own."""

    endpoint_id: int
    provider_id: int
    simulated: bool
    reasoning: bool
    options: Any

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """The endpoint has its model loaded."""
        reasoning, options = endpoint.model.reasoning, endpoint.probe_options
        return cls(endpoint.pk, endpoint.provider_id, endpoint.simulated, reasoning, options)


@dataclass(frozen=True, slots=True)
class PriceList:
    """The standard rates of all that is watched, by endpoint id, and the dearest ones of each provider.

    dearest: of all providers together, by whether their prices are invented. Who is free throughout has no
    dearest rates.
    """

    own: Mapping[int, Rates]
    of_provider: Mapping[int, Rates]
    dearest: Mapping[bool, Rates]

    def highest(self, asked: Asked, tier: str, now: datetime) -> Expected:
        """What one attempt costs at most: the prompt and the whole output limit. 0 in tier A."""
        if tier == "A":
            return Expected(Decimal(0), "price")
        own = self.own.get(asked.endpoint_id)
        if own and (usd := _at_most(own, asked, tier, now)) is not None:
            return Expected(usd, "price")
        rates = self.of_provider.get(asked.provider_id) or self.dearest.get(asked.simulated)
        return Expected(_at_most(rates, asked, tier, now) if rates else None, "unknown")


def _at_most(rates: Rates, asked: Asked, tier: str, now: datetime) -> Decimal | None:
    return expected_cost(tier, Tariff((rates,), asked.reasoning, _mapping(asked.options)), now.timestamp())


def price_list() -> PriceList:
    """One query of plain rows."""
    own: dict[int, Rates] = {}
    providers: dict[int, Rates] = {}
    dearest: dict[bool, Rates] = {}
    rows = Price.objects.current().standard().filter(endpoint__watched=True).order_by()
    for endpoint_id, provider_id, simulated, given, received in rows.values_list(
        *("endpoint", "endpoint__provider", "endpoint__simulated"),
        *("input_usd_per_mtok", "output_usd_per_mtok"),
    ):
        own[endpoint_id] = rates = Rates(input=given, output=received)
        if given or received:
            providers[provider_id] = _dearer(rates, providers.get(provider_id))
            dearest[simulated] = _dearer(rates, dearest.get(simulated))
    return PriceList(own, providers, dearest)


def _dearer(one: Rates, other: Rates | None) -> Rates:
    """The higher rate of both in each place."""
    if other is None:
        return one

    def higher(*rates: Decimal | None) -> Decimal | None:
        return max((rate for rate in rates if rate is not None), default=None)

    return Rates(input=higher(one.input, other.input), output=higher(one.output, other.output))


def tariffs(endpoint_ids: Iterable[int]) -> dict[int, Tariff]:
    """Endpoint id → its tariff of all times, in one query. Who has no row is not in it."""
    rows = Price.objects.stating().filter(
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


def expected_costs(
    targets: Sequence[ProbeTarget], prices: PriceList, *, now: datetime
) -> dict[int, Expected]:
    """Target id → what its next probe costs; at most three queries. Targets with endpoint, model loaded."""
    mean = _recent_means({target.tier for target in targets if target.tier != "A"}, now)
    return {
        target.pk: Expected(mean[target.pk], "measured")
        if target.pk in mean
        else prices.highest(Asked.of(target.endpoint), target.tier, now)
        for target in targets
    }


def _recent_means(tiers: Iterable[str], now: datetime) -> dict[int, Decimal]:
    """Target id → mean cost of its recent attempts that cost anything.

    One query per tier, each a seek of the index per target: the moment is a constant, so that TimescaleDB
    leaves older chunks out.
    """
    means: dict[int, Decimal] = {}
    for tier in sorted(set(tiers) & RECENT.keys()):
        since = now - RECENT[tier]
        own = ProbeResult.objects.started_between(since).filter(
            endpoint=OuterRef("endpoint"), tier=tier, cost_usd__gt=0
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
