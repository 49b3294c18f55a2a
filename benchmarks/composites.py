"""The composites that the matrix offers, from data/composites.json: stated weights, least coverage."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.facts import Both
from benchmarks.filtering import NO_COMPOSITE
from benchmarks.normalising import Recipe

DATA = Path(__file__).parent / "data" / "composites.json"


@dataclass(frozen=True, slots=True)
class Mix:
    """A composite by its name; `recipe`: suite → weight, and the least share of weights a model must have."""

    slug: str
    name: Both
    about: Both
    recipe: Recipe

    @property
    def shares(self) -> list[tuple[str, float]]:
        """(suite, its share in per cent)."""
        return [(suite, 100 * weight / self.recipe.total) for suite, weight in self.recipe.weights.items()]

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name.to_json(),
            "about": self.about.to_json(),
            "least_coverage": self.recipe.least_coverage,
            "weights": dict(self.recipe.weights),
        }


@lru_cache(maxsize=1)
def mixes() -> Mapping[str, Mix]:
    """By slug; the first is the default."""
    rows = json.loads(DATA.read_text())["composites"]
    return {row["slug"]: _mix(row) for row in rows}


def mix_of(slug: str) -> Mix | None:
    """ "" = the default; None where none is wanted, or nobody knows it."""
    if slug == NO_COMPOSITE:
        return None
    return mixes().get(slug) if slug else next(iter(mixes().values()))


def _mix(row: Mapping[str, Any]) -> Mix:
    recipe = Recipe(row["weights"], float(row["least_coverage"]))
    return Mix(row["slug"], Both(**row["name"]), Both(**row["about"]), recipe)
