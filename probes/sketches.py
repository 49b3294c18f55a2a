"""Published bins of durations, and attempts and sketches as bytes. Pure: no Django, no network, no clock.

A duration falls into one of 1,023 bins between 0.1 ms and 120 s, each 1.38 % wider than the one before, so
that a bin's value is within 1 % of every duration in it. Counts of bins merge by addition, in any order and
over any split of the attempts: percentiles are read from merged counts and never averaged.

The bins never change their meaning: rows that were written with them are kept for half a year. SQL's
`width_bucket(us, ARRAY[THRESHOLDS_US])` gives the same bin as `bin_of`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SHORTEST_US: Final = 100
LONGEST_US: Final = 120_000_000
BINS: Final = 1023
#: Each bin's lower edge in µs; the last holds everything from 120 s on.
GAMMA: Final = (LONGEST_US / SHORTEST_US) ** (1 / (BINS - 2))
THRESHOLDS_US: Final = (0, *(round(SHORTEST_US * GAMMA**n) for n in range(BINS - 1)))
#: What a percentile may differ by from that of the attempts themselves, between 0.1 ms and 120 s.
RELATIVE_ERROR: Final = 0.01
#: Bin → µs: the geometric mean of its edges. Bin 0 means "no value", bin 1 "less than 0.1 ms".
VALUES_US: Final[Floats] = np.array(
    [
        np.nan,
        SHORTEST_US / 2,
        *((low * high) ** 0.5 for low, high in pairwise(THRESHOLDS_US[1:])),
        LONGEST_US,
    ]
)
#: The outcome's code of a right answer (`probes.outcomes`): the only one whose durations count.
OK: Final = 0
#: One attempt, one hour's row, one count: unsigned, in network order, as PostgreSQL's `int4send` writes.
CODE_BYTES: Final = 4
_CODE: Final = np.dtype(">u4")
_ENTRY: Final = np.dtype(">u2")
_MOST_IN_ENTRY: Final = 64
_SLOTS: Final = BINS + 1


def bin_of(us: int | None) -> int:
    """How many thresholds the duration reaches: 1 to 1023, 0 for None. 99 µs → 1, 100 µs → 2."""
    return 0 if us is None else bisect_right(THRESHOLDS_US, us)


def code_of(minute: int, outcome: int, total_us: int | None, ttft_us: int | None) -> int:
    """One attempt as a number below 2³¹: minute of its hour (6 bits), outcome's code (5), two bins (10 each).

    Only a right answer has durations: how long a failure took is no latency of the provider's answers.
    """
    code = minute << 25 | outcome << 20
    return code | bin_of(total_us) << 10 | bin_of(ttft_us) if outcome == OK else code


def pack(codes: Sequence[int] | Ints) -> bytes:
    """The codes as the bytes of an hour's row. Rows are merged by concatenation."""
    return np.asarray(codes, _CODE).tobytes()


def unpack(row: bytes) -> Ints:
    """The codes of one row, or of many concatenated ones."""
    return np.frombuffer(row, _CODE).astype(np.int64)


def minutes_of(codes: Ints) -> Ints:
    """Minute of the hour, 0 to 59."""
    return codes >> 25


def outcomes_of(codes: Ints) -> Ints:
    """The outcomes' codes."""
    return codes >> 20 & 31


def total_bins_of(codes: Ints) -> Ints:
    """Bins of the whole attempts; 0 = none."""
    return codes >> 10 & 1023


def ttft_bins_of(codes: Ints) -> Ints:
    """Bins of the times to the first visible token; 0 = none."""
    return codes & 1023


def pack_sketch(bins: Ints) -> bytes:
    """The counts of these bins (0 = no value, not counted) as entries of (count - 1) << 10 | bin.

    A bin of more than 64 has several entries, and a merge of sketches is their concatenation.
    """
    counts = np.bincount(bins, minlength=_SLOTS)
    present = counts[1:].nonzero()[0] + 1
    full, rest = np.divmod(counts[present], _MOST_IN_ENTRY)
    whole = np.repeat(present, full) | (_MOST_IN_ENTRY - 1) << 10
    return np.concatenate([whole, ((rest - 1) << 10 | present)[rest > 0]]).astype(_ENTRY).tobytes()


def unpack_sketch(sketch: bytes) -> tuple[Ints, Ints]:
    """(bins, how many of each) of one sketch, or of many concatenated ones; a bin may recur."""
    entries = np.frombuffer(sketch, _ENTRY).astype(np.int64)
    return entries & 1023, (entries >> 10) + 1


class Distributions:
    """How often each bin occurs at each of `points` places (moments of a chart, regions)."""

    def __init__(self, points: int, at: Ints, bins: Ints, counts: Ints | None = None) -> None:
        """`at`: for each bin the place it belongs to; `counts`: how often, None = once each."""
        found = np.bincount(at * _SLOTS + bins, weights=counts, minlength=points * _SLOTS)
        found[::_SLOTS] = 0  # no value
        self._so_far = found.cumsum()
        ends = self._so_far[_SLOTS - 1 :: _SLOTS]
        self._before = np.concatenate([[0], ends[:-1]])
        #: Values at each place.
        self.samples: Ints = (ends - self._before).astype(np.int64)

    def percentile_ms(self, share: float) -> Floats:
        """At each place the nearest-rank percentile in ms, as `status.rules.percentile`; nan = no values."""
        rank = np.maximum(np.ceil(share * self.samples), 1)
        where = np.searchsorted(self._so_far, self._before + rank)
        bins = np.where(self.samples > 0, where % _SLOTS, 0)
        return VALUES_US[bins] / 1000
