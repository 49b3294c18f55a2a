"""Deciding which model a source means, and joining the scores that waited for it."""

from __future__ import annotations

import datetime as dt

from benchmarks.models import Score
from benchmarks.services.importing import join
from benchmarks.services.planning import OPEN, accepted_names


def join_scores(*, now: dt.datetime) -> int:
    """Give scores without a model the one that an accepted name says; how many."""
    waiting = Score.objects.filter(model__isnull=True, state__in=OPEN).select_related("source", "suite")
    return len(join(list(waiting.order_by("pk")), accepted_names(), now=now))
