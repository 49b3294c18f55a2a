"""What happened between readings of counters: increases over a window, with restarts of the server in it.

As Prometheus' rate() does: a counter that fell has been reset, and what it shows now it counted since.
Increases are taken series by series and summed after, so that a device that goes away is no reset of the
others. https://prometheus.io/docs/prometheus/latest/querying/functions/#rate
(Unlike rate() nothing is extrapolated to the window's ends: the span is what lies between two readings.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

#: A rate is of at least so long where the readings reach back: two runs by hand would make it jump.
RATE_S: Final = 45.0
#: Two readings closer than this tell no rate.
SHORTEST_S: Final = 5.0
#: Distributions are of so long, and no rate is of longer.
QUANTILE_S: Final = 300.0
#: A run is late now and then; the window is as long as the readings in it.
SLACK_S: Final = 30.0
#: A reading older than this is set against none any more.
OLDEST: Final = timedelta(seconds=QUANTILE_S + SLACK_S)
#: A 95th percentile of fewer is one request's luck.
P95_MIN_SAMPLES: Final = 20

#: Name of a counter → series → its value; a histogram's series are its buckets' upper bounds.
Counters = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The counters at one moment."""

    at: datetime
    counters: Counters


def rate_window(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The newest of `readings` (oldest first) that make a rate; () where there are too few."""
    recent = quantile_window(readings)
    for start in range(len(recent) - 1, -1, -1):
        if span_s(recent[start:]) >= RATE_S:
            return recent[start:]
    return recent


def quantile_window(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The readings (oldest first) of the last minutes; () where they are too few to tell anything."""
    recent = [reading for reading in readings if readings[-1].at - reading.at <= OLDEST]
    return recent if span_s(recent) >= SHORTEST_S else ()


def span_s(readings: Sequence[Reading]) -> float:
    """Seconds between the first and the last."""
    return (readings[-1].at - readings[0].at).total_seconds() if readings else 0.0


def increases(readings: Sequence[Reading], name: str) -> dict[str, float]:
    """Series → by how much the counter `name` rose over the readings; only series seen in two in a row."""
    risen: dict[str, float] = {}
    for before, after in pairwise(readings):
        old, new = before.counters.get(name, {}), after.counters.get(name, {})
        for series in old.keys() & new.keys():
            rise = new[series] - old[series]
            risen[series] = risen.get(series, 0.0) + (rise if rise >= 0 else new[series])
    return risen
