"""Bringing scores to what a source states, whole or not at all.

benchmarks.services.planning.look   what is new, changed, unchanged, gone, unmatched
apply     makes drafts of what is new and changed; a trusted source's are published, where nothing forbids
join      gives scores the model that a name was found to mean

Whoever uploads figures is their author: somebody else approves them. What is read from a source itself has no
author, and its trail says the source's name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_noop

from aigo.lib.chunking import chunks
from benchmarks.matching import Names
from benchmarks.models import ImportRun, LicenceClass, Score
from benchmarks.rows import first_day
from benchmarks.services.planning import Diff, Planned, is_open, kept_back
from catalog.models import AIModel
from editorial import services as editorial
from editorial.workflow import State

#: Who joins scores to models, in their trail.
NAMES_OF_MODELS: Final = gettext_noop("names of models")
#: First words of licences that let anybody copy figures with their citation.
_OPEN: Final = frozenset({"MIT", "APACHE", "BSD", "CC", "CC0", "ODC", "PDDL"})


@transaction.atomic
def apply(
    diff: Diff,
    *,
    now: dt.datetime,
    origin: str,
    content_hash: str = "",
    by: User | None = None,
    author: User | None = None,
) -> ImportRun:
    """Make what the diff says; where it has faults the run with them is kept, and nothing else.

    by: who asked for it. author: who brought the figures, None = the source itself.
    """
    run = _run_of(diff, now=now, origin=origin, content_hash=content_hash, by=by)
    if diff.faults:
        return run
    who = run.source.name
    fresh = [one for one in diff.planned if one.kind == "new" or _supersedes(one)]
    scores = [_score(one, run, now) for one in fresh]
    editorial.create_all(scores, by=author, now=now, by_name=who)
    for one in diff.of("changed"):
        if one.old is not None and is_open(one.old):
            _correct_draft(one.old, one, run, now, author)
    publishable = [score for score, one in zip(scores, fresh, strict=True) if not one.held]
    if publishable and author is None:
        editorial.publish_trusted(publishable, by_name=who, now=now, reason=origin)
        run.published = len(publishable)
    kept = [one.old.pk for one in diff.planned if one.old is not None]
    for part in chunks(kept):
        Score.objects.filter(pk__in=part).update(seen_at=now)
    run.applied_at = now
    run.save(update_fields=["published", "applied_at"])
    return run


@transaction.atomic
def join(scores: Sequence[Score], names: Names, *, now: dt.datetime) -> list[Score]:
    """Give each the model that an accepted name says; those that got one.

    A trusted source's drafts are published where nothing else keeps them back; others go to review.
    """
    found = [(score, names.find(score.label, score.maker)) for score in scores]
    models = AIModel.objects.in_bulk({model for _score, model in found if model is not None})
    joined = [score for score, model in found if model is not None]
    for score, model in found:
        if model is not None:
            changes = {"model": models[model]}
            editorial.edit(score, changes, by=None, now=now, by_name=NAMES_OF_MODELS)
    drafts = [score for score in joined if score.state == State.DRAFT]
    free = [score for score in drafts if score.author_id is None and not kept_back(score.source, score)]
    if free:
        editorial.publish_trusted(free, by_name=free[0].source.name, now=now, reason=NAMES_OF_MODELS)
    others = [score for score in drafts if score not in free and not score.suspect]
    editorial.move_all(others, "submit", by=None, now=now, by_name=NAMES_OF_MODELS)
    return joined


def licence_class(licence: str) -> str:
    """What a licence lets one do with figures. MIT: open; CC BY-NC 4.0: non-commercial; "see source
    repository" names none, so nothing is known.
    """
    words = re.split(r"[^A-Z0-9]+", licence.upper())
    if "NC" in words:
        return LicenceClass.NON_COMMERCIAL
    return LicenceClass.OPEN if words[0] in _OPEN else LicenceClass.UNSTATED


def _supersedes(one: Planned) -> bool:
    """Whether its figure is published, or was: then another row states the new one."""
    return one.kind == "changed" and not is_open(one.old)


def _run_of(diff: Diff, *, now: dt.datetime, origin: str, content_hash: str, by: User | None) -> ImportRun:
    counts = {} if diff.faults else dict(diff.counts())
    return ImportRun.objects.create(
        source=diff.source,
        origin=origin[:300],
        content_hash=content_hash,
        by=by,
        started_at=now,
        left_out=dict(diff.left_out),
        problems=[fault.to_json() for fault in diff.faults],
        **counts,
    )


def _content(one: Planned) -> dict[str, Any]:
    row = one.row
    return {
        "raw": row.raw, "value": row.value, "uncertainty": row.uncertainty, "evidence": row.evidence,
        "evidence_note": row.evidence_note, "source_url": row.source_url,
        "source_version": row.source_version, "licence": row.licence, "evaluated_as": row.evaluated,
        "note": row.note, "suspect": row.suspect,
    }  # fmt: skip


def _score(one: Planned, run: ImportRun, now: dt.datetime) -> Score:
    row = one.row
    return Score(
        suite=one.suite,
        model_id=one.model_id,
        label=row.label,
        maker=row.maker,
        setting_text=row.setting,
        source=run.source,
        source_name=row.source_name,
        licence_class=licence_class(row.licence or run.source.licence),
        key=one.key,
        run=run,
        supersedes=one.old if one.old is not None and one.old.state == State.PUBLISHED else None,
        seen_at=now,
        evaluated_on=first_day(row.evaluated),
        **_content(one),
    )


def _correct_draft(old: Score, one: Planned, run: ImportRun, now: dt.datetime, author: User | None) -> None:
    """The source corrected a figure before anybody published it: an edit of the draft, with its revision."""
    editorial.edit(old, _content(one), by=author, now=now, by_name=run.source.name)
    Score.objects.filter(pk=old.pk).update(run=run)
