"""What everybody may see of how AI-GO observes: its places, what it lost, what it spends, what it keeps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import Avg, Count, Max, Q
from django.utils.translation import gettext_lazy as _

from aigo.gaps import DAY, GapDay, Span, by_day
from aigo.lib.kept import Answer
from aigo.lib.provenance import Provenance
from aigo.lib.regions import BY_SLUG, SLUGS
from aigo.selectors import Holdings, load_holdings
from probes.accounts import cost_report
from probes.attempts import METHOD_VERSION
from probes.books import Books, ProviderCosts
from probes.models import Gap, Pop, ProbeResult
from probes.selectors import FIVE_MINUTES, POP_SILENT_AFTER, Reach, board_targets, reaches
from status.kept import keeper

DAYS: Final = 90
#: So many gaps are listed one by one; the days show them all.
GAPS_SHOWN: Final = 30
KEPT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Place:
    """A region that has, or had, a worker. Names of workers and keys are for operators.

    real: it stands in that region; else it plays the region for the simulated fleet. endpoints: what it
    measures, `simulated` of them invented. attempts and late_ms: of the last five minutes; late_ms: the mean
    time between due and started, None without attempts. days: 90, today last; lost_s: over all of them.
    """

    region: str
    workers: int
    real: bool
    last_seen_at: datetime
    reports: bool
    offline_since: datetime | None
    endpoints: int
    simulated: int
    attempts: int
    late_ms: float | None
    newest_at: datetime | None
    days: tuple[GapDay, ...]

    @property
    def lost_s(self) -> int:
        return sum(day.lost_s or 0 for day in self.days)

    @property
    def state(self) -> str:
        """As states are called: outage is never ours to say of a provider, here it is of a place of ours."""
        if not self.reports:
            return "outage"
        return "degraded" if self.offline_since else "operational"


@dataclass(frozen=True, slots=True)
class Spending:
    """A provider's money: today, and since the first of the month (UTC). None = no price is known."""

    costs: ProviderCosts
    month_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class GapLine:
    """One gap, of all the regions that it began and ended in alike. `ended_at`: None = it goes on.

    `probes`: due moments that fell into it, None where results were left out instead of being missed.
    """

    regions: tuple[str, ...]
    reason: str
    started_at: datetime
    ended_at: datetime | None
    probes: int | None


@dataclass(frozen=True)
class Observing:
    """The whole public page. `gaps`: the newest of `gap_count` in 90 days. `books`: real, and simulated."""

    generated_at: datetime
    places: tuple[Place, ...]
    absent: tuple[str, ...]
    gaps: tuple[GapLine, ...]
    gap_count: int
    real: Books
    simulated: Books
    holdings: Holdings
    method_version: str = METHOD_VERSION

    @property
    def reporting(self) -> int:
        return sum(place.reports for place in self.places)

    @property
    def silent(self) -> list[Place]:
        return [place for place in self.places if not place.reports]

    @property
    def newest_at(self) -> datetime | None:
        return max((place.newest_at for place in self.places if place.newest_at), default=None)

    @property
    def attempts(self) -> int:
        return sum(place.attempts for place in self.places)

    @property
    def late_ms(self) -> float | None:
        """Over all attempts of the last five minutes."""
        total = sum(place.late_ms * place.attempts for place in self.places if place.late_ms is not None)
        return total / self.attempts if self.attempts else None

    @property
    def lost_pct(self) -> float | None:
        """Share of the regions' time that was not measured, since anything was; None before."""
        if self.holdings.since is None or not self.places:
            return None
        began = max(self.holdings.since, self.generated_at - DAYS * DAY)
        each_s = max((self.generated_at - began).total_seconds(), 1.0)
        return min(100.0, 100 * sum(place.lost_s for place in self.places) / (each_s * len(self.places)))

    @property
    def about(self) -> dict[str, Provenance]:
        """Where the page's first figures are from, by their names."""
        lately = Provenance(
            "measured",
            samples=self.attempts,
            window_s=int(FIVE_MINUTES.total_seconds()),
            last_at=self.newest_at,
            method_version=self.method_version,
            rule="probes",
        )
        late = _(
            "Mean time between the moment a probe was due and its start. It is ours, and no part of latency."
        )
        counted = Provenance("counted", last_at=self.generated_at)
        lost = _("The gaps of all regions ÷ the time since measuring began, at most 90 days of each region.")
        return {
            "attempts": replace(lately, kind="counted"),
            "late": replace(lately, note=late),
            "lost": replace(counted, samples=self.gap_count, note=lost, rule="offline"),
            "bytes": replace(counted, note=_("As the database itself says."), rule="provenance"),
        }

    @cached_property
    def spending(self) -> list[tuple[Books, list[Spending]]]:
        """Real money first; never added to invented prices. Books without anybody asked are left out."""
        return [(books, _spending(books)) for books in (self.real, self.simulated) if books.active]


def kept_observing(*, now: datetime) -> Answer[Observing]:
    """What /operations/ shows everybody. Raises Unavailable."""
    return keeper().answer(
        "observing", lambda: load_observing(now=now), now=now, topics=lambda _found: (), keep=KEPT
    )


def load_observing(*, now: datetime) -> Observing:
    """Two or three dozen queries, however many endpoints, attempts and gaps there are."""
    first = now.astimezone(UTC).date() - (DAYS - 1) * DAY
    begin = datetime.combine(first, time.min, UTC)
    gaps = list(Gap.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=begin)))
    holdings = load_holdings()
    places = tuple(_places(gaps, holdings.since, now))
    lines = _lines(gaps)
    report = cost_report(now=now, days=now.astimezone(UTC).day)
    return Observing(
        generated_at=now,
        places=places,
        absent=tuple(slug for slug in SLUGS if slug not in {place.region for place in places}),
        gaps=tuple(lines[:GAPS_SHOWN]),
        gap_count=len(lines),
        real=report.real,
        simulated=report.simulated,
        holdings=holdings,
    )


def _places(gaps: Sequence[Gap], since: datetime | None, now: datetime) -> list[Place]:
    spans: dict[str, list[Span]] = defaultdict(list)
    offline: dict[str, datetime] = {}
    for gap in gaps:
        spans[gap.region].append((gap.started_at, gap.ended_at or now))
        if gap.reason == Gap.Reason.POP_OFFLINE and gap.ended_at is None:
            offline[gap.region] = gap.started_at
    first = now.astimezone(UTC).date() - (DAYS - 1) * DAY
    endpoints, lately = _endpoints(now), _lately(now)
    workers = Pop.objects.order_by().values("region").annotate(n=Count("pk"), at=Max("last_seen_at"))
    real = set(Pop.objects.filter(real=True).order_by().values_list("region", flat=True))
    found = [
        Place(
            region=row["region"],
            workers=row["n"],
            real=row["region"] in real,
            last_seen_at=row["at"],
            reports=now - row["at"] <= POP_SILENT_AFTER,
            offline_since=offline.get(row["region"]),
            endpoints=endpoints.get(row["region"], (0, 0))[0],
            simulated=endpoints.get(row["region"], (0, 0))[1],
            days=by_day(spans[row["region"]], first=first, days=DAYS, measured_from=since),
            **lately.get(row["region"], {"attempts": 0, "late_ms": None, "newest_at": None}),
        )
        for row in workers
    ]
    return sorted(found, key=lambda place: _place_of(place.region))


def _lines(gaps: Sequence[Gap]) -> list[GapLine]:
    """Newest first; what began and ended in several regions within the same minute is one line."""
    alike: dict[tuple[Any, ...], list[Gap]] = defaultdict(list)
    for gap in gaps:
        ended = gap.ended_at and gap.ended_at.replace(second=0, microsecond=0)
        alike[gap.reason, gap.started_at.replace(second=0, microsecond=0), ended].append(gap)
    found = []
    for (reason, _began, _ended), own in alike.items():
        known = [gap.probes for gap in own if gap.probes is not None]
        ends = [gap.ended_at for gap in own if gap.ended_at]
        began, ended_at = min(gap.started_at for gap in own), max(ends, default=None)
        regions = tuple(sorted({gap.region for gap in own}, key=_place_of))
        found.append(GapLine(regions, reason, began, ended_at, sum(known) if known else None))
    return sorted(found, key=lambda line: line.started_at, reverse=True)


def _place_of(region: str) -> int:
    order = list(BY_SLUG)
    return order.index(region) if region in order else len(order)


def _endpoints(now: datetime) -> dict[str, tuple[int, int]]:
    """Region → how many endpoints its workers measure, and how many of these are simulated."""
    watched = {target.endpoint_id: target.endpoint for target in board_targets()}.values()

    def covered(reach: Reach) -> tuple[int, int]:
        own = [endpoint for endpoint in watched if reach.covers(endpoint)]
        return len(own), sum(endpoint.simulated for endpoint in own)

    return {reach.region: covered(reach) for reach in reaches(now=now)}


def _lately(now: datetime) -> Mapping[str, dict[str, Any]]:
    """Region → its attempts of the last five minutes. Nobody's lateness is charged to a provider."""
    rows = ProbeResult.objects.started_between(now - FIVE_MINUTES, now).order_by().values("region")
    return {
        row["region"]: {"attempts": row["n"], "late_ms": row["late"], "newest_at": row["at"]}
        for row in rows.annotate(n=Count("due_at"), late=Avg("lag_ms"), at=Max("started_at"))
    }


def _spending(books: Books) -> list[Spending]:
    """Who spent most today first."""
    months: dict[str, list[Decimal]] = defaultdict(list)
    for line in books.lines:
        if line.total.usd is not None:
            months[line.provider].append(line.total.usd)
    sums = {slug: sum(amounts, Decimal(0)) for slug, amounts in months.items()}
    found = [Spending(costs, sums.get(costs.standing.slug)) for costs in books.active]
    return sorted(found, key=lambda one: (-(one.costs.today.usd or Decimal(0)), one.costs.standing.name))
