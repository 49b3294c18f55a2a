"""The event log of a single process. It ends with the process; what came before its beginning is a gap."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Any

from aigo.lib.events.interface import (
    CLAIM_AFTER_S,
    MOST_DEAD,
    MOST_TRIES,
    ConsumerReport,
    DeadLetter,
    Delivery,
    Event,
    GroupReport,
    LogAhead,
    LogGap,
    never_answered,
    order,
    written_at,
)
from aigo.lib.events.types import checked, text_of

#: An id as it sorts.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    """after: the place of the entry before it, still there or not."""

    place: Place
    after: Place
    event: Event


@dataclass(slots=True)
class _Pending:
    entry: _Entry
    consumer: str
    since_s: float
    tries: int = 1


@dataclass(slots=True)
class _Membership:
    """What the consumers of a group share. `seen_s`: when each of them read last."""

    read_to: Place
    pending: dict[Place, _Pending] = field(default_factory=dict)
    seen_s: dict[str, float] = field(default_factory=dict)


class MemoryLog:
    """Keeps the newest `length` events; see EventLog."""

    def __init__(self, length: int, *, now: datetime) -> None:
        self.entries: deque[_Entry] = deque(maxlen=length)
        self.newest: Place = (_ms(now), 0)
        self.changed = threading.Condition()
        self.groups: dict[str, _Membership] = {}
        self._dead: deque[DeadLetter] = deque(maxlen=MOST_DEAD)
        self._dead_count = 0

    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        version = checked(type, data).version
        with self.changed:
            # By way of text: a reader gets what it would get from another process, and nobody can change it.
            return self._append(Event("", type, json.loads(text_of(data)), version), now)

    def _append(self, event: Event, now: datetime) -> str:
        after = self.newest
        self.newest = max((_ms(now), 0), (after[0], after[1] + 1))
        event_id = _text(self.newest)
        stored = Event(event_id, event.type, event.data, event.version, event.only)
        self.entries.append(_Entry(self.newest, after, stored))
        self.changed.notify_all()
        return event_id

    def last_id(self) -> str:
        with self.changed:
            everybodys = (entry.place for entry in reversed(self.entries) if not entry.event.only)
            return _text(next(everybodys, self.oldest_reach()))

    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        since = order(event_id)

        def found() -> list[Event]:
            if since > self.newest:
                raise LogAhead(event_id)
            behind = self.after(since)
            if since != (behind[0].after if behind else self.newest):
                raise LogGap(event_id)
            return [entry.event for entry in behind if not entry.event.only]

        with self.changed:
            return self.changed.wait_for(found, timeout=wait_s)

    def after(self, place: Place) -> list[_Entry]:
        """Entries behind a place, oldest first."""
        return list(takewhile(lambda entry: entry.place > place, reversed(self.entries)))[::-1]

    def oldest_reach(self) -> Place:
        """The earliest place behind which nothing is missing."""
        return self.entries[0].after if self.entries else self.newest

    def group(self, name: str, consumer: str, *, claim_after_s: float = CLAIM_AFTER_S) -> "MemoryGroup":
        return MemoryGroup(self, name, consumer, claim_after_s)

    def group_reports(self) -> list[GroupReport]:
        with self.changed:
            return [self._report(name) for name in sorted(self.groups)]

    def _report(self, name: str) -> GroupReport:
        group, now_s = self.groups[name], time.monotonic()
        oldest = min(group.pending, default=None)
        consumers = [
            ConsumerReport(who, sum(p.consumer == who for p in group.pending.values()), now_s - seen_s)
            for who, seen_s in sorted(group.seen_s.items())
        ]
        age_s = (datetime.now(UTC) - written_at(_text(oldest))).total_seconds() if oldest else None
        return GroupReport(name, len(self.after(group.read_to)), len(group.pending), age_s, consumers)

    def set_aside(self, group: str, delivery: Delivery, reason: str, consumer: str) -> None:
        """Make a dead letter of what is still pending in the group."""
        with self.changed:
            shared = self.groups.get(group)
            if shared is None or shared.pending.pop(order(delivery.event.id), None) is None:
                return
            self._dead_count += 1
            now = datetime.now(UTC)
            self._dead.append(
                DeadLetter(
                    f"{_ms(now)}-{self._dead_count}", group, delivery.event, reason,
                    delivery.tries, delivery.first_seen_at, consumer, now,
                )
            )  # fmt: skip

    def dead_letters(self, *, count: int = 100) -> list[DeadLetter]:
        with self.changed:
            return list(islice(reversed(self._dead), count))

    def replay(self, dead_id: str) -> str:
        with self.changed:
            letter = self._take(dead_id)
            event = letter.event
            again = Event("", event.type, event.data, event.version, only=letter.group)
            return self._append(again, datetime.now(UTC))

    def drop(self, dead_id: str) -> None:
        with self.changed:
            self._take(dead_id)

    def _take(self, dead_id: str) -> DeadLetter:
        for letter in self._dead:
            if letter.id == dead_id:
                self._dead.remove(letter)
                return letter
        raise KeyError(dead_id)

    def remove_dead_consumers(self, *, idle_s: float = 600.0) -> list[str]:
        with self.changed:
            removed = []
            for group in self.groups.values():
                holding = {pending.consumer for pending in group.pending.values()}
                for who, seen_s in list(group.seen_s.items()):
                    if who not in holding and time.monotonic() - seen_s >= idle_s:
                        del group.seen_s[who]
                        removed.append(who)
            return removed


class MemoryGroup:
    """A consumer of a group in this process; see Group."""

    def __init__(self, log: MemoryLog, name: str, consumer: str, claim_after_s: float) -> None:
        self._log, self._name, self._consumer = log, name, consumer
        self._claim_after_s = claim_after_s
        self._looked_s = -claim_after_s
        #: Up to here the consumer knows that entries are missing.
        self._known_gap: Place = (0, 0)

    def read(self, *, count: int = 100, wait_s: float = 0.0) -> list[Delivery]:
        until_s = time.monotonic() + wait_s
        with self._log.changed:
            while True:
                found = self._next(count)
                left_s = until_s - time.monotonic()
                if found or left_s <= 0:
                    return found
                self._log.changed.wait(min(left_s, self._claim_after_s / 12))

    def _next(self, count: int) -> list[Delivery]:
        fresh = _Membership(self._log.oldest_reach())
        group = self._log.groups.setdefault(self._name, fresh)
        now_s = time.monotonic()
        group.seen_s[self._consumer] = now_s
        self._refuse_gap(group, now_s)
        claimed = self._claim(group, count, now_s)
        if claimed and claimed[0].tries > 2:
            return claimed
        new = self._log.after(group.read_to)[: count - len(claimed)]
        if new:
            group.read_to = new[-1].place
        mine = [entry for entry in new if entry.event.only in ("", self._name)]
        for entry in mine:
            group.pending[entry.place] = _Pending(entry, self._consumer, now_s)
        return claimed + [_delivery(group.pending[entry.place]) for entry in mine]

    def _refuse_gap(self, group: _Membership, now_s: float) -> None:
        reach = self._log.oldest_reach()
        lost = [place for place in self._idle(group, now_s) if place <= reach]
        gap = max([*lost, reach if reach > group.read_to else (0, 0)])
        if gap > self._known_gap:
            self._known_gap = gap
            raise LogGap(_text(gap))
        for place in lost:
            del group.pending[place]

    def _claim(self, group: _Membership, count: int, now_s: float) -> list[Delivery]:
        if now_s - self._looked_s < self._claim_after_s / 12:
            return []
        claimed: list[Delivery] = []
        for place in self._idle(group, now_s):
            pending = group.pending[place]
            alone = pending.tries >= 2
            if len(claimed) == count or (alone and claimed):
                break
            if pending.tries >= MOST_TRIES:
                reason = never_answered(pending.tries)
                self._log.set_aside(self._name, _delivery(pending), reason, pending.consumer)
                continue
            pending.consumer, pending.since_s, pending.tries = self._consumer, now_s, pending.tries + 1
            claimed.append(_delivery(pending))
            if alone:
                break
        if not claimed:
            self._looked_s = now_s
        return claimed

    def _idle(self, group: _Membership, now_s: float) -> list[Place]:
        return [
            place for place, p in sorted(group.pending.items()) if now_s - p.since_s >= self._claim_after_s
        ]

    def hold(self, ids: Iterable[str]) -> None:
        with self._log.changed:
            for place in map(order, ids):
                pending = self._pending().get(place)
                if pending and pending.consumer == self._consumer:
                    pending.since_s = time.monotonic()

    def done(self, ids: Iterable[str]) -> None:
        with self._log.changed:
            for place in map(order, ids):
                self._pending().pop(place, None)

    def failed(self, delivery: Delivery, reason: str) -> None:
        if delivery.tries >= MOST_TRIES:
            self._log.set_aside(self._name, delivery, reason, self._consumer)

    def _pending(self) -> dict[Place, _Pending]:
        group = self._log.groups.get(self._name)
        return group.pending if group else {}


def _delivery(pending: _Pending) -> Delivery:
    event = pending.entry.event
    return Delivery(event, pending.tries, written_at(event.id))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _text(place: Place) -> str:
    return f"{place[0]}-{place[1]}"
