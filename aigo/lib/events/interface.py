"""What the event log is to its users, whatever holds it.

LogGap            ours, permanent for the reader: events it has not read are gone; take a snapshot
  LogAhead        the reader's: the id is newer than the log's newest event
LogUnavailable    the operator's, transient: Redis does not answer
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

#: Before the first event.
START: Final = "0-0"
#: An entry that was delivered and not answered for so long is given to whoever reads next, in seconds.
CLAIM_AFTER_S: Final = 60.0
#: Deliveries of an entry to a group; what fails that often is set aside as a dead letter.
MOST_TRIES: Final = 5
#: So many dead letters are kept; past that the oldest goes.
MOST_DEAD: Final = 1_000
#: More than any id has, and less than what Redis refuses to look behind.
_MOST: Final = 2**63 - 1


class LogGap(Exception):
    """Events after the given id have been dropped already, or this log has never given that id."""


class LogAhead(LogGap):
    """The given id is from the future: the log has not come that far."""


class LogUnavailable(Exception):
    """The server that holds the log does not answer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. `type` is from aigo.lib.events.types; `data` is plain JSON.

    only: the group that a replayed event is meant for; "" = everybody.
    """

    id: str
    type: str
    data: dict[str, Any]
    version: int = 1
    only: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as a group hands it to one of its consumers.

    tries: deliveries to the group, this one included. first_seen_at: when the log took the event, UTC.
    """

    event: Event
    tries: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ConsumerReport:
    """A consumer of a group. pending: delivered to it and not answered yet; idle_s: since it last read."""

    name: str
    pending: int
    idle_s: float


@dataclass(frozen=True, slots=True)
class GroupReport:
    """How far a group is. backlog: entries not delivered yet; pending: delivered and not answered yet.

    oldest_pending_s: how long ago the oldest pending event was written; None where nothing is pending.
    """

    name: str
    backlog: int
    pending: int
    oldest_pending_s: float | None
    consumers: list[ConsumerReport]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a group has given up. `id` is its own, not the event's; moments are UTC."""

    id: str
    group: str
    event: Event
    reason: str
    tries: int
    first_seen_at: datetime
    consumer: str
    set_aside_at: datetime


class Group(Protocol):
    """One consumer's share of a group: every event goes to one consumer of the group, at least once.

    For one thread. Consumers of the same group need different names.
    """

    def read(self, *, count: int = 100, wait_s: float = 0.0) -> list[Delivery]:
        """Up to `count` entries, oldest first; waits up to `wait_s` seconds for the first.

        New ones, and those of any consumer that were not answered for CLAIM_AFTER_S (looked for every
        twelfth of that). An entry that was lost twice comes alone, so that one that ends the process takes
        no others with it. A new group begins at the oldest entry of the log.

        Raises LogGap where entries were dropped before the group had handled them. The read after that goes
        on; until then the gap stays, for this and for every other consumer. Raises LogUnavailable.
        """
        ...

    def hold(self, ids: Iterable[str]) -> None:
        """These are still being handled: nobody else may claim them for another CLAIM_AFTER_S."""
        ...

    def done(self, ids: Iterable[str]) -> None:
        """These are handled, and never come again."""
        ...

    def failed(self, delivery: Delivery, reason: str) -> None:
        """It stays pending and comes again after CLAIM_AFTER_S; at MOST_TRIES it becomes a dead letter."""
        ...


class EventLog(Protocol):
    """Append at the end, read on from an id. Safe to use from several threads. All raise LogUnavailable."""

    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        """The new event's id. ValueError for a type or fields that are not in the table of types."""
        ...

    def last_id(self) -> str:
        """The newest event's id; where nothing was written yet, the id that the log began with."""
        ...

    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        """Events after `event_id`, oldest first; waits up to `wait_s` seconds for the first.

        Raises LogGap where events after `event_id` are already gone, LogAhead for an id of the future,
        ValueError for a malformed one.
        """
        ...

    def group(self, name: str, consumer: str, *, claim_after_s: float = CLAIM_AFTER_S) -> Group:
        """A consumer of a group; the group comes into being with its first read."""
        ...

    def group_reports(self) -> list[GroupReport]:
        """Every group that has ever read, by name."""
        ...

    def dead_letters(self, *, count: int = 100) -> list[DeadLetter]:
        """What groups have given up, newest first."""
        ...

    def replay(self, dead_id: str) -> str:
        """Append the event again for its group only, and forget the letter. KeyError where it is gone."""
        ...

    def drop(self, dead_id: str) -> None:
        """Forget a letter. KeyError where it is gone."""
        ...

    def remove_dead_consumers(self, *, idle_s: float = 600.0) -> list[str]:
        """Forget consumers that have not read for so long and hold nothing; their names."""
        ...


def order(event_id: str) -> tuple[int, int]:
    """The id as a pair that sorts: "1700000000000-3" → (1700000000000, 3). ValueError for another form."""
    head, dash, tail = event_id.partition("-")
    if dash and all(part.isascii() and part.isdigit() and len(part) <= 20 for part in (head, tail)):
        pair = int(head), int(tail)
        if max(pair) <= _MOST:
            return pair
    raise ValueError(f"{event_id[:50]!r} is not an event id such as {START!r}")


def written_at(event_id: str) -> datetime:
    """The moment in an id, UTC."""
    return datetime.fromtimestamp(order(event_id)[0] / 1000, UTC)


def never_answered(tries: int) -> str:
    """Why an entry is set aside that no consumer has ever said a word about."""
    return f"delivered {tries} times, and every consumer ended or hung before it answered"
