"""The event log in one Redis stream."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import redis

from aigo.lib.events.interface import (
    CLAIM_AFTER_S,
    START,
    DeadLetter,
    Event,
    Group,
    GroupReport,
    LogAhead,
    LogGap,
    LogUnavailable,
    order,
)
from aigo.lib.events.types import checked

STREAM = "{aigo}:events"
#: How long Redis may take to connect or to answer, in seconds; longer than any wait of a reader.
REDIS_PATIENCE_S = 5.0
P = ParamSpec("P")
R = TypeVar("R")


def _unavailable_without_redis(call: Callable[P, R]) -> Callable[P, R]:
    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise LogUnavailable(f"EVENT_LOG_URL: the event log cannot be reached ({error})") from error

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
        checked(type, data)
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
        if since > order(self.last_id()):
            raise LogAhead(event_id)
        if since < oldest and not complete:
            raise LogGap(event_id)

    def group(self, name: str, consumer: str, *, claim_after_s: float = CLAIM_AFTER_S) -> Group:
        raise NotImplementedError

    def group_reports(self) -> list[GroupReport]:
        return []

    def dead_letters(self, *, count: int = 100) -> list[DeadLetter]:
        return []

    def replay(self, dead_id: str) -> str:
        raise KeyError(dead_id)

    def drop(self, dead_id: str) -> None:
        raise KeyError(dead_id)

    def remove_dead_consumers(self, *, idle_s: float = 600.0) -> list[str]:
        return []
