"""Answers that are computed once and kept for all readers of a process, until something has changed.

    Unavailable    the operator's, transient: a part does not answer and there is no last answer; HTTP 503

An answer is handed out while no event touched its topics, it is younger than `keep`, and its own time has
not come (`until`). Then one reader computes it anew: the others wait for that one where an event or the time
has overtaken the old answer, and take the old one where it is merely older than `keep` and younger than
twice that. Where a new answer can be had from the old one and what has changed (`mend`), it is, for
`KEEP_WHOLE`; in a process that serves (`renew_aside`) the next whole one is then computed in a thread of its
own while readers go on with mended ones. While the database is away the last answer is handed out with its
age, and says so.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from django.db import InterfaceError, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled, SerializationFailure
from rest_framework import exceptions

from aigo.lib.breaker import RETRY_S, Breaker, Report
from aigo.lib.changes import Changes, Position
from aigo.lib.events import LogUnavailable

T = TypeVar("T")
#: What it looks like when the database is away.
AWAY = (OperationalError, InterfaceError)
#: An OperationalError too, but told by a database that is there: one query was too much, not the next.
REFUSED: Final = (DeadlockDetected, LockNotAvailable, QueryCanceled, SerializationFailure)
#: An answer is kept so long where nobody names another time.
KEEP: Final = timedelta(seconds=30)
#: An answer is mended for so long, then computed from nothing: what no event has told of is seen by then.
KEEP_WHOLE: Final = timedelta(seconds=120)
#: Whole answers that are computed aside are waited for so long; past that a reader computes one.
KEEP_MENDED: Final = 2 * KEEP_WHOLE
#: Without the event log nobody knows what has changed: an answer is kept for so long only.
KEEP_BLINDLY: Final = timedelta(seconds=1)
#: How long a last answer may stand in for the present.
LAST_ANSWER: Final = timedelta(hours=1)
#: A reader waits so long for another one's computing, in seconds; then the database passes for away.
PATIENCE_S: Final = 10.0
#: Kept answers of a keeper; past that the one that was asked for least recently goes.
MOST_KEPT: Final = 1_000


class Unavailable(exceptions.APIException):
    """A part is away, and nothing was kept that could be shown instead."""

    status_code = 503
    wait = RETRY_S

    def __init__(self, part: str) -> None:
        super().__init__(
            f"The {part} does not answer, and there is no earlier answer to show. Ask again soon."
        )
        self.extra = {"title": "Temporarily unavailable", "part": part}


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A value as it is handed out. `at`: when it was computed; `event_id`: it held up to this event.

    `age`: since `at`; zero = computed now. `away`: the part whose absence made it the last answer there was,
    "" = it is the present.
    """

    value: T
    at: datetime
    age: timedelta
    event_id: str
    away: str = ""

    @property
    def age_s(self) -> int:
        """In whole seconds."""
        return int(self.age.total_seconds())


@dataclass(frozen=True, slots=True)
class _Made:
    value: Any
    at: datetime
    until: datetime | None
    topics: tuple[str, ...]
    position: Position | None
    whole_at: datetime
    steady_s: float = field(default_factory=time.monotonic)

    def age(self, now: datetime) -> timedelta:
        """By the steady clock where `now` is earlier: taken before a wait, or from a clock set back."""
        age = now - self.at
        return age if age >= timedelta(0) else timedelta(seconds=time.monotonic() - self.steady_s)


@dataclass(slots=True)
class _Place:
    """Where one answer is kept; the lock is held by who computes it. `failed_s`: when that last failed.

    `renewing`: a whole one is being computed aside.
    """

    asked_at: datetime
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: _Made | None = None
    failed_s: float = 0.0
    renewing: bool = False


@dataclass(frozen=True, slots=True)
class _Wish(Generic[T]):
    make: Callable[[], T]
    now: datetime
    keep: timedelta
    topics: Callable[[T], Iterable[str]]
    until: Callable[[T], datetime] | None
    position: Position | None
    mend: Callable[[T, frozenset[str]], T] | None


class Keeper:
    """The kept answers of a process. Safe to use from several threads.

    `read`: runs what computes an answer, with the database that may be read from. `always`: the key of the
    answer that stays however many others are asked for. `most`: answers that it keeps.
    """

    def __init__(
        self,
        changes: Changes,
        *,
        read: Callable[[Callable[[], Any]], Any] | None = None,
        always: Hashable = None,
        most: int = MOST_KEPT,
    ) -> None:
        self._changes = changes
        self._read = read or (lambda make: make())
        self._always = always
        self._most = most
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()
        self._lock = threading.Lock()
        self._database, self._log = Breaker("database"), Breaker("event log")
        self._aside: Callable[[Callable[[], None]], object] | None = None

    def renew_aside(self, run: Callable[[Callable[[], None]], object]) -> None:
        """From now on no reader waits for a whole answer where a mended one is had: `run` is handed the work.

        For processes that serve. What `run` starts must close its own database connections.
        """
        self._aside = run

    def answer(
        self,
        key: Hashable,
        make: Callable[[], T],
        *,
        now: datetime,
        topics: Callable[[T], Iterable[str]],
        keep: timedelta = KEEP,
        until: Callable[[T], datetime] | None = None,
        mend: Callable[[T, frozenset[str]], T] | None = None,
    ) -> Answer[T]:
        """The kept answer if it still holds, else a new one of `make`; see the module.

        `topics(value)`: what it is about, as the events name it. `until(value)`: from when on it is wrong by
        the mere passing of time. `mend(value, changed)`: what `make` would give, from an earlier answer and
        the topics that have changed since. Raises Unavailable.
        """
        came_s = time.monotonic()
        wish = _Wish(make, now, keep, topics, until, self._position(now), mend)
        place = self._place(key, now)
        made = place.made
        if made and self._holds(made, wish):
            return self._handed(made, wish)
        if made and place.lock.locked() and self._holds(made, wish, grace=2):
            return self._handed(made, wish)
        if not place.lock.acquire(timeout=PATIENCE_S):
            return self._last(place, now)
        try:
            if place.made and self._holds(place.made, wish):
                return self._handed(place.made, wish)
            if place.failed_s > came_s:  # who waits does not wait for one time-out after another
                return self._last(place, now)
            return self._make(place, wish)
        finally:
            if place.made is None:  # nothing for the next one to find: keys are the readers' choice
                self._drop(key, place)
            place.lock.release()

    def reports(self) -> list[Report]:
        """The breakers, for operators."""
        return [self._database.report(), self._log.report()]

    def forget(self) -> None:
        """Every answer; the breakers stay as they are."""
        with self._lock:
            self._places.clear()

    def _make(self, place: _Place, wish: _Wish[T]) -> Answer[T]:
        if not self._database.allows():
            return self._last(place, wish.now)
        make, whole_at = self._way(place, wish)
        try:
            value = self._read(make)
        except AWAY as error:
            if _is_refusal(error):
                self._database.succeeded()
            else:
                self._database.failed(error, now=wish.now)
            place.failed_s = time.monotonic()
            return self._last(place, wish.now, error)
        except Unavailable:  # of an answer that `make` asked for, and that has told the breaker
            raise
        except Exception:  # ours, or that there is no such thing: the database has answered
            self._database.succeeded()
            raise
        self._database.succeeded()
        place.made = _made(value, wish, whole_at)
        return self._handed(place.made, wish)

    def _way(self, place: _Place, wish: _Wish[T]) -> tuple[Callable[[], T], datetime]:
        """How the answer is computed, and from when what was not told of is."""
        mend, made = wish.mend, place.made
        if mend is None or made is None or made.position is None or wish.position is None:
            return wish.make, wish.now
        changed = self._changes.touched(made.position)
        age = wish.now - made.whole_at
        if changed is None or not timedelta(0) <= age < (KEEP_MENDED if self._aside else KEEP_WHOLE):
            return wish.make, wish.now
        if age >= KEEP_WHOLE:
            self._renew(place, wish)
        return lambda: mend(made.value, changed), made.whole_at

    def _renew(self, place: _Place, wish: _Wish[Any]) -> None:
        """A whole answer, aside; what happens meanwhile it is mended with by the next reader."""
        if self._aside and not place.renewing:
            place.renewing = True
            self._aside(lambda: self._renewed(place, wish))

    def _renewed(self, place: _Place, wish: _Wish[Any]) -> None:
        try:
            made = _made(self._read(wish.make), wish, wish.now)
            with place.lock:  # a reader who is mending the old one would put it back
                place.made = made
        finally:
            place.renewing = False

    def _holds(self, made: _Made, wish: _Wish[Any], *, grace: int = 1) -> bool:
        """Nothing is known that speaks against it, and it is younger than `grace` times its time."""
        age = made.age(wish.now)
        if age >= grace * wish.keep or (made.until is not None and wish.now > made.until):
            return False
        if wish.position is None or made.position is None:
            return age < KEEP_BLINDLY
        return not self._changes.since(made.position, made.topics)

    def _handed(self, made: _Made, wish: _Wish[Any]) -> Answer[Any]:
        event_id = wish.position.event_id if wish.position else ""
        return Answer(made.value, made.at, made.age(wish.now), event_id)

    def _last(self, place: _Place, now: datetime, error: Exception | None = None) -> Answer[Any]:
        made, part = place.made, self._database.part
        if made is None or made.age(now) > LAST_ANSWER:
            raise Unavailable(part) from error
        event_id = made.position.event_id if made.position else ""
        return Answer(made.value, made.at, made.age(now), event_id, away=part)

    def _position(self, now: datetime) -> Position | None:
        """Where the event log ends; None while it cannot be reached."""
        if not self._log.allows():
            return None
        try:
            position = self._changes.position()
        except LogUnavailable as error:
            self._log.failed(error, now=now)
            return None
        self._log.succeeded()
        return position

    def _place(self, key: Hashable, now: datetime) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place(now))
            place.asked_at = now
            for used in (self._always, key):
                if used in self._places:
                    self._places.move_to_end(used)
            while len(self._places) > self._most or now - self._least_asked().asked_at > LAST_ANSWER:
                self._places.popitem(last=False)
            return place

    def _least_asked(self) -> _Place:
        return next(iter(self._places.values()))

    def _drop(self, key: Hashable, place: _Place) -> None:
        with self._lock:
            if self._places.get(key) is place:
                del self._places[key]


def _made(value: Any, wish: _Wish[Any], whole_at: datetime) -> _Made:
    until = wish.until(value) if wish.until else None
    return _Made(value, wish.now, until, tuple(wish.topics(value)), wish.position, whole_at)


def _is_refusal(error: Exception) -> bool:
    """Whether the database has answered, but not this query."""
    return isinstance(error.__cause__, REFUSED) or "database is locked" in str(error)
