"""Which vocabulary a model counts by: a reviewable list of rules with their sources. Pure.

`compare/data/families.json`: the first rule whose creator is the model's and whose expression matches the
whole slug. Without one nothing is guessed from a name: the model's tokens are an estimate.
"""

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from compare.costing.vocabularies import DATA, vocabularies


@dataclass(frozen=True, slots=True)
class Rule:
    """`models`: what they are called; `why`: what the source says; `source_version`: of which version."""

    creator: str
    slugs: re.Pattern[str]
    models: str
    vocabulary: str
    why: str
    source_url: str
    source_version: str

    @property
    def label(self) -> str:
        """The vocabulary, as readers know it."""
        return vocabularies()[self.vocabulary].label


#: As many models as a catalogue may have.
_MOST: Final = 20_000


@cache
def rules() -> tuple[Rule, ...]:
    """In the order in which they are tried."""
    rows = json.loads((DATA / "families.json").read_text(encoding="utf-8"))["rules"]
    return tuple(Rule(**row | {"slugs": re.compile(row["slugs"])}) for row in rows)


@lru_cache(maxsize=_MOST)
def rule_of(creator: str, model: str) -> Rule | None:
    """The rule of a model, by the slugs of its creator and its own; None = its tokens are estimated."""
    fitting = (rule for rule in rules() if rule.creator == creator and rule.slugs.fullmatch(model))
    return next(fitting, None)
