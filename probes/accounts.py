"""Reading the books for page and API: who may spend what, who has spent what, day by day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Max, Sum

from catalog.models import Price
from probes.books import SUMS, Books, Cadence, CostReport, Line, PriceSource, ProviderCosts, Total, total_of
from probes.caps import Standing, standings
from probes.costs import Basis, Expected, expected_costs, needs_of, price_list, seconds_left
from probes.models import LedgerEntry, ProbeResult, ProbeTarget
from probes.pacing import PAUSED, Need
from probes.pricing import CENT_MILLIONTH
from probes.selectors import board_targets

DAY_S: Final = 86_400.0
#: How many days of the ledger are shown unless asked otherwise, and at most.
DEFAULT_DAYS: Final = 30
MAX_DAYS: Final = 366
#: Tiers whose probes cost money.
PAID_TIERS: Final = ("B", "C", "D")


def cost_report(*, now: datetime, days: int = DEFAULT_DAYS, provider: str = "") -> CostReport:
    """The books of the last `days` days (UTC), today included; a dozen queries, whatever the rows.

    provider: slug, "" = all; one that nobody knows has empty books.
    """
    day = now.astimezone(UTC).date()
    lines = _lines(since=day - timedelta(days=days - 1))
    providers = _providers(lines, day, now)
    known = {(p.standing.name, p.standing.slug) for p in providers} | {
        (n.provider_name, n.provider) for n in lines
    }

    def books(simulated: bool) -> Books:
        def ours(slug: str, invented: bool) -> bool:
            return invented == simulated and provider in ("", slug)

        return Books(
            simulated=simulated,
            day=day,
            providers=tuple(p for p in providers if ours(p.standing.slug, p.standing.simulated)),
            lines=tuple(line for line in lines if ours(line.provider, line.simulated)),
        )

    return CostReport(now, day, days, provider, tuple(sorted(known)), books(False), books(True))


def _lines(*, since: date) -> list[Line]:
    names = ("provider__slug", "provider__name", "provider__simulated", "tier")
    rows = (
        LedgerEntry.objects.filter(date__gte=since)
        .order_by("-date", "provider__name", "tier")
        .values("date", *names)
        .annotate(**{f"sum_{name}": Sum(name) for name in SUMS})
    )
    return [
        Line(
            date=row["date"],
            provider=row["provider__slug"],
            provider_name=row["provider__name"],
            simulated=row["provider__simulated"],
            tier=row["tier"],
            total=Total(**{name: row[f"sum_{name}"] for name in SUMS}),
        )
        for row in rows
    ]


def _providers(lines: Sequence[Line], day: date, now: datetime) -> list[ProviderCosts]:
    targets = board_targets()
    prices = price_list()
    expected = expected_costs(targets, prices, now=now)
    needs = needs_of(targets, expected, now=now)
    found, sources = standings(prices, now=now), _price_sources(targets)
    paid = _last_paid([s.provider_id for s in found if s.exhausted], day)
    today: dict[str, list[Total]] = defaultdict(list)
    for line in lines:
        if line.date == day:
            today[line.provider].append(line.total)
    asked: dict[int, list[ProbeTarget]] = defaultdict(list)
    for target in targets:
        asked[target.endpoint.provider_id].append(target)

    def costs(standing: Standing) -> ProviderCosts:
        ours = asked[standing.provider_id]
        reckoned = [_as_stated(needs[target.pk], expected[target.pk]) for target in ours]
        return ProviderCosts(
            standing=standing,
            asked=any(need.regions for need in reckoned),
            today=total_of(today[standing.slug]),
            expected_usd=_expected_usd(standing, reckoned, now),
            **_states(reckoned),
            cadences=_cadences(ours),
            bases=_bases(ours, expected),
            sources=tuple(sources[standing.provider_id]),
            last_paid_at=paid.get(standing.provider_id),
        )

    return [costs(standing) for standing in found]


def _as_stated(need: Need, expected: Expected) -> Need:
    """Without the price that it is only planned with: what no source states is not shown as a cost."""
    return replace(need, usd=None) if expected.basis == "unknown" else need


def _expected_usd(standing: Standing, needs: Sequence[Need], now: datetime) -> Decimal | None:
    """To the minute, so that an answer stays the same for a minute."""
    paid = [need for need in needs if need.tier != "A"]
    if paid and all(need.usd is None for need in paid):
        return None
    if standing.exhausted:
        return standing.spent_usd
    rest_s = seconds_left(now.replace(second=0, microsecond=0))
    rest = Decimal(sum(need.spend(rest_s, need.stretch) for need in needs)).quantize(CENT_MILLIONTH)
    total = standing.spent_usd + rest
    return total if standing.cap_usd is None else min(total, max(standing.cap_usd, standing.spent_usd))


def _states(needs: Iterable[Need]) -> dict[str, Any]:
    known = [n for n in needs if n.tier == "B" and n.usd is not None and n.regions and n.stretch < PAUSED]
    total = Decimal(sum(need.spend(DAY_S, need.stretch) for need in known))
    mean = (total / len(known)).quantize(CENT_MILLIONTH) if known else None
    return {"state_usd_per_day": mean, "states": len(known)}


def _cadences(targets: Iterable[ProbeTarget]) -> tuple[Cadence, ...]:
    counted = Counter((target.tier, target.stretch) for target in targets)
    return tuple(Cadence(tier, stretch, count) for (tier, stretch), count in sorted(counted.items()))


def _bases(targets: Iterable[ProbeTarget], expected: Mapping[int, Expected]) -> dict[Basis, int]:
    return dict(Counter(expected[target.pk].basis for target in targets if target.tier != "A"))


def _price_sources(targets: Iterable[ProbeTarget]) -> dict[int, list[PriceSource]]:
    """Provider id → who states the prices of what is asked there."""
    rows = (
        Price.objects.current()
        .standard()
        .filter(endpoint__in={t.endpoint_id for t in targets if t.tier != "A"})
        .order_by("endpoint__provider", "source_name")
        .values_list("endpoint__provider", "source_name")
        .annotate(Count("pk"), Max("retrieved_at"))
    )
    sources: dict[int, list[PriceSource]] = defaultdict(list)
    for provider_id, name, count, retrieved_at in rows:
        sources[provider_id].append(PriceSource(name, count, retrieved_at))
    return sources


def _last_paid(provider_ids: Sequence[int], day: date) -> dict[int, datetime]:
    if not provider_ids:
        return {}
    midnight = datetime.combine(day, time(), UTC)
    rows = ProbeResult.objects.started_between(midnight).filter(
        endpoint__provider__in=provider_ids, tier__in=PAID_TIERS, cost_usd__gt=0
    )
    return dict(rows.order_by().values_list("endpoint__provider").annotate(Max("started_at")))
