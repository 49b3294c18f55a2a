"""Telling readers that the catalogue is another than it was."""

import datetime as dt

from aigo.lib.events import tell_once


def announce_catalogue(*, now: dt.datetime) -> None:
    """One `catalog.changed` once what is under way is committed, however many rows it touches."""
    tell_once("catalog.changed", now=now)
