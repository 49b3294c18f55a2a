"""What was measured of one endpoint lately: its newest attempts, and what asking it has cost."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Q, Sum

from aigo.lib.regions import ALL, MEASURED_SLUGS
from probes.models import ProbeResult
from probes.outcomes import OUTCOMES, Charge

#: Attempts of the last quarter of an hour, and so many of them at most.
LATELY: Final = timedelta(minutes=15)
MOST: Final = 24
#: What asking costs is summed over so long.
COST_OVER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LateAttempt:
    """One attempt. `charge`: who pays for its outcome; `left_out`: not believed, our POP was offline.

    `ttft_ms`: to the first token of the answer; None where that never came. `attempt`: 2 and more are
    confirmations. Times are UTC.
    """

    started_at: datetime
    region: str
    tier: str
    attempt: int
    outcome: str
    left_out: bool
    http_status: int | None
    ttft_ms: float | None
    total_ms: float | None

    @property
    def charge(self) -> Charge:
        return Charge.OURS if self.left_out else OUTCOMES[self.outcome].charge


@dataclass(frozen=True, slots=True)
class AskingCost:
    """What asking an endpoint cost from `since` on, over all regions. `unpriced` attempts are in no sum."""

    since: datetime
    attempts: int
    unpriced: int
    estimated: int
    usd: Decimal | None


def newest_attempts(
    endpoint_id: int, *, tiers: Collection[str], region: str, now: datetime
) -> list[LateAttempt]:
    """The newest first, those of the last quarter of an hour; region "all" = of all regions. One query."""
    regions = MEASURED_SLUGS if region == ALL else [region]
    rows = ProbeResult.objects.started_between(now - LATELY, regions=regions)
    rows = rows.filter(endpoint=endpoint_id, tier__in=list(tiers)).order_by("-started_at")
    return [
        LateAttempt(at, place, tier, attempt, outcome, left_out != "", status, ttft, total)
        for at, place, tier, attempt, outcome, left_out, status, ttft, total in rows.values_list(
            *("started_at", "region", "tier", "attempt", "outcome", "left_out", "http_status"),
            *("first_answer_ms", "total_ms"),
        )[:MOST]
    ]


def asking_cost(endpoint_id: int, *, now: datetime) -> AskingCost:
    """Of the last day; tier A costs nothing and is not counted. One query."""
    since = now - COST_OVER
    sums = (
        ProbeResult.objects.started_between(since, regions=MEASURED_SLUGS)
        .filter(endpoint=endpoint_id, tier__in=["B", "C", "D"])
        .aggregate(
            attempts=Count("started_at"),
            unpriced=Count("started_at", filter=Q(cost_usd=None)),
            estimated=Count("started_at", filter=Q(cost_estimated=True)),
            usd=Sum("cost_usd"),
        )
    )
    return AskingCost(since, **sums)
