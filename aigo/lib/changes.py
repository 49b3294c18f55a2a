"""What has changed lately, by the event log: tells whether an answer that was kept still holds."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aigo.lib.events import Event, LogGap, event_log

#: How many topics are remembered one by one; with more, everything counts as changed once.
MOST_TOPICS = 20_000


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the log as this process reads it: grows with every read that brought news."""

    turn: int
    event_id: str = ""


class Changes:
    """Follows the log when asked, never in between: one call of `last_id` while nothing has happened.

    `topics_of`: what an event touches; None = everything.
    """

    def __init__(self, topics_of: Callable[[Event], Iterable[str] | None]) -> None:
        self._topics_of = topics_of
        self._lock = threading.Lock()
        self._read = Position(0, "")
        self._all_changed = 0
        self._changed: dict[str, int] = {}

    def position(self) -> Position:
        """Where the log ends now. Raises LogUnavailable."""
        newest = event_log().last_id()
        with self._lock:
            if newest != self._read.event_id:
                self._read_on(newest)
            return self._read

    def since(self, position: Position, topics: Iterable[str]) -> bool:
        """Whether anything of `topics` has changed after `position`, as far as the log has been read."""
        with self._lock:
            newest = max((self._changed.get(topic, 0) for topic in topics), default=0)
            return max(newest, self._all_changed) > position.turn

    def touched(self, position: Position) -> frozenset[str] | None:
        """The topics that have changed after `position`, as far as the log has been read; None = all."""
        with self._lock:
            if self._all_changed > position.turn:
                return None
            return frozenset(topic for topic, turn in self._changed.items() if turn > position.turn)

    def _read_on(self, newest: str) -> None:
        turn, known = self._read.turn + 1, self._read.event_id
        try:
            events = event_log().read_after(known or newest)
        except LogGap:  # dropped, or another log than before: whatever was known may have changed
            self._all_changed = turn
            self._read = Position(turn, newest)
            return
        for event in events:
            self._note(event, turn)
        if len(self._changed) > MOST_TOPICS:
            self._all_changed = turn
            self._changed.clear()
        if events or not known:  # otherwise another thread has read on meanwhile
            self._read = Position(turn, events[-1].id if events else newest)

    def _note(self, event: Event, turn: int) -> None:
        topics = self._topics_of(event)
        if topics is None:
            self._all_changed = turn
        else:
            self._changed.update(dict.fromkeys(topics, turn))
