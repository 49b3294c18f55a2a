"""Following the event log as one of a group: every event is handled, by whichever of its consumers is there.

    handled                    told to the log, gone for the group
    handling raised            what came with it is handled one by one, so that only the poison fails; that is
                               tried again after CLAIM_AFTER_S, and set aside after MOST_TRIES
    the database or the log    the consumer waits in place and goes on holding what it has; no try is counted
    is away
    handling takes long        it goes on holding its batch; after HANGS_AFTER_S others may take it
    dropped before it was      the follower catches up from the database, and the consumer goes on from there
    read, or the log was away

An event may be handled twice (a consumer dies between its work and telling so): followers are idempotent.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from django.db import close_old_connections, connections

from aigo.lib.events import (
    CLAIM_AFTER_S,
    Delivery,
    Event,
    EventLog,
    Group,
    LogGap,
    LogUnavailable,
    event_log,
)
from aigo.lib.kept import AWAY, REFUSED

logger = logging.getLogger(__name__)
T = TypeVar("T")
#: How long a read waits for news, in seconds: as long it takes at most until an idle consumer has stopped.
READ_WAIT_S: Final = 1.0
#: Between two tries at a part that is away, in seconds: doubling from the first to the longest.
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
#: A handler that has not come back after so long, in seconds, never will.
HANGS_AFTER_S: Final = 600.0
#: How often a consumer looks for dead ones, in seconds.
TIDY_EVERY_S: Final = 300.0
#: A batch under way has so long to end, in seconds; what is not done by then another consumer does again.
STOP_WITHIN_S: Final = 10.0
#: What is kept of an error's text.
MOST_REASON_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Follower:
    """What a group does with events. `name`: the group's, lower case.

    `handle`: all events of a batch, in the log's order; of any type: others than its own are passed over.
    `catch_up`: does from the database alone what events could have been missed for.
    """

    name: str
    handle: Callable[[Sequence[Event]], None]
    catch_up: Callable[[], None]


class _Stopped(Exception):
    """Ours: the consumer was told to stop while a part was away."""


class Consuming:
    """One consumer of a follower's group. `consumer`: its name, another one for every start."""

    def __init__(
        self,
        follower: Follower,
        *,
        consumer: str,
        stop: threading.Event,
        log: EventLog | None = None,
        claim_after_s: float = CLAIM_AFTER_S,
    ) -> None:
        self._follower = follower
        self._stop = stop
        self._log = log or event_log()
        self._group: Group = self._log.group(follower.name, consumer, claim_after_s=claim_after_s)
        self._hold_every_s = claim_after_s / 4
        self._held: Sequence[str] = ()
        self._moved_s = time.monotonic()
        self._behind = True
        self._tidied_s = -TIDY_EVERY_S

    def run(self) -> None:
        """Follow until `stop` is set: at once while waiting, else after the batch under way."""
        while not self._stop.is_set():
            try:
                self._round()
            except _Stopped:
                break
            except Exception:  # nobody starts it again: whatever went wrong, go on
                logger.exception("%s: following the event log is interrupted", self._follower.name)
                self._stop.wait(LONGEST_PAUSE_S)

    def _round(self) -> None:
        if self._behind:
            self._catch_up()
        try:
            deliveries = self._patiently(lambda: self._group.read(wait_s=READ_WAIT_S))
        except LogGap:
            logger.warning("%s: events were dropped before they were read", self._follower.name)
            self._behind = True
            return
        if deliveries:
            with self._holding(deliveries):
                self._handle(deliveries)
        self._tidy()

    def _catch_up(self) -> None:
        self._behind = False
        try:
            self._patiently(self._follower.catch_up)
        except _Stopped:
            raise
        except Exception:  # the timetable's jobs repair it; the events must not wait for that
            logger.exception("%s: catching up failed", self._follower.name)

    def _handle(self, deliveries: Sequence[Delivery]) -> None:
        try:
            self._patiently(lambda: self._follower.handle([delivery.event for delivery in deliveries]))
        except _Stopped:
            raise
        except Exception as error:
            if len(deliveries) == 1:
                self._failed(deliveries[0], error)
                return
            for delivery in deliveries:
                if self._stop.is_set():
                    raise _Stopped from None
                self._handle([delivery])
        else:
            ids = [delivery.event.id for delivery in deliveries]
            self._patiently(lambda: self._group.done(ids))

    def _failed(self, delivery: Delivery, error: Exception) -> None:
        event = delivery.event
        logger.error(
            "%s: %s %s failed (try %d)",
            *(self._follower.name, event.type, event.id, delivery.tries),
            exc_info=error,
        )
        reason = f"{type(error).__name__}: {error}"[:MOST_REASON_CHARS]
        self._held = [event_id for event_id in self._held if event_id != event.id]  # its time begins now
        self._patiently(lambda: self._group.failed(delivery, reason))

    @contextmanager
    def _holding(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        """Meanwhile these are this consumer's, however long the database is away or a backlog takes."""
        self._held = [delivery.event.id for delivery in deliveries]
        over = threading.Event()
        threading.Thread(target=self._hold, args=(over,), daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _hold(self, over: threading.Event) -> None:
        while not over.wait(self._hold_every_s) and time.monotonic() - self._moved_s < HANGS_AFTER_S:
            with suppress(LogUnavailable):
                self._group.hold(self._held)

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied_s < TIDY_EVERY_S:
            return
        self._tidied_s = time.monotonic()
        if gone := self._patiently(self._log.remove_dead_consumers):
            logger.info("dead consumers are forgotten: %s", ", ".join(gone))

    def _patiently(self, act: Callable[[], T]) -> T:
        """What `act` answers, tried again for as long as the database or the log is away.

        Raises _Stopped where it was told to stop meanwhile, and whatever else `act` raises.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            self._moved_s = time.monotonic()
            try:
                return act()
            except LogUnavailable as error:
                self._behind = True  # what happened meanwhile was perhaps never written
                away: Exception = error
            except AWAY as error:
                if isinstance(error.__cause__, REFUSED):
                    raise
                away = error
            finally:
                close_old_connections()
            if pause_s == FIRST_PAUSE_S:
                logger.warning("%s waits: %s", self._follower.name, away)
            if self._stop.wait(pause_s):
                raise _Stopped
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class Consumers:
    """A thread for each follower. `name`: what all these consumers are called."""

    def __init__(self, followers: Sequence[Follower]) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(follower,), name=f"consume-{follower.name}", daemon=True)
            for follower in followers
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, *, within_s: float = STOP_WITHIN_S) -> None:
        """Tell them to stop, and wait for the batches under way, for `within_s` seconds in all."""
        self._stop.set()
        deadline_s = time.monotonic() + within_s
        for thread in filter(threading.Thread.is_alive, self._threads):
            thread.join(max(0.0, deadline_s - time.monotonic()))

    def _run(self, follower: Follower) -> None:
        try:
            Consuming(follower, consumer=self.name, stop=self._stop).run()
        finally:
            connections.close_all()
