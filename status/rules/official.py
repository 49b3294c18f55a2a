"""When an official page is read again, and when operators hear that it cannot be. Pure."""

from datetime import datetime, timedelta
from typing import Final

#: Between two readings, in seconds (PROTOCOLS.md B: poll every 60 to 300 s).
INTERVAL_S: Final = 120
MIN_INTERVAL_S: Final = 60
MAX_INTERVAL_S: Final = 300
#: A page that fails is asked less and less often, but at least so often.
LONGEST_WAIT_S: Final = 3_600
#: A server that asks us to wait is believed for so long at most.
LONGEST_RETRY_AFTER_S: Final = 86_400
#: Our readings must not all come at once: each wait is longer or shorter by up to this share.
JITTER: Final = 0.1
#: What another try does not change is told after so many; what may pass, once it has lasted as well.
ALARM_TRIES: Final = 2
PASSING: Final = frozenset({"unreachable", "rate_limited"})
ALARM_AFTER: Final = timedelta(minutes=15)
#: So long after it was last in a feed, which never says that something is over, an incident is gone.
GONE_AFTER: Final = timedelta(hours=24)


def wait_s(interval_s: int, failures: int, *, retry_after_s: float | None = None, luck: float = 0.5) -> float:
    """Seconds until the next reading after `failures` in a row that told nothing.

    Doubling from the second on, up to an hour: with 120 s: 0 and 1 → 120, 2 → 240, 6 → 3600. A server's own
    wish is honoured where it is longer. `luck`: 0 to 1, spreads the readings.
    """
    wait = min(interval_s * 2.0 ** min(max(failures - 1, 0), 20), LONGEST_WAIT_S)
    wait = max(wait * (1 + JITTER * (2 * luck - 1)), MIN_INTERVAL_S)
    if failures and retry_after_s:
        wait = max(wait, min(retry_after_s, LONGEST_RETRY_AFTER_S))
    return wait


def is_alarming(problem: str, failures: int, lasted: timedelta) -> bool:
    """Whether operators should know: an unreadable page after its second try in a row, one that does not
    answer only once that has lasted 15 minutes.
    """
    return failures >= ALARM_TRIES and (problem not in PASSING or lasted >= ALARM_AFTER)


def is_gone(*, complete: bool, last_seen_at: datetime, now: datetime) -> bool:
    """Whether an incident that was not over and is not on the page any more is to be taken for over."""
    return complete or now - last_seen_at >= GONE_AFTER
