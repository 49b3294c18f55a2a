"""What an endpoint did over time, ready for a chart: points, thresholds, gaps of ours, provenance."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import numpy as np
from django.db.models import F, Q

from aigo.lib.moments import moment_text
from aigo.lib.regions import ALL
from catalog.models import Endpoint
from catalog.selectors import endpoint_behind
from probes.attempts import METHOD_VERSION
from probes.history import WINDOWS_S, Tally, grid_of
from probes.models import Gap, ProbeTarget
from probes.outcomes import OUTCOMES, is_failure
from probes.sketches import OK, RELATIVE_ERROR, Distributions, ExactValues, Floats
from probes.throughput import Throughput, load_throughput, load_usage
from probes.timeline import Timeline, load_timeline
from status.marks import IncidentMark, Pause, incident_marks, maintenance_marks
from status.rules import P95_MIN_ATTEMPTS, Thresholds, thresholds_for
from status.story import NoSuchModel

#: Gaps of the workers that are told at most: those that go on, then those that ended last.
MOST_GAPS = 200
#: Number → name of what is charged to the provider, and of what is not.
_FAILURES = {outcome.code: name for name, outcome in OUTCOMES.items() if is_failure(name)}
_OTHERS = {outcome.code: name for name, outcome in OUTCOMES.items() if not is_failure(name)}

Values = Distributions | ExactValues


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket, from `at` (UTC) on for `width_s` seconds. None where nothing can be said.

    `attempts` that count and `ok` right ones of them; latencies are those of right answers: `samples` of them
    have a whole duration, `ttft_samples` a first visible token. `worst_availability_pct`: of the worst
    five minutes within. `failures`: how often each outcome that is charged to the provider occurred;
    `uncounted`: all others, so that a gap says what it is made of.
    """

    at: datetime
    width_s: int
    attempts: int
    ok: int
    availability_pct: float | None
    worst_availability_pct: float | None
    worst_attempts: int
    samples: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    ttft_samples: int
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    failures: dict[str, int]
    uncounted: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"at": moment_text(self.at)}


@dataclass(frozen=True, slots=True)
class Absence:
    """When a region did not measure, or its results were left out. `ended_at` None = it goes on."""

    region: str
    reason: str
    started_at: datetime
    ended_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        times = {"started_at": moment_text(self.started_at), "ended_at": moment_text(self.ended_at)}
        return {"region": self.region, "reason": self.reason} | times


@dataclass(frozen=True, slots=True)
class History:
    """The points of a window, oldest first, and what they rest on. `total`: the whole window as one point.

    `source`: "attempts" (exact), "hours", or the table of wider buckets; `relative_error`: of percentiles.
    `last_sample_at`: when the newest countable attempt was due; None = see `probes.timeline`.
    `usage`: requests per minute at each point, as the endpoint's own servers told them; None = none does.
    """

    endpoint: Endpoint
    tier: str
    region: str
    window: str
    width_s: int
    generated_at: datetime
    points: tuple[Point, ...]
    total: Point
    thresholds: Thresholds
    gaps: tuple[Absence, ...]
    gaps_left_out: int
    source: str
    relative_error: float
    last_sample_at: datetime | None
    incidents: tuple[IncidentMark, ...]
    maintenance: tuple[Pause, ...]
    throughput: Throughput
    usage: tuple[float | None, ...] | None
    method_version: str = METHOD_VERSION

    def to_json(self) -> dict[str, Any]:
        limits = self.thresholds
        return {
            "slug": self.endpoint.slug,
            "model": self.endpoint.model.slug,
            "provider": self.endpoint.provider.slug,
            "simulated": self.endpoint.simulated,
            "tier": self.tier,
            "region": self.region,
            "window": self.window,
            "width_s": self.width_s,
            "generated_at": moment_text(self.generated_at),
            "method_version": self.method_version,
            "source": self.source,
            "relative_error": self.relative_error,
            "p95_min_attempts": P95_MIN_ATTEMPTS,
            "last_sample_at": moment_text(self.last_sample_at),
            "thresholds": {name: getattr(limits, name) for name in limits.__slots__},
            "gaps": [gap.to_json() for gap in self.gaps],
            "gaps_left_out": self.gaps_left_out,
            "incidents": [mark.to_json() for mark in self.incidents],
            "maintenance": [pause.to_json() for pause in self.maintenance],
            "throughput": self.throughput.to_json(),
            "usage_rpm": self.usage and list(self.usage),
            "total": self.total.to_json(),
            "points": [point.to_json() for point in self.points],
        }


def deciding_tier(endpoint: Endpoint) -> str:
    """The tier that the endpoint is judged by: A where it is asked in no B."""
    tiers = set(ProbeTarget.objects.filter(endpoint=endpoint, enabled=True).values_list("tier", flat=True))
    return "A" if "A" in tiers and "B" not in tiers else "B"


def load_asked_history(slug: str, *, region: str, window: str, points: int, now: datetime) -> History:
    """The history of the endpoint that a model's or an endpoint's slug stands for. NoSuchModel."""
    endpoint = endpoint_behind(slug)
    if endpoint is None:
        raise NoSuchModel(slug)
    tier = deciding_tier(endpoint)
    return load_history(endpoint, tier=tier, region=region, window=window, points=points, now=now)


def load_history(
    endpoint: Endpoint, *, tier: str, region: str, window: str, points: int, now: datetime
) -> History:
    """The history of a window ("15m" … "90d") in at most `points` points; region "all" = all regions pooled.

    `endpoint` with its model and provider. ValueError where `points` are too few for the window.
    """
    grid = grid_of(WINDOWS_S[window], points, now.timestamp())
    line = load_timeline(endpoint.pk, tier=tier, region=region, grid=grid)
    found, total = _points(line)
    since, until = (datetime.fromtimestamp(moment_s, UTC) for moment_s in (grid.start_s, grid.end_s))
    gaps, left_out = _gaps(region, since, now)
    model = endpoint.model
    return History(
        endpoint=endpoint,
        tier=tier,
        region=region,
        window=window,
        width_s=grid.width_s,
        generated_at=now,
        points=found,
        total=total,
        thresholds=thresholds_for(model.functions, reasoning=model.reasoning),
        gaps=gaps,
        gaps_left_out=left_out,
        source=line.source,
        relative_error=0.0 if line.tally.exact else RELATIVE_ERROR,
        last_sample_at=line.last_sample_at,
        incidents=incident_marks(endpoint, region, since=since, until=until),
        maintenance=maintenance_marks(endpoint, region, since=since, until=until),
        throughput=load_throughput(endpoint.pk, region=region, window_s=WINDOWS_S[window], now=now),
        usage=load_usage(endpoint.pk, grid) if region == ALL else None,
    )


def _points(line: Timeline) -> tuple[tuple[Point, ...], Point]:
    """The points of the timeline, and all of it as one."""
    grid, tally = line.grid, line.tally
    total = tally.total.distributions(grid.points, exact=tally.exact)
    ttft = tally.ttft.distributions(grid.points, exact=tally.exact)
    starts = [datetime.fromtimestamp(grid.start_s + n * grid.width_s, UTC) for n in range(grid.points)]
    points = tuple(map(Point, starts, repeat(grid.width_s), *_columns(tally, total, ttft)))
    columns = _columns(tally.as_one(), total.as_one(), ttft.as_one())
    return points, Point(starts[0], grid.end_s - grid.start_s, *(column[0] for column in columns))


def _columns(tally: Tally, total: Values, ttft: Values) -> list[list[Any]]:
    """Point's figures from `attempts` on, column by column."""
    failures, uncounted = _by_outcome(tally)
    return [
        tally.attempts.tolist(),
        tally.ok.tolist(),
        _pct(tally.ok, tally.attempts),
        _pct(tally.worst_ok, tally.worst_attempts),
        tally.worst_attempts.tolist(),
        total.samples.tolist(),
        *(_known(total.percentile_ms(share), 1) for share in (0.5, 0.95, 0.99, 1.0)),
        ttft.samples.tolist(),
        *(_known(ttft.percentile_ms(share), 1) for share in (0.5, 0.95)),
        failures,
        uncounted,
    ]


def _pct(part: Any, whole: Any) -> list[float | None]:
    return _known(np.where(whole > 0, 100 * part / np.maximum(whole, 1), np.nan), 3)


def _known(values: Floats, digits: int) -> list[float | None]:
    return [None if value != value else value for value in values.round(digits).tolist()]


def _by_outcome(tally: Tally) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    """Per point what is charged to the provider, and what is not."""
    failures: list[dict[str, int]] = [{} for _ in tally.attempts]
    uncounted: list[dict[str, int]] = [{} for _ in tally.attempts]
    places, codes = tally.outcomes.nonzero()
    times = tally.outcomes[places, codes]
    for place, code, count in zip(places.tolist(), codes.tolist(), times.tolist(), strict=True):
        if name := _FAILURES.get(code):
            failures[place][name] = count
        elif code != OK:
            uncounted[place][_OTHERS.get(code, f"outcome {code}")] = count
    # Names that one region alone could not resolve are among the outcomes, but were not counted.
    charged = tally.outcomes[:, [OK, *_FAILURES]].sum(axis=1)
    (doubtful,) = (charged > tally.attempts).nonzero()
    for place in doubtful.tolist():
        count = int(charged[place] - tally.attempts[place])
        uncounted[place]["dns_error"] = count
        failures[place]["dns_error"] -= count
        failures[place] = {name: times for name, times in failures[place].items() if times}
    return failures, uncounted


def _gaps(region: str, since: datetime, now: datetime) -> tuple[tuple[Absence, ...], int]:
    """The gaps that touch the window, oldest first, and how many more there are than are told."""
    found = Gap.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since), started_at__lt=now)
    if region != ALL:
        found = found.filter(region=region)
    # Those that go on come first, else a flood of short ones elsewhere would hide them.
    newest = found.order_by(F("ended_at").desc(nulls_first=True), "-started_at")
    rows = list(newest.values_list("region", "reason", "started_at", "ended_at")[:MOST_GAPS])
    left_out = found.count() - MOST_GAPS if len(rows) == MOST_GAPS else 0
    return tuple(Absence(*row) for row in sorted(rows, key=lambda row: row[2])), left_out
