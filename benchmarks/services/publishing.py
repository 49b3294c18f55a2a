"""Corrections: a published score never changes, another one takes its place at one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from benchmarks.models import Score
from editorial import services as editorial
from editorial.models import Step
from editorial.selectors import of_work
from editorial.workflow import EDITABLE, State


def supersede(score: Score, step: Step) -> None:
    """Withdraw what `score` takes the place of; inside the transaction that publishes it, before it is saved.

    That is the published score of the same key, whichever the draft was made from, or the one it corrects. An
    import has compared its figures with the published ones already: hundreds are not asked for one by one.
    """
    if step.move == "trust" and score.supersedes_id is None:
        return
    rows = Score.objects.order_by(
        "pk"
    )  # the usual order joins what may be null: PostgreSQL holds no such row
    published = rows.select_for_update().filter(state=State.PUBLISHED).exclude(pk=score.pk)
    old = published.filter(key=score.key).first() or published.filter(pk=score.supersedes_id or 0).first()
    if old is None:
        return
    Score.objects.filter(pk=old.pk).update(state=State.WITHDRAWN, withdrawn_at=step.at)
    if score.supersedes_id != old.pk:
        score.supersedes = old
        Score.objects.filter(pk=score.pk).update(supersedes=old)
    Step.objects.create(
        **of_work(old),
        move="correct",
        source=State.PUBLISHED,
        target=State.WITHDRAWN,
        by=step.by,
        by_name=step.by_name,
        at=step.at,
        reason=str(score.pk),  # told in words by editorial.wording
    )


def draft_correction(score: Score, *, by: Any, now: datetime) -> Score:
    """A draft with the content of a published score, that takes its place once it is published.

    The one that is on its way already, where there is one. Raises editorial's WrongState (it is not
    published) and MissingRight.
    """
    with transaction.atomic():
        old = Score.objects.select_for_update().get(pk=score.pk)
        if old.state != State.PUBLISHED:
            raise editorial.WrongState(_("Only what is published is corrected by another score."))
        on_its_way = Score.objects.filter(key=old.key, state__in=EDITABLE).first()
        if on_its_way is not None:
            return on_its_way
        content = {field.name: getattr(old, field.name) for field in Score.content_fields()}
        draft = Score(**content, key=old.key, supersedes=old)
        return editorial.create(draft, by=by, now=now)
