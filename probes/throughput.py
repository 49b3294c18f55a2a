"""How many tokens a second long answers came at (tier C), and how many requests a minute servers told.

Both are read from rows that are kept for a shorter time than a history may reach back; what is older is
missing, not zero.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from aigo.lib.moments import moment_text
from aigo.lib.regions import ALL
from probes.history import Grid, grid_of
from probes.models import ProbeResult, ServerSample
from probes.servers import MODEL_KINDS

#: Tier C asks every one to three hours: a shorter window than this would show nothing.
LEAST_S: Final = 86_400
#: Points of a throughput at most.
MOST_POINTS: Final = 96
#: Readings of servers are kept for a day.
USAGE_KEPT_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class ThroughputPoint:
    """A stretch of time from `at` (UTC) on in which long answers came: tokens/s of `samples` of them."""

    at: datetime
    samples: int
    p50_tokens_per_s: float
    least_tokens_per_s: float

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"at": moment_text(self.at)}


@dataclass(frozen=True, slots=True)
class Throughput:
    """Tokens per second of right tier-C answers over `window_s` seconds, at least a day; None without any.

    `points`: those stretches of `width_s` seconds that have answers, oldest first.
    """

    window_s: int
    width_s: int
    samples: int
    p50_tokens_per_s: float | None
    least_tokens_per_s: float | None
    most_tokens_per_s: float | None
    last_at: datetime | None
    points: tuple[ThroughputPoint, ...]

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in ("points", "last_at")}
        points = [point.to_json() for point in self.points]
        return plain | {"last_at": moment_text(self.last_at), "points": points}


def load_throughput(endpoint_id: int, *, region: str, window_s: int, now: datetime) -> Throughput:
    """Of an endpoint over a window, at least a day; region "all" = all regions together. One query."""
    return load_throughputs([endpoint_id], region=region, window_s=window_s, now=now)[endpoint_id]


def load_throughputs(
    endpoint_ids: Collection[int], *, region: str, window_s: int, now: datetime
) -> dict[int, Throughput]:
    """The same of several at once, each of those that were asked for. One query."""
    grid = grid_of(max(window_s, LEAST_S), MOST_POINTS, now.timestamp())
    found = ProbeResult.objects.filter(
        endpoint__in=endpoint_ids,
        tier="C",
        due_at__gte=datetime.fromtimestamp(grid.start_s, UTC),
        outcome="ok",
        left_out="",
        tokens_per_s__isnull=False,
    )
    if region != ALL:
        found = found.filter(region=region)
    rows: dict[int, list[tuple[datetime, float]]] = {pk: [] for pk in endpoint_ids}
    for endpoint, at, speed in found.values_list("endpoint_id", "due_at", "tokens_per_s"):
        rows[endpoint].append((at, speed or 0.0))
    return {pk: _throughput(sorted(own), grid) for pk, own in rows.items()}


def _throughput(rows: Sequence[tuple[datetime, float]], grid: Grid) -> Throughput:
    speeds = [speed for _at, speed in rows]
    return Throughput(
        window_s=grid.end_s - grid.start_s,
        width_s=grid.width_s,
        samples=len(rows),
        p50_tokens_per_s=_median(speeds) if speeds else None,
        least_tokens_per_s=_short(min(speeds)) if speeds else None,
        most_tokens_per_s=_short(max(speeds)) if speeds else None,
        last_at=rows[-1][0] if rows else None,
        points=tuple(_points(rows, grid)),
    )


def load_usage(endpoint_id: int, grid: Grid) -> tuple[float | None, ...] | None:
    """Requests per minute that model servers told, for each point of the grid; None = nobody tells them.

    A point is the sum over servers of each one's mean; None where no server told any. One query.
    """
    since_s = max(grid.start_s, grid.end_s - USAGE_KEPT_S)
    rows = ServerSample.objects.filter(
        server__endpoint=endpoint_id,
        server__enabled=True,
        server__kind__in=MODEL_KINDS,
        at__gte=datetime.fromtimestamp(since_s, UTC),
        at__lt=datetime.fromtimestamp(grid.end_s, UTC),
    ).values_list("server", "at", "figures__requests_per_min")
    told: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for server, at, rate in rows:
        if rate is not None:
            told[int(at.timestamp() - grid.start_s) // grid.width_s][server].append(float(rate))
    if not told:
        return None
    return tuple(_together(told[n].values()) if n in told else None for n in range(grid.points))


def _points(rows: Sequence[tuple[datetime, float]], grid: Grid) -> Iterable[ThroughputPoint]:
    stretches: dict[int, list[float]] = defaultdict(list)
    for at, speed in rows:
        stretches[int(at.timestamp() - grid.start_s) // grid.width_s].append(speed)
    for place, speeds in sorted(stretches.items()):
        at = datetime.fromtimestamp(grid.start_s + place * grid.width_s, UTC)
        yield ThroughputPoint(at, len(speeds), _median(speeds), _short(min(speeds)))


def _together(servers: Iterable[Sequence[float]]) -> float:
    return _short(sum(sum(rates) / len(rates) for rates in servers))


def _median(values: Sequence[float]) -> float:
    return _short(float(np.median(values)))


def _short(value: float) -> float:
    return round(value, 2)
