"""Which model a source means: proposing, deciding, and joining the scores that waited for it.

Every name without a model gets a row for people to decide on, with what is similar in the catalogue; nothing
is joined before somebody accepts it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from benchmarks.matching import Catalogue, Known, folded
from benchmarks.models import ModelAlias, Score
from benchmarks.services.importing import join
from benchmarks.services.planning import accepted_names
from catalog.models import AIModel

#: The likeness, of 1, from which the likest model is filled in for the editor to accept.
LIKE_ENOUGH: Final = 0.8
#: A base model is not the one for chat that the catalogue lists, and two at work together are neither.
_ANOTHER: Final = re.compile(r"\bbase\b|\s\+\s")
_HOW: Final = {"same_name": ModelAlias.How.SAME_NAME, "similar": ModelAlias.How.SIMILAR}


def propose_names(*, now: dt.datetime) -> int:
    """A row for every name that scores wait for and that has none yet; how many were added."""
    named = {
        (folded(label), folded(maker)) for label, maker in ModelAlias.objects.values_list("label", "maker")
    }
    asked = sorted(set(Score.objects.unmatched().order_by().values_list("label", "maker")))
    missing = [name for name in asked if (folded(name[0]), folded(name[1])) not in named]
    if not missing:
        return 0
    models = {
        slug: (pk, name) for pk, slug, name in AIModel.objects.known().values_list("pk", "slug", "name")
    }
    catalogue = Catalogue(Known(slug, (slug, name)) for slug, (_pk, name) in models.items())
    rows = [_proposed(label, maker, catalogue, models) for label, maker in missing]
    ModelAlias.objects.bulk_create(rows, batch_size=100)
    return len(rows)


@transaction.atomic
def accept_name(alias: ModelAlias, *, by: User, now: dt.datetime) -> int:
    """The name means `alias.model`; how many waiting scores were joined. ValueError: no model."""
    if alias.model_id is None:
        raise ValueError("no model")
    _decide(alias, ModelAlias.State.ACCEPTED, by, now)
    return join_scores(now=now, label=alias.label)


def reject_name(alias: ModelAlias, *, by: User, now: dt.datetime) -> None:
    """The catalogue has no such model: its scores stay listed. Those that were joined before stay so."""
    alias.model = None
    _decide(alias, ModelAlias.State.REJECTED, by, now)


def join_scores(*, now: dt.datetime, label: str = "") -> int:
    """Give scores without a model (those of one label) the one that an accepted name says; how many."""
    waiting = Score.objects.unmatched().select_related("source", "suite")
    if label:
        waiting = waiting.filter(label__iexact=label)
    return len(join(list(waiting.order_by("pk")), accepted_names(), now=now))


def _decide(alias: ModelAlias, state: str, by: User, now: dt.datetime) -> None:
    alias.state, alias.decided_by, alias.decided_at = state, by, now
    alias.save()


def _proposed(label: str, maker: str, catalogue: Catalogue, models: dict[str, tuple[int, str]]) -> ModelAlias:
    found = catalogue.propose(label)
    sure = bool(found) and found[0].likeness >= LIKE_ENOUGH and not _ANOTHER.search(folded(label))
    best = found[0] if sure else None
    others = ", ".join(f"{one.slug} ({one.likeness:.2f})" for one in found)
    return ModelAlias(
        label=label,
        maker=maker,
        model_id=models[best.slug][0] if best else None,
        how=_HOW[found[0].reason] if found else ModelAlias.How.SIMILAR,
        note=others[:300],
    )
