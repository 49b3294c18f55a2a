"""Percentiles of a classic Prometheus histogram, as histogram_quantile() computes them.

https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile and bucketQuantile in
https://github.com/prometheus/prometheus/blob/main/promql/quantile.go: linear inside the bucket that the rank
falls into; the lowest bucket begins at 0 where its bound is positive; a rank in the +Inf bucket answers the
highest finite bound, so such a figure is "at least".
"""

import math
from collections.abc import Mapping


def histogram_quantile(q: float, buckets: Mapping[str, float]) -> float | None:
    """The quantile `q` (above 0, up to 1) of cumulative `buckets`: upper bound as `le` has it → observations.

    None without observations, without +Inf, or with that bucket alone. A count that falls from one bucket to
    the next (readings of unlike moments) is raised, as Prometheus does.
    """
    bounds = _sorted_bounds(buckets)
    if len(bounds) < 2 or not math.isinf(bounds[-1][0]):
        return None
    observations = bounds[-1][1]
    if observations <= 0:
        return None
    rank = q * observations
    found = next(i for i, (_bound, count) in enumerate(bounds) if count >= rank)
    if found == len(bounds) - 1:
        return bounds[-2][0]
    end, upto = bounds[found]
    if found == 0:
        return end if end <= 0 else end * rank / upto
    start, before = bounds[found - 1]
    return start + (end - start) * (rank - before) / (upto - before)


def _sorted_bounds(buckets: Mapping[str, float]) -> list[tuple[float, float]]:
    """(bound, cumulative count) by bound; a bound that is no number is left out."""
    bounds: list[tuple[float, float]] = []
    highest = 0.0
    for bound, count in sorted((_number(le), count) for le, count in buckets.items()):
        if math.isnan(bound):
            continue
        highest = max(highest, count)
        bounds.append((bound, highest))
    return bounds


def _number(le: str) -> float:
    try:
        return float(le)
    except ValueError:
        return math.nan
