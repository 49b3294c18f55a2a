"""Buckets wider than an hour: made from hours, kept as tables on every database, read many at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from aigo.lib.regions import ALL
from probes import sketches
from probes.history import CODES, WORST_S, Attempts, Buckets, Grid, Samples, Tally, charged, tally
from probes.models import EightHourRollup, ThreeHourRollup
from probes.models.results import TIER_CODES
from probes.models.rollups import POOLED_CODES
from probes.sketches import Ints
from probes.timeseries import hours, vendor
from probes.timeseries.hours import HOUR_S, HourRows, fetched

Bucket = ThreeHourRollup | EightHourRollup

#: A bucket is made so long after its end: by then nearly all that was due in it is stored or missed.
SETTLED: Final = timedelta(minutes=15)

_TIERS: Final = {code: tier for tier, code in TIER_CODES.items()}
_REGIONS: Final = {code: region for region, code in POOLED_CODES.items()}
_POOLED: Final = POOLED_CODES[ALL]
_READ: Final = """
    SELECT {moment}, attempts, ok, worst_attempts, worst_ok, outcomes, total_sketch, ttft_sketch
    FROM {table}
    WHERE endpoint_id = %s AND tier = %s AND region = %s AND bucket_at >= {since} AND bucket_at < {since}
"""
_MOMENT: Final = {
    "postgresql": ("extract(epoch FROM bucket_at)::bigint", "to_timestamp(%s)"),
    "sqlite": ("CAST(strftime('%%s', bucket_at) AS INTEGER)", "datetime(%s, 'unixepoch')"),
}


@dataclass(frozen=True, slots=True)
class Grain:
    """A width that buckets are kept in; `regional`: of each region, too, not only of the pool."""

    model: type[Bucket]
    width_s: int
    regional: bool

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    def start_of(self, moment_s: int) -> int:
        """When the bucket began that holds this moment, unix s."""
        return moment_s // self.width_s * self.width_s

    def settled_until(self, now: datetime) -> datetime:
        """The end of the last bucket that is over and may be made."""
        return datetime.fromtimestamp(self.start_of(int((now - SETTLED).timestamp())), UTC)


#: The narrowest first.
GRAINS: Final = (
    Grain(ThreeHourRollup, 3 * HOUR_S, regional=False),
    Grain(EightHourRollup, 8 * HOUR_S, regional=True),
)


def grain_for(grid: Grid, *, pooled: bool) -> Grain | None:
    """The widest grain that the grid's buckets are made of; None = hours."""
    fitting = (grain for grain in GRAINS if grid.width_s % grain.width_s == 0 and (pooled or grain.regional))
    return max(fitting, key=lambda grain: grain.width_s, default=None)


def renew(
    grain: Grain, start_s: int, *, endpoint_id: int | None = None, tier: int | None = None, from_raw: bool
) -> int:
    """Make the buckets anew that begin at this moment, of one endpoint and tier or of all; how many.

    from_raw: see `hours.read`. Call it in a transaction that holds the grain's mark.
    """
    # The neighbours say whether a name that did not resolve at the edge counts.
    since_s, until_s = start_s - HOUR_S, start_s + grain.width_s + HOUR_S
    rows = hours.read(since_s, until_s, endpoint_id=endpoint_id, tier=tier, from_raw=from_raw)
    made = list(_made(grain, start_s, rows))
    bucket_at = datetime.fromtimestamp(start_s, UTC)
    kept: Any = grain.model._default_manager
    old = kept.filter(bucket_at=bucket_at)
    if endpoint_id is not None and tier is not None:
        old = old.filter(endpoint=endpoint_id, tier=_TIERS[tier])
    old.delete()
    kept.bulk_create(made, batch_size=500)
    return len(made)


def read(grain: Grain, endpoint_id: int, tier: int, region: int, grid: Grid, until_s: int) -> Buckets:
    """The buckets of a series in the grid, up to a moment (unix s); region 0 = the pool."""
    kind = "sqlite" if vendor() == "sqlite" else "postgresql"
    moment, since = _MOMENT[kind]
    rows = fetched(
        _READ.format(moment=moment, since=since, table=grain.table),
        [endpoint_id, tier, region, grid.start_s, min(grid.end_s, until_s)],
    )
    table = np.array([row[:5] for row in rows], np.int64).reshape(-1, 5)
    place = (table[:, 0] - grid.start_s) // grid.width_s
    return Buckets(
        place=place,
        attempts=table[:, 1],
        ok=table[:, 2],
        worst_attempts=table[:, 3],
        worst_ok=table[:, 4],
        outcomes=_outcomes([row[5] for row in rows]),
        total=_samples(place, [row[6] for row in rows]),
        ttft=_samples(place, [row[7] for row in rows]),
    )


def _samples(place: Ints, packed: list[bytes]) -> Samples:
    sizes = [len(sketch) // sketches.ENTRY_BYTES for sketch in packed]
    bins, counts = sketches.unpack_sketch(b"".join(packed))
    return Samples(np.repeat(place, sizes), bins, counts)


def _outcomes(packed: list[bytes]) -> Ints:
    sizes = [len(outcomes) // sketches.CODE_BYTES for outcomes in packed]
    codes, counts = sketches.unpack_outcomes(b"".join(packed))
    found = np.zeros((len(packed), CODES), np.int64)
    found[np.repeat(np.arange(len(packed)), sizes), codes] = counts
    return found


def _made(grain: Grain, start_s: int, rows: HourRows) -> Iterator[Bucket]:
    attempts = rows.attempts()
    series = rows.of_attempts(rows.endpoint_id << 8 | rows.tier)
    counted = charged(attempts, series)
    within = (attempts.at_s >= start_s) & (attempts.at_s < start_s + grain.width_s)
    attempts, counted, series = attempts.only(within), counted[within], series[within]
    keys = [series << 8 | _POOLED, *([series << 8 | attempts.region] if grain.regional else [])]
    for key in keys:
        yield from _summed_up(grain, start_s, attempts, counted, key)


def _summed_up(
    grain: Grain, start_s: int, attempts: Attempts, counted: np.ndarray, key: Ints
) -> Iterator[Bucket]:
    """One bucket for each key (endpoint << 16 | tier << 8 | region) of the attempts."""
    found, place = np.unique(key, return_inverse=True)
    slots = grain.width_s // WORST_S
    slot = place * slots + (attempts.at_s - start_s) // WORST_S
    sums = tally(attempts, counted, place, len(found), slot, slots)
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(len(found) + 1))
    total, ttft = attempts.total[order], attempts.ttft[order]
    for n, series in enumerate(found.tolist()):
        own = slice(edges[n], edges[n + 1])
        yield grain.model(
            endpoint_id=series >> 16,
            tier=_TIERS[series >> 8 & 255],
            region=_REGIONS[series & 255],
            bucket_at=datetime.fromtimestamp(start_s, UTC),
            total_sketch=sketches.pack_sketch(total[own]),
            ttft_sketch=sketches.pack_sketch(ttft[own]),
            **_columns(sums, n),
        )


def _columns(sums: Tally, n: int) -> dict[str, int | bytes]:
    return {
        "attempts": int(sums.attempts[n]),
        "ok": int(sums.ok[n]),
        "worst_attempts": int(sums.worst_attempts[n]),
        "worst_ok": int(sums.worst_ok[n]),
        "outcomes": sketches.pack_outcomes(sums.outcomes[n]),
    }
