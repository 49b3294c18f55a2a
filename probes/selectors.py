"""Reading what was measured and what can be measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import Max, Q

from aigo.lib.regions import CODES, MEASURED_SLUGS, SLUGS
from catalog.models import Endpoint
from probes.models import DeadLetter, DueProbe, Gap, Pop, ProbeResult, ProbeTarget, Pulse, RefusedRows
from probes.pacing import PAUSED
from probes.recent import RecentFigures, figures_of
from probes.timeseries import recent

#: A worker that has said nothing for this long is sent nothing.
POP_SILENT_AFTER = timedelta(seconds=120)
#: For this long a silent worker's endpoints stay on the board as a gap that shows.
POP_FORGOTTEN_AFTER = timedelta(days=1)
FIVE_MINUTES = timedelta(minutes=5)


class Coverable(Protocol):
    """What of an endpoint decides who can measure it."""

    @property
    def regions(self) -> list[str]: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def base_url(self) -> str: ...
    @property
    def base_url_env(self) -> str: ...
    @property
    def key_env(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """What the workers of one region can measure; `keys`: names of the variables they hold."""

    region: str
    real: bool
    keys: frozenset[str]

    def covers(self, endpoint: Coverable) -> bool:
        """True where this region measures the endpoint: simulated fleets in the six regions only."""
        if endpoint.regions and self.region not in endpoint.regions:
            return False
        if endpoint.simulated:
            return self.region in SLUGS
        if "${" in endpoint.base_url and endpoint.base_url_env not in self.keys:
            return False  # an address of the operator's own account, which only the operator knows
        return self.real and (not endpoint.key_env or endpoint.key_env in self.keys)


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """The part of an attempt that verdicts need. `total_ms` and `answer_ms`: None where it never came."""

    region: str
    started_at: datetime
    outcome: str
    ok: bool
    total_ms: float | None
    answer_ms: float | None


def reaches(*, now: datetime, within: timedelta = POP_SILENT_AFTER) -> list[Reach]:
    """The regions that had a worker lately, and what each can measure, in the order of their slugs."""
    regions: dict[str, tuple[bool, set[str]]] = {}
    for pop in Pop.objects.filter(last_seen_at__gt=now - within).order_by("region"):
        real, keys = regions.get(pop.region, (False, set()))
        regions[pop.region] = (real or pop.real, keys | set(pop.keys))
    return [Reach(region, real, frozenset(keys)) for region, (real, keys) in regions.items()]


def board_targets(endpoint_ids: Iterable[int] | None = None) -> list[ProbeTarget]:
    """Enabled targets of the endpoints on the board, with endpoint, provider and model loaded."""
    shown = Endpoint.objects.for_board(simulation=settings.SIMULATION)
    targets = ProbeTarget.objects.filter(enabled=True, endpoint__in=shown)
    if endpoint_ids is not None:
        targets = targets.filter(endpoint__in=list(endpoint_ids))
    return list(targets.select_related("endpoint__provider", "endpoint__model"))


def paused_endpoints() -> frozenset[int]:
    """Endpoints whose light inference is paused for want of budget."""
    paused = ProbeTarget.objects.filter(tier="B", stretch__gte=PAUSED, enabled=True)
    return frozenset(paused.values_list("endpoint", flat=True))


def expectations(targets: Iterable[ProbeTarget]) -> dict[tuple[int, str], bool]:
    """(target id, region) → whether its newest countable attempt was right."""
    pulses = Pulse.objects.filter(target__in=[target.pk for target in targets])
    return {(pulse.target_id, pulse.region): pulse.ok for pulse in pulses}


def recent_attempts(
    endpoint_id: int, tier: str, *, region: str | None, since: datetime, limit: int
) -> list[AttemptFact]:
    """The newest countable attempts since a moment, oldest first; at most `limit`; region None = all."""
    regions = MEASURED_SLUGS if region is None else [region]
    rows = ProbeResult.objects.countable().started_between(since, regions=regions)
    rows = rows.filter(endpoint=endpoint_id, tier=tier)
    newest = rows.order_by("-started_at").values_list(
        "region", "started_at", "outcome", "total_ms", "first_answer_ms"
    )[:limit]
    facts = [
        AttemptFact(r, at, outcome, outcome == "ok", total, ttft) for r, at, outcome, total, ttft in newest
    ]
    return facts[::-1]


def five_minute_figures(*, now: datetime, tier: str = "B") -> list[RecentFigures]:
    """Availability and p95 of every endpoint in every region over the attempts due in the last five minutes.

    By endpoint and region; one without a countable attempt is missing. From raw rows, so the p95 is exact.
    """
    names = {code: slug for slug, code in CODES.items()}
    return figures_of(recent.countable(now - FIVE_MINUTES, now, tier=tier), names)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What operators see of the order book: open orders, refused deliveries, and gaps that touch a time."""

    outstanding: int
    dead_letters: int
    gaps: list[Gap]


def load_evidence(*, now: datetime, within: timedelta = timedelta(hours=24)) -> Evidence:
    """The order book as it stands and the newest hundred gaps since `within` ago."""
    recent = Gap.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now - within))
    return Evidence(DueProbe.objects.count(), DeadLetter.objects.count(), list(recent[:100]))


def refused_rows() -> list[tuple[str, str, int]]:
    """(region, reason, rows) of all that was ever set aside from deliveries."""
    return list(RefusedRows.objects.order_by("region", "reason").values_list("region", "reason", "rows"))


def newest_probe_at() -> datetime | None:
    """When the newest stored attempt was started, UTC; None before the first."""
    newest: datetime | None = Pulse.objects.aggregate(newest=Max("started_at"))["newest"]
    return newest
