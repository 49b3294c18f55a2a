"""The event log: what happened, in order, for every process that wants to follow.

    LogGap            ours, permanent for the reader: the log no longer reaches back; take a snapshot
    LogUnavailable    the operator's, transient: Redis does not answer

Two transports, one interface: in this process (default), or one Redis stream (REDIS_URL). Ids look like
`<unix ms>-<n>` in both, grow strictly, and keep growing over a restart. Both keep the newest
EVENT_LOG_LENGTH events.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import redis
from django.conf import settings
from django.utils import timezone

from aigo.lib.once import once

#: Before the first event.
START = "0-0"
STREAM = "aigo:events"
#: How long Redis may take to connect or to answer, in seconds; longer than any wait of a reader.
REDIS_PATIENCE_S = 5.0
P = ParamSpec("P")
R = TypeVar("R")


class LogGap(Exception):
    """Events after the given id have been dropped already."""


class LogUnavailable(Exception):
    """The server that holds the log does not answer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. `type` is from the table of event types in docs/events.md; `data` is plain JSON."""

    id: str
    type: str
    data: dict[str, Any]


class EventLog(Protocol):
    """Append at the end, read on from an id. Safe to use from several threads."""

    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        """The new event's id."""
        ...

    def last_id(self) -> str:
        """The newest event's id; START where the log is empty."""
        ...

    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        """Events after `event_id`, oldest first; waits up to `wait_s` seconds for the first.

        Raises LogGap where events after `event_id` are already gone, ValueError for a malformed id.
        """
        ...


def order(event_id: str) -> tuple[int, int]:
    """The id as a pair that sorts: "1700000000000-3" → (1700000000000, 3). ValueError for another form."""
    head, dash, tail = event_id.partition("-")
    if not (dash and head.isascii() and head.isdigit() and tail.isascii() and tail.isdigit()):
        raise ValueError(f"{event_id!r} is not an event id such as {START!r}")
    return int(head), int(tail)


class MemoryLog:
    """The log of a single process. Its first id is the moment it began: what came before is a gap."""

    def __init__(self, length: int, *, now: datetime) -> None:
        self._events: deque[Event] = deque(maxlen=length)
        self._last = self._dropped = (int(now.timestamp() * 1000), 0)
        self._changed = threading.Condition()

    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        with self._changed:
            self._last = max((int(now.timestamp() * 1000), 0), (self._last[0], self._last[1] + 1))
            if len(self._events) == self._events.maxlen:
                self._dropped = order(self._events[0].id)
            event = Event(f"{self._last[0]}-{self._last[1]}", type, data)
            self._events.append(event)
            self._changed.notify_all()
            return event.id

    def last_id(self) -> str:
        return f"{self._last[0]}-{self._last[1]}"

    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        since = order(event_id)
        with self._changed:
            if not self._dropped <= since <= self._last:
                raise LogGap(event_id)
            if wait_s:
                self._changed.wait_for(lambda: self._last > since, timeout=wait_s)
            return [event for event in self._events if order(event.id) > since]


def _unavailable_without_redis(call: Callable[P, R]) -> Callable[P, R]:
    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise LogUnavailable(f"REDIS_URL: the event log cannot be reached ({error})") from error

    return wrapped


class RedisLog:
    """The log of several processes: one Redis stream."""

    def __init__(self, url: str, length: int) -> None:
        self._redis: Any = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=REDIS_PATIENCE_S,
            socket_timeout=REDIS_PATIENCE_S,
        )
        self._length = length

    @_unavailable_without_redis
    def append(self, type: str, data: dict[str, Any], *, now: datetime) -> str:
        fields = {"type": type, "data": json.dumps(data, separators=(",", ":"))}
        return str(self._redis.xadd(STREAM, fields, maxlen=self._length, approximate=True))

    @_unavailable_without_redis
    def last_id(self) -> str:
        newest = self._redis.xrevrange(STREAM, count=1)
        return str(newest[0][0]) if newest else START

    @_unavailable_without_redis
    def read_after(self, event_id: str, *, wait_s: float = 0.0) -> list[Event]:
        self._refuse_gap(event_id)
        block_ms = max(1, int(wait_s * 1000)) if wait_s else None
        answer = self._redis.xread({STREAM: event_id}, count=self._length, block=block_ms)
        entries = answer[0][1] if answer else []
        return [Event(id, fields["type"], json.loads(fields["data"])) for id, fields in entries]

    def _refuse_gap(self, event_id: str) -> None:
        since = order(event_id)
        try:
            stream = self._redis.xinfo_stream(STREAM)
        except redis.ResponseError:  # no event has been written since Redis began
            stream = {"first-entry": None, "entries-added": 0, "length": 0}
        oldest = order(stream["first-entry"][0]) if stream["first-entry"] else order(START)
        complete = stream["entries-added"] == stream["length"]
        if since > order(self.last_id()) or (since < oldest and not complete):
            raise LogGap(event_id)


@once
def event_log() -> EventLog:
    """This process's event log, by the settings."""
    if settings.REDIS_URL:
        return RedisLog(settings.REDIS_URL, settings.EVENT_LOG_LENGTH)
    return MemoryLog(settings.EVENT_LOG_LENGTH, now=timezone.now())
