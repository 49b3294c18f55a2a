"""One at a time: who puts items into stories."""

from __future__ import annotations

from datetime import datetime

from news.models import GroupingTurn


def take_turn(now: datetime) -> None:
    """Hold the row until the transaction ends; an update waits for whoever holds it."""
    while not GroupingTurn.objects.filter(pk=1).update(taken_at=now):
        GroupingTurn.objects.get_or_create(pk=1, defaults={"taken_at": now})
