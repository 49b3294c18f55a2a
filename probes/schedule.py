"""When a target is due: pure arithmetic on moments in unix seconds, UTC.

Every target has a phase of its own in every region, so that probes spread evenly over the interval and
regions do not beat together. The due moments of a target are the same whoever computes them.
"""

from hashlib import blake2s
from math import ceil

#: How often beat sends out the due probes, and how far ahead of their moment they leave, in seconds.
TICK_S = 5.0
LEAD_S = 10.0
#: A target that a region has never measured is asked within this time of the region's first tick, in seconds.
FIRST_ROUND_S = 20.0


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

    Moments before `now` that nobody sent stay a gap; they are never measured late.
    """
    end = now + LEAD_S
    start = now if dispatched_until is None else max(dispatched_until, now)
    return start, max(start, end)
