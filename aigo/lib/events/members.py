"""A consumer's part in a group of the Redis stream."""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from redis.exceptions import ResponseError

from aigo.lib.chunking import chunks
from aigo.lib.events import scripts
from aigo.lib.events.connections import Connection
from aigo.lib.events.interface import (
    MOST_DEAD,
    MOST_TRIES,
    START,
    Delivery,
    Event,
    LogGap,
    never_answered,
    order,
    written_at,
)
from aigo.lib.events.types import text_of

#: The braces put both on one slot of a cluster.
EVENTS = "{aigo}:events"
DEAD = "{aigo}:dead"
#: Ids that one script is given at most; Lua unpacks no more than 8,000.
BATCH = 1_000
#: Group that holds the id the log began with; see scripts.
BEGAN = ".began"


class RedisGroup:
    """See Group."""

    def __init__(self, connection: Connection, name: str, consumer: str, claim_after_s: float) -> None:
        if name == BEGAN:
            raise ValueError(f"group {name!r} belongs to the log itself. Use another name.")
        self._redis, self._name, self._consumer = connection, name, consumer
        self._claim_after_s = claim_after_s
        self._looked_s = -claim_after_s
        #: What the consumer knows of the log: up to where entries are missing, when it began, how far it is.
        self._gap, self._began, self._place = START, "", START

    def read(self, *, count: int = 100, wait_s: float = 0.0) -> list[Delivery]:
        until_s = time.monotonic() + wait_s
        while True:
            found = self._next(count)
            left_s = until_s - time.monotonic()
            if found or left_s <= 0:
                return found
            self._redis.wait(EVENTS, self._place, min(left_s, self._claim_after_s / 12))

    def _next(self, count: int) -> list[Delivery]:
        now_s = time.monotonic()
        looks = now_s - self._looked_s >= self._claim_after_s / 12
        self._began, self._place, gap, claimed, new = self._redis.run(
            scripts.READ, [EVENTS],
            self._place, self._name, self._consumer, count,
            int(self._claim_after_s * 1000) if looks else -1, self._gap, self._began, self._place,
        )  # fmt: skip
        if gap != START:
            self._gap = max(self._gap, gap, key=order)
            raise LogGap(gap)
        if looks and not claimed:
            self._looked_s = now_s
        found = self._claimed(claimed) + [_delivery(entry, 1) for entry in new]
        return found if found or not claimed else self._next(count)

    def _claimed(self, entries: Sequence[Any]) -> list[Delivery]:
        """Those that may be tried again; the others are set aside."""
        deliveries = []
        for event_id, fields, tries, owner in entries:
            if tries <= MOST_TRIES:
                deliveries.append(_delivery((event_id, fields), tries))
            else:
                before = _delivery((event_id, fields), tries - 1)
                self._set_aside(before, never_answered(before.tries), owner)
        return deliveries

    def hold(self, ids: Iterable[str]) -> None:
        self._in_batches(scripts.HOLD, ids, self._consumer)

    def done(self, ids: Iterable[str]) -> None:
        self._in_batches(scripts.DONE, ids)

    def failed(self, delivery: Delivery, reason: str) -> None:
        if delivery.tries >= MOST_TRIES:
            self._set_aside(delivery, reason, self._consumer)

    def _set_aside(self, delivery: Delivery, reason: str, consumer: str) -> None:
        event = delivery.event
        fields: dict[str, str | int] = {
            "group": self._name,
            "event": event.id,
            "type": event.type,
            "v": event.version,
            "data": text_of(event.data),
            "only": event.only,
            "reason": reason,
            "tries": delivery.tries,
            "consumer": consumer,
        }
        flat = [part for field in fields.items() for part in field]
        self._redis.run(scripts.SET_ASIDE, [EVENTS, DEAD], self._name, event.id, MOST_DEAD, *flat)

    def _in_batches(self, script: scripts.Script, ids: Iterable[str], *before: str) -> None:
        for part in chunks(list(ids), BATCH):
            try:
                self._redis.run(script, [EVENTS], self._name, *before, *part)
            except ResponseError as error:
                if "NOGROUP" not in str(error):  # gone with Redis' data: there is nothing to answer any more
                    raise


def event_of(entry: Any) -> Event:
    """An entry of the stream, (id, fields), as an event."""
    fields = fields_of(entry)
    return Event(entry[0], fields["type"], json.loads(fields["data"]), int(fields["v"]), fields["only"])


def fields_of(entry: Any) -> dict[str, str]:
    """An entry's fields by name: scripts answer with a flat list, XREAD with names already."""
    flat = entry[1]
    return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))


def _delivery(entry: Any, tries: int) -> Delivery:
    event = event_of(entry)
    return Delivery(event, tries, written_at(event.id))
