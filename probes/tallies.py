"""How many attempts of every endpoint counted, and how many failed: by minutes, and over long spans.

Regions pooled, stretches of time left out on request. All endpoints at once: what is read grows with the
hours that are looked at, the number of queries does not grow with the endpoints.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Min, Q, Sum

from probes.history import Attempts, charged
from probes.models import HourRollup, RollupMark, ThreeHourRollup
from probes.models.results import TIER_CODES
from probes.models.rollups import POOLED_CODES
from probes.outcomes import OUTCOMES, counts
from probes.sketches import OK, Ints, minutes_of, outcomes_of
from probes.timeseries import hours
from probes.timeseries.buckets import GRAINS
from probes.timeseries.hours import HOUR_S, HourRows

MINUTE_S: Final = 60
#: So many endpoints are named to the database; of more, all are read.
FEW: Final = 100
_GRAIN: Final = GRAINS[0]
_DNS_ERROR: Final = OUTCOMES["dns_error"].code
#: Charged or right whoever else saw it.
_PLAIN: Final = np.zeros(32, bool)
_PLAIN[[outcome.code for outcome in OUTCOMES.values() if counts(outcome.name)]] = True
_PLAIN[_DNS_ERROR] = False


class Stretch(NamedTuple):
    """From `start_s` to before `end_s` (unix s). regions: slugs, none = all."""

    start_s: float
    end_s: float
    regions: frozenset[str] = frozenset()


#: Endpoint id → what of its time is left out.
LeftOut = Mapping[int, Sequence[Stretch]]


class Count(NamedTuple):
    counted: int = 0
    failed: int = 0

    def __add__(self, other: "Count") -> "Count":  # type: ignore[override]  # adds, as counts do
        return Count(self.counted + other.counted, self.failed + other.failed)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.counted - other.counted, self.failed - other.failed)


NOTHING: Final = Count()


@dataclass
class Minutes:
    """Each endpoint's countable attempts and failures in every minute from `start_s` to before `end_s`."""

    start_s: int
    end_s: int
    places: dict[int, int]
    counted: Ints
    failed: Ints

    def between(self, endpoint_id: int, since_s: float, until_s: float) -> Count:
        """Of the minutes that begin then; what lies outside of what was read has none."""
        place = self.places.get(endpoint_id)
        if place is None:
            return NOTHING
        first, end = (self._minute(moment) for moment in (since_s, until_s))
        return Count(int(self.counted[place, first:end].sum()), int(self.failed[place, first:end].sum()))

    def _minute(self, moment_s: float) -> int:
        return max(0, min(int(self.counted.shape[1]), -int((self.start_s - moment_s) // MINUTE_S)))


def settled_until(now: datetime) -> datetime:
    """Up to where the long spans are summed up: the end of the last bucket; before the first attempt if none.

    Never beyond now, whatever a clock that was ahead left behind.
    """
    mark = RollupMark.objects.filter(table=_GRAIN.table).values_list("until", flat=True).first()
    if mark is not None:
        return min(mark, _GRAIN.settled_until(now))
    first: datetime | None = HourRollup.objects.aggregate(first=Min("hour_at"))["first"]
    return min(first, now) if first else now


def bucket_of(moment: datetime) -> datetime:
    """When the bucket began that holds the moment: long spans begin there."""
    return datetime.fromtimestamp(_GRAIN.start_of(int(moment.timestamp())), UTC)


def load_minutes(
    endpoint_ids: Collection[int], since_s: float, until_s: float, *, tier: str, left_out: LeftOut
) -> Minutes:
    """Read hour by hour, so that thousands of endpoints take no more memory than one hour of them."""
    start_s = int(since_s // HOUR_S) * HOUR_S
    spans = max(0, -int((start_s - until_s) // HOUR_S))
    places = {pk: place for place, pk in enumerate(sorted(endpoint_ids))}
    found = Minutes(
        start_s,
        start_s + spans * HOUR_S,
        places,
        np.zeros((len(places), spans * 60), np.int64),
        np.zeros((len(places), spans * 60), np.int64),
    )
    unresolved = _Unresolved()
    few = list(places) if len(places) <= FEW else None
    for hour_s in range(start_s, found.end_s, HOUR_S) if places else ():
        rows = hours.read(hour_s, hour_s + HOUR_S, tier=TIER_CODES[tier], endpoint_ids=few)
        _add_hour(found, rows, hour_s, left_out, unresolved)
    unresolved.settle(found)
    return found


@dataclass
class _Unresolved:
    """Names that did not resolve: whether these count, other regions decide, in the hour before, too."""

    columns: list[Ints] = field(default_factory=list)

    def settle(self, found: Minutes) -> None:
        if not self.columns:
            return
        place, at_s, region, kept = np.concatenate(self.columns, axis=1)
        none = np.zeros(len(place), np.int64)
        attempts = Attempts(at_s, region, np.full(len(place), _DNS_ERROR), none, none)
        counted = charged(attempts, place) & (kept > 0)
        where = (place[counted], (at_s[counted] - found.start_s) // MINUTE_S)
        np.add.at(found.counted, where, 1)
        np.add.at(found.failed, where, 1)


def _add_hour(
    found: Minutes, rows: HourRows, hour_s: int, left_out: LeftOut, unresolved: _Unresolved
) -> None:
    place = rows.of_attempts(_places(found, rows.endpoint_id))
    minute, outcome = minutes_of(rows.codes), outcomes_of(rows.codes)
    kept = place >= 0
    without = _left_out_minutes(rows, hour_s, left_out)
    if without is not None:
        kept &= ~without[rows.of_attempts(np.arange(len(without))), minute]
    plain = kept & _PLAIN[outcome]
    first, size = (hour_s - found.start_s) // MINUTE_S, len(found.places)
    for target, chosen in ((found.counted, plain), (found.failed, plain & (outcome != OK))):
        sums = np.bincount(place[chosen] * 60 + minute[chosen], minlength=size * 60)
        target[:, first : first + 60] += sums.reshape(size, 60)
    (odd,) = ((outcome == _DNS_ERROR) & (place >= 0)).nonzero()
    if len(odd):
        at_s = hour_s + minute[odd] * MINUTE_S
        region = rows.of_attempts(rows.region)[odd]
        unresolved.columns.append(np.stack([place[odd], at_s, region, kept[odd].astype(np.int64)]))


def _places(found: Minutes, endpoint_ids: Ints) -> Ints:
    """Where each of these endpoints stands, -1 = nowhere."""
    known = np.fromiter(found.places, np.int64, len(found.places))  # in the order of their places
    places = np.minimum(np.searchsorted(known, endpoint_ids), len(known) - 1)
    return np.where(known[places] == endpoint_ids, places, -1)


def _left_out_minutes(rows: HourRows, hour_s: int, left_out: LeftOut) -> np.ndarray | None:
    """Row of the hour × minute: True where it is left out; None = nowhere. A minute that is touched is."""
    mask: np.ndarray | None = None
    if not left_out:
        return None
    for row, (endpoint_id, region) in enumerate(
        zip(rows.endpoint_id.tolist(), rows.region.tolist(), strict=True)
    ):
        for stretch in left_out.get(endpoint_id, ()):
            first = max(0, int((stretch.start_s - hour_s) // MINUTE_S))
            end = min(60, -int((hour_s - stretch.end_s) // MINUTE_S))
            reaches = not stretch.regions or any(POOLED_CODES.get(r) == region for r in stretch.regions)
            if first < end and reaches:
                mask = np.zeros((len(rows.region), 60), bool) if mask is None else mask
                mask[row, first:end] = True
    return mask


def sum_up(
    endpoint_ids: Collection[int],
    since: Sequence[datetime],
    until: datetime,
    *,
    tier: str,
    left_out: LeftOut,
) -> dict[int, tuple[Count, ...]]:
    """Endpoint id → its sums from each of these moments, all of them `bucket_of`, until `settled_until`.

    What touches a stretch that is left out is counted anew from its hours.
    """
    if not endpoint_ids or not since:
        return {}
    rows = ThreeHourRollup.objects.filter(
        endpoint__in=list(endpoint_ids), region="all", tier=tier, bucket_at__lt=until
    )
    named = {
        f"{name}_{n}": Sum(name, filter=Q(bucket_at__gte=moment), default=0)
        for n, moment in enumerate(since)
        for name in ("attempts", "ok")
    }
    sums = rows.filter(bucket_at__gte=min(since)).values("endpoint").annotate(**named)
    found: dict[int, tuple[Count, ...]] = {}
    for pk, *numbers in sums.values_list("endpoint", *named):
        counted, right = numbers[::2], numbers[1::2]
        found[pk] = tuple(Count(n, n - ok) for n, ok in zip(counted, right, strict=True))
    for (pk, place), change in _corrections(found, since, until, tier, left_out).items():
        found[pk] = (*found[pk][:place], found[pk][place] + change, *found[pk][place + 1 :])
    return found


def _corrections(
    found: Collection[int], since: Sequence[datetime], until: datetime, tier: str, left_out: LeftOut
) -> dict[tuple[int, int], Count]:
    """(endpoint id, place in `since`) → what the stretches that are left out change of its sum."""
    touched: dict[int, set[int]] = defaultdict(set)
    first_s, until_s = min(since).timestamp(), until.timestamp()
    for pk, stretches in left_out.items():
        for stretch in stretches if pk in found else ():
            begins_s, ends_s = max(stretch.start_s, first_s), min(stretch.end_s, until_s)
            for start_s in range(_GRAIN.start_of(int(begins_s)), -int(-ends_s // 1), _GRAIN.width_s):
                touched[start_s].add(pk)
    changes: dict[tuple[int, int], Count] = defaultdict(Count)
    for start_s, pks in touched.items():
        minutes = load_minutes(pks, start_s, start_s + _GRAIN.width_s, tier=tier, left_out=left_out)
        whole = load_minutes(pks, start_s, start_s + _GRAIN.width_s, tier=tier, left_out={})
        for pk in pks:
            span = (pk, minutes.start_s, minutes.end_s)
            for place, moment in enumerate(since):
                if moment.timestamp() <= start_s:
                    changes[pk, place] += minutes.between(*span) - whole.between(*span)
    return changes
