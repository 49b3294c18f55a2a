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
#: An attempt in an hour's row, an entry of a sketch: unsigned, in network order, as PostgreSQL's `int4send`.
CODE_BYTES: Final = 4
ENTRY_BYTES: Final = 2
_CODE: Final = np.dtype(">u4")
_ENTRY: Final = np.dtype(">u2")
_MOST_IN_ENTRY: Final = 64


def bin_of(us: int | None) -> int:
    """How many thresholds the duration reaches: 1 to 1023, 0 for None. 99 µs → 1, 100 µs → 2."""
    return 0 if us is None else bisect_right(THRESHOLDS_US, us)


def code_of(minute: int, outcome: int, total_us: int | None, ttft_us: int | None) -> int:
    """One attempt as a number below 2³¹: minute of its hour (6 bits), outcome's code (5), two bins (10 each).

    Only a right answer has durations: how long a failure took is no latency of the provider's answers.
    """
    code = minute << 25 | outcome << 20
    if outcome == OK:
        if total_us is not None:
            code |= bisect_right(THRESHOLDS_US, total_us) << 10
        if ttft_us is not None:
            code |= bisect_right(THRESHOLDS_US, ttft_us)
    return code


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
    counts = np.bincount(bins, minlength=BINS + 1)
    present = counts[1:].nonzero()[0] + 1
    full, rest = np.divmod(counts[present], _MOST_IN_ENTRY)
    whole = np.repeat(present, full) | (_MOST_IN_ENTRY - 1) << 10
    return np.concatenate([whole, ((rest - 1) << 10 | present)[rest > 0]]).astype(_ENTRY).tobytes()


def unpack_sketch(sketch: bytes) -> tuple[Ints, Ints]:
    """(bins, how many of each) of one sketch, or of many concatenated ones; a bin may recur."""
    entries = np.frombuffer(sketch, _ENTRY).astype(np.int64)
    return entries & 1023, (entries >> 10) + 1


def pack_outcomes(counts: Ints) -> bytes:
    """How often each outcome occurred, by its number below 32: number << 24 | how often, where it did."""
    (present,) = counts.nonzero()
    return (present << 24 | counts[present]).astype(_CODE).tobytes()


def unpack_outcomes(packed: bytes) -> tuple[Ints, Ints]:
    """(numbers, how often) of one or many concatenated."""
    entries = np.frombuffer(packed, _CODE).astype(np.int64)
    return entries >> 24, entries & 0xFFFFFF


class Distributions:
    """How often each bin occurs at each of `places` (moments of a chart, regions)."""

    def __init__(self, places: int, at: Ints, bins: Ints, counts: Ints | None = None) -> None:
        """`at`: the place that each bin belongs to; `counts`: how often, None = once each; 0 = no value."""
        present = bins[bins > 0] if len(bins) and not bins.all() else bins
        # Only the bins between the least and the greatest: a tenth of all where answers are alike.
        least = int(present.min()) if len(present) else 1
        width = int(present.max()) - least + 2 if len(present) else 2
        slots = bins - (least - 1)
        if present is not bins:
            np.maximum(slots, 0, out=slots)
        slots += at * width
        found = np.bincount(slots, weights=counts, minlength=places * width).reshape(places, width)
        found[:, 0] = 0  # no value
        self._take(found, least)

    def _take(self, found: Ints | Floats, least: int) -> None:
        """found: places × how often each bin occurs, from `least` - 1 on."""
        self._found, self._least = found, least
        self._so_far = found.cumsum()
        ends = self._so_far[found.shape[1] - 1 :: found.shape[1]]
        self._before = np.concatenate([[0], ends[:-1]])
        #: Values at each place.
        self.samples: Ints = (ends - self._before).astype(np.int64)

    def as_one(self) -> "Distributions":
        """All places together."""
        one = object.__new__(Distributions)
        one._take(self._found.sum(axis=0, keepdims=True), self._least)
        return one

    def percentile_ms(self, share: float) -> Floats:
        """At each place the nearest-rank percentile in ms, as `status.rules.percentile`; nan = no values."""
        rank = np.maximum(np.ceil(share * self.samples), 1)
        where = np.searchsorted(self._so_far, self._before + rank) % self._found.shape[1]
        values: Floats = VALUES_US[np.where(self.samples > 0, where + self._least - 1, 0)] / 1000
        return values


class ExactValues:
    """The same of the durations themselves, in µs; 0 = no value."""

    def __init__(self, places: int, at: Ints, values_us: Ints) -> None:
        self._at, self._values_us = at[values_us > 0], values_us[values_us > 0]
        self._sorted = np.append(self._values_us[np.lexsort((self._values_us, self._at))], 0)
        self.samples: Ints = np.bincount(self._at, minlength=places)
        self._before = self.samples.cumsum() - self.samples

    def as_one(self) -> "ExactValues":
        """All places together."""
        return ExactValues(1, np.zeros_like(self._at), self._values_us)

    def percentile_ms(self, share: float) -> Floats:
        """At each place the nearest-rank percentile in ms; nan = no values."""
        rank = np.maximum(np.ceil(share * self.samples), 1).astype(np.int64)
        values = self._sorted[np.minimum(self._before + rank, len(self._sorted)) - 1] / 1000
        return np.where(self.samples > 0, values, np.nan)
