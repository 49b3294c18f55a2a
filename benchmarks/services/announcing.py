"""Telling readers that the scores are others than they were."""

import datetime as dt

from aigo.lib.events import tell_once


def announce_scores(*, now: dt.datetime) -> None:
    """One `scores.changed` once what is under way is committed, however many rows it touches."""
    tell_once("scores.changed", now=now)
