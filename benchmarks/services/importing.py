"""Bringing scores to what a source states, whole or not at all.

benchmarks.services.planning.look   what is new, changed, unchanged, gone, unmatched
apply     makes drafts of what is new and changed; a trusted source's are published, where nothing forbids
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from benchmarks.models import ImportRun, LicenceClass, Score
from benchmarks.rows import first_day
from benchmarks.services.announcing import announce_scores
from benchmarks.services.planning import Diff, Planned, is_open, kept_back
from editorial.models import Step
from editorial.workflow import State

_BATCH: Final = 500
#: First words of licences that let anybody copy figures with their citation.
_OPEN: Final = frozenset({"MIT", "APACHE", "BSD", "CC", "CC0", "ODC", "PDDL"})


@transaction.atomic
def apply(
    diff: Diff, *, now: dt.datetime, origin: str, content_hash: str = "", by: User | None = None
) -> ImportRun:
    """Make what the diff says. Refused: it has faults; the run with them is kept and nothing else."""
    run = _run_of(diff, now=now, origin=origin, content_hash=content_hash, by=by)
    if diff.faults:
        return run
    fresh = [
        one for one in diff.planned if one.kind == "new" or (one.kind == "changed" and not is_open(one.old))
    ]
    scores = [_score(one, run, now) for one in fresh]
    Score.objects.bulk_create(scores, batch_size=_BATCH)
    _trail(scores, "create", now, by=by)
    for one in diff.of("changed"):
        if one.old is not None and is_open(one.old):
            _correct_draft(one.old, one, run, now)
    publishable = [score for score, one in zip(scores, fresh, strict=True) if not one.kept_back]
    _publish(publishable, now, by=by)
    kept = [one.old.pk for one in diff.planned if one.old is not None]
    for start in range(0, len(kept), _BATCH):
        Score.objects.filter(pk__in=kept[start : start + _BATCH]).update(seen_at=now)
    run.published = len(publishable)
    run.applied_at = now
    run.save(update_fields=["published", "applied_at"])
    return run


def publish_joined(scores: Sequence[Score], *, now: dt.datetime) -> list[Score]:
    """Publish the drafts among them that a trusted source states and nothing keeps back."""
    free = [
        score
        for score in scores
        if score.state == State.DRAFT and not kept_back(score.source, score, score.model_id)
    ]
    _publish(free, now, by=None)
    return free


def _run_of(diff: Diff, *, now: dt.datetime, origin: str, content_hash: str, by: User | None) -> ImportRun:
    kinds = Counter(one.kind for one in diff.planned)
    return ImportRun.objects.create(
        source=diff.source,
        origin=origin[:300],
        content_hash=content_hash,
        by=by,
        started_at=now,
        rows=0 if diff.faults else len(diff.planned),
        new=0 if diff.faults else kinds["new"],
        changed=0 if diff.faults else kinds["changed"],
        unchanged=0 if diff.faults else kinds["unchanged"],
        unmatched=0 if diff.faults else len(diff.unmatched),
        gone=len(diff.gone),
        left_out=dict(diff.left_out),
        problems=[fault.to_json() for fault in diff.faults],
    )


def _content(one: Planned) -> dict[str, Any]:
    row = one.row
    return {
        "raw": row.raw, "value": row.value, "uncertainty": row.uncertainty, "evidence": row.evidence,
        "evidence_note": row.evidence_note, "source_url": row.source_url,
        "source_version": row.source_version, "licence": row.licence,
        "evaluated_on": first_day(row.evaluated), "evaluated_as": row.evaluated, "note": row.note,
        "suspect": row.suspect,
    }  # fmt: skip


def _score(one: Planned, run: ImportRun, now: dt.datetime) -> Score:
    row = one.row
    superseded = one.old if one.old is not None and one.old.state == State.PUBLISHED else None
    return Score(
        suite=one.suite,
        model_id=one.model_id,
        label=row.label,
        maker=row.maker,
        setting_text=row.setting,
        setting=dict(one.setting),
        setting_key=one.setting_key,
        source=run.source,
        source_name=row.source_name,
        licence_class=licence_class(row.licence or run.source.licence),
        key=one.key,
        run=run,
        supersedes=superseded,
        seen_at=now,
        **_content(one),
    )


def licence_class(licence: str) -> str:
    """What a licence lets one do with figures. MIT: open; CC BY-NC 4.0: non-commercial; "see source
    repository" names none, so nothing is known.
    """
    words = re.split(r"[^A-Z0-9]+", licence.upper())
    if "NC" in words:
        return LicenceClass.NON_COMMERCIAL
    return LicenceClass.OPEN if words[0] in _OPEN else LicenceClass.UNSTATED


def _correct_draft(old: Score, one: Planned, run: ImportRun, now: dt.datetime) -> None:
    """The source corrected a figure before anybody published it."""
    for name, value in _content(one).items():
        setattr(old, name, value)
    old.run, old.seen_at, old.version = run, now, old.version + 1
    old.save()
    _trail([old], "edit", now, by=run.by)


def _publish(scores: Sequence[Score], now: dt.datetime, *, by: User | None) -> None:
    """Withdraw what is superseded and publish, at one moment."""
    for score in scores:
        if (old := score.supersedes) is not None:
            old.state, old.withdrawn_at = State.WITHDRAWN.value, now
            old.save(update_fields=["state", "withdrawn_at"])
            _trail([old], "unpublish", now, by=by, source=State.PUBLISHED)
        score.state, score.published_at = State.PUBLISHED.value, now
    for start in range(0, len(scores), _BATCH):
        pks = [score.pk for score in scores[start : start + _BATCH]]
        Score.objects.filter(pk__in=pks).update(state=State.PUBLISHED.value, published_at=now)
    _trail(scores, "publish", now, by=by, source=State.DRAFT)
    if scores:
        announce_scores(now=now)


def _trail(
    scores: Sequence[Score], move: str, now: dt.datetime, *, by: User | None, source: str = ""
) -> None:
    """Who did it: a person, or the source itself."""
    kind = ContentType.objects.get_for_model(Score)
    steps = [
        Step(
            content_type=kind,
            object_id=score.pk,
            move=move,
            source=source,
            target=score.state,
            by=by,
            by_name=by.get_username() if by is not None else score.source.name,
            at=now,
            reason=score.run.origin if score.run is not None else "",
        )
        for score in scores
    ]
    Step.objects.bulk_create(steps, batch_size=_BATCH)
