"""The event log of several processes: one Redis stream, and one of dead letters."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aigo.lib.events import scripts
from aigo.lib.events.connections import connected
from aigo.lib.events.interface import (
    CLAIM_AFTER_S,
    START,
    ConsumerReport,
    DeadLetter,
    Event,
    GroupReport,
    LogAhead,
    LogGap,
    order,
    written_at,
)
from aigo.lib.events.members import DEAD, EVENTS, RedisGroup, event_of, fields_of
from aigo.lib.events.types import checked, text_of


class RedisLog:
    """Keeps the newest `length` events, on one Redis or a cluster (`url` as EVENT_LOG_URL); see EventLog.

    Ids stay behind every id that this process has seen, also where Redis begins anew with its clock set back.
    """

    def __init__(self, url: str, length: int) -> None:
        self._redis = connected(url)
        self._length = length
        self._newest = START

    def close(self) -> None:
        """Close its connections now, not when they are swept up."""
        self._redis.close()

    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        version = checked(type, data).version
        arguments = (self._newest, self._length, type, version, text_of(data))
        return self._saw(str(self._redis.run(scripts.APPEND, [EVENTS], *arguments)))

    def last_id(self) -> str:
        return self._saw(str(self._redis.run(scripts.LAST, [EVENTS], self._newest)))

    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        since = order(event_id)
        event_id = f"{since[0]}-{since[1]}"
        until_s = time.monotonic() + wait_s
        if wait_s and event_id == self._newest:  # nothing is behind it as far as we know: no need to ask
            entries = self._redis.wait(EVENTS, event_id, wait_s, count=self._length)
            if entries and fields_of(entries[0])["prev"] == event_id:  # and none is missing between
                self._saw(entries[-1][0])
                return _for_all(entries)
        while True:
            entries, newest = self._redis.run(scripts.AFTER, [EVENTS], self._newest, event_id, self._length)
            follows = fields_of(entries[0])["prev"] if entries else newest
            if order(follows) != since:
                raise LogAhead(event_id) if since > order(newest) else LogGap(event_id)
            self._saw(newest)
            found = _for_all(entries)
            left_s = until_s - time.monotonic()
            if found or left_s <= 0:
                return found
            self._redis.wait(EVENTS, newest, left_s)

    def _saw(self, event_id: str) -> str:
        if order(event_id) > order(self._newest):
            self._newest = event_id
        return event_id

    def group(self, name: str, consumer: str, *, claim_after_s: float = CLAIM_AFTER_S) -> RedisGroup:
        return RedisGroup(self._redis, name, consumer, claim_after_s)

    def group_reports(self) -> list[GroupReport]:
        answer = self._redis.run(scripts.REPORTS, [EVENTS])
        return sorted((_report(*group) for group in answer), key=lambda report: report.name)

    def dead_letters(self, *, count: int = 100) -> list[DeadLetter]:
        return [_letter(entry) for entry in self._redis.run(scripts.LETTERS, [DEAD], count)]

    def replay(self, dead_id: str) -> str:
        arguments = (self._newest, self._length, _dead_id(dead_id))
        event_id = self._redis.run(scripts.REPLAY, [DEAD, EVENTS], *arguments)
        if event_id is None:
            raise KeyError(dead_id)
        return self._saw(str(event_id))

    def drop(self, dead_id: str) -> None:
        if not self._redis.run(scripts.DROP, [DEAD], _dead_id(dead_id)):
            raise KeyError(dead_id)

    def remove_dead_consumers(self, *, idle_s: float = 600.0) -> list[str]:
        names = self._redis.run(scripts.REMOVE, [EVENTS], int(idle_s * 1000))
        return [str(name) for name in names]


def _for_all(entries: Sequence[Any]) -> list[Event]:
    """The events of entries, without those that are replayed for one group."""
    return [event for event in map(event_of, entries) if not event.only]


def _report(
    name: str, backlog: int, pending: int, oldest_ms: int, consumers: Sequence[tuple[str, int, int]]
) -> GroupReport:
    found = [ConsumerReport(who, held, idle_ms / 1000) for who, held, idle_ms in sorted(consumers)]
    return GroupReport(name, backlog, pending, oldest_ms / 1000 if oldest_ms >= 0 else None, found)


def _letter(entry: Any) -> DeadLetter:
    fields = fields_of(entry)
    event = event_of((fields["event"], entry[1]))
    return DeadLetter(
        entry[0], fields["group"], event, fields["reason"], int(fields["tries"]),
        written_at(event.id), fields["consumer"], written_at(entry[0]),
    )  # fmt: skip


def _dead_id(dead_id: str) -> str:
    try:
        order(dead_id)
    except ValueError:
        raise KeyError(dead_id) from None
    return dead_id
