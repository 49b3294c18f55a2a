"""Attempts per endpoint and UTC day: from eight-hour buckets, and from hours where there are none yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from aigo.lib.regions import ALL
from probes.history import DNS_WITHIN_S, Attempts, charged
from probes.models import EightHourRollup
from probes.models.rollups import POOLED_CODES
from probes.sketches import OK, Ints
from probes.timeseries import hours, vendor
from probes.timeseries.hours import HOUR_S, HourRows, fetched

DAY_S: Final = 86_400
_POOLED: Final = POOLED_CODES[ALL]
_DAY: Final = {
    "postgresql": ("extract(epoch FROM bucket_at)::bigint / 86400", "to_timestamp(%s)"),
    "sqlite": (
        "CAST(strftime('%%s', substr(bucket_at, 1, 10)) AS INTEGER) / 86400",
        "datetime(%s, 'unixepoch')",
    ),
}
_READ: Final = """
    SELECT endpoint_id, {day}, sum(attempts)::bigint, sum(ok)::bigint FROM {table}
    WHERE endpoint_id IN ({endpoints}) AND tier = %s AND region = %s
        AND bucket_at >= {moment} AND bucket_at < {moment}
    GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """Attempts that do not enter a figure: from `start_s` to `end_s` (unix s) of these regions' numbers.

    `regions` empty = of all.
    """

    start_s: int
    end_s: int
    regions: frozenset[int] = frozenset()


@dataclass(slots=True)
class DayCounts:
    """Countable attempts and right answers of an endpoint, day by day from the first."""

    attempts: Ints
    ok: Ints


def count_days(
    endpoint_ids: Collection[int],
    tier: int,
    *,
    first_s: int,
    days: int,
    until_s: int,
    pauses: Mapping[int, Sequence[Pause]],
) -> dict[int, DayCounts]:
    """Endpoint → its counts over all regions in `days` UTC days from `first_s` (a midnight, unix s) on.

    until_s: up to where eight-hour buckets are complete; what is later comes from hours. pauses: endpoint →
    what is left out. At most three queries, whatever their number.
    """
    counts = {pk: DayCounts(np.zeros(days, np.int64), np.zeros(days, np.int64)) for pk in endpoint_ids}
    if not counts:
        return counts
    end_s = first_s + days * DAY_S
    for pk, day, attempts, ok in _buckets(counts, tier, first_s, min(until_s, end_s)):
        counts[pk].attempts[day - first_s // DAY_S] += attempts
        counts[pk].ok[day - first_s // DAY_S] += ok
    rest_s = max(until_s, first_s)
    if rest_s < end_s:
        rows = hours.read(rest_s - HOUR_S, end_s, endpoint_ids=list(counts), tier=tier)
        _add(counts, rows, first_s, rest_s)
    paused = {pk: pauses[pk] for pk in counts if pauses.get(pk)}
    if paused:
        _leave_out(counts, paused, tier, first_s, end_s)
    return counts


def _buckets(
    endpoint_ids: Collection[int], tier: int, since_s: int, until_s: int
) -> Sequence[tuple[int, int, int, int]]:
    if until_s <= since_s:
        return []
    kind = "sqlite" if vendor() == "sqlite" else "postgresql"
    day, moment = _DAY[kind]
    table = EightHourRollup._meta.db_table
    sql = _READ.format(day=day, moment=moment, table=table, endpoints=",".join(map(str, endpoint_ids)))
    if kind == "sqlite":
        sql = sql.replace("::bigint", "")
    return [
        (int(a), int(b), int(c), int(d)) for a, b, c, d in fetched(sql, [tier, _POOLED, since_s, until_s])
    ]


def _add(counts: Mapping[int, DayCounts], rows: HourRows, first_s: int, since_s: int) -> None:
    """The attempts due since a moment; those before it say whether a name that did not resolve counts."""
    attempts, series = rows.attempts(), rows.of_attempts(rows.endpoint_id)
    shown = charged(attempts, series) & (attempts.at_s >= since_s)
    _sum_up(counts, attempts.only(shown), series[shown], first_s, 1)


def _leave_out(
    counts: Mapping[int, DayCounts],
    pauses: Mapping[int, Sequence[Pause]],
    tier: int,
    first_s: int,
    end_s: int,
) -> None:
    """Take away again what was due in a pause. Only the hours that a pause touches are read."""
    touched = {
        hour_s
        for spans in pauses.values()
        for span in spans
        for hour_s in range(
            (max(span.start_s, first_s) - DNS_WITHIN_S) // HOUR_S * HOUR_S,
            min(span.end_s, end_s) + DNS_WITHIN_S,
            HOUR_S,
        )
    }
    if not touched:
        return
    rows = hours.read(min(touched), max(touched) + 1, endpoint_ids=list(pauses), tier=tier, only=touched)
    attempts, series = rows.attempts(), rows.of_attempts(rows.endpoint_id)
    paused = np.zeros(len(series), bool)
    for pk, spans in pauses.items():
        for span in spans:
            within = (series == pk) & (attempts.at_s >= span.start_s) & (attempts.at_s < span.end_s)
            paused |= within & np.isin(attempts.region, list(span.regions)) if span.regions else within
    paused &= charged(attempts, series) & (attempts.at_s >= first_s) & (attempts.at_s < end_s)
    _sum_up(counts, attempts.only(paused), series[paused], first_s, -1)


def _sum_up(
    counts: Mapping[int, DayCounts], attempts: Attempts, series: Ints, first_s: int, sign: int
) -> None:
    day, right = (attempts.at_s - first_s) // DAY_S, attempts.outcome == OK
    for pk in np.unique(series).tolist():
        own, one = series == pk, counts[pk]
        one.attempts += sign * np.bincount(day[own], minlength=len(one.attempts))[: len(one.attempts)]
        one.ok += sign * np.bincount(day[own & right], minlength=len(one.ok))[: len(one.ok)]
