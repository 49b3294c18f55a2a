"""What pages, the API and exports read of suites and scores: one store, and what is cut from it.

NoSuchSuite, NoSuchModel, NoSuchScore    theirs, permanent: there is no such thing, or readers do not see it;
                                         HTTP 404
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404

from benchmarks.assembly import assemble
from benchmarks.choosing import EVIDENCE
from benchmarks.composites import mixes
from benchmarks.facts import ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.filtering import (
    EVERY_SUITE,
    NO_COMPOSITE,
    NORMS,
    OPEN,
    ORDERS,
    SORTS,
    Asked,
    BenchmarkWish,
    asked,
)
from benchmarks.loading import load_store, models_facts, score_facts, score_rows, suite_facts
from benchmarks.looking import CellView, Progress, SuiteView, cell_view, suite_view
from benchmarks.matrix import Matrix
from benchmarks.models import Score
from benchmarks.store import Store
from catalog.models import AIModel, Endpoint


class NoSuchSuite(Http404):
    """No suite of that slug."""


class NoSuchModel(Http404):
    """No model of that slug in the catalogue."""


class NoSuchScore(Http404):
    """No score of that number that readers see, or have seen."""


def load_matrix(wish: BenchmarkWish, *, now: datetime) -> Matrix:
    """What a wish asks for. A model that it names and that has no figure has a row, too."""
    return matrix_of(load_store(wish.as_of, now=now), wish)


def load_cell(suite: str, model: str, *, now: datetime) -> CellView:
    """All figures of one cell, side by side. NoSuchSuite, NoSuchModel."""
    return cell_of(load_store(now=now), suite, model)


def cell_of(store: Store, suite: str, model: str) -> CellView:
    """The same, cut from a store; a query where the model has no figure at all. NoSuchSuite, NoSuchModel."""
    if suite not in store.suites:
        raise NoSuchSuite(f"There is no suite {suite}.")
    facts = store.models.get(model) or next(iter(models_facts(slug=model).values()), None)
    if facts is None:
        raise NoSuchModel(f"The catalogue knows no model {model}.")
    return cell_view(store, suite, facts)


def load_suite(slug: str, *, now: datetime) -> SuiteView:
    """A suite with its ranking and progress. NoSuchSuite."""
    return suite_of(load_store(now=now), slug)


def suite_of(store: Store, slug: str) -> SuiteView:
    """The same, cut from a store. NoSuchSuite."""
    if slug not in store.suites:
        raise NoSuchSuite(f"There is no suite {slug}.")
    return suite_view(store, slug)


def load_progress(slug: str, *, now: datetime) -> Progress:
    """The best figure of a suite over the release dates of models. NoSuchSuite."""
    return load_suite(slug, now=now).progress


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One figure that readers see or have seen, with what it corrected and what corrects it."""

    score: ScoreFacts
    suite: SuiteFacts
    model: ModelFacts
    shown: bool
    supersedes: ScoreFacts | None
    superseded_by: ScoreFacts | None

    def to_json(self) -> dict[str, Any]:
        return self.score.to_json() | {
            "shown": self.shown,
            "superseded_by": self.superseded_by.pk if self.superseded_by else None,
        }


def load_score(pk: int) -> ScoreView:
    """A score that is or was published; a draft is none. Five queries at most. NoSuchScore."""
    row = Score.objects.filter(pk=pk, published_at__isnull=False, model__isnull=False).first()
    if row is None:
        raise NoSuchScore(f"There is no published score {pk}.")
    family = Score.objects.filter(
        Q(pk__in=[pk, row.supersedes_id or 0]) | Q(supersedes=pk, published_at__isnull=False)
    )
    rows = list(score_rows(family))
    suites = {row.suite_id: suite_facts(row.suite)}
    references = {row.suite.slug: row.suite.reference_setting}
    models = models_facts(pk__in={found[2] for found in rows})
    facts = {score.pk: score for score in score_facts(rows, suites, models, references)}
    later = next((score for score in facts.values() if score.supersedes == pk), None)
    return ScoreView(
        score=facts[pk],
        suite=suites[row.suite_id],
        model=models[row.model_id or 0],
        shown=row.state == "published",
        supersedes=facts.get(row.supersedes_id or 0),
        superseded_by=later,
    )


def matrix_of(store: Store, wish: BenchmarkWish) -> Matrix:
    """The same, cut from a store; one query where the wish names models without any figure."""
    absent = [slug for slug in wish.models if slug not in store.models]
    extra = models_facts(slug__in=absent).values() if absent else ()
    return assemble(store, wish, extra)


def known_values(store: Store) -> dict[str, Mapping[str, str] | Sequence[str]]:
    """What each closed parameter of a wish accepts: suites by slug or name; models that have a figure."""
    suites = {suite.name.casefold(): slug for slug, suite in store.suites.items()}
    suites |= {slug: slug for slug in store.suites} | {EVERY_SUITE: EVERY_SUITE}
    return {
        "suites": suites,
        "models": {slug: slug for slug in store.models},
        "creators": sorted({model.creator for model in store.models.values()}),
        "families": sorted({model.family for model in store.models.values() if model.family}),
        "evidence": EVIDENCE,
        "open": OPEN,
        "norm": NORMS,
        "composite": (*mixes(), NO_COMPOSITE),
        "sort": suites | {name: name for name in SORTS},
        "order": ORDERS,
    }


def wish_of(query: Mapping[str, Sequence[str]], store: Store) -> Asked:
    """The wish of an address. Models may be named by their slug or an endpoint's, with or without figures."""
    known = known_values(store)
    named = {part.strip() for text in query.get("models", ()) for part in text.split(",") if part.strip()}
    if absent := named - store.models.keys():
        known["models"] = {slug: slug for slug in store.models} | _slugs(absent)
    return asked(query, known)


def _slugs(named: Iterable[str]) -> dict[str, str]:
    """Slug of a model or an endpoint → the model's."""
    wanted = [slug for slug in named if len(slug) <= 240 and "\x00" not in slug]
    found = {slug: slug for slug in AIModel.objects.filter(slug__in=wanted).values_list("slug", flat=True)}
    endpoints = Endpoint.objects.filter(slug__in=wanted).values_list("slug", "model__slug")
    return found | dict(endpoints)
