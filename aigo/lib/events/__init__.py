"""The event log: what happened, in order, for every process that wants to follow.

Two ways to follow. Who wants all of it in every process reads on from an id (`read_after`): live push and
kept answers. Who wants every event handled once reads as a member of a group (`group`).

Three transports, one interface: in this process (default), one Redis, a Redis Cluster (EVENT_LOG_URL). Ids
look like `<unix ms>-<n>` in all of them, grow strictly, and keep growing over a restart. All keep the newest
EVENT_LOG_LENGTH events.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from aigo.lib.events.interface import (
    CLAIM_AFTER_S,
    MOST_DEAD,
    MOST_TRIES,
    START,
    ConsumerReport,
    DeadLetter,
    Delivery,
    Event,
    EventLog,
    Group,
    GroupReport,
    LogAhead,
    LogGap,
    LogUnavailable,
    order,
)
from aigo.lib.events.memory import MemoryLog
from aigo.lib.events.streams import RedisLog
from aigo.lib.events.types import EVENT_TYPES, EventType
from aigo.lib.once import once

__all__ = [
    "CLAIM_AFTER_S",
    "EVENT_TYPES",
    "MOST_DEAD",
    "MOST_TRIES",
    "START",
    "ConsumerReport",
    "DeadLetter",
    "Delivery",
    "Event",
    "EventLog",
    "EventType",
    "Group",
    "GroupReport",
    "LogAhead",
    "LogGap",
    "LogUnavailable",
    "MemoryLog",
    "RedisLog",
    "event_log",
    "order",
    "tell",
    "tell_once",
]

logger = logging.getLogger(__name__)


@once
def event_log() -> EventLog:
    """This process's event log, by the settings."""
    if settings.EVENT_LOG_URL:
        return RedisLog(settings.EVENT_LOG_URL, settings.EVENT_LOG_LENGTH)
    return MemoryLog(settings.EVENT_LOG_LENGTH, now=timezone.now())


def tell(type: str, data: dict[str, Any], *, now: datetime) -> str:
    """Append to this process's log; the event's id, "" while it is away: what was done stays done."""
    try:
        return event_log().append(type, data, now=now)
    except LogUnavailable as error:
        logger.warning("%s is not announced: %s", type, error)
        return ""


def tell_once(type: str, *, now: datetime) -> None:
    """Tell of an event without data once what is under way is committed, however often it is asked for."""
    waiting = transaction.get_connection().run_on_commit
    if not any(_tells(type, entry[1]) for entry in waiting):
        transaction.on_commit(partial(tell, type, {}, now=now))


def _tells(type: str, act: Any) -> bool:
    return isinstance(act, partial) and act.func is tell and act.args == (type, {})
