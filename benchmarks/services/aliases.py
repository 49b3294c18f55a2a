"""Deciding which model a source means, and joining the scores that waited for it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from benchmarks.models import Score
from benchmarks.services.importing import publish_joined
from benchmarks.services.planning import OPEN, accepted_names


@transaction.atomic
def join_scores(*, now: dt.datetime) -> int:
    """Give scores without a model the one that an accepted name says; how many. A trusted source's are
    published where nothing else keeps them back."""
    names = accepted_names()
    joined: list[Score] = []
    for score in Score.objects.filter(model__isnull=True, state__in=OPEN).select_related("source", "run"):
        model = names.find(score.label, score.maker)
        if model is not None:
            score.model_id = model
            joined.append(score)
    Score.objects.bulk_update(joined, ["model"], batch_size=100)
    publish_joined(joined, now=now)
    return len(joined)
