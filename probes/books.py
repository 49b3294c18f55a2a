"""What page and API show of the books, as plain data: lines, their sums, and a provider's money today.

Real money and the invented prices of the simulated fleet are never added up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from probes.caps import Standing
from probes.costs import Basis
from probes.pacing import PAUSED
from probes.pricing import CENT_MILLIONTH

#: What is summed up of ledger lines.
SUMS: Final = ("attempts", "input_tokens", "output_tokens", "cost_usd", "estimated_usd", "unpriced")


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of ledger lines. estimated_usd is a part of cost_usd; unpriced attempts are in neither."""

    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    estimated_usd: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def usd(self) -> Decimal | None:
        """What is known to have been spent; None where tokens were paid for and none of them has a price."""
        return None if self.unpriced and not self.cost_usd else self.cost_usd

    @property
    def estimated(self) -> Decimal | None:
        """The part of `usd` that rests on an estimate; None where `usd` is."""
        return None if self.usd is None else self.estimated_usd


NOTHING: Final = Total()


def total_of(totals: Iterable[Total]) -> Total:
    """All of them together."""
    rows = list(totals)
    return Total(**{name: sum((getattr(row, name) for row in rows), getattr(NOTHING, name)) for name in SUMS})


@dataclass(frozen=True, slots=True)
class Line:
    """What one provider's tier cost on one day (UTC), over all regions."""

    date: date
    provider: str
    provider_name: str
    simulated: bool
    tier: str
    total: Total


@dataclass(frozen=True, slots=True)
class Cadence:
    """How many targets of a tier are asked every `stretch` intervals; PAUSED: not at all."""

    tier: str
    stretch: int
    targets: int

    @property
    def paused(self) -> bool:
        return self.stretch >= PAUSED


@dataclass(frozen=True, slots=True)
class PriceSource:
    """A source that states prices of so many of the provider's endpoints, and when it was last read."""

    name: str
    endpoints: int
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderCosts:
    """A provider today. expected_usd: by midnight at the present cadence, no more than the cap; None where no
    source states the price of anything that is asked there, though it counts against the cap at the dearest
    price known.

    state_usd_per_day: what the state of one endpoint (tier B, all regions) costs a day at the present
    cadence, mean of the `states` whose price is known; None where there are none. bases: how many targets'
    costs are measured, from a price, or unknown.
    last_paid_at: the newest attempt of today that cost anything; known where the cap is reached. asked: some
    region measures it; else no worker holds its key.
    """

    standing: Standing
    asked: bool
    today: Total
    expected_usd: Decimal | None
    state_usd_per_day: Decimal | None
    states: int
    cadences: tuple[Cadence, ...]
    bases: Mapping[Basis, int]
    sources: tuple[PriceSource, ...]
    last_paid_at: datetime | None

    @property
    def paused(self) -> int:
        """Targets that are not asked, because even their slowest cadence does not fit the money."""
        return sum(cadence.targets for cadence in self.cadences if cadence.paused)


@dataclass(frozen=True)
class Books:
    """One kind of money: real, or the simulated fleet's."""

    simulated: bool
    day: date
    providers: tuple[ProviderCosts, ...]
    lines: tuple[Line, ...]

    @cached_property
    def today(self) -> Total:
        return total_of(line.total for line in self.lines if line.date == self.day)

    @cached_property
    def window(self) -> Total:
        return total_of(line.total for line in self.lines)

    @cached_property
    def active(self) -> list[ProviderCosts]:
        """The providers that are asked, or were today."""
        return [provider for provider in self.providers if provider.asked or provider.today.attempts]

    @cached_property
    def not_asked(self) -> int:
        """How many providers are watched, but no worker holds their key."""
        return len(self.providers) - len(self.active)

    @cached_property
    def expected_usd(self) -> Decimal | None:
        """Of the active providers of whom anything can be expected; None where of none of them."""
        known = [p.expected_usd for p in self.active if p.expected_usd is not None]
        return sum(known, Decimal(0)) if known or not self.active else None

    @cached_property
    def cap_usd(self) -> Decimal | None:
        """The caps of all active providers that have one; None where nobody has."""
        caps = [p.standing.cap_usd for p in self.active if p.standing.cap_usd is not None]
        return sum(caps, Decimal(0)) if caps else None

    @cached_property
    def state_usd_per_day(self) -> Decimal | None:
        """The mean over all endpoints whose state has a known price."""
        known = [p for p in self.providers if p.state_usd_per_day is not None]
        states = sum(p.states for p in known)
        total = sum(((p.state_usd_per_day or Decimal(0)) * p.states for p in known), Decimal(0))
        return (total / states).quantize(CENT_MILLIONTH) if states else None

    @cached_property
    def by_tier(self) -> list[tuple[str, Total, Total]]:
        """(tier, today, all days shown)."""
        tiers: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            tiers[line.tier].append(line)
        return [
            (
                tier,
                total_of(line.total for line in lines if line.date == self.day),
                total_of(n.total for n in lines),
            )
            for tier, lines in sorted(tiers.items())
        ]

    @cached_property
    def by_day(self) -> list[tuple[date, dict[str, Total]]]:
        """(day, tier → total), newest first; "all" = the tiers together."""
        days: dict[date, dict[str, list[Total]]] = defaultdict(lambda: defaultdict(list))
        for line in self.lines:
            for key in (line.tier, "all"):
                days[line.date][key].append(line.total)
        return [
            (day, {tier: total_of(totals) for tier, totals in tiers.items()})
            for day, tiers in sorted(days.items(), reverse=True)
        ]


@dataclass(frozen=True, slots=True)
class CostReport:
    """What observation costs. days: how many the lines reach back, today included; provider: "" = all."""

    generated_at: datetime
    day: date
    days: int
    provider: str
    known_providers: tuple[tuple[str, str], ...]
    real: Books
    simulated: Books

    @property
    def providers(self) -> tuple[ProviderCosts, ...]:
        return (*self.real.providers, *self.simulated.providers)

    @property
    def lines(self) -> list[Line]:
        """Newest first, then by provider and tier."""
        lines = (*self.real.lines, *self.simulated.lines)
        return sorted(lines, key=lambda line: (-line.date.toordinal(), line.provider, line.tier))
