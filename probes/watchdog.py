"""Notices that our own host was too busy to measure (PROTOCOLS E10: under load a 30 ms answer read 5.5 s)."""

import asyncio
import time

# A lag of our own event loop above this spoils an attempt's times: the attempt becomes `lagged`.
MAX_LOOP_LAG_MS = 500.0
KEEP_S = 120.0


class LoopWatchdog:
    """Notices when our own event loop (or the whole host) stood still. Run `watch()` as a task."""

    TICK_S = 0.1

    def __init__(self) -> None:
        self._due = time.monotonic() + self.TICK_S
        self._lags: list[tuple[float, float]] = []  # (noticed at, ms), oldest first

    async def watch(self) -> None:
        while True:
            self._due = time.monotonic() + self.TICK_S
            await asyncio.sleep(self.TICK_S)
            now = time.monotonic()
            if (lag_ms := (now - self._due) * 1000) > MAX_LOOP_LAG_MS / 2:
                self._lags.append((now, lag_ms))
                self._lags = [lag for lag in self._lags if lag[0] > now - KEEP_S]

    def worst_since(self, moment: float) -> float:
        """The worst lag in ms since `moment` (monotonic s), a lag that is still going on included."""
        overdue_ms = (time.monotonic() - self._due) * 1000
        return max([overdue_ms, 0.0, *(lag_ms for at, lag_ms in self._lags if at >= moment)])
