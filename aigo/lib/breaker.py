"""A circuit breaker: after some errors in a row a part is not asked any more, but tried now and then.

closed (asked as usual) → FAILURES errors in a row → open (not asked) → RETRY_S later → half-open: one caller
tries; success closes it, an error opens it again. Any success in between starts the counting anew.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

State = Literal["closed", "open", "half_open"]
#: Errors in a row after which a part is not asked any more: 4 → closed, 5 → open.
FAILURES: Final = 5
#: An open breaker lets one caller try after this time, in seconds; again after each failed try.
RETRY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Report:
    """A breaker as operators see it. `opened_at`: UTC, None while closed; `error`: the last one's text."""

    part: str
    state: State
    failures: int
    opened_at: datetime | None
    error: str


class Breaker:
    """Of one part ("database"), for one process; safe to use from several threads."""

    def __init__(self, part: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.part = part
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: datetime | None = None
        self._retry_at = 0.0
        self._error = ""

    def allows(self) -> bool:
        """Whether to ask the part now. Who is allowed to must tell `succeeded` or `failed` afterwards."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._clock() < self._retry_at:
                return False
            self._retry_at = self._clock() + RETRY_S  # the next try, should this one never report
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._opened_at = 0, None

    def failed(self, error: BaseException, *, now: datetime) -> None:
        with self._lock:
            self._failures += 1
            self._error = f"{type(error).__name__}: {error}"[:200]
            if self._failures >= FAILURES:
                self._opened_at = self._opened_at or now
                self._retry_at = self._clock() + RETRY_S

    def report(self) -> Report:
        with self._lock:
            state: State = "closed"
            if self._failures >= FAILURES:
                state = "open" if self._clock() < self._retry_at else "half_open"
            return Report(self.part, state, self._failures, self._opened_at, self._error)
