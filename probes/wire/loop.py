"""The event loop: one thread, epoll, a heap of timers, and a measure of its own lag.

Each turn asks the kernel what is ready, hands all of it out, then calls the timers that are due. Data is
handled before timers, so that what arrived in time is never taken for a timeout because we were late.

Waking for every packet of every stream costs more than reading it. Once a stream has begun to speak, its
descriptor is `relaxed`: the kernel still stamps its packets, but they are fetched every 50 ms only, those of
all streams together.
"""

import heapq
import itertools
import logging
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from probes.wire.clock import ask_for_stamps

logger = logging.getLogger(__name__)

READABLE: Final = select.EPOLLIN
WRITABLE: Final = select.EPOLLOUT

#: How often relaxed descriptors are looked at.
RELAXED_S: Final = 0.05
_RELAXED_AT_ONCE: Final = 32
#: Work that does not hurry is done at common moments, so far apart: a loop that has slept finds cold caches,
#: and a piece of work costs less behind others of its kind (docs/adr/0008).
TOGETHER_S: Final = 0.1
# Timers that start probes must not keep answers waiting: after this long the kernel is asked again first.
_TIMERS_BUDGET_S: Final = 0.001
# A poll that took longer has waited: what it brings became ready just now.
_WAITED_S: Final = 0.000_1
_MAX_WAIT_S: Final = 3600.0
# Cancelled timers stay in the heap until due; more of them than this, and than live ones, are swept out.
_MAX_CANCELLED: Final = 1_000

#: [moment, order of creation, callback or None when cancelled]; a list, because heapq compares it in C.
Timer = list[Any]
Handler = Callable[[int], None]

_monotonic = time.monotonic


class Loop:
    """Not thread-safe, except `call_from_thread`. All moments are `time.monotonic` seconds.

    now: when the present turn began to hand things out. not_before: nothing that is handed out was ready
    before. ready_since: the earliest moment at which it can have become ready, if it has no stamp of its own.
    lag_s: how long the last turn took; whatever became ready meanwhile has waited up to so long.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._relaxed = select.epoll()
        self._relaxed_at: float | None = None  # when they are looked at next, None = there are none
        self._relaxed_seen = 0.0
        self._handlers: dict[int, Handler] = {}
        self._relaxed_handlers: dict[int, Handler] = {}
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._cancelled = 0
        self._calls: deque[Callable[[], None]] = deque()
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.watch(self._wake_fd, READABLE, self._take_calls)
        # The kernel stamps packets only while somebody wants stamps, and begins a little after the first has
        # asked (net_enable_timestamp defers it to a work queue): this socket always does.
        self._stamped = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with suppress(OSError):
            ask_for_stamps(self._stamped)
        self.now = self.not_before = self.ready_since = _monotonic()
        self.lag_s = 0.0
        self._closed = False

    def watch(self, fd: int, events: int, handler: Handler) -> None:
        """Call `handler(events)` in every turn in which the descriptor is ready."""
        self._epoll.register(fd, events)
        self._handlers[fd] = handler

    def change(self, fd: int, events: int) -> None:
        self._epoll.modify(fd, events)

    def relax(self, fd: int) -> None:
        """From now on look at this watched descriptor every RELAXED_S, for reading."""
        self._epoll.unregister(fd)
        self._relaxed.register(fd, READABLE)
        self._relaxed_handlers[fd] = self._handlers.pop(fd)
        if self._relaxed_at is None:
            # What came since the last reading of this one comes after the poll that this turn began with.
            self._relaxed_seen = self.now
            self._relaxed_at = self.now + RELAXED_S

    def look_now(self, fd: int) -> None:
        """Look at a relaxed descriptor out of turn; at others every turn looks anyway."""
        if fd in self._relaxed_handlers:
            seen = self._relaxed_seen
            self._hand_out([(fd, READABLE)], self._relaxed_handlers, seen, seen)

    def forget(self, fd: int) -> None:
        """To be called before the descriptor is closed; closing takes it out of epoll."""
        if self._handlers.pop(fd, None) is None:
            self._relaxed_handlers.pop(fd, None)

    def call_at(self, moment: float, callback: Callable[[], None]) -> Timer:
        timer: Timer = [moment, next(self._numbers), callback]
        heapq.heappush(self._timers, timer)
        return timer

    def call_together(self, callback: Callable[[], None]) -> Timer:
        """At the next of the common moments: for work that does not hurry."""
        return self.call_at(common_moment(self.now) + TOGETHER_S, callback)

    def cancel(self, timer: Timer) -> None:
        """A timer that was called or cancelled before stays what it was."""
        if timer[2] is None:
            return
        timer[2] = None
        self._cancelled += 1
        if self._cancelled > _MAX_CANCELLED and self._cancelled * 2 > len(self._timers):
            self._timers = [left for left in self._timers if left[2] is not None]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def call_now(self, timer: Timer) -> None:
        """Instead of at its moment; one that was called or cancelled before stays what it was."""
        if (callback := timer[2]) is not None:
            self.cancel(timer)
            callback()

    def call_from_thread(self, callback: Callable[[], None]) -> None:
        """Call it in the loop's thread, in one of the next turns."""
        if self._closed:  # its number may be another's by now
            return
        self._calls.append(callback)
        with suppress(BlockingIOError):  # the counter is full: it wakes anyway
            os.eventfd_write(self._wake_fd, 1)

    def run_until(self, finished: Callable[[], bool]) -> None:
        """Turn until it is so; what `finished` says is asked between turns."""
        while not finished():
            self.turn()

    def turn(self) -> None:
        """Wait for something, then handle all that is ready and the timers that are due."""
        called = _monotonic()
        self.lag_s = called - self.now
        ready = self._epoll.poll(self._wait_s(called), len(self._handlers) + 1)
        before, self.now = self.now, _monotonic()
        since = self.now if self.now - called > _WAITED_S else before
        self._hand_out(ready, self._handlers, before, since)
        if self._relaxed_at is not None and self._relaxed_at <= self.now:
            self._look_at_relaxed()
        self._call_timers()

    def close(self) -> None:
        self._closed = True
        self._epoll.close()
        self._relaxed.close()
        os.close(self._wake_fd)
        self._stamped.close()

    def _hand_out(
        self, ready: list[tuple[int, int]], handlers: dict[int, Handler], not_before: float, since: float
    ) -> None:
        self.not_before, self.ready_since = not_before, since
        for fd, events in ready:
            handler = handlers.get(fd)
            if handler is not None:
                try:
                    handler(events)
                except Exception:  # a fault of ours in one handler must not take all others with it
                    logger.exception("a handler of the loop failed")

    def _look_at_relaxed(self) -> None:
        """Some of those that are ready; the others in the next turns, behind what cannot wait."""
        if not self._relaxed_handlers:
            self._relaxed_at = None
            return
        looked, before = _monotonic(), self._relaxed_seen
        ready = self._relaxed.poll(0, _RELAXED_AT_ONCE)
        if len(ready) < _RELAXED_AT_ONCE:
            self._relaxed_seen, self._relaxed_at = looked, looked + RELAXED_S
        self._hand_out(ready, self._relaxed_handlers, before, before)

    def _wait_s(self, now: float) -> float:
        if self._calls:
            return 0.0
        while self._timers and self._timers[0][2] is None:
            heapq.heappop(self._timers)
            self._cancelled -= 1
        until = self._timers[0][0] if self._timers else now + _MAX_WAIT_S
        if self._relaxed_at is not None and self._relaxed_at < until:
            until = self._relaxed_at
        return max(0.0, until - now)

    def _call_timers(self) -> None:
        """Those that were due when the kernel was asked: data that came before them has been handed out."""
        timers = self._timers
        now = _monotonic()
        end = now + _TIMERS_BUDGET_S
        while timers and timers[0][0] <= self.now and now < end:
            timer = heapq.heappop(timers)
            callback, timer[2] = timer[2], None
            if callback is None:
                self._cancelled -= 1
                continue
            _guarded(callback)
            timers = self._timers  # a cancellation may have swept the heap
            now = _monotonic()

    def _take_calls(self, events: int) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)
        for _ in range(len(self._calls)):
            _guarded(self._calls.popleft())


def common_moment(moment: float) -> float:
    """The last of the moments for work that does not hurry that is not after this one."""
    return moment // TOGETHER_S * TOGETHER_S


def _guarded(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:
        logger.exception("a call of the loop failed")
