"""Reading from replicas: only inside `reading`, and only what is known to have everything the primary had.

How far a replica is behind is measured by the primary's log positions and the moments they were seen at. What
a replica tells of itself (`pg_last_xact_replay_timestamp`) grows while the primary has nothing to write, and
stands still with a replica that was cut off. A replica that does not answer, is no replica (any more), or is
behind by more than BEHIND_S or by an unknown time is left out.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections, transaction

from aigo.lib.once import once

logger = logging.getLogger(__name__)
T = TypeVar("T")
#: 5.0 s behind → read from, 5.1 s → left out.
BEHIND_S: Final = 5.0
#: Every so many seconds each replica is looked at.
LOOK_EVERY_S: Final = 1.0
#: A reader waits so long, in seconds, for what the primary had when it came; then it reads the primary.
CATCH_UP_S: Final = 0.1
#: So many looks are remembered; a replica behind all of them is behind by an unknown time.
LOOKS: Final = 120
_PRIMARY: Final = "SELECT pg_current_wal_lsn() - '0/0', system_identifier FROM pg_control_system()"
_REPLICA: Final = (
    "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() - '0/0', system_identifier FROM pg_control_system()"
)
_alias: ContextVar[str | None] = ContextVar("alias", default=None)


class ReplicaRouter:
    """Sends reads inside `reading` to the chosen replica; everything else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS if _in_transaction() else _alias.get() or DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """All hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


@dataclass(frozen=True, slots=True)
class Standing:
    """A replica as it was seen last. `behind_s`: at most so many seconds, None = unknown; `error`: why."""

    alias: str
    address: str
    behind_s: float | None
    error: str

    @property
    def usable(self) -> bool:
        return self.behind_s is not None and self.behind_s <= BEHIND_S


def behind(looks: Iterable[tuple[float, int]], replayed: int, now_s: float) -> float | None:
    """Seconds since the newest look at which the primary had no more than the replica has replayed.

    looks: (moment in seconds, position of the primary's log), oldest first. None: the replica lacks even what
    the primary had at the first look.
    """
    reached = [moment_s for moment_s, position in looks if position <= replayed]
    return now_s - reached[-1] if reached else None


class Follower:
    """Looks at one replica and the primary, from a thread of its own, with that thread's connections."""

    def __init__(
        self, alias: str, *, databases: Any = connections, clock: Callable[[], float] = time.monotonic
    ):
        self.alias = alias
        host, port = (databases.settings[alias][name] for name in ("HOST", "PORT"))
        self.address = f"{host}:{port}" if port else str(host)
        self._databases = databases
        self._clock = clock
        self._looks: deque[tuple[float, int]] = deque(maxlen=LOOKS)
        self._seen: tuple[float, float | None, str] = (clock(), None, "not looked at yet")

    def look(self) -> None:
        """Once, now. What goes wrong is the standing's error."""
        try:
            self._seen = (self._clock(), self._measured(), "")
        except (Error, NotAReplica) as error:
            self.leave_out(error)
            for alias in (DEFAULT_DB_ALIAS, self.alias):
                self._databases[alias].close()

    def leave_out(self, error: Exception) -> None:
        """Until the next look."""
        self._seen = (self._clock(), None, f"{type(error).__name__}: {error}"[:200])

    def standing(self) -> Standing:
        """A measurement grows old: the time since then may have been lost on top."""
        seen_at, behind_s, error = self._seen
        if behind_s is not None:
            behind_s += self._clock() - seen_at
        elif not error:
            error = "it lacks what the primary had when it was first looked at"
        return Standing(self.alias, self.address, behind_s, error)

    def _measured(self) -> float | None:
        now_s = self._clock()
        position, system = _one(self._databases, DEFAULT_DB_ALIAS, _PRIMARY)
        self._looks.append((now_s, int(position)))
        follows, replayed, its_system = _one(self._databases, self.alias, _REPLICA)
        if not follows or replayed is None or its_system != system:
            raise NotAReplica("it does not follow this primary")
        return behind(self._looks, int(replayed), self._clock())


class NotAReplica(Exception):
    """The operator's: the address is that of another cluster, or of one that was promoted."""


@once
def followers() -> dict[str, Follower]:
    """This process's, looking from now on; none where no replica is configured."""
    found = {alias: Follower(alias) for alias in settings.REPLICAS}
    for follower in found.values():
        threading.Thread(target=_follow, args=(follower,), name=follower.alias, daemon=True).start()
    return found


def standings() -> list[Standing]:
    """All replicas, for operators."""
    return [follower.standing() for follower in followers().values()]


@contextmanager
def reading() -> Iterator[str | None]:
    """Reads inside go to a replica that has all that the primary had at this moment; None = to the primary.

    In a transaction they go to the primary. Raises what the primary's absence raises.
    """
    alias = None if _in_transaction() else _choice()
    token = _alias.set(alias)
    try:
        yield alias
    finally:
        _alias.reset(token)


def read(make: Callable[[], T]) -> T:
    """What `make` reads, from a replica where possible; from the primary where the replica then fails."""
    with reading() as alias:
        try:
            return make()
        except (OperationalError, InterfaceError) as error:
            if alias is None:
                raise
            logger.warning("%s failed, the primary is read: %s", alias, error)
            followers()[alias].leave_out(error)
            connections[alias].close()
    return make()


def _choice() -> str | None:
    usable = [follower.alias for follower in followers().values() if follower.standing().usable]
    if not usable:
        return None
    # Inserted, not written: a commit that does not wait for the disk is told of before its record is written.
    (position,) = _one(connections, DEFAULT_DB_ALIAS, "SELECT pg_current_wal_insert_lsn() - '0/0'")
    alias = usable[int(time.monotonic() * 1000) % len(usable)]
    try:
        return alias if _catches_up(alias, int(position)) else None
    except (OperationalError, InterfaceError) as error:
        followers()[alias].leave_out(error)
        connections[alias].close()
        return None


def _catches_up(alias: str, position: int) -> bool:
    until = time.monotonic() + CATCH_UP_S
    while True:
        (replayed,) = _one(connections, alias, "SELECT pg_last_wal_replay_lsn() - '0/0'")
        if replayed is not None and int(replayed) >= position:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.005)


def _follow(follower: Follower) -> None:
    while True:
        follower.look()
        time.sleep(LOOK_EVERY_S)


def _in_transaction() -> bool:
    return bool(transaction.get_connection(DEFAULT_DB_ALIAS).in_atomic_block)


def _one(databases: Any, alias: str, query: str) -> tuple[Any, ...]:
    with databases[alias].cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
        return row
