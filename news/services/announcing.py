"""Telling the rest of the program what readers can read now."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from aigo.lib.events import tell, tell_once


def announce_article(slug: str, *, now: datetime) -> None:
    """One `article.published` once the move is committed."""
    transaction.on_commit(partial(tell, "article.published", {"slug": slug}, now=now))


def announce_news(*, now: datetime) -> None:
    """One `news.changed` once what is under way is committed, however many articles it touches."""
    tell_once("news.changed", now=now)
