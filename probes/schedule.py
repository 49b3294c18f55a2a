"""When a target is due: pure arithmetic on moments in unix seconds, UTC.

Every target has a phase of its own in every region, so that probes spread evenly over the interval and
regions do not beat together. The due moments of a target are the same whoever computes them.
"""

from datetime import UTC, datetime
from hashlib import blake2s
from math import ceil

#: Stands for "not yet" where a moment is wanted: it is before every other.
NEVER = datetime.fromtimestamp(0, UTC)
#: How often beat sends out the due probes, and how far ahead of their moment they leave, in seconds.
TICK_S = 5.0
LEAD_S = 10.0
#: Without a tick for so long a region begins anew: its frequent targets are asked at once, in seconds.
RESUMED_AFTER_S = 20.0
#: A cursor further ahead than its lead and this was moved by a clock that was set back since, in seconds.
CLOCK_SLACK_S = 5.0


def phase(endpoint: str, region: str, tier: str) -> float:
    """The target's place in its interval, 0 ≤ phase < 1: the same in every process."""
    digest = blake2s(f"{endpoint}|{region}|{tier}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def due_moments(interval_s: float, phase: float, start: float, end: float) -> list[float]:
    """Moments k × interval + phase × interval with start ≤ moment < end, in whole milliseconds.

    due_moments(60, 0.5, 0, 120) == [30.0, 90.0]; a moment equal to `end` belongs to the next window.
    """
    offset = phase * interval_s
    moments = []
    number = ceil((start - offset) / interval_s) - 1
    while (moment := round(number * interval_s + offset, 3)) < end:
        if moment >= start:
            moments.append(moment)
        number += 1
    return moments


def due_count(interval_s: float, phase: float, start: float, end: float) -> int:
    """How many moments `due_moments` would give, to within one."""
    return max(
        0, ceil((end - phase * interval_s) / interval_s) - ceil((start - phase * interval_s) / interval_s)
    )


def window(dispatched_until: float | None, now: float) -> tuple[float, float]:
    """What to send out now: from where the last tick ended, or from now where ticks were missed.

    Moments before `now` that nobody sent stay a gap; they are never measured late. A cursor that lies further
    ahead than any tick can have moved it (the clock was set back) is given up.
    """
    end = now + LEAD_S
    if dispatched_until is None or dispatched_until > end + CLOCK_SLACK_S:
        return now, end
    start = max(dispatched_until, now)
    return start, max(start, end)
