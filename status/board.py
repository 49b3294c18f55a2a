"""The board as plain data: rows, counts and their order. Knows no database and no clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from aigo.lib.moments import moment_text
from aigo.lib.regions import Region
from catalog.listing import day_text
from news.selectors.lines import NewsLine
from status.incidents import IncidentLine
from status.rules import State

#: The orders a board can be asked in; the first is the default.
SORTS = ("usage", "latency", "error_rate", "availability")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many watched endpoints are in which state.

    total = active + unknown; active = operational + degraded + outage; available = operational + degraded:
    what answers. `simulated` is a part of total, `not_measured` (no worker holds the provider's key) a part
    of unknown. `catalogue_models`: how many real models the catalogue knows.
    """

    total: int
    active: int
    operational: int
    degraded: int
    outage: int
    unknown: int
    simulated: int
    not_measured: int
    catalogue_models: int

    @property
    def available(self) -> int:
        """How many answer, well or badly."""
        return self.operational + self.degraded

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__} | {"available": self.available}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One endpoint on the board, in one region or over all.

    Figures are None where unknown; `samples` countable attempts of the last `window_s` seconds carry
    them. Times are UTC. `foundation` is the model family, or its creator where no source names one.
    `news`: the newest lines about its model, newest first.
    """

    slug: str
    name: str
    model_slug: str
    provider: str
    provider_slug: str
    foundation: str
    functions: tuple[str, ...]
    reasoning: bool
    region: str
    state: State
    reason: str
    since: datetime | None
    availability_pct: float | None
    p50_ms: float | None
    p95_ms: float | None
    ttft_p50_ms: float | None
    error_rate_pct: float | None
    samples: int
    window_s: int
    last_sample_at: datetime | None
    tier: str
    method_version: str
    simulated: bool
    measured: bool
    key_env: str
    icon: dict[str, str] = field(default_factory=dict)
    context_window: int | None = None
    released_on: date | None = None
    released_precision: str = "day"
    input_usd_per_mtok: Decimal | None = None
    output_usd_per_mtok: Decimal | None = None
    #: Requests per minute; only self-hosted servers report it, None elsewhere. `usage_servers` told it, at
    #: `usage_at` or later; `usage_silent` serve the endpoint, too, and did not.
    usage_rpm: float | None = None
    usage_servers: tuple[str, ...] = ()
    usage_silent: tuple[str, ...] = ()
    usage_at: datetime | None = None
    news: tuple[NewsLine, ...] = ()
    rank: int = 0

    @property
    def released(self) -> str:
        """As precise as the source: "2024-09-05", "2024-09", "" = not stated."""
        return day_text(self.released_on, self.released_precision)

    def to_json(self) -> dict[str, Any]:
        """The row object of the API and of live frames."""
        return {
            "slug": self.slug,
            "model": self.model_slug,
            "name": self.name,
            "provider": self.provider_slug,
            "provider_name": self.provider,
            "foundation": self.foundation,
            "functions": list(self.functions),
            "region": self.region,
            "state": self.state.value,
            "reason": self.reason,
            "since": moment_text(self.since),
            "availability_pct": _rounded(self.availability_pct, 3),
            "p50_ms": _rounded(self.p50_ms, 1),
            "p95_ms": _rounded(self.p95_ms, 1),
            "ttft_p50_ms": _rounded(self.ttft_p50_ms, 1),
            "error_rate_pct": _rounded(self.error_rate_pct, 3),
            "usage_rpm": _rounded(self.usage_rpm, 3),
            "usage_servers": list(self.usage_servers),
            "usage_at": moment_text(self.usage_at),
            "samples": self.samples,
            "window_s": self.window_s,
            "last_sample_at": moment_text(self.last_sample_at),
            "tier": self.tier,
            "method_version": self.method_version,
            "simulated": self.simulated,
            "measured": self.measured,
            "rank": self.rank,
            "news": [line.to_json() for line in self.news],
        }


@dataclass(frozen=True, slots=True)
class Board:
    """All watched endpoints for one region, ranked: measured ones first.

    `generated_at`: when it was computed; it held unchanged up to the event `event_id`. `age_s`: whole seconds
    since then, 0 = computed now. `away`: the part that does not answer ("database"), so that this is the last
    answer there was; "" = it is the present. `incidents`: open ones of all regions, the gravest first.
    """

    region: str
    sort: str
    generated_at: datetime
    event_id: str
    method_version: str
    counts: Counts
    endpoints: tuple[BoardRow, ...]
    regions: tuple[Region, ...]
    incidents: tuple[IncidentLine, ...] = ()
    age_s: int = 0
    away: str = ""

    def known_at(self, event_id: str, *, age_s: int = 0, away: str = "") -> "Board":
        """The same board as it is handed out now."""
        return replace(self, event_id=event_id, age_s=age_s, away=away)

    @property
    def simulated(self) -> bool:
        """True where any endpoint on the board is an invented one."""
        return self.counts.simulated > 0

    @property
    def rows(self) -> list[BoardRow]:
        """The endpoints that a worker measures."""
        return [row for row in self.endpoints if row.measured]

    @property
    def not_measured(self) -> list[BoardRow]:
        """The endpoints that nobody measures, for want of a key."""
        return [row for row in self.endpoints if not row.measured]


class Countable(Protocol):
    """What counting needs of a row."""

    @property
    def state(self) -> State: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def measured(self) -> bool: ...


def count(rows: Iterable[Countable], *, catalogue_models: int) -> Counts:
    """The one place where the board is counted."""
    rows = list(rows)
    states = [row.state for row in rows]
    operational, degraded, outage = (
        states.count(state) for state in (State.OPERATIONAL, State.DEGRADED, State.OUTAGE)
    )
    active = operational + degraded + outage
    return Counts(
        total=len(rows),
        active=active,
        operational=operational,
        degraded=degraded,
        outage=outage,
        unknown=len(rows) - active,
        simulated=sum(row.simulated for row in rows),
        not_measured=sum(not row.measured for row in rows),
        catalogue_models=catalogue_models,
    )


def ranked(
    rows: Sequence[BoardRow], sort: str, former: Mapping[str, BoardRow] | None = None
) -> tuple[BoardRow, ...]:
    """The rows in the given order, numbered from 1; the unknown come last, the unmeasured after them.

    Rows whose figures are all alike share a rank, and the next one counts them all: 1, 2, 2, 4; they stand by
    slug. What a row lacks ranks below every value of it.

    usage: most first, then best availability, then lowest p95. latency: lowest p95, then p50.
    error_rate: highest first. availability: best first, then lowest p95.

    `former`: slug → the same row as it was ranked before. It is taken where the rank is the same, so that
    whoever keeps something of a row knows it again.
    """
    key = _SORT_KEYS[sort]
    keys = {row.slug: (not row.measured, row.state is State.UNKNOWN, *key(row)) for row in rows}
    order = sorted(rows, key=lambda row: (keys[row.slug], row.slug))
    ranks: dict[object, int] = {}
    former = former or {}

    def numbered(row: BoardRow, rank: int) -> BoardRow:
        old = former.get(row.slug)
        return old if old is not None and old.rank == rank else replace(row, rank=rank)

    return tuple(
        numbered(row, ranks.setdefault(keys[row.slug], place)) for place, row in enumerate(order, start=1)
    )


def _last(value: float | None, sign: int = 1) -> tuple[bool, float]:
    return value is None, sign * (value or 0.0)


_Key = Callable[[BoardRow], Sequence[tuple[bool, float]]]
_SORT_KEYS: dict[str, _Key] = {
    "usage": lambda r: (
        _last(r.usage_rpm, -1),
        _last(r.availability_pct, -1),
        _last(r.p95_ms),
        _last(r.p50_ms),
    ),
    "latency": lambda r: (_last(r.p95_ms), _last(r.p50_ms)),
    "error_rate": lambda r: (_last(r.error_rate_pct, -1), _last(r.p95_ms)),
    "availability": lambda r: (_last(r.availability_pct, -1), _last(r.p95_ms), _last(r.p50_ms)),
}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
