"""The top cards: which rows they are, and the course of an endpoint's figures over the last hour."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from aigo.lib.moments import moment_text
from aigo.lib.regions import ALL
from probes.history import grid_of
from probes.timeline import load_attempts
from status.board import BoardRow
from status.rules import WIDEST_WINDOW, Sample, State, figures, in_window, is_fresh
from status.snapshot import Standing

#: So many rows stand as cards above the list.
MOST_TOP: Final = 4
#: What a card's lines reach back, and the distance of their points.
SPAN_S: Final = 3600
STEP_S: Final = 300


@dataclass(frozen=True, slots=True)
class Course:
    """Whose course is asked for: an endpoint in the tier that it is judged by, asked each `interval_s`."""

    endpoint_id: int
    slug: str
    tier: str
    interval_s: int


@dataclass(frozen=True, slots=True)
class Spark:
    """An hour of an endpoint, oldest first, a value each STEP_S; the last is of now (`ends_at`, UTC).

    Each is what the board showed then, by the same rules over the same window: None = unknown then (no
    fresh attempt, or too few for a p95). `attempts`: countable ones of the hour.
    """

    slug: str
    region: str
    tier: str
    ends_at: datetime
    p95_ms: tuple[float | None, ...]
    error_rate_pct: tuple[float | None, ...]
    attempts: int

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "region": self.region,
            "tier": self.tier,
            "ends_at": moment_text(self.ends_at),
            "step_s": STEP_S,
            "p95_ms": list(self.p95_ms),
            "error_rate_pct": list(self.error_rate_pct),
            "attempts": self.attempts,
        }


def top_of(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """The first rows, as far as their state is known: at most MOST_TOP; the list goes on after them."""
    known = takewhile(lambda row: row.measured and row.state is not State.UNKNOWN, rows)
    return [row for row, _ in zip(known, range(MOST_TOP), strict=False)]


def course_of(standing: Standing) -> Course | None:
    """None where nothing was ever judged: there is no course to draw."""
    known, endpoint = standing.known, standing.endpoint
    return known and Course(endpoint.pk, endpoint.slug, known.tier, known.interval_s)


def load_sparks(courses: Sequence[Course], *, region: str, now: datetime) -> dict[str, Spark]:
    """Slug → its last hour; region "all" = all regions pooled. One query for each tier there is."""
    grid = grid_of(SPAN_S, SPAN_S // STEP_S, now.timestamp())
    moments = [
        min(now, datetime.fromtimestamp(grid.start_s + n * grid.width_s, UTC))
        for n in range(1, grid.points + 1)
    ]
    since = moments[0] - WIDEST_WINDOW
    of_tier: dict[str, list[Course]] = defaultdict(list)
    for course in courses:
        of_tier[course.tier].append(course)
    return {
        course.slug: _spark(course, region, moments, samples.get(course.endpoint_id, []))
        for tier, asked in of_tier.items()
        for samples in [_samples(asked, tier, region, since, now)]
        for course in asked
    }


def _samples(
    courses: Sequence[Course], tier: str, region: str, since: datetime, now: datetime
) -> dict[int, list[Sample]]:
    """Endpoint → its countable attempts, oldest first."""
    wanted = None if region == ALL else region
    found = load_attempts(
        [course.endpoint_id for course in courses], tier=tier, region=wanted, since=since, until=now
    )
    return {
        endpoint: [
            Sample(datetime.fromtimestamp(at, UTC), not outcome, total / 1000 if total else None)
            for at, outcome, total in attempts
        ]
        for endpoint, attempts in found.items()
    }


def _spark(course: Course, region: str, moments: Sequence[datetime], samples: Sequence[Sample]) -> Spark:
    shown = [_shown(samples, course.interval_s, moment) for moment in moments]
    hour_ago = moments[-1] - timedelta(seconds=SPAN_S)
    return Spark(
        slug=course.slug,
        region=region,
        tier=course.tier,
        ends_at=moments[-1],
        p95_ms=tuple(p95 for p95, _ in shown),
        error_rate_pct=tuple(rate for _, rate in shown),
        attempts=sum(sample.at > hour_ago for sample in samples),
    )


def _shown(samples: Sequence[Sample], interval_s: int, moment: datetime) -> tuple[float | None, float | None]:
    """(p95, error rate) that the board showed at a moment."""
    until = [sample for sample in samples if sample.at <= moment]
    if not until or not is_fresh(until[-1].at, interval_s, moment):
        return None, None
    found = figures(in_window(until, until[-1].at), until[-1].at)
    return found.p95_ms, found.error_rate_pct
