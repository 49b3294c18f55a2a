"""What the project ships: the sources it can read, the names that models go by, and cited scores.

The first start runs this after the catalogue's import; a start with nothing new changes nothing. What editors
have decided (a name, a source's switches) is left alone.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from benchmarks.models import ImportRun, ModelAlias, ScoreSource
from benchmarks.services.aliases import join_scores
from benchmarks.services.fetching import Read, import_read
from benchmarks.services.suites import import_suites
from catalog.models import AIModel

DATA: Final = Path(__file__).resolve().parents[1] / "data"
SEED: Final = "seed"


@dataclass(frozen=True, slots=True)
class Seeded:
    """`run` None: the scores are the ones that were read before. `joined`: scores that a new name joined."""

    run: ImportRun | None
    aliases: int
    joined: int


def seed_sources() -> None:
    """Make the sources that the project knows; those that there are stay as operators set them."""
    for row in _data("sources.json"):
        defaults = {name: value for name, value in row.items() if name != "slug"}
        ScoreSource.objects.get_or_create(slug=row["slug"], defaults=defaults)


def seed_aliases(*, now: dt.datetime) -> int:
    """Accept the names that the project ships, of models that the catalogue holds; how many were new."""
    models = dict(AIModel.objects.known().values_list("slug", "pk"))
    decided = {(row.label, row.maker): row for row in ModelAlias.objects.all()}
    wanted: list[ModelAlias] = []
    for entry in _data("aliases.json"):
        model = models.get(entry["model"])
        for label in entry["labels"] if model is not None else ():
            old = decided.get((label, entry["maker"]))
            if old is not None and old.state != ModelAlias.State.PROPOSED:
                continue
            alias = old or ModelAlias(label=label, maker=entry["maker"])
            alias.model_id, alias.state, alias.how = model, ModelAlias.State.ACCEPTED, ModelAlias.How.SEED
            alias.note, alias.decided_at = entry.get("note", ""), now
            wanted.append(alias)
    ModelAlias.objects.bulk_create([alias for alias in wanted if alias.pk is None], batch_size=100)
    for alias in wanted:
        if alias.pk is not None and (alias.label, alias.maker) in decided:
            alias.save()
    return len(wanted)


@transaction.atomic
def seed_scores(*, now: dt.datetime) -> Seeded:
    """The project's own scores, with what they need; idempotent."""
    import_suites(now=now)
    seed_sources()
    aliases = seed_aliases(now=now)
    source = ScoreSource.objects.get(slug=SEED)
    read = Read((DATA / "scores.csv").read_bytes(), "benchmarks/data/scores.csv")
    run = None
    if not source.runs.filter(content_hash=read.content_hash, applied_at__isnull=False).exists():
        run = import_read(source, read, now=now)
    joined = join_scores(now=now) if aliases and run is None else 0
    return Seeded(run, aliases, joined)


def _data(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))
