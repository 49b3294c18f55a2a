"""Reading the board. Every count on every page, in the API and in the push is of one `load_snapshot`.

`status.kept` keeps the snapshot for readers; what is here asks the database.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from aigo.lib.collecting import uncollected
from aigo.lib.events import LogUnavailable, event_log
from aigo.lib.regions import ALL, MEASURED_SLUGS, REGIONS, THIS_MACHINE, Region
from aigo.lib.rows import fetched
from catalog.models import AIModel, Endpoint, Price
from news.kept import NEWS
from news.selectors.lines import lines_of_models
from probes.selectors import POP_FORGOTTEN_AFTER, Reach, paused_endpoints, reaches
from probes.servers import usage_of_endpoints
from probes.services import pops, spending
from status.adapters.table import sources_of
from status.board import SORTS, Board
from status.models import EndpointState, OfficialPage
from status.rules import Reason, State, fresh_until, told_reason
from status.snapshot import LatestState, Snapshot, Standing, Stats, WatchedEndpoint
from status.told import open_incidents

FOR_EVER = datetime.max.replace(tzinfo=UTC)
#: With more changes than that all is read: one long query is quicker than one with so many names.
MOST_MENDED = 1_000
_STATES = {state.value: state for state in State}
#: Fields of Endpoint for those of WatchedEndpoint that bear another name there.
_RENAMED = {
    "name": F("model__name"),
    "model_slug": F("model__slug"),
    "provider_slug": F("provider__slug"),
    "icon": F("provider__icon"),
    "family": F("model__family"),
    "creator": F("model__creator__name"),
    "functions": F("model__functions"),
    "reasoning": F("model__reasoning"),
    "context_window": F("model__context_window"),
    "released_on": F("model__released_on"),
    "released_precision": F("model__released_precision"),
}
_RATES = ("input_usd_per_mtok", "output_usd_per_mtok")


class _Circumstances:
    """Why something is not measured; looked up only if something is not."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.known = reaches(now=now, within=POP_FORGOTTEN_AFTER)

    @cached_property
    def live(self) -> list[Reach]:
        return reaches(now=self.now)

    @cached_property
    def broke(self) -> frozenset[int]:
        return spending.exhausted(now=self.now)

    @cached_property
    def paused(self) -> frozenset[int]:
        return paused_endpoints()

    @cached_property
    def offline(self) -> frozenset[str]:
        return pops.offline_regions()

    def reason(self, endpoint: WatchedEndpoint, state: LatestState | None, region: str) -> Reason:
        """Of a state that has no fresh figure."""
        if not _covered(endpoint, region, self.live):
            needs_key = not endpoint.simulated and not _covered(endpoint, region, self.known)
            return Reason.NO_KEY if needs_key else Reason.NO_WORKER
        unpaid = endpoint.provider_id in self.broke or endpoint.pk in self.paused
        if unpaid and not (state and state.tier == "A"):
            return Reason.BUDGET
        if region in self.offline:
            return Reason.POP_OFFLINE
        return Reason.NO_SAMPLES if state is None or state.last_sample_at is None else Reason.STALE


def load_board(region: str, *, sort: str = SORTS[0], now: datetime) -> Board:
    """The whole board of a region ("all" = over all regions), ranked."""
    event_id = _newest_event_id()
    return load_snapshot(now=now).board(region, sort).known_at(event_id)


def load_stats(*, now: datetime) -> Stats:
    """The counts of every region, by the same rule as the board's."""
    return load_snapshot(now=now).stats()


def load_snapshot(
    *, now: datetime, former: Snapshot | None = None, changed: Collection[str] = ()
) -> Snapshot:
    """Every watched endpoint in every region: some dozen queries, whatever their number.

    `former`: an earlier snapshot of the same catalogue, after which only the verdicts on the endpoints
    `changed` (slugs; what is no endpoint's is nothing) are others, and the news where NEWS is among them: the
    rest is taken from it, and not read.
    """
    around = _Circumstances(now)
    with uncollected():
        if former is None or len(changed) > MOST_MENDED:
            standings, former = _all_standings(around), None
        else:
            standings = _mended_standings(former, changed, around)
    return Snapshot(
        generated_at=now,
        standings=standings,
        usage=usage_of_endpoints(now=now),
        catalogue_models=AIModel.objects.known().count(),
        regions=shown_regions(around.known),
        holds_until=min((s.fresh_until for s in chain(*standings.values())), default=FOR_EVER),
        incidents=open_incidents(),
        news=former.news if former and NEWS not in changed else lines_of_models(now=now),
        former=former.cuts() if former else None,
    )


def _all_standings(around: _Circumstances) -> dict[str, list[Standing]]:
    endpoints, states = watched_endpoints(), latest_states()
    return {
        region: [_standing(one, region, states.get((one.pk, region)), around) for one in endpoints]
        for region in (ALL, *MEASURED_SLUGS)
    }


def _mended_standings(
    former: Snapshot, changed: Collection[str], around: _Circumstances
) -> dict[str, list[Standing]]:
    """What was known and fresh stays, unless it is `changed` or its time has come; why the rest is not may be
    another reason now.
    """
    pks = {s.endpoint.pk for s in former.standings[ALL] if s.endpoint.slug in changed}
    states = latest_states(Endpoint.objects.filter(pk__in=pks)) if pks else {}

    def mended(old: Standing, region: str) -> Standing:
        endpoint = old.endpoint
        if endpoint.pk in pks:
            return _standing(endpoint, region, states.get((endpoint.pk, region)), around)
        if old.shown is not None and around.now <= old.fresh_until:
            return old
        new = _standing(endpoint, region, old.known, around)
        return old if new == old else new

    return {region: [mended(old, region) for old in olds] for region, olds in former.standings.items()}


def _standing(
    endpoint: WatchedEndpoint, region: str, known: LatestState | None, around: _Circumstances
) -> Standing:
    deadline = known and fresh_until(known.last_sample_at, known.interval_s)
    if known is not None and deadline is not None and around.now <= deadline:
        reason = told_reason(_STATES[known.state], known.reason, known.samples)
        return Standing(endpoint, known, known, reason, True, deadline)
    measured = endpoint.simulated or _covered(endpoint, region, around.known)
    return Standing(endpoint, None, known, around.reason(endpoint, known, region), measured, FOR_EVER)


def providers_of(slugs: Iterable[str]) -> set[int]:
    """The ids of the providers that serve these endpoints."""
    return set(Endpoint.objects.filter(slug__in=slugs).values_list("provider", flat=True))


def latest_states(endpoints: QuerySet[Endpoint] | None = None) -> dict[tuple[int, str], LatestState]:
    """(endpoint id, region) → its newest verdict, "all" among the regions: one query, no model instances.

    `endpoints`: of these only; None = of all.
    """
    columns = LatestState._fields
    moments = [columns.index(name) for name in ("since", "last_sample_at")]
    states = EndpointState.objects.all()
    if endpoints is not None:
        states = states.filter(endpoint__in=endpoints)
    rows = fetched(states.values_list(*columns), moments=moments)
    return {row[:2]: LatestState._make(row) for row in rows}


def watched_endpoints() -> list[WatchedEndpoint]:
    """What the board shows, by slug, with the open standard price: two queries."""
    endpoints = Endpoint.objects.for_board(simulation=settings.SIMULATION)
    prices = Price.objects.current().standard().filter(endpoint__in=endpoints)
    rates = {pk: rates for pk, *rates in prices.values_list("endpoint", *_RATES)}
    names = WatchedEndpoint._fields[: -len(_RATES)]
    columns = [_RENAMED.get(name, F("provider__name") if name == "provider" else F(name)) for name in names]
    none = [None, None]
    return [
        WatchedEndpoint(*row, *rates.get(row[0], none))
        for row in endpoints.order_by("slug").values_list(*columns)
    ]


def shown_regions(reach_list: Iterable[Reach]) -> tuple[Region, ...]:
    """The regions a reader can choose: the six, and this machine where it measures under no city's name."""
    local = any(reach.region == THIS_MACHINE.slug and (reach.keys or reach.real) for reach in reach_list)
    return (*REGIONS, THIS_MACHINE) if local and not settings.SIMULATION else REGIONS


def _newest_event_id() -> str:
    """Where live readers go on from; "" (they begin with a snapshot) while the log cannot be reached."""
    try:
        return event_log().last_id()
    except LogUnavailable:
        return ""


def _covered(endpoint: WatchedEndpoint, region: str, reach_list: list[Reach]) -> bool:
    return any(region in (ALL, reach.region) and reach.covers(endpoint) for reach in reach_list)


@dataclass(frozen=True, slots=True)
class PageLine:
    """A provider's official page as operators see it.

    `readable`: a form of it is known. `says`: what the page says of the whole; "" = it cannot be read now, or
    was not yet. `problem`: in words, "" = none. `open_incidents`: those of the page, maintenance left out;
    None = nobody can know now. Times are UTC; None = never.
    """

    pk: int
    provider: str
    url: str
    kind: str
    enabled: bool
    readable: bool
    says: str
    problem: str
    detail: str
    since: datetime | None
    last_read_at: datetime | None
    next_read_at: datetime | None
    open_incidents: int | None
    simulated: bool


def load_official_pages() -> list[PageLine]:
    """Every provider's page, those with a problem first; what was said before a problem is not told."""
    ongoing = Count("incidents", filter=Q(incidents__resolved_at=None, incidents__maintenance=False))
    rows = OfficialPage.objects.select_related("provider").annotate(ongoing=ongoing)
    troubled_first = F("problem_since").asc(nulls_last=True)
    return [_page_line(row) for row in rows.order_by(troubled_first, "provider__name")]


def _page_line(row: Any) -> PageLine:
    known = row.enabled and not row.problem and row.last_read_at is not None
    return PageLine(
        pk=row.pk,
        provider=row.provider.name,
        url=row.url if row.url.startswith("http") else "",
        kind=row.kind,
        enabled=row.enabled,
        readable=bool(sources_of(row.kind, row.url)),
        says=row.get_indicator_display() if known else "",
        problem=row.get_problem_display() if row.problem else "",
        detail=row.problem_detail,
        since=row.problem_since,
        last_read_at=row.last_read_at,
        next_read_at=row.next_read_at if row.enabled else None,
        open_incidents=row.ongoing if known else None,
        simulated=row.provider.simulated,
    )
