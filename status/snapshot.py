"""Every endpoint in every region at one moment, as plain data: what is counted, ranked and shown.

Boards of all regions and orders and the stats are cut from the same snapshot, so that they cannot contradict
each other.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from aigo.lib.regions import ALL, Region
from news.selectors.lines import NewsLine
from probes.attempts import METHOD_VERSION
from probes.servers import Usage
from status.board import Board, BoardRow, Counts, count, ranked
from status.filtering import BoardWish, Selection, known_values, select
from status.incidents import IncidentLine
from status.rules import State

T = TypeVar("T")
#: Selections that a snapshot keeps.
MOST_SELECTIONS = 256
_STATES = {state.value: state for state in State}


class LatestState(NamedTuple):
    """The newest verdict on an endpoint in a region, as `status.models.EndpointState` keeps it."""

    endpoint_id: int
    region: str
    tier: str
    interval_s: int
    state: str
    reason: str
    since: datetime
    samples: int
    window_s: int
    availability_pct: float | None
    error_rate_pct: float | None
    p50_ms: float | None
    p95_ms: float | None
    ttft_p50_ms: float | None
    last_sample_at: datetime | None
    method_version: str


class WatchedEndpoint(NamedTuple):
    """What the catalogue says of an endpoint on the board. Rates: the standard price, None = not stated."""

    pk: int
    slug: str
    provider_id: int
    regions: list[str]
    simulated: bool
    base_url: str
    base_url_env: str
    key_env: str
    name: str
    model_slug: str
    provider: str
    provider_slug: str
    icon: dict[str, str]
    family: str
    creator: str
    functions: list[str]
    reasoning: bool
    context_window: int | None
    released_on: date | None
    released_precision: str
    input_usd_per_mtok: Decimal | None
    output_usd_per_mtok: Decimal | None


class Standing(NamedTuple):
    """An endpoint in a region as readers may see it.

    `shown`: its verdict while it is fresh (the last moment of that: `fresh_until`, far in the future where
    there is none), None = the state is unknown for `reason`; `known`: the verdict whatever its age.
    """

    endpoint: WatchedEndpoint
    shown: LatestState | None
    known: LatestState | None
    reason: str
    measured: bool
    fresh_until: datetime

    @property
    def state(self) -> State:
        return _STATES[self.shown.state] if self.shown else State.UNKNOWN

    @property
    def simulated(self) -> bool:
        return self.endpoint.simulated


@dataclass(frozen=True, slots=True)
class Stats:
    """The counts over all regions and for each. `age_s`, `away`: as in `status.board.Board`."""

    counts: Counts
    by_region: dict[str, Counts]
    generated_at: datetime
    age_s: int = 0
    away: str = ""

    def known_at(self, *, age_s: int, away: str) -> "Stats":
        """The same counts as they are handed out now."""
        return replace(self, age_s=age_s, away=away)


@dataclass(frozen=True, slots=True)
class Cuts:
    """What was cut from a snapshot that another one was mended from: what is the same is not made anew.

    `rows`: by region, by slug as the standings; `boards`: by region and order. `usage` as in the snapshot.
    """

    standings: Mapping[str, Sequence[Standing]]
    usage: Mapping[int, Usage]
    rows: Mapping[str, Sequence[BoardRow]]
    boards: Mapping[tuple[str, str], Board]


@dataclass(frozen=True)
class Snapshot:
    """`standings`: by region, "all" among them. `holds_until`: when the first state loses its freshness.

    `incidents`: those that have not ended, the gravest first. `news`: model slug → its newest lines; models
    without any are left out. `former`: of the snapshot that this one was
    mended from, whose endpoints are the same in the same order.
    """

    generated_at: datetime
    standings: Mapping[str, Sequence[Standing]]
    usage: Mapping[int, Usage]
    catalogue_models: int
    regions: tuple[Region, ...]
    holds_until: datetime
    incidents: Sequence[IncidentLine] = ()
    news: Mapping[str, tuple[NewsLine, ...]] = field(default_factory=dict)
    former: Cuts | None = field(default=None, repr=False, compare=False)
    _made: dict[object, object] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def board(self, region: str, sort: str) -> Board:
        """The board of a region ("all" = over all regions), ranked."""
        return self.once(("board", region, sort), lambda: self._board(region, sort))

    def selection(self, wish: BoardWish) -> Selection:
        """What a wish leaves of its board. Only the last `MOST_SELECTIONS` wishes are kept: there is no end
        to what can be asked.
        """
        made: OrderedDict[BoardWish, Selection] = self.once("selections", OrderedDict)
        with self._lock:
            if wish not in made:
                made[wish] = select(self.board(wish.region, wish.sort), wish)
            made.move_to_end(wish)
            while len(made) > MOST_SELECTIONS:
                made.popitem(last=False)
            return made[wish]

    def known_values(self) -> Mapping[str, Collection[str]]:
        """What each filter accepts."""
        return self.once("known values", lambda: known_values(self.rows(ALL)))

    def stats(self) -> Stats:
        """The counts of every region, by the same rule as the board's."""
        by_region = {region.slug: self.counts(region.slug) for region in self.regions}
        return Stats(counts=self.counts(ALL), by_region=by_region, generated_at=self.generated_at)

    def counts(self, region: str) -> Counts:
        return self.once(
            ("counts", region),
            lambda: count(self.standings[region], catalogue_models=self.catalogue_models),
        )

    def rows(self, region: str) -> list[BoardRow]:
        """A row for every watched endpoint, by slug."""
        return self.once(("rows", region), lambda: self._rows(region))

    def cuts(self) -> Cuts:
        """What was cut from it so far, for the one that comes after it."""
        with self._lock:
            made = dict(self._made)
        rows: dict[str, list[BoardRow]] = {}
        boards: dict[tuple[str, str], Board] = {}
        for key, value in made.items():
            match key, value:
                case ("rows", str(region)), list():
                    rows[region] = value
                case ("board", str(region), str(sort)), Board():
                    boards[region, sort] = value
        return Cuts(self.standings, self.usage, rows, boards)

    def standings_of(self, slug: str) -> dict[str, Standing]:
        """Region → the standing of an endpoint, "all" first; empty where it is not on the board."""
        places = self.once("places", lambda: {s.endpoint.slug: n for n, s in enumerate(self.standings[ALL])})
        if slug not in places:
            return {}
        shown = (ALL, *(region.slug for region in self.regions))
        return {region: self.standings[region][places[slug]] for region in shown}

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What is cut from this snapshot, made on first use and gone with it. `make` may ask for more."""
        if key not in self._made:
            with self._lock:
                if key not in self._made:
                    self._made[key] = make()
        return self._made[key]  # type: ignore[return-value]  # of this key's `make`

    def _rows(self, region: str) -> list[BoardRow]:
        standings, former = self.standings[region], self.former
        if former is None or region not in former.rows:
            return [self.row_of(standing, region) for standing in standings]
        past = zip(former.standings[region], former.rows[region], strict=True)
        return [
            row
            if s is old and self._besides(s) == (former.usage.get(s.endpoint.pk), row.news)
            else self.row_of(s, region)
            for s, (old, row) in zip(standings, past, strict=True)
        ]

    def _besides(self, standing: Standing) -> tuple[Usage | None, tuple[NewsLine, ...]]:
        """What a row shows besides its standing."""
        endpoint = standing.endpoint
        return self.usage.get(endpoint.pk), self.news.get(endpoint.model_slug, ())

    def row_of(self, standing: Standing, region: str) -> BoardRow:
        """Of one of its standings, without a rank."""
        usage, news = self._besides(standing)
        return row_of(standing, region, usage, news)

    def _unchanged(self, region: str, sort: str) -> dict[str, BoardRow]:
        """Slug → its row on the former board, where nothing but its rank can be another one."""
        former = self.former
        if former is None or (region, sort) not in former.boards or region not in former.rows:
            return {}
        pairs = zip(self.rows(region), former.rows[region], strict=True)
        same = {row.slug for row, old in pairs if row is old}
        return {row.slug: row for row in former.boards[region, sort].endpoints if row.slug in same}

    def _board(self, region: str, sort: str) -> Board:
        return Board(
            region=region,
            sort=sort,
            generated_at=self.generated_at,
            event_id="",
            method_version=METHOD_VERSION,
            counts=self.counts(region),
            endpoints=ranked(self.rows(region), sort, self._unchanged(region, sort)),
            regions=self.regions,
            incidents=tuple(self.incidents),
        )


def row_in(snapshot: Snapshot, slug: str, region: str) -> BoardRow | None:
    """One endpoint's row in a region, without a rank; None = it is not on the board."""
    standing = snapshot.standings_of(slug).get(region)
    return snapshot.row_of(standing, region) if standing else None


def row_of(standing: Standing, region: str, usage: Usage | None, news: tuple[NewsLine, ...] = ()) -> BoardRow:
    """The row; figures only while they are fresh, so that nothing old is ranked as if it were now."""
    endpoint, shown, known = standing.endpoint, standing.shown, standing.known
    return BoardRow(
        slug=endpoint.slug,
        name=endpoint.name,
        model_slug=endpoint.model_slug,
        provider=endpoint.provider,
        provider_slug=endpoint.provider_slug,
        foundation=endpoint.family or endpoint.creator,
        functions=tuple(endpoint.functions),
        reasoning=endpoint.reasoning,
        simulated=endpoint.simulated,
        key_env=endpoint.key_env,
        icon=endpoint.icon,
        context_window=endpoint.context_window,
        released_on=endpoint.released_on,
        released_precision=endpoint.released_precision,
        input_usd_per_mtok=endpoint.input_usd_per_mtok,
        output_usd_per_mtok=endpoint.output_usd_per_mtok,
        region=region,
        state=standing.state,
        reason=standing.reason,
        since=shown.since if shown else None,
        availability_pct=shown.availability_pct if shown else None,
        p50_ms=shown.p50_ms if shown else None,
        p95_ms=shown.p95_ms if shown else None,
        ttft_p50_ms=shown.ttft_p50_ms if shown else None,
        error_rate_pct=shown.error_rate_pct if shown else None,
        samples=shown.samples if shown else 0,
        window_s=shown.window_s if shown else 0,
        last_sample_at=known.last_sample_at if known and standing.measured else None,
        tier=known.tier if known else "",
        method_version=known.method_version if known else METHOD_VERSION,
        measured=standing.measured,
        usage_rpm=usage.requests_per_min if usage else None,
        usage_servers=usage.servers if usage else (),
        usage_silent=usage.silent if usage else (),
        usage_at=usage.at if usage else None,
        news=news,
    )
