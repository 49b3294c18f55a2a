"""From attempts and rollups to the points of a history. Pure: no Django, no clock; moments are unix seconds.

A history is a grid of equal buckets aligned to UTC. What happened in each comes from single attempts
(`tally`) or from buckets that were summed up before (`tally_buckets`); both merge by addition, so that a
point says the same whichever way it was read. Percentiles are those of the merged counts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from probes.outcomes import OUTCOMES, counts
from probes.sketches import OK, Distributions, ExactValues, Floats, Ints

#: Widths that a reader can tell the time by, in seconds; all divide a day.
WIDTHS_S: Final = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 28_800, 43_200, 86_400)
WINDOWS_S: Final = {"15m": 900, "24h": 86_400, "7d": 604_800, "30d": 2_592_000, "90d": 7_776_000}
MOST_POINTS: Final = 1440
#: Within a bucket the worst so many seconds are kept, so that a short outage shows in a wide one.
WORST_S: Final = 300
#: Numbers of outcomes are below this.
CODES: Final = 32
#: A name that does not resolve is the provider's fault once so many regions see it within so many seconds
#: (`status.rules`, DESIGN §5); until then it may be one region's resolver. Both moments by the minute, for
#: hours keep no more: attempts and hours say the same.
DNS_REGIONS: Final = 2
DNS_WITHIN_S: Final = 300
_DNS_ERROR: Final = OUTCOMES["dns_error"].code
_COUNTS: Final = np.zeros(CODES, bool)
_COUNTS[[outcome.code for outcome in OUTCOMES.values() if counts(outcome.name)]] = True


@dataclass(frozen=True, slots=True)
class Grid:
    """`points` buckets of `width_s` seconds from `start_s` on."""

    start_s: int
    width_s: int
    points: int

    @property
    def end_s(self) -> int:
        return self.start_s + self.width_s * self.points

    @property
    def slot_s(self) -> int:
        """The length that the worst of a bucket is sought by."""
        return min(WORST_S, self.width_s)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts as columns: moment due (unix s), region and outcome (numbers), durations (0 = none).

    Durations are bins of `probes.sketches`, or µs where `exact`.
    """

    at_s: Ints
    region: Ints
    outcome: Ints
    total: Ints
    ttft: Ints
    exact: bool = False

    def only(self, chosen: np.ndarray) -> "Attempts":
        """The chosen ones of them."""
        return Attempts(
            self.at_s[chosen],
            self.region[chosen],
            self.outcome[chosen],
            self.total[chosen],
            self.ttft[chosen],
            self.exact,
        )


@dataclass(frozen=True, slots=True)
class Samples:
    """Durations of right answers: for each the place, the bin (or µs), and how many are alike (None = 1)."""

    at: Ints
    values: Ints
    counts: Ints | None = None

    def distributions(self, places: int, *, exact: bool) -> Distributions | ExactValues:
        if exact:
            return ExactValues(places, self.at, self.values)
        return Distributions(places, self.at, self.values, self.counts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened at each place: countable attempts, right ones, outcomes by number (all attempts).

    `worst_attempts`, `worst_ok`: of the stretch of WORST_S seconds in which the share of right answers was
    least. A place without countable attempts has zeros.
    """

    attempts: Ints
    ok: Ints
    outcomes: Ints
    worst_attempts: Ints
    worst_ok: Ints
    total: Samples
    ttft: Samples
    exact: bool = False

    def as_one(self) -> "Tally":
        """All places together, without durations; the worst is that of the worst of them."""
        worst = [_shares(self.worst_ok, self.worst_attempts).argmin()]
        none = Samples(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return Tally(
            attempts=self.attempts.sum(keepdims=True),
            ok=self.ok.sum(keepdims=True),
            outcomes=self.outcomes.sum(axis=0, keepdims=True),
            worst_attempts=self.worst_attempts[worst],
            worst_ok=self.worst_ok[worst],
            total=none,
            ttft=none,
        )


@dataclass(frozen=True, slots=True)
class Buckets:
    """Summed-up buckets as columns, each with the place it belongs to; samples and outcomes as in Tally."""

    place: Ints
    attempts: Ints
    ok: Ints
    outcomes: Ints
    worst_attempts: Ints
    worst_ok: Ints
    total: Samples
    ttft: Samples


def grid_of(window_s: int, points: int, now_s: float) -> Grid:
    """The narrowest of WIDTHS_S with at most `points` buckets; the last bucket holds `now`.

    ValueError where even the widest takes more: see `fewest_points`.
    """
    for width_s in WIDTHS_S:
        count = -(-window_s // width_s)
        if count <= points:
            end_s = (int(now_s) // width_s + 1) * width_s
            return Grid(end_s - count * width_s, width_s, count)
    raise ValueError(f"{points} points are too few for {window_s} s")


def fewest_points(window_s: int) -> int:
    """What a window has at the widest bucket: 90 for 90 days."""
    return -(-window_s // WIDTHS_S[-1])


def charged(attempts: Attempts, series: Ints | None = None) -> np.ndarray:
    """Which attempts enter availability; of names that do not resolve those that enough regions saw.

    series: which endpoint and tier each attempt is of, None = all of one.
    """
    mask: np.ndarray = _COUNTS[attempts.outcome]
    (unresolved,) = (attempts.outcome == _DNS_ERROR).nonzero()
    if series is None:
        mask[unresolved] = _seen_from(attempts, unresolved) >= DNS_REGIONS
        return mask
    for one in np.unique(series[unresolved]):
        own = unresolved[series[unresolved] == one]
        mask[own] = _seen_from(attempts, own) >= DNS_REGIONS
    return mask


def _seen_from(attempts: Attempts, unresolved: Ints) -> Ints:
    """From how many regions each of these attempts was seen."""
    at_s, region = attempts.at_s[unresolved] // 60 * 60, attempts.region[unresolved]
    seen_from = np.zeros(len(unresolved), np.int64)
    for one in np.unique(region):
        moments = np.sort(at_s[region == one])
        first = np.searchsorted(moments, at_s - DNS_WITHIN_S)
        last = np.searchsorted(moments, at_s + DNS_WITHIN_S, side="right")
        seen_from += last > first
    return seen_from


def has_unresolved(attempts: Attempts) -> bool:
    """True where other regions decide whether some of these attempts count."""
    return bool((attempts.outcome == _DNS_ERROR).any())


def tally_grid(attempts: Attempts, grid: Grid, counted: np.ndarray) -> Tally:
    """What the attempts amount to in each bucket of the grid; those beside it are left out."""
    within = (attempts.at_s >= grid.start_s) & (attempts.at_s < grid.end_s)
    if not within.all():
        attempts, counted = attempts.only(within), counted[within]
    since_s = attempts.at_s - grid.start_s
    slots = grid.width_s // grid.slot_s
    return tally(attempts, counted, since_s // grid.width_s, grid.points, since_s // grid.slot_s, slots)


def tally(attempts: Attempts, counted: np.ndarray, place: Ints, places: int, slot: Ints, slots: int) -> Tally:
    """The attempts' sums at each place. `slot`: the stretch that an attempt is in, `slots` of each place."""
    right = attempts.outcome == OK
    of_slot = _occurrences(slot[counted], places * slots).reshape(places, slots)
    ok_of_slot = _occurrences(slot[right], places * slots).reshape(places, slots)
    worst = _shares(ok_of_slot, of_slot).argmin(axis=1)
    each = np.arange(places)
    return Tally(
        attempts=of_slot.sum(axis=1),
        ok=ok_of_slot.sum(axis=1),
        outcomes=_occurrences(place * CODES + attempts.outcome, places * CODES).reshape(places, CODES),
        worst_attempts=of_slot[each, worst],
        worst_ok=ok_of_slot[each, worst],
        total=Samples(place, attempts.total),
        ttft=Samples(place, attempts.ttft),
        exact=attempts.exact,
    )


def tally_buckets(buckets: Buckets, places: int) -> Tally:
    """The sums of summed-up buckets at each place."""
    outcomes = np.zeros((places, CODES), int)
    np.add.at(outcomes, buckets.place, buckets.outcomes)
    worst_attempts, worst_ok = np.zeros(places, int), np.zeros(places, int)
    shares = _shares(buckets.worst_ok, buckets.worst_attempts)
    worst_last = np.lexsort((buckets.worst_attempts, -shares))
    worst_attempts[buckets.place[worst_last]] = buckets.worst_attempts[worst_last]
    worst_ok[buckets.place[worst_last]] = buckets.worst_ok[worst_last]
    return Tally(
        attempts=_sums(buckets.place, buckets.attempts, places),
        ok=_sums(buckets.place, buckets.ok, places),
        outcomes=outcomes,
        worst_attempts=worst_attempts,
        worst_ok=worst_ok,
        total=buckets.total,
        ttft=buckets.ttft,
    )


def merged(one: Tally, other: Tally) -> Tally:
    """Both together; neither may be exact, for bins and µs do not mix."""
    other_is_worse = _shares(other.worst_ok, other.worst_attempts) < _shares(one.worst_ok, one.worst_attempts)
    return Tally(
        attempts=one.attempts + other.attempts,
        ok=one.ok + other.ok,
        outcomes=one.outcomes + other.outcomes,
        worst_attempts=np.where(other_is_worse, other.worst_attempts, one.worst_attempts),
        worst_ok=np.where(other_is_worse, other.worst_ok, one.worst_ok),
        total=_together(one.total, other.total),
        ttft=_together(one.ttft, other.ttft),
    )


def _together(one: Samples, other: Samples) -> Samples:
    each = [np.ones_like(part.at) if part.counts is None else part.counts for part in (one, other)]
    return Samples(
        np.concatenate([one.at, other.at]), np.concatenate([one.values, other.values]), np.concatenate(each)
    )


def _occurrences(keys: Ints, length: int) -> Ints:
    return np.bincount(keys, minlength=length)


def _sums(place: Ints, values: Ints, places: int) -> Ints:
    return np.bincount(place, weights=values, minlength=places).astype(np.int64)


def _shares(ok: Ints, attempts: Ints) -> Floats:
    """Share of right answers; above every share where nothing was countable."""
    return np.where(attempts > 0, ok / np.maximum(attempts, 1), 2.0)
