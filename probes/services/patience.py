"""Waiting in place for a database that is away."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable
from typing import Final

from django.db import connections

from aigo.lib.kept import AWAY

#: What PostgreSQL says that may be otherwise in a moment: the beginnings of its SQLSTATEs. Connection lost;
#: deadlock; disk full, no memory, too many connections; row locked; cancelled or restarting.
PASSING: Final = ("08", "40", "53100", "53200", "53300", "55P03", "57")
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 15.0
#: After so long it is given back to whoever asked.
PATIENCE_S: Final = 900.0

logger = logging.getLogger(__name__)


def patiently(work: Callable[[], None], *, patience_s: float = PATIENCE_S) -> None:
    """Do it, again and again while the database is away: waiting twice as long each time, never in step.

    OperationalError, InterfaceError: it was away for `patience_s`, or says what waiting does not change.
    """
    give_up_at = time.monotonic() + patience_s
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return work()
        except AWAY as error:
            if not can_pass(error) or time.monotonic() > give_up_at:
                raise
            logger.warning("the database is away, trying again in about %.1f s: %s", wait_s, error)
        connections.close_all()
        time.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def can_pass(error: BaseException) -> bool:
    """Whether the same may succeed later. A connection that failed bears no SQLSTATE."""
    said = error.__cause__
    if isinstance(said, sqlite3.Error):
        return any(word in str(said).lower() for word in ("locked", "busy"))
    sqlstate = getattr(said, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(PASSING)
