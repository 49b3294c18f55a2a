"""Everything that readers see of scores at one moment, and the counts of it.

Matrix, cells, suite pages, progress, exports and the counts are all cut from one `Store`, so that no two of
them can count differently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from benchmarks.facts import ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.models import Evidence
from benchmarks.normalising import Scale
from benchmarks.wording import EVIDENCE_WORDS


@dataclass(frozen=True, slots=True)
class Counts:
    """How many figures, of how many models, in how many suites, from how many cited sources.

    by_evidence: every class, the strongest first, with its figures.
    """

    scores: int
    models: int
    suites: int
    sources: int
    by_evidence: Mapping[str, int] = field(default_factory=dict)

    @property
    def classes(self) -> list[tuple[str, str | Promise, int]]:
        """(class, its words, how many), those that have any."""
        return [(name, EVIDENCE_WORDS[name], count) for name, count in self.by_evidence.items() if count]

    @property
    def provenance(self) -> Provenance:
        note = _("Published scores of models in the catalogue.")
        return Provenance("counted", samples=self.scores, note=note, rule="benchmarks")

    def to_json(self) -> dict[str, Any]:
        return {
            "scores": self.scores,
            "models": self.models,
            "suites": self.suites,
            "sources": self.sources,
            "by_evidence": dict(self.by_evidence),
        }


def counts_of(scores: Iterable[ScoreFacts]) -> Counts:
    """Of any part of a store."""
    found = list(scores)
    by_evidence = dict.fromkeys(Evidence.values, 0)
    for score in found:
        by_evidence[score.evidence] += 1
    return Counts(
        scores=len(found),
        models=len({score.model for score in found}),
        suites=len({score.suite for score in found}),
        sources=len({score.source_name for score in found}),
        by_evidence=by_evidence,
    )


@dataclass(frozen=True)
class Store:
    """All that readers see at one moment. `as_of` "" = now, else the day at whose end they saw it.

    suites: by slug, in their order, those without figures too; cells: (suite, model) → its figures, the one
    that is shown first; references: suite → the key of the setting its figures are compared in; scales: suite
    → where 0 and 100 lie (benchmarks.normalising, sota); anchors: suite → the figure that is its 100.
    """

    at: datetime
    as_of: str
    suites: Mapping[str, SuiteFacts]
    models: Mapping[str, ModelFacts]
    scores: Mapping[int, ScoreFacts]
    cells: Mapping[tuple[str, str], tuple[ScoreFacts, ...]]
    references: Mapping[str, str]
    scales: Mapping[str, Scale]
    anchors: Mapping[str, ScoreFacts]
    counts: Counts

    def of_suite(self, slug: str) -> dict[str, tuple[ScoreFacts, ...]]:
        """Model → its figures in a suite."""
        return self._by_suite().get(slug, {})

    def coverage(self) -> list[str]:
        """The suites that have figures, those of most models first; equals in the suites' order."""
        found = self._by_suite()
        return sorted((slug for slug in self.suites if slug in found), key=lambda slug: -len(found[slug]))

    def _by_suite(self) -> dict[str, dict[str, tuple[ScoreFacts, ...]]]:
        kept: dict[str, dict[str, tuple[ScoreFacts, ...]]] | None = self.__dict__.get("_suites")
        if kept is None:
            kept = {}
            for (suite, model), scores in self.cells.items():
                kept.setdefault(suite, {})[model] = scores
            self.__dict__["_suites"] = kept
        return kept
