"""Keeping the rollups: in step with every change of raw rows, and wider buckets once they are over.

Hours change in the transaction that changes raw rows (on TimescaleDB the database does it). Wider buckets
are made by `roll_up` a while after they are over; what changes an hour behind a mark makes its bucket anew,
in its own transaction. Who does either holds the mark: neither overlooks what the other has not committed.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from aigo.lib.regions import CODES as REGION_CODES
from probes.models import ProbeResult, RollupMark
from probes.models.results import TIER_CODES
from probes.outcomes import CODES as OUTCOME_CODES
from probes.schedule import NEVER
from probes.sketches import CODE_BYTES, code_of
from probes.timeseries import buckets, hours, vendor
from probes.timeseries.buckets import GRAINS, SETTLED, Grain
from probes.timeseries.hours import HOUR_S, HourKey

#: What changes a bucket that ended longer ago than this looks whether it is made already. Ten minutes less
#: than SETTLED: no transaction takes that long.
LOOKED_AFTER: Final = timedelta(minutes=5)
#: TimescaleDB's hours may be behind, so its buckets come from raw rows while these are kept.
RAW_KEPT: Final = timedelta(days=25)

logger = logging.getLogger(__name__)
_FACTS: Final = itemgetter(
    "endpoint_id", "tier", "region", "due_at", "outcome", "left_out", "total_ms", "first_answer_ms"
)

#: endpoint id, tier, region, a moment of the hour.
Key = tuple[int, str, str, datetime]


def add(rows: Sequence[ProbeResult]) -> None:
    """These raw rows are new. Call it in the transaction that stores them, their regions locked."""
    codes: dict[HourKey, bytes] = {}
    unresolved: set[HourKey] = set()
    for endpoint_id, tier, region, due_at, outcome, left_out, total_ms, ttft_ms in map(_facts, rows):
        due_s = int(due_at.timestamp())
        second = due_s % HOUR_S
        key = (endpoint_id, TIER_CODES[tier], REGION_CODES[region], due_s - second)
        number = OUTCOME_CODES["pop_offline" if left_out else outcome]
        code = code_of(second // 60, number, _microseconds(total_ms), _microseconds(ttft_ms))
        codes[key] = codes.get(key, b"") + code.to_bytes(CODE_BYTES, "big")
        if outcome == "dns_error":
            unresolved.add(key)
    if codes and vendor() != "timescale":
        hours.append(codes)
    _renew_buckets(codes.keys(), at_edges=unresolved)


def rederive(keys: Iterable[Key]) -> None:
    """Raw rows of these hours were replaced, or their marks changed. Call it in that transaction."""
    changed = {_hour_key(*key) for key in keys}
    if vendor() != "timescale":
        hours.rederive(changed)
    _renew_buckets(changed, at_edges=changed)


def roll_up(*, now: datetime) -> int:
    """Make the buckets that are over by now, one moment in one transaction; how many moments."""
    made = 0
    for grain in GRAINS:
        while _roll_up_next(grain, now):
            made += 1
    return made


@transaction.atomic
def _roll_up_next(grain: Grain, now: datetime) -> bool:
    """Make the next moment's buckets; False where that is not over yet."""
    held = RollupMark.objects.select_for_update()
    mark, _ = held.get_or_create(table=grain.table, defaults={"until": NEVER})
    if mark.until > now - SETTLED:
        _take_back(grain, mark, now)
    began = mark.until if mark.until > NEVER else _first_moment()
    if began is None:
        return False
    start_s = grain.start_of(int(began.timestamp()))
    mark.until = datetime.fromtimestamp(start_s + grain.width_s, UTC)
    if mark.until > now - SETTLED:
        return False
    buckets.renew(grain, start_s, from_raw=_from_raw(start_s, now))
    mark.save(update_fields=["until"])
    return True


def _take_back(grain: Grain, mark: RollupMark, now: datetime) -> None:
    """A clock was ahead: what was made of buckets that are not over is made again when they are."""
    mark.until = grain.settled_until(now)
    logger.warning("%s was made beyond now, and is again from %s on", grain.table, mark.until)
    grain.model._default_manager.filter(bucket_at__gte=mark.until).delete()
    mark.save(update_fields=["until"])


def _first_moment() -> datetime | None:
    first: datetime | None = ProbeResult.objects.aggregate(moment=Min("due_at"))["moment"]
    return first


def _renew_buckets(changed: Collection[HourKey], *, at_edges: Collection[HourKey]) -> None:
    """Make the buckets anew that are made already and hold these hours.

    at_edges: hours that decide in the buckets beside theirs, too, which names that did not resolve count.
    """
    now = timezone.now()
    looked_s = (now - LOOKED_AFTER).timestamp()
    for grain in GRAINS:
        touched = {(*key[:2], grain.start_of(key[3])) for key in changed}
        touched |= {
            (*key[:2], grain.start_of(moment_s))
            for key in at_edges
            for moment_s in (key[3] - HOUR_S, key[3] + HOUR_S)
        }
        over = {series for series in touched if series[2] + grain.width_s <= looked_s}
        if not over:
            continue
        mark = RollupMark.objects.select_for_update().filter(table=grain.table).first()
        until_s = mark.until.timestamp() if mark else 0
        for endpoint_id, tier, start_s in sorted(over):
            if start_s < until_s:
                from_raw = _from_raw(start_s, now)
                buckets.renew(grain, start_s, endpoint_id=endpoint_id, tier=tier, from_raw=from_raw)


def _from_raw(start_s: int, now: datetime) -> bool:
    return vendor() == "timescale" and start_s > (now - RAW_KEPT).timestamp()


def _facts(row: ProbeResult) -> tuple[Any, ...]:
    facts: tuple[Any, ...] = _FACTS(row.__dict__)
    return facts


def _microseconds(value_ms: float | None) -> int | None:
    return None if value_ms is None else round(value_ms * 1000)


def _hour_key(endpoint_id: int, tier: str, region: str, moment: datetime) -> HourKey:
    moment_s = int(moment.timestamp())
    return endpoint_id, TIER_CODES[tier], REGION_CODES[region], moment_s - moment_s % HOUR_S
