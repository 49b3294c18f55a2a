"""Who plays what in the showcase: speeds, states, past incidents, gaps. Pure; moments are minutes before now.

Everything follows from slugs and these tables, so that two stores of one moment are the same.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
REGIONS: Final = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon")
#: Its worker has been away for a while: all it measures is unknown.
AWAY_REGION: Final = "singapore"
AWAY_MIN: Final = 9
#: Longer than any regular answer, in ms: how far each region is from the providers.
NETWORK_MS: Final = dict(zip(REGIONS, (38, 22, 61, 96, 12, 25), strict=True))
#: Measured at all since so many minutes; "" in place of a region's name: everywhere.
SILENT: Final = {"bramblewick--hedgerow-code": 40}
#: Measured since so many minutes only: too few attempts for a p95 in any one region.
NEW: Final = {"bramblewick--thicket-3-deep": 12}
#: Its budget is spent: the cadence is paused.
PAUSED: Final = ("tarnwater-cloud--tarn-open-60b",)
#: Right, but so many times slower than the limit of "operational".
SLOW: Final = {"cedarhollow--resin-translate": 1.3, "tarnwater-cloud--tarn-open-9b": 1.15}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Some endpoints failed. `share`: of attempts; ended_min None = it goes on. regions () = everywhere."""

    slugs: tuple[str, ...]
    began_min: float
    ended_min: float | None
    share: float = 1.0
    regions: tuple[str, ...] = ()
    severity: str = "major"
    cause: str = "confirmed_failures"
    outcome: str = "http_5xx"

    def holds(self, slug: str, region: str, minutes_ago: float) -> bool:
        within = (self.ended_min or 0) <= minutes_ago <= self.began_min
        return within and slug in self.slugs and (not self.regions or region in self.regions)


LANTERNFELL: Final = tuple(f"lanternfell--{name}" for name in ("wick-pro", "wick-light", "wick-ember"))
QUILLMARSH: Final = tuple(
    f"quillmarsh--{name}" for name in ("quill-large-2", "quill-medium-2", "quill-small-2", "reedbed-think")
)
#: Told by what is measured: real attempts, judged and tended to.
ONGOING: Final = (
    Trouble(LANTERNFELL, 26, None, outcome="overloaded"),
    Trouble(("quillmarsh--quill-large-2",), 14, None, regions=("seoul", "tokyo")),
    Trouble(("tarnwater-cloud--tarn-coder-30b",), 18, None, share=0.42, regions=("frankfurt",)),
)
_H: Final = 60
_D: Final = 24 * _H
#: Told as rows: they ended before the raw attempts begin. The first two are within the kept hours.
PAST: Final = (
    Trouble(("aurora-labs--aurora-2",), 5 * _H, 4 * _H + 38, 0.9, severity="major", outcome="timeout"),
    Trouble(("cedarhollow--cone-a",), 27 * _H, 26 * _H + 20, 0.3, ("frankfurt", "virginia"), "minor"),
    Trouble(QUILLMARSH, 3 * _D + 77, 3 * _D - 18, 0.97, (), "critical", "provider_wide"),
    Trouble(("bramblewick--thicket-3",), 6 * _D + 300, 6 * _D + 286, 0.5, ("seoul",), "minor", "latency"),
    Trouble(("lanternfell--wick-pro",), 11 * _D, 11 * _D - 51, 0.8),
    Trouble(("aurora-labs--aurora-1",), 19 * _D + 90, 19 * _D + 61, 0.4, ("tokyo", "singapore"), "minor"),
    Trouble(("tarnwater-cloud--aurora-1",), 33 * _D, 33 * _D - 200, 0.6, (), "critical"),
    Trouble(("cedarhollow--resin-vision",), 47 * _D, 47 * _D - 35, 0.3, (), "info", "slow_anomaly"),
    Trouble(("quillmarsh--quill-small-2",), 62 * _D, 62 * _D - 90, 0.7),
    Trouble(("bramblewick--thicket-3-swift",), 80 * _D, 80 * _D - 25, 0.5, (), "minor", "availability"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Away:
    """A region did not measure."""

    region: str
    reason: str
    began_min: float
    ended_min: float | None

    def holds(self, region: str, minutes_ago: float) -> bool:
        return region == self.region and (self.ended_min or 0) <= minutes_ago <= self.began_min


GAPS: Final = (
    Away(AWAY_REGION, "no_worker", AWAY_MIN, None),
    *(Away(region, "not_dispatched", 9 * _H + 40, 8 * _H + 55) for region in REGIONS),
    Away("frankfurt", "no_worker", 2 * _D + 300, 2 * _D + 60),
    *(Away(region, "not_dispatched", 41 * _D, 39 * _D) for region in REGIONS),
)


@dataclass(frozen=True, slots=True)
class Character:
    """How an endpoint answers in a region: medians in ms, sigma of the logarithm, share of failures."""

    total_ms: float
    ttft_share: float
    spread: float
    failing: float
    tokens_per_s: float


def character(slug: str, region: str, limit_ms: float) -> Character:
    """`limit_ms`: p95 below which it is operational."""
    own = random.Random(slug)
    base = limit_ms * own.uniform(0.16, 0.5)
    ttft = own.uniform(0.25, 0.55)
    spread = own.uniform(0.08, 0.28)
    failing = own.choice((0.0002, 0.0004, 0.0011))
    speed = own.uniform(38, 190)
    there = random.Random(f"{slug} {region}")
    total = base * there.uniform(0.95, 1.15) + NETWORK_MS[region] * 3
    if slug in SLOW:
        total = limit_ms * SLOW[slug]
    return Character(total, ttft, spread, failing, speed * there.uniform(0.93, 1.05))


def is_measured(slug: str, region: str, minutes_ago: float) -> bool:
    """Whether an attempt was made then."""
    if minutes_ago < SILENT.get(slug, 0) or minutes_ago > NEW.get(slug, float("inf")) or slug in PAUSED:
        return False
    return not any(gap.holds(region, minutes_ago) for gap in GAPS)
