"""What is usual at this hour of the day: read once an hour, for all endpoints together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from aigo.lib.once import once
from probes.usual import UsualHour, same_hours
from status.rules.anomaly import Hour
from status.rules.table import BASELINE_DAYS

HOUR_S = 3600
#: Tiers that decide a colour.
TIERS = ("A", "B")


@dataclass
class _Kept:
    hour_s: int = -1
    hours: Mapping[tuple[int, str], Sequence[Hour]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@once
def _kept() -> _Kept:
    """This process's."""
    return _Kept()


def usual_hours(endpoint_id: int, tier: str, *, now: datetime) -> Sequence[Hour]:
    """The same hour (UTC) on the last BASELINE_DAYS days, regions pooled; days without attempts miss."""
    kept, hour_s = _kept(), int(now.timestamp()) // HOUR_S * HOUR_S
    with kept.lock:
        if kept.hour_s != hour_s:
            found = same_hours(hour_s, tiers=TIERS, days=BASELINE_DAYS)
            kept.hours = {key: [_hour(one) for one in hours] for key, hours in found.items()}
            kept.hour_s = hour_s
        return kept.hours.get((endpoint_id, tier), ())


def forget() -> None:
    """Read it anew when it is asked for next."""
    _kept.take()


def _hour(usual: UsualHour) -> Hour:
    wrong = usual.attempts - usual.ok
    return Hour(
        samples=usual.attempts,
        error_rate_pct=100 * wrong / usual.attempts if usual.attempts else 0.0,
        p95_ms=usual.p95_ms,
    )
