"""What editorial work there is, who wrote it, what happened to it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Min, QuerySet

from editorial.models import Editorial, Revision, Step

_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")


def editorial_models() -> list[type[Editorial]]:
    """Every model whose rows go through the editorial way, by app and name."""
    found = [model for model in apps.get_models() if issubclass(model, Editorial)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def right_name(model: type[Editorial] | Editorial, action: str) -> str:
    """The permission for an action on this kind of work: "benchmarks.approve_score"."""
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


def name_of(user: Any) -> str:
    """What the trail calls a person: "Ana Lopez", "김지호" (a Korean name begins with the family's)."""
    if user.first_name and _HANGUL.match(user.last_name):
        return f"{user.last_name}{user.first_name}"[:150]
    return str(user.get_full_name() or user.get_username())[:150]


def of_work(work: Editorial) -> dict[str, Any]:
    """The lookups of one piece's rows in Step and Revision."""
    return {"content_type": ContentType.objects.get_for_model(type(work)), "object_id": work.pk}


def steps_of(work: Editorial) -> QuerySet[Step]:
    """Its audit trail, the newest first."""
    return Step.objects.filter(**of_work(work)).select_related("by")


def first_steps(model: type[Editorial], pks: Collection[int], move: str) -> dict[int, datetime]:
    """Work's id → when that move was first made, UTC; those of which it was not are left out. One query."""
    kind = ContentType.objects.get_for_model(model)
    rows = Step.objects.filter(content_type=kind, object_id__in=pks, move=move).order_by()
    return dict(rows.values_list("object_id").annotate(Min("at")))


def writers_of(work: Editorial) -> set[int]:
    """Ids of its author and of everybody who edited it since it was last published: none of them approves."""
    revisions = Revision.objects.filter(**of_work(work), by__isnull=False)
    if work.published_at is not None:
        revisions = revisions.filter(at__gt=work.published_at)
    writers = {int(pk) for pk in revisions.values_list("by", flat=True)}
    return writers | ({work.author_id} if work.author_id else set())
