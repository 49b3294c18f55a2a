"""Telling readers that the catalogue is another than it was."""

import datetime as dt
import logging
from functools import partial

from django.db import transaction

from aigo.lib.events import LogUnavailable, event_log

logger = logging.getLogger(__name__)


def announce_catalogue(*, now: dt.datetime) -> None:
    """One `catalog.changed` once what is under way is committed, however many rows it touches."""
    waiting = transaction.get_connection().run_on_commit
    if not any(getattr(entry[1], "func", None) is _append for entry in waiting):
        transaction.on_commit(partial(_append, now))


def _append(now: dt.datetime) -> None:
    try:
        event_log().append("catalog.changed", {}, now=now)
    except LogUnavailable as error:
        logger.warning("catalog.changed is not announced: %s", error)
