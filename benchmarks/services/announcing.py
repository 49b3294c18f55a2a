"""Telling readers that the scores are others than they were."""

import datetime as dt
from functools import partial

from django.db import transaction

from aigo.lib.events import tell


def announce_scores(*, now: dt.datetime) -> None:
    """One `scores.changed` once what is under way is committed, however many rows it touches."""
    waiting = transaction.get_connection().run_on_commit
    if not any(getattr(entry[1], "func", None) is _append for entry in waiting):
        transaction.on_commit(partial(_append, now))


def _append(now: dt.datetime) -> None:
    tell("scores.changed", {}, now=now)
