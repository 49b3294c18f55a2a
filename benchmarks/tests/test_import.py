"""Reading a source again and again: what is new, changed, gone, and what waits for whom."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User

from benchmarks.adapters.project_csv import COLUMNS
from benchmarks.models import ImportRun, ModelAlias, Score, ScoreSource
from benchmarks.services import fetching
from benchmarks.services.aliases import join_scores
from benchmarks.services.fetching import Read, TooLarge, bounded, import_read, preview
from benchmarks.tests.factories import make_model, make_score, make_source, make_suite
from benchmarks.tests.test_adapters import ROW, own_csv
from editorial import services as editorial
from editorial.models import Revision, Step

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=7)
ONE = {"suite": "mmlu", "source_name": "Report"}


@pytest.fixture
def source() -> ScoreSource:
    make_suite("mmlu")
    return make_source("theirs", name="Their leaderboard", format="aigo-csv", trusted=True)


def rows(*cells: dict[str, str]) -> bytes:
    lines = [own_csv(**(ONE | one)).decode().splitlines() for one in cells]
    return "\n".join([",".join(COLUMNS), *(line[1] for line in lines), ""]).encode()


def bring(source: ScoreSource, *cells: dict[str, str], now: dt.datetime = NOW, **more: Any) -> ImportRun:
    return import_read(source, Read(rows(*cells), "their.csv"), now=now, **more)


def name_model(label: str = "one", model: str = "gpt-4.1") -> ModelAlias:
    facts = {"model": make_model(model), "state": "accepted", "how": "person"}
    return ModelAlias.objects.update_or_create(label=label, maker=ROW["provider"], defaults=facts)[0]


def test_the_same_file_again_changes_nothing(source: ScoreSource) -> None:
    name_model()
    first = bring(source, {})
    assert (first.rows, first.new, first.published) == (1, 1, 1)
    again = bring(source, {}, now=LATER)
    assert (again.rows, again.new, again.changed, again.unchanged, again.published) == (1, 0, 0, 1, 0)
    assert Score.objects.count() == 1
    assert Score.objects.get().seen_at == LATER


def test_what_a_trusted_source_corrects_supersedes_at_one_moment(source: ScoreSource) -> None:
    name_model()
    bring(source, {})
    run = bring(source, {"score_raw": "89.5"}, now=LATER)
    assert (run.changed, run.published) == (1, 1)
    old, new = Score.objects.order_by("pk")
    assert (old.state, old.raw, old.withdrawn_at) == ("withdrawn", "88.1", LATER)
    assert (new.state, new.raw, new.published_at, new.supersedes) == ("published", "89.5", LATER, old)
    assert Score.objects.shown_at(LATER - dt.timedelta(seconds=1)).get() == old
    assert Score.objects.shown_at(LATER).get() == new


def test_what_another_source_corrects_waits_as_a_draft(source: ScoreSource) -> None:
    source.trusted = False
    source.save()
    name_model()
    bring(source, {})
    draft = Score.objects.get()
    assert (draft.state, draft.author) == ("draft", None)
    run = bring(source, {"score_raw": "89.5"}, now=LATER)
    assert (run.changed, run.published) == (1, 0)
    draft.refresh_from_db()
    assert (draft.raw, draft.version) == ("89.5", 2)  # an edit, kept with its revision
    assert Revision.objects.filter(object_id=draft.pk).count() == 2


def test_a_new_pin_of_the_same_figure_is_no_change(source: ScoreSource) -> None:
    name_model()
    bring(source, {"source_version_or_commit": "aaaa"})
    run = bring(source, {"source_version_or_commit": "bbbb", "source_url": "https://maker.example/other"})
    assert (run.changed, run.unchanged) == (0, 1)
    assert Score.objects.get().source_version == "aaaa"


def test_what_is_gone_stays_and_is_counted(source: ScoreSource) -> None:
    name_model()
    bring(source, {}, {"shots_or_setting": "0-shot"})
    run = bring(source, {}, now=LATER)
    assert run.gone == 1
    assert Score.objects.shown().count() == 2


def test_what_was_withdrawn_is_not_made_anew(source: ScoreSource) -> None:
    name_model()
    bring(source, {})
    editorial.move(Score.objects.get(), "unpublish", by=None, by_name="a test", now=NOW, reason="wrong")
    assert bring(source, {}, now=LATER).unchanged == 1
    assert Score.objects.count() == 1
    assert bring(source, {"score_raw": "70"}, now=LATER).new == 1  # but another figure is


def test_a_suspect_row_a_copy_and_a_contradiction_are_kept_back(source: ScoreSource) -> None:
    name_model()
    make_score("mmlu", "gpt-4.1", 80, setting="5-shot")
    run = bring(
        source,
        {"shots_or_setting": "0-shot", "note": "SUSPECT: equals the base model's"},
        {"shots_or_setting": "1-shot", "evidence_type": "aggregator"},
        {"shots_or_setting": "5-shot"},  # 88.1, where 80 is published
        {"shots_or_setting": "25-shot"},
    )
    assert (run.new, run.published) == (4, 1)
    assert Score.objects.shown().get(source=source).setting_text == "25-shot"
    data = rows({"shots_or_setting": "3-shot"}, {"shots_or_setting": "5-shot; again", "score_raw": "80"})
    held = {one.row.setting: one.held for one in preview(source, Read(data, "")).planned}
    assert held["3-shot"] == ""


def test_two_figures_of_one_setting_in_one_source_are_both_kept(source: ScoreSource) -> None:
    name_model()
    run = bring(source, {"score_raw": "33.8"}, {"score_raw": "30.7"}, {"score_raw": "30.7"})
    assert run.rows == 2
    assert bring(source, {"score_raw": "30.7"}, {"score_raw": "33.8"}).unchanged == 2


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"suite": "no such suite"}, "unknown_suite"),
        ({"score_raw": "100.1"}, "out_of_range"),
        ({"score_raw": "-0.1"}, "out_of_range"),
        ({"unit": "elo"}, "other_unit"),
    ],
)
def test_one_fault_and_nothing_is_imported(source: ScoreSource, cells: dict[str, str], code: str) -> None:
    run = bring(source, {}, cells)
    (problem,) = run.problems
    assert (problem["row"], problem["problem"]) == (3, code)
    assert (run.applied_at, run.rows) == (None, 0)
    assert not Score.objects.exists()


def test_a_suspect_figure_may_lie_outside_and_is_never_published(source: ScoreSource) -> None:
    name_model()
    bring(source, {"score_raw": "880", "note": "SUSPECT: a slip of the point"})
    draft = Score.objects.get()
    with pytest.raises(editorial.Unfit, match="scale"):
        editorial.move(draft, "submit", by=None, by_name="a test", now=NOW)


def test_an_unmatched_row_waits_and_is_joined_once_its_name_is_known(source: ScoreSource) -> None:
    assert bring(source, {}).unmatched == 1
    assert Score.objects.unmatched().count() == 1
    name_model("ONE ")  # written another way
    assert join_scores(now=LATER) == 1
    score = Score.objects.shown().get()
    assert score.model.slug == "gpt-4.1"
    moves = Step.objects.filter(object_id=score.pk).order_by("pk").values_list("move", "by_name")
    assert [*moves] == [
        ("create", "Their leaderboard"), ("edit", "names of models"), ("trust", "Their leaderboard"),
    ]  # fmt: skip


def test_of_an_untrusted_source_it_goes_to_review(source: ScoreSource) -> None:
    source.trusted = False
    source.save()
    bring(source, {})
    name_model()
    join_scores(now=LATER)
    assert Score.objects.get().state == "review"


def test_whoever_uploads_is_the_author_and_nothing_is_published_by_itself(source: ScoreSource) -> None:
    name_model()
    editor = User.objects.create_superuser("edith", "edith@example.org", "x")
    run = bring(source, {}, by=editor, author=editor)
    draft = Score.objects.get()
    assert (run.published, run.by, draft.state, draft.author) == (0, editor, "draft", editor)


@pytest.mark.only_on("sqlite")
def test_a_file_without_end_is_cut() -> None:
    def endless() -> Any:
        while True:
            yield b"x" * (1 << 16)

    with pytest.raises(TooLarge):
        bounded(endless(), 1_000_000)


@pytest.mark.only_on("sqlite")
def test_a_source_whose_rows_cite_the_file_needs_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_source("harness", format="lm-eval")
    (fault,) = fetching.parse(source, Read(b"{}", "results.json")).faults
    assert fault.code == "no_address"


@pytest.mark.only_on("sqlite")
def test_suites_that_we_do_not_have_are_counted_in_a_foreign_file(source: ScoreSource) -> None:
    foreign = make_source("stats", format="llm-stats", url="https://llm-stats.example/")
    record = '{"benchmark_id": "%s", "model_id": "one", "score": 0.8}'
    data = f"[{record % 'mmlu'}, {record % 'x'}]".encode()
    diff = preview(foreign, Read(data, "benchmarks.json"))
    assert (len(diff.planned), diff.left_out) == (1, {"no such suite: x": 1})
    none = preview(foreign, Read(data.replace(b"mmlu", b"y"), "benchmarks.json"))
    assert none.faults[0].code == "nothing_known"
