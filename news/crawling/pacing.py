"""When something is asked again. Pure: chance is given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from aigo.lib.retry_after import retry_after_s

#: The least and the most that a failure keeps us away, and the most that a server can ask for.
FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(days=1)
LONGEST_ASKED: Final = timedelta(days=7)


def chance_of(name: str, failures: int) -> float:
    """The chance (0..1) of that failure of a source, host or page: the same whoever asks."""
    return crc32(f"{name} {failures}".encode()) / 2**32


def backed_off(failures: int, *, chance: float) -> timedelta:
    """Twice as long with each failure in a row up to a day, and up to a half more by `chance` (0..1), so that
    sources that failed together do not come back together. One failure: 5 to 7.5 minutes; two: 10 to 15."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(failures, 1) - 1, 20)
    return min(doubled, LONGEST_WAIT) * (1 + chance / 2)


def asked_to_wait(retry_after: str, *, now: datetime) -> timedelta | None:
    """What the header Retry-After says, a week at most; None = nothing."""
    wait_s = retry_after_s(retry_after, now=now)
    return None if wait_s is None else min(timedelta(seconds=wait_s), LONGEST_ASKED)
