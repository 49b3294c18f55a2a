"""Cutting the matrix from a store: which models and suites, what each cell shows, how many would remain."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from benchmarks.choosing import conflicting, tolerance
from benchmarks.composites import Mix, mix_of
from benchmarks.facts import ModelFacts, ScoreFacts
from benchmarks.filtering import EVERY_SUITE, OPEN, BenchmarkWish
from benchmarks.matrix import Cell, Column, Matrix, Policy, Row
from benchmarks.normalising import Composite, Scale, composite_of, heat_of, minmax_scale
from benchmarks.ranking import ranked
from benchmarks.setting import AGREEING
from benchmarks.store import Store, counts_of

#: Columns where nobody chose any: those of most models.
MOST_COLUMNS: Final = 12
#: The facet of a filter that is not set: how many models would remain without it.
EVERY: Final = ""
#: Filter of a model → its values. `evidence` is of its figures.
FACETS: Final = ("creators", "families", "open", "evidence")


def assemble(store: Store, wish: BenchmarkWish, extra: Iterable[ModelFacts] = ()) -> Matrix:
    """The matrix that a wish asks for. `extra`: models it names that have no figure."""
    columns = columns_of(store, wish)
    mix = mix_of(wish.composite)
    views = _Views(store, wish, columns, mix)
    models = [*store.models.values(), *(one for one in extra if one.slug not in store.models)]
    kept = [model for model in models if views.keeps(model)]
    scales = views.scales(kept)
    rows = [views.row(model, scales) for model in kept]
    return Matrix(
        wish=wish,
        suites=tuple(views.column(slug, scales, kept) for slug in columns),
        rows=tuple(ranked(rows, wish, columns, store)),
        policy=Policy(wish.norm, mix),
        counts=store.counts,
        found=counts_of(
            score for model in kept for slug in columns for score in views.values(slug, model.slug)
        ),
        facets=views.facets(models),
        generated_at=store.at,
        hidden_suites=tuple(slug for slug in store.coverage() if slug not in columns),
    )


def columns_of(store: Store, wish: BenchmarkWish) -> list[str]:
    """The suites that are shown, in the suites' order."""
    covered = store.coverage()
    every = EVERY_SUITE in wish.suites
    chosen = set(covered) if every else set(wish.suites) or set(covered[:MOST_COLUMNS])
    return [slug for slug in store.suites if slug in chosen]


class _Views:
    """What a wish makes of a store's figures."""

    def __init__(self, store: Store, wish: BenchmarkWish, columns: Sequence[str], mix: Mix | None) -> None:
        self._store, self._wish, self._columns, self._mix = store, wish, columns, mix
        weights = mix.recipe.weights if mix else {}
        self._needed = [slug for slug in store.suites if slug in columns or slug in weights]
        self._classes = frozenset(wish.evidence)
        self._allowed = {
            slug: tolerance(store.suites[slug].scale_min, store.suites[slug].scale_max) for slug in columns
        }
        self._tests: dict[str, Callable[[ModelFacts], bool]] = {
            "creators": lambda model: not wish.creators or model.creator in wish.creators,
            "families": lambda model: not wish.families or model.family in wish.families,
            "open": lambda model: not wish.open or model.open_weights is (wish.open == OPEN[0]),
        }

    def values(self, suite: str, model: str) -> tuple[ScoreFacts, ...]:
        """Its figures of the wanted evidence, the one to show first."""
        found = self._store.cells.get((suite, model), ())
        if not self._classes or not found:
            return found
        return tuple(score for score in found if score.evidence in self._classes)

    def keeps(self, model: ModelFacts) -> bool:
        """Whether the model has a row: one that was named always has."""
        wish = self._wish
        if wish.models:
            return model.slug in wish.models
        if not model.fits(wish.q) or not all(test(model) for test in self._tests.values()):
            return False
        return any(self.values(slug, model.slug) for slug in self._columns)

    def scales(self, models: Sequence[ModelFacts]) -> dict[str, Scale]:
        """Suite → its scale by the policy."""
        if self._wish.norm != "minmax":
            return {slug: self._store.scales[slug] for slug in self._needed if slug in self._store.scales}
        found = {}
        for slug in self._needed:
            values = [got[0].value for model in models if (got := self.values(slug, model.slug))]
            found[slug] = minmax_scale(values, higher_is_better=self._store.suites[slug].higher_is_better)
        return found

    def row(self, model: ModelFacts, scales: Mapping[str, Scale]) -> Row:
        cells: list[Cell | None] = []
        gaps = []
        for slug in self._columns:
            found = self.values(slug, model.slug)
            cells.append(self._cell(slug, found, scales) if found else None)
            hidden = not found and (slug, model.slug) in self._store.cells
            gaps.append("" if found else "filtered" if hidden else "none")
        return Row(model, tuple(cells), tuple(gaps), self._composite(model, scales))

    def _cell(self, slug: str, found: Sequence[ScoreFacts], scales: Mapping[str, Scale]) -> Cell:
        score = found[0]
        at = scales[slug].of(score.value) if slug in scales else None
        conflict = len(found) > 1 and bool(conflicting([one.candidate for one in found], self._allowed[slug]))
        shown = None if self._wish.norm == "raw" else at
        return Cell(self._store.suites[slug], score, shown, heat_of(at), conflict, len(found) - 1)

    def _composite(self, model: ModelFacts, scales: Mapping[str, Scale]) -> Composite | None:
        if self._mix is None:
            return None
        normalised, elsewhere = {}, []
        for slug in self._mix.recipe.weights:
            found = self.values(slug, model.slug) if slug in scales else ()
            at = scales[slug].of(found[0].value) if found else None
            if at is not None:
                normalised[slug] = at
                if found[0].fit not in AGREEING:
                    elsewhere.append(slug)
        return composite_of(self._mix.recipe, normalised, elsewhere=elsewhere)

    def column(self, slug: str, scales: Mapping[str, Scale], models: Sequence[ModelFacts]) -> Column:
        store = self._store
        shown = sum(bool(self.values(slug, model.slug)) for model in models)
        scale = scales.get(slug, Scale(None, None))
        return Column(
            store.suites[slug], store.references.get(slug, ""), scale, store.anchors.get(slug), shown
        )

    def facets(self, models: Iterable[ModelFacts]) -> dict[str, dict[str, int]]:
        """How many models would remain with a single value of a filter, all others as they are."""
        counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for model in models:
            classes = {
                score.evidence
                for slug in self._columns
                for score in self._store.cells.get((slug, model.slug), ())
            }
            if not classes or not model.fits(self._wish.q):
                continue
            failed = [name for name, test in self._tests.items() if not test(model)]
            if self._classes and not classes & self._classes:
                failed.append("evidence")
            if len(failed) < 2:
                for name in failed or FACETS:
                    counted[name].update((EVERY, *_facet(name, model, classes)))
        return {name: dict(found) for name, found in counted.items()}


def _facet(name: str, model: ModelFacts, classes: Iterable[str]) -> Iterable[str]:
    if name == "creators":
        return (model.creator,)
    if name == "families":
        return (model.family,) if model.family else ()
    if name == "open":
        return () if model.open_weights is None else (OPEN[0] if model.open_weights else OPEN[1],)
    return classes
