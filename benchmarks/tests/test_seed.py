"""The scores that the project ships: cited, matched by names that people checked, and published."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db.models import Q

from benchmarks.adapters import project_csv
from benchmarks.matching import Names
from benchmarks.models import Evidence, ImportRun, ModelAlias, Score
from benchmarks.rows import ScoreRow
from benchmarks.services import seeding
from benchmarks.services.seeding import DATA, seed_scores
from catalog.adapters import models_dev
from catalog.assembly import assemble
from catalog.models import AIModel, Creator
from catalog.tests.factories import make_curation
from editorial.models import Step

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
ALIASES = json.loads((DATA / "aliases.json").read_text())


@pytest.fixture(scope="module")
def rows() -> list[ScoreRow]:
    reading = project_csv.read((DATA / "scores.csv").read_bytes())
    assert reading.faults == []
    return reading.rows


def make_models() -> None:
    creator = Creator.objects.create(slug="unknown", name="Unknown")
    slugs = {entry["model"] for entry in ALIASES}
    AIModel.objects.bulk_create(AIModel(slug=slug, name=slug, creator=creator) for slug in sorted(slugs))


def test_every_shipped_score_is_cited(rows: list[ScoreRow]) -> None:
    assert len(rows) == 5_068
    assert all(row.source_name and row.source_url.startswith("https://") and row.raw for row in rows)


@pytest.mark.only_on("sqlite")
def test_every_shipped_name_is_of_a_listed_figure_and_of_one_model_of_the_catalogue(
    rows: list[ScoreRow],
) -> None:
    listing = models_dev.read_listing(models_dev.package_bytes())
    known = assemble([listing], make_curation()).models.keys()
    stated = {(row.maker, row.label) for row in rows}
    named = [(entry["maker"], label) for entry in ALIASES for label in entry["labels"]]
    assert {entry["model"] for entry in ALIASES} <= known
    assert set(named) <= stated
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("maker", "label", "model"),
    [
        ("Anthropic", "Claude Sonnet 4.5", "claude-sonnet-4-5-20250929"),
        ("Anthropic", "Claude 3.5 Sonnet", None),  # two snapshots
        ("OpenAI", "gpt-4-1106-preview", "gpt-4-1106-preview"),
        ("OpenAI", "GPT-4-Turbo", None),
        ("OpenAI", "GPT-4", None),
        ("Meta", "Llama 3.1 8B (base)", None),
        ("Meta", "LLaMA3.1-8B", None),
        ("Meta", "Llama 3.2 1B QLoRA Instruct", None),
        ("Google", "Gemini 2.5 Pro", None),  # of a preview, in some of its sources
        ("DeepSeek", "DeepSeek-V3 (base)", None),
    ],
)  # fmt: skip
@pytest.mark.only_on("sqlite")
def test_a_name_that_may_mean_two_models_means_none(maker: str, label: str, model: str | None) -> None:
    found = {(entry["maker"], name): entry["model"] for entry in ALIASES for name in entry["labels"]}
    assert found.get((maker, label)) == model


@pytest.mark.only_on("sqlite")
def test_what_a_line_is_called_belongs_to_its_setting(rows: list[ScoreRow]) -> None:
    of_mimo = {
        (row.setting.rpartition("; ")[2], row.raw)
        for row in rows
        if row.suite == "LiveCodeBench" and row.source_name == "MiMo README" and row.label == "GPT-4o-0513"
    }
    assert of_mimo == {("v5", "32.9"), ("v6", "30.9")}


@pytest.mark.only_on("sqlite")
def test_figures_become_values_of_their_suites(rows: list[ScoreRow]) -> None:
    values = {(row.raw, row.suite): (str(row.value), row.unit) for row in rows}
    assert values["2/30", "AIME 2024"] == ("6.6667", "percent")
    assert values["0.902", "MT-Bench"] == ("9.0200", "points")
    epoch = next(row for row in rows if row.label == "gemini-2.5-pro" and row.suite == "GPQA-Diamond")
    assert (str(epoch.value), str(epoch.uncertainty)) == ("85.3000", "3.9200")  # 1.96 standard errors of 0.02
    dated = next(row for row in rows if row.evaluated == "2021-12")
    assert dated.evaluated == "2021-12"


def test_the_page_is_full_at_the_first_start(rows: list[ScoreRow]) -> None:
    """What is published of it: 400 scores of 40 models at the least, none copied, none suspect."""
    ids = {slug: number for number, slug in enumerate(sorted({entry["model"] for entry in ALIASES}))}
    named = [(label, entry["maker"], ids[entry["model"]]) for entry in ALIASES for label in entry["labels"]]
    names = Names(named)
    free = [row for row in rows if row.evidence != Evidence.AGGREGATOR and not row.suspect]
    shown = [model for row in free if (model := names.find(row.label, row.maker)) is not None]
    assert (len(shown), len(set(shown))) == (1_283, 125)


@pytest.fixture
def part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every twentieth row of the seed."""
    lines = (DATA / "scores.csv").read_text().splitlines(keepends=True)
    (tmp_path / "scores.csv").write_text("".join([lines[0], *lines[1::20]]))
    for name in ("aliases.json", "sources.json"):
        (tmp_path / name).write_text((DATA / name).read_text())
    monkeypatch.setattr(seeding, "DATA", tmp_path)
    return tmp_path


def test_the_seed_publishes_what_is_matched_and_no_copy_and_not_suspect(db: None, part: Path) -> None:
    make_models()
    seeded = seed_scores(now=NOW)
    shown = Score.objects.shown()
    assert Score.objects.count() == seeded.run.rows == 254  # nothing is dropped
    assert shown.count() == seeded.run.published == 61
    assert not shown.filter(Q(evidence=Evidence.AGGREGATOR) | Q(suspect=True)).exists()
    assert seeded.run.unmatched == Score.objects.unmatched().count()
    steps = Step.objects.filter(object_id=shown.order_by("pk")[0].pk).order_by("pk")
    name = "AI-GO's seed of cited scores"
    assert [(step.move, step.by, step.by_name) for step in steps] == [
        ("create", None, name),
        ("trust", None, name),
    ]

    again = seed_scores(now=NOW + dt.timedelta(days=1))
    assert (again.run, again.aliases, again.joined) == (None, 0, 0)
    assert ImportRun.objects.count() == 1


@pytest.mark.only_on("sqlite")
def test_a_model_that_the_catalogue_learns_of_later_gets_its_scores(db: None, part: Path) -> None:
    lines = (DATA / "scores.csv").read_text().splitlines(keepends=True)
    (part / "scores.csv").write_text(lines[0] + "".join(line for line in lines if ",gpt-5 (high)," in line))
    first = seed_scores(now=NOW)
    assert (first.run.rows, first.run.published) == (1, 0)
    creator = Creator.objects.create(slug="openai", name="OpenAI")
    AIModel.objects.create(slug="gpt-5", name="GPT-5", creator=creator)
    second = seed_scores(now=NOW)
    assert (second.run, second.joined) == (None, 1)
    assert Score.objects.shown().get().model.slug == "gpt-5"
    assert ModelAlias.objects.filter(model__slug="gpt-5").count() == 6
