"""How every endpoint stands: its countable attempts and failures, by windows and over its period."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from aigo.lib.moments import moment_text
from probes import tallies
from probes.attempts import METHOD_VERSION
from probes.tallies import Count, LeftOut, Minutes, Stretch
from status.maintenance import spans_of
from status.models import SloStanding, SloTarget
from status.rules import slo
from status.rules.slo import PAIRS, PERIOD_DAYS, TARGET_PCT, WINDOWS_S, Window

TIER: Final = "B"
#: Up to so long a window is exact to the minute; a longer one begins with a bucket of three hours.
FINE_S: Final = 21_600
#: What is not summed up yet is counted minute by minute, this far back: summing up is late by 3 h 15 min at
#: most, but where it has never run or was away; then what lies between misses until it has caught up.
FINE_MOST: Final = timedelta(days=2)
_LONGEST: Final = PAIRS[-1]
_WRITTEN: Final = (
    *("judged_at", "target_pct", "period_days", "since", "counted", "failed", "budget_left_pct"),
    *("windows", "settled", "method_version"),
)


@dataclass(frozen=True, slots=True)
class _Goal:
    target_pct: float = TARGET_PCT
    period_days: int = PERIOD_DAYS


def stand(endpoint_ids: Sequence[int], minute: datetime) -> list[SloStanding]:
    """Count anew, and keep it; rows of endpoints that are not measured any more go."""
    goals = _goals()
    first_day = max([PERIOD_DAYS, *(goal.period_days for goal in goals.values())])
    left_out = _left_out(endpoint_ids, minute - timedelta(days=first_day), minute)
    until = tallies.settled_until(minute)
    settled = _settled(endpoint_ids, goals, until, minute, left_out)
    since = max(min(until, minute - timedelta(seconds=FINE_S)), minute - FINE_MOST)
    span = (since.timestamp(), minute.timestamp())
    fine = tallies.load_minutes(endpoint_ids, *span, tier=TIER, left_out=left_out)
    standings = [
        _standing(pk, goals.get(pk, _Goal()), settled[pk], fine, until, minute) for pk in endpoint_ids
    ]
    with transaction.atomic():
        SloStanding.objects.exclude(endpoint__in=endpoint_ids).delete()
        SloStanding.objects.bulk_create(
            standings,
            update_conflicts=True,
            unique_fields=["endpoint"],
            update_fields=list(_WRITTEN),
            batch_size=1_000,
        )
    return standings


def _goals() -> dict[int, _Goal]:
    rows = SloTarget.objects.values_list("endpoint", "target_pct", "period_days")
    return {pk: _Goal(target_pct, days) for pk, target_pct, days in rows}


def _left_out(endpoint_ids: Collection[int], since: datetime, until: datetime) -> LeftOut:
    """Maintenance, as stretches."""
    return {
        pk: [Stretch(span.start.timestamp(), span.end.timestamp(), span.regions) for span in spans]
        for pk, spans in spans_of(endpoint_ids, since=since, until=until).items()
    }


def _starts(days: int, minute: datetime) -> tuple[datetime, datetime, datetime]:
    """Where the period, the longest window and its later half begin, on the edges of buckets."""
    long = timedelta(seconds=_LONGEST.long_s)
    widths = (timedelta(days=days), long, long * slo.OLDER_SHARE)
    first, whole, half = (tallies.bucket_of(minute - width) for width in widths)
    return first, whole, half


def _settled(
    endpoint_ids: Collection[int],
    goals: Mapping[int, _Goal],
    until: datetime,
    minute: datetime,
    left_out: LeftOut,
) -> dict[int, tuple[Count, ...]]:
    """Endpoint id → its sums up to `until` from each of `_starts`.

    Months of buckets are summed up once in three hours, when the starts or `until` move, and kept in between.
    """
    keys = {pk: _key(goals.get(pk, _Goal()).period_days, until, minute) for pk in endpoint_ids}
    found: dict[int, tuple[Count, ...]] = {}
    for pk, kept in SloStanding.objects.values_list("endpoint", "settled"):
        if pk in keys and kept.get("key") == keys[pk]:
            found[pk] = tuple(Count(*count) for count in kept["counts"])
    missing: dict[int, list[int]] = defaultdict(list)
    for pk in keys.keys() - found.keys():
        missing[goals.get(pk, _Goal()).period_days].append(pk)
    for days, pks in missing.items():
        starts = _starts(days, minute)
        summed = tallies.sum_up(pks, starts, until, tier=TIER, left_out=left_out)
        found |= {pk: summed.get(pk, (Count(),) * len(starts)) for pk in pks}
    return found


def _key(days: int, until: datetime, minute: datetime) -> list[str]:
    return [moment_text(moment) for moment in (*_starts(days, minute), until)]


def _standing(
    pk: int, goal: _Goal, settled: Sequence[Count], fine: Minutes, until: datetime, minute: datetime
) -> SloStanding:
    starts = _starts(goal.period_days, minute)
    end_s, until_s = minute.timestamp(), until.timestamp()
    period, long, half = (
        count + fine.between(pk, max(until_s, start.timestamp()), end_s)
        for count, start in zip(settled, starts, strict=True)
    )
    windows = {width: _window(fine, pk, width, minute) for width in WINDOWS_S if width <= FINE_S}
    windows[_LONGEST.long_s] = Window(long.counted, long.failed, long.counted - half.counted)
    return SloStanding(
        endpoint_id=pk,
        judged_at=minute,
        target_pct=goal.target_pct,
        period_days=goal.period_days,
        since=starts[0],
        counted=period.counted,
        failed=period.failed,
        budget_left_pct=slo.budget_left_pct(*period, goal.target_pct),
        windows={str(width): [w.counted, w.failed, w.older] for width, w in windows.items()},
        settled={"key": _key(goal.period_days, until, minute), "counts": [list(one) for one in settled]},
        method_version=METHOD_VERSION,
    )


def _window(fine: Minutes, pk: int, width_s: int, minute: datetime) -> Window:
    end_s = minute.timestamp()
    whole = fine.between(pk, end_s - width_s, end_s)
    older = fine.between(pk, end_s - width_s, end_s - width_s * slo.OLDER_SHARE)
    return Window(*whole, older.counted)
