"""All endpoints' figures of the last minutes at once, from raw attempts. Pure: no Django, no clock.

An attempt is one number: endpoint, region, outcome and duration side by side, so that thousands of them come
out of a database as fast as their bytes do.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from probes.history import DNS_REGIONS
from probes.outcomes import CODES as OUTCOME_CODES
from probes.sketches import OK, ExactValues

#: SQL of the number: endpoint (23 bits) | region (4) | outcome (5) | total in µs, 0 = none (31).
PACKED: Final = (
    "(endpoint_id << 40) | (CAST(region AS bigint) << 36) | (CAST(outcome AS bigint) << 31)"
    " | COALESCE(total_us, 0)"
)
_DNS_ERROR: Final = OUTCOME_CODES["dns_error"]
_LONGEST_US: Final = 2**31 - 1


class RecentFigures(NamedTuple):
    """One endpoint in one region. `attempts`: countable ones; None where there is none of what it is of.

    `p95_ms`: nearest rank over the right answers, of however few; whether it may be judged by depends on
    `attempts` (`status.rules.P95_MIN_ATTEMPTS`).
    """

    endpoint_id: int
    region: str
    attempts: int
    ok: int
    availability_pct: float | None
    p95_ms: float | None


def figures_of(packed: npt.NDArray[np.int64], slugs: Mapping[int, str]) -> list[RecentFigures]:
    """One entry for each endpoint and region that has an attempt among these, all of them countable.

    slugs: number of a region → its name.
    """
    packed = packed[_charged(packed)]
    series, at = np.unique(packed >> 36, return_inverse=True)
    ok = packed >> 31 & 31 == OK
    attempts, right = np.bincount(at, minlength=len(series)), np.bincount(at[ok], minlength=len(series))
    p95_ms = ExactValues(len(series), at[ok], packed[ok] & _LONGEST_US).percentile_ms(0.95)
    columns = (series >> 4, series & 15, attempts, right, 100 * right / attempts, p95_ms)
    return [
        RecentFigures(endpoint, slugs[region], count, good, availability, None if p95 != p95 else p95)
        for endpoint, region, count, good, availability, p95 in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _charged(packed: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """All but names that did not resolve for fewer than DNS_REGIONS regions.

    Among these attempts, which are of five minutes: another region that saw it a little earlier is not asked,
    so that a history may count an attempt that these figures leave out, never the other way round.
    """
    unresolved: npt.NDArray[np.bool_] = packed >> 31 & 31 == _DNS_ERROR
    charged = ~unresolved
    if unresolved.any():
        endpoints, regions = np.unique(np.unique(packed[unresolved] >> 36) >> 4, return_counts=True)
        charged |= np.isin(packed >> 40, endpoints[regions >= DNS_REGIONS])
    return charged
