"""Money: what attempts cost, the ledger, the cap of the day, and the cadence that keeps within it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction

from probes.attempts import Attempt
from probes.caps import Standing, Till, exhausted, standings
from probes.costs import expected_costs, needs_of, price_list, seconds_left, tariffs
from probes.models import LedgerEntry, ProbeTarget
from probes.pacing import decide
from probes.pricing import Cost, Tariff, cost_of
from probes.selectors import board_targets

__all__ = ["Cost", "Till", "book", "costs_of", "exhausted", "pace", "till"]

#: The largest sum that a ledger line holds.
MOST_USD = Decimal("999999.99999999")
#: What a ledger line counts, besides the money.
COUNTS = ("attempts", "input_tokens", "output_tokens", "unpriced")
#: No attempt is booked with more tokens; the engine reports no more either.
MOST_TOKENS = 2**31 - 1
Key = tuple[date, int, str, str]


def till(*, now: datetime) -> Till:
    """The money of one tick, to be asked for every due moment and every extra probe of it."""
    return Till(now=now)


def costs_of(attempts: Sequence[Attempt], endpoint_ids: Mapping[str, int]) -> list[Cost]:
    """What each attempt cost, in their order; the prices in one query. See `probes.pricing`."""
    paid = {endpoint_ids[a.endpoint] for a in attempts if a.tier != "A" and a.endpoint in endpoint_ids}
    known = tariffs(paid) if paid else {}
    unknown = Tariff(())
    return [cost_of(a, known.get(endpoint_ids.get(a.endpoint, 0), unknown)) for a in attempts]


@dataclass(slots=True)
class _Sum:
    """What is added to one line of the ledger."""

    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    unpriced: int = 0
    cost_usd: Decimal = Decimal(0)
    estimated_usd: Decimal = Decimal(0)

    def add(self, attempt: Attempt, cost: Cost) -> None:
        self.attempts += 1
        self.input_tokens += _plausible(attempt.input_tokens)
        self.output_tokens += _plausible(attempt.output_tokens)
        self.unpriced += cost.usd is None
        self.cost_usd += cost.usd or 0
        self.estimated_usd += (cost.usd or 0) if cost.estimated else 0


def _plausible(tokens: int | None) -> int:
    """A count that a line can add up, whatever a provider reports."""
    return min(max(tokens or 0, 0), MOST_TOKENS)


@transaction.atomic
def book(attempts: Sequence[Attempt], costs: Sequence[Cost], provider_of: Mapping[str, int]) -> None:
    """Add new attempts to the ledger, on the UTC date they started; call it with each attempt once.

    Three queries, whatever the number of lines. Missing lines are made first and all lines are locked in the
    order of their keys, so that batches booked at the same time add up and do not lock each other out.
    """
    sums: dict[Key, _Sum] = defaultdict(_Sum)
    for attempt, cost in zip(attempts, costs, strict=True):
        day = datetime.fromtimestamp(attempt.started_at, UTC).date()
        sums[day, provider_of[attempt.endpoint], attempt.tier, attempt.region].add(attempt, cost)
    if not sums:
        return
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(date=d, provider_id=p, tier=t, region=r) for d, p, t, r in sorted(sums)],
        ignore_conflicts=True,
    )
    lines = _locked_lines(sums)
    for line in lines:
        _add(line, sums[line.date, line.provider_id, line.tier, line.region])
    # An upsert of locked lines: `bulk_update` takes ten times as long to put its statement together.
    LedgerEntry.objects.bulk_create(
        lines,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=[*COUNTS, "cost_usd", "estimated_usd"],
    )


def _locked_lines(sums: Mapping[Key, _Sum]) -> list[LedgerEntry]:
    near = LedgerEntry.objects.filter(
        date__in={key[0] for key in sums},
        provider__in={key[1] for key in sums},
        tier__in={key[2] for key in sums},
        region__in={key[3] for key in sums},
    )
    rows = near.order_by("date", "provider_id", "tier", "region").select_for_update()
    return [row for row in rows if (row.date, row.provider_id, row.tier, row.region) in sums]


def _add(line: LedgerEntry, sums: _Sum) -> None:
    for name in COUNTS:
        setattr(line, name, getattr(line, name) + getattr(sums, name))
    line.cost_usd = min(line.cost_usd + sums.cost_usd, MOST_USD)
    line.estimated_usd = min(line.estimated_usd + sums.estimated_usd, MOST_USD)


def pace(*, now: datetime) -> int:
    """Set how often every target on the board is asked, by `probes.pacing`; how many have changed."""
    targets = board_targets()
    prices = price_list()
    needs = needs_of(targets, expected_costs(targets, prices, now=now), now=now)
    wanted: dict[int, int] = {}
    for standing in standings(prices, now=now):
        ours = [needs[t.pk] for t in targets if t.endpoint.provider_id == standing.provider_id]
        wanted |= decide(ours, left_usd=_left(standing), seconds=seconds_left(now))
    changed = [target for target in targets if wanted.get(target.pk, target.stretch) != target.stretch]
    for target in changed:
        target.stretch = wanted[target.pk]
    _save_stretches(changed)
    return len(changed)


@transaction.atomic
def _save_stretches(targets: Sequence[ProbeTarget]) -> None:
    """Locked in the order in which ingest locks them, else the two could wait for each other."""
    rows = ProbeTarget.objects.filter(pk__in=[target.pk for target in targets])
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    ProbeTarget.objects.bulk_update(targets, ["stretch"], batch_size=500)


def _left(standing: Standing) -> float | None:
    return None if standing.left_usd is None else float(standing.left_usd)
