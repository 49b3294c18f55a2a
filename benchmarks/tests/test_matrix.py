"""What the matrix shows: columns, cells, normalised values, composite, ranks, filters, moments."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from benchmarks.filtering import BenchmarkWish
from benchmarks.kept import MOST_KEPT, MOST_PAST, keeper, kept_matrix, kept_store, past_keeper
from benchmarks.loading import load_store
from benchmarks.matrix import Cell, Matrix, Row
from benchmarks.models import Evidence, Score
from benchmarks.selectors import load_cell, load_matrix, load_score, load_suite, matrix_of, wish_of
from benchmarks.tests.factories import NOW, make_model, make_score, make_suite
from catalog.tests.factories import make_endpoint

pytestmark = pytest.mark.django_db


def matrix(**wish: Any) -> Matrix:
    return load_matrix(BenchmarkWish(**wish), now=NOW)


def row_of(found: Matrix, model: str) -> Row:
    return next(row for row in found.rows if row.model.slug == model)


def cell_of(found: Matrix, model: str, place: int = 0) -> Cell:
    cell = row_of(found, model).cells[place]
    assert cell is not None
    return cell


def test_the_best_published_value_is_100_and_guessing_is_0():
    make_suite("mmlu", random_baseline=25)
    make_score(model="a", value=85)
    make_score(model="b", value=55)
    make_score(model="c", value=22)
    found = matrix()
    assert [cell_of(found, model).normalised for model in "abc"] == [100, 50, pytest.approx(-5)]
    assert [cell_of(found, model).heat for model in "abc"] == [10, 5, 0]
    assert found.suites[0].scale.zero_is == "random"


def test_without_a_baseline_the_scale_begins_at_its_end_and_an_open_scale_has_no_normalised_value():
    make_suite("mt", unit="points", scale_min=1, scale_max=10)
    make_suite("elo", position=2000, unit="elo", scale_min=None, scale_max=None)
    make_score("mt", "a", 10)
    make_score("mt", "b", 5.5)
    make_score("elo", "a", 1300)
    found = matrix()
    assert cell_of(found, "b").normalised == 50
    assert cell_of(found, "a", 1).normalised is None
    assert cell_of(found, "a", 1).shown == "1300"
    assert [column.scale.zero_is for column in found.suites] == ["scale", ""]


def test_min_and_max_are_those_of_the_shown_and_equal_values_are_50():
    make_score(model="a", value=90)
    make_score(model="b", value=70)
    make_score(model="c", value=50)
    assert cell_of(matrix(norm="minmax"), "b").normalised == 50
    assert cell_of(matrix(norm="minmax", models=("a", "b")), "b").normalised == 0
    assert cell_of(matrix(norm="minmax", models=("b",)), "b").normalised == 50
    assert cell_of(matrix(norm="raw"), "b").normalised is None
    assert cell_of(matrix(norm="raw"), "b").shown == "70.0"


def test_a_cell_shows_the_reference_setting_then_the_strongest_evidence_then_the_newest():
    make_suite("mmlu", reference_setting="shots=5")
    other = make_score(value=90, setting="0-shot, CoT")
    own = make_score(value=80, evidence=Evidence.SELF)
    old = make_score(value=79.5, evaluated_on=dt.date(2024, 1, 1))
    new = make_score(value=79.8, evaluated_on=dt.date(2025, 1, 1))
    view = load_cell("mmlu", "gpt-4.1", now=NOW)
    assert [score.pk for score in view.scores] == [new.pk, old.pk, own.pk, other.pk]
    cell = cell_of(matrix(), "gpt-4.1")
    assert (cell.score_id, cell.others, cell.same_setting, cell.conflict) == (new.pk, 3, True, False)
    only = cell_of(matrix(evidence=("self-reported",)), "gpt-4.1")
    assert (only.score_id, only.others) == (own.pk, 0)


def test_values_of_one_setting_conflict_beyond_one_point_or_their_uncertainties():
    make_score(value=80)
    make_score(value=81)
    assert not cell_of(matrix(), "gpt-4.1").conflict
    third = make_score(value=81.1)
    assert cell_of(matrix(), "gpt-4.1").conflict
    assert third.pk in load_cell("mmlu", "gpt-4.1", now=NOW).conflicting
    make_score(model="b", value=80, uncertainty=2)
    make_score(model="b", value=83, uncertainty=1)
    make_score(model="b", value=60, setting="0-shot")
    assert not cell_of(matrix(), "b").conflict


def test_the_composite_needs_its_least_coverage_and_says_how_much_it_has():
    make_suite("aider-polyglot", reference_setting="shots=5")
    for suite in ("livecodebench", "aider-polyglot", "swe-bench-verified"):
        make_score(suite, "full", 80)
    make_score("livecodebench", "third", 40)
    make_score("livecodebench", "enough", 40)
    make_score("aider-polyglot", "enough", 60, setting="0-shot")
    found = matrix(composite="code")
    full, third, enough = (row_of(found, slug).composite for slug in ("full", "third", "enough"))
    assert full
    assert third
    assert enough
    assert (full.value, full.coverage, full.used, full.of) == (100, 1, 3, 3)
    assert (third.value, third.used, third.of) == (None, 1, 3)
    assert (enough.value, enough.used, enough.elsewhere) == (62.5, 2, 1)
    assert [row.rank for row in found.rows] == [1, 2, None]
    assert row_of(found, "third").composite_written == "—"


def test_of_several_efforts_of_thinking_the_greatest_is_shown():
    make_suite("gpqa", reference_setting="harness=epoch inspect")
    for effort in ("low", "high", "medium"):
        make_score("gpqa", value=50, setting=f"Epoch AI Inspect run; reasoning={effort}; task v1.0.0")
    assert cell_of(matrix(), "gpt-4.1").setting.get("effort") == "high"
    assert cell_of(matrix(), "gpt-4.1").same_setting


def test_equal_values_share_a_rank_and_overlapping_intervals_are_marked():
    make_score(model="a", value=90, uncertainty=2)
    make_score(model="b", value=88, uncertainty=1)
    make_score(model="c", value=80)
    make_score(model="d", value=80)
    make_score(model="e", value=70)
    found = matrix(sort="mmlu")
    assert [(row.model.slug, row.rank, row.unsure) for row in found.rows] == [
        ("a", 1, False), ("b", 2, True), ("c", 3, False), ("d", 3, False), ("e", 5, False),
    ]  # fmt: skip
    back = matrix(sort="mmlu", order="asc")
    assert [row.rank for row in back.rows] == [5, 3, 3, 2, 1]


def test_lower_may_be_better():
    make_suite("err", higher_is_better=False)
    make_score("err", "a", 10)
    make_score("err", "b", 55)
    found = matrix(sort="err")
    assert [row.model.slug for row in found.rows] == ["a", "b"]
    assert [cell_of(found, model).normalised for model in "ab"] == [100, 50]


def test_filters_narrow_and_facets_say_what_another_choice_would_leave():
    make_model("a", "openai", family="gpt", open_weights=False)
    make_model("b", "meta", family="llama", open_weights=True)
    make_model("c", "meta", family="llama")
    make_score(model="a", evidence=Evidence.SELF)
    make_score(model="b")
    make_score(model="c")
    found = matrix(creators=("meta",))
    assert [row.model.slug for row in found.rows] == ["b", "c"]
    assert found.facets["creators"] == {"": 3, "openai": 1, "meta": 2}
    assert found.facets["open"] == {"": 2, "yes": 1}
    assert [row.model.slug for row in matrix(q="LLAMA b").rows] == ["b"]
    assert [row.model.slug for row in matrix(open="no").rows] == ["a"]
    assert (found.counts.models, found.found.models) == (3, 2)
    gaps = matrix(models=("a", "b"), evidence=("self-reported",))
    assert [(row.model.slug, row.gaps) for row in gaps.rows] == [("a", ("",)), ("b", ("filtered",))]


def test_a_model_that_is_named_has_a_row_even_without_figures_and_by_its_endpoint():
    make_score(model="a")
    bare = make_model("bare")
    make_endpoint("openai", bare)
    store = load_store(now=NOW)
    asked = wish_of({"models": ["openai--bare,a,nobody"], "suites": ["MMLU"]}, store)
    assert (asked.wish.models, asked.wish.suites) == (("a", "bare"), ("mmlu",))
    assert asked.refused == (("models", "nobody"),)
    found = matrix_of(store, asked.wish)
    assert [(row.model.slug, row.gaps) for row in found.rows] == [("a", ("",)), ("bare", ("none",))]


def test_drafts_withdrawn_and_unmatched_figures_are_not_shown():
    make_score(model="a", value=80)
    make_score(model="a", value=99, state="draft", published_at=None)
    make_score(model="a", value=98, state="withdrawn", withdrawn_at=NOW)
    make_score(model=None, value=97, state="draft", published_at=None)
    found = matrix()
    assert (found.counts.scores, found.counts.models, found.counts.suites, found.counts.sources) == (
        1,
        1,
        1,
        1,
    )
    assert cell_of(found, "a").others == 0


def test_the_matrix_of_a_day_is_what_readers_saw_at_its_end():
    first = make_score(
        model="a", value=80, key="k", state="withdrawn",
        published_at=NOW - dt.timedelta(days=9), withdrawn_at=NOW - dt.timedelta(days=2),
    )  # fmt: skip
    second = make_score(
        model="a", value=82, key="k", supersedes=first, published_at=NOW - dt.timedelta(days=2)
    )
    day = lambda days: (NOW - dt.timedelta(days=days)).date().isoformat()  # noqa: E731
    assert matrix(as_of=day(10)).rows == ()
    assert cell_of(matrix(as_of=day(3)), "a").score_id == first.pk
    assert cell_of(matrix(as_of=day(2)), "a").score_id == second.pk
    assert cell_of(matrix(), "a").score_id == second.pk
    view = load_score(first.pk)
    assert (view.shown, view.superseded_by and view.superseded_by.pk) == (False, second.pk)


def test_progress_holds_the_records_over_release_dates():
    for slug, day, value in (("a", 1, 50), ("b", 2, 40), ("c", 3, 60), ("d", None, 99)):
        make_model(slug, released_on=day and dt.date(2024, 1, day))
        make_score(model=slug, value=value)
    view = load_suite("mmlu", now=NOW)
    assert [point.model.slug for point in view.progress.points] == ["a", "b", "c"]
    assert [point.model.slug for point in view.progress.records] == ["a", "c"]
    assert view.progress.undated == 1
    assert view.best
    assert view.best.model == "d"


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("evaluated", "evidence", "kept"),
    [
        ("2024-04", Evidence.INDEPENDENT, False),  # a provider listed it in June
        ("2024-05", Evidence.INDEPENDENT, True),  # perhaps its last day
        ("2024-05-30", Evidence.INDEPENDENT, True),  # days before the release
        ("2024-05-10", Evidence.SELF, True),  # makers measure first
        ("2024-04-02", Evidence.SELF, False),
        ("2024", Evidence.INDEPENDENT, True),
        ("", Evidence.INDEPENDENT, True),
    ],
)
def test_a_date_that_a_measurement_precedes_is_no_release(evaluated: str, evidence: str, kept: bool):
    make_model("late", released_on=dt.date(2024, 6, 5))
    make_score(model="late", value=60)
    make_score("gsm8k", "late", evaluated_as=evaluated, evidence=evidence)
    progress = load_suite("mmlu", now=NOW).progress
    assert (len(progress.points), progress.undated, progress.doubtful) == (kept, 0, not kept)


def test_the_queries_do_not_grow_with_rows(django_assert_num_queries: Any):
    for number in range(12):
        make_score(f"suite-{number % 3}", f"model-{number}", value=number)
    assert Score.objects.count() == 12
    with django_assert_num_queries(3):
        matrix()


def test_whoever_walks_through_the_days_and_wishes_does_not_fill_the_memory():
    make_score()
    for day in range(1, 20):
        kept_matrix(BenchmarkWish(as_of=f"2026-01-{day:02}"), now=NOW)
    for at in range(MOST_KEPT + 10):
        kept_matrix(BenchmarkWish(q=f"x{at}"), now=NOW)
    assert len(past_keeper()._places) <= MOST_PAST
    assert len(keeper()._places) <= MOST_KEPT
    assert kept_store(now=NOW).value.counts.scores == 1
