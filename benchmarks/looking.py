"""One thing closely: all figures of a cell, one figure, one suite with its ranking and its progress.

Cut from a store, as the matrix is; `benchmarks.selectors` and `benchmarks.kept` hand them out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from benchmarks.assembly import assemble
from benchmarks.choosing import conflicting, tolerance
from benchmarks.facts import ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.filtering import NO_COMPOSITE, BenchmarkWish
from benchmarks.matrix import Cell, Column, Row
from benchmarks.normalising import heat_of, ranks, three_places
from benchmarks.store import Store


@dataclass(frozen=True, slots=True)
class CellView:
    """All published figures of one model in one suite, the one that the matrix shows first.

    `conflicting`: the ids of those that another one of the same setting contradicts; `normalised`: id → sota.
    `allowed`: how far two of one setting may lie apart where no uncertainty is stated, in the suite's unit.
    """

    suite: SuiteFacts
    model: ModelFacts
    reference: str
    scores: tuple[ScoreFacts, ...]
    conflicting: frozenset[int]
    allowed: float
    normalised: dict[int, float | None]

    @property
    def conflict(self) -> bool:
        return bool(self.conflicting)

    @property
    def settings(self) -> int:
        """In how many different settings."""
        return len({score.setting.key for score in self.scores})

    def to_json(self) -> dict[str, Any]:
        return {
            "suite": self.suite.slug,
            "model": self.model.to_json(),
            "reference_setting": self.reference or None,
            "conflict": self.conflict,
            "tolerance": self.allowed,
            "scores": [
                score.to_json()
                | {
                    "normalised": three_places(self.normalised[score.pk]),
                    "setting_fit": score.fit,
                    "conflicting": score.pk in self.conflicting,
                    "shown": place == 0,
                }
                for place, score in enumerate(self.scores)
            ],
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A model that was the best of all released until then. `value` in the suite's unit."""

    released_on: date
    model: ModelFacts
    score: ScoreFacts


@dataclass(frozen=True, slots=True)
class Progress:
    """A suite over the release dates of models: `points`, all of them, the oldest first; `records`, those
    that were better than every one before. `undated`: models whose release date nobody states, left out.
    `doubtful`: models left out because a source measured them before the date that is stated: it is when a
    provider listed them.
    """

    suite: SuiteFacts
    points: tuple[Record, ...]
    records: tuple[Record, ...]
    undated: int
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class SuiteView:
    """A suite with everything about it. `rows`: every model that has a figure, the best first, ranked; each
    has one cell. `best`, `worst`: of the figures shown; None = there is none.
    """

    suite: SuiteFacts
    column: Column
    rows: tuple[Row, ...]
    scores: int
    best: ScoreFacts | None
    worst: ScoreFacts | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class Standing:
    """A model in one suite: the figure that the matrix shows, and its place among everybody's there.

    `values`: those that are shown of all models, the best first. `rank`: equals share one.
    """

    cell: Cell
    values: tuple[float, ...]
    rank: int

    @property
    def of(self) -> int:
        """How many models have a figure there."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class SuiteCard:
    """A suite at a glance. `top`: the best figure that a cell shows, None = none; `low`, `high`: range."""

    suite: SuiteFacts
    scores: int
    models: int
    top: ScoreFacts | None
    top_model: ModelFacts | None
    low: float | None
    high: float | None


def cell_view(store: Store, suite: str, model: ModelFacts) -> CellView:
    """KeyError: no such suite. A model without a figure has an empty one."""
    facts = store.suites[suite]
    scores = store.cells.get((suite, model.slug), ())
    allowed = tolerance(facts.scale_min, facts.scale_max)
    scale = store.scales.get(suite)
    return CellView(
        facts,
        model,
        store.references.get(suite, ""),
        scores,
        conflicting([score.candidate for score in scores], allowed),
        allowed,
        {score.pk: scale.of(score.value) if scale else None for score in scores},
    )


def standings_of(store: Store, model: str) -> tuple[Standing, ...]:
    """A model (slug) in every suite that it has a figure in, in the suites' order; () = it has none."""
    return tuple(_standing(store, slug, model) for slug in store.suites if (slug, model) in store.cells)


def _standing(store: Store, slug: str, model: str) -> Standing:
    view = cell_view(store, slug, store.models[model])
    shown, *others = view.scores
    at = view.normalised[shown.pk]
    cell = Cell(view.suite, shown, at, heat_of(at), view.conflict, len(others))
    up = view.suite.higher_is_better
    values = sorted((scores[0].value for scores in store.of_suite(slug).values()), reverse=up)
    return Standing(cell, tuple(values), ranks(values)[values.index(shown.value)] or 1)


def suite_view(store: Store, slug: str) -> SuiteView:
    """KeyError: no such suite."""
    matrix = assemble(store, BenchmarkWish(suites=(slug,), sort=slug, composite=NO_COMPOSITE))
    shown = [row.cells[0].score for row in matrix.rows if row.cells[0]]
    return SuiteView(
        suite=store.suites[slug],
        column=matrix.suites[0],
        rows=matrix.rows,
        scores=matrix.found.scores,
        best=shown[0] if shown else None,
        worst=shown[-1] if shown else None,
        progress=progress_of(store, slug),
    )


def suite_cards(store: Store) -> list[SuiteCard]:
    """Every suite in their order, those without a figure last."""
    cards = [_card(store, suite) for suite in store.suites.values()]
    return sorted(cards, key=lambda card: not card.scores)


def _card(store: Store, suite: SuiteFacts) -> SuiteCard:
    of_models = store.of_suite(suite.slug)
    shown = [scores[0] for scores in of_models.values()]
    values = [score.value for score in shown]
    top = next((score for score in shown if score.value == suite.best(values)), None)
    return SuiteCard(
        suite,
        sum(map(len, of_models.values())),
        len(shown),
        top,
        store.models[top.model] if top else None,
        min(values, default=None),
        max(values, default=None),
    )


def progress_of(store: Store, slug: str) -> Progress:
    """The best figure over the release dates of models, of the figures that cells show."""
    suite = store.suites[slug]
    shown = [(store.models[model], scores[0]) for model, scores in store.of_suite(slug).items()]
    dated = [Record(model.released_on, model, score) for model, score in shown if model.released_on]
    doubtful = listed_late(store)
    points = [point for point in dated if point.model.slug not in doubtful]
    points.sort(key=lambda point: (point.released_on, point.model.slug))
    left_out = (len(shown) - len(dated), len(dated) - len(points))
    return Progress(suite, tuple(points), _records(points, suite), *left_out)


def listed_late(store: Store) -> frozenset[str]:
    """Models that a source measured before the release date that the catalogue has of them."""
    released = {slug: model.released_on for slug, model in store.models.items() if model.released_on}
    return frozenset(
        score.model
        for score in store.scores.values()
        if score.model in released and score.precedes(released[score.model])
    )


def _records(points: Sequence[Record], suite: SuiteFacts) -> tuple[Record, ...]:
    """Of several of one day the best."""
    records: list[Record] = []
    for point in points:
        value = point.score.value
        if records and suite.best((value, records[-1].score.value)) == records[-1].score.value:
            continue
        if records and records[-1].released_on == point.released_on:
            records.pop()
        records.append(point)
    return tuple(records)


def heat_in(store: Store, score: ScoreFacts) -> int | None:
    """The colour of any figure, by sota."""
    scale = store.scales.get(score.suite)
    return heat_of(scale.of(score.value)) if scale else None
