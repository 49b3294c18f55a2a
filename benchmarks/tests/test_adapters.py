"""Files of other projects, as they are published, read row by row."""

from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.adapters import FORMATS, Origin
from benchmarks.adapters.project_csv import COLUMNS
from benchmarks.adapters.project_csv import read as read_own
from benchmarks.rows import Reading, ReadingError, ScoreRow
from benchmarks.services.planning import key_of

pytestmark = pytest.mark.only_on("sqlite")

SAMPLES = Path(__file__).parent / "samples"
SEED = Path(__file__).parents[1] / "data" / "scores.csv"
COMMIT = "0153842" + 33 * "0"
ORIGIN = Origin(
    content_hash="ab", url=f"https://raw.example/owner/repository/{COMMIT}/file", licence="Apache-2.0"
)


def read(name: str, file: str) -> Reading:
    reading = FORMATS[name].read((SAMPLES / file).read_bytes(), ORIGIN)
    assert reading.faults == []
    return reading


@pytest.fixture(scope="module")
def seeded() -> dict[str, ScoreRow]:
    """The shipped rows by key, with the slugs of the suites that the public formats name."""
    slugs = {
        "Aider polyglot": "aider-polyglot", "HumanEval": "humaneval", "HumanEval+": "humaneval-plus",
        "OTIS Mock AIME 2024-2025": "otis-mock-aime", "SWE-bench Verified": "swe-bench-verified",
        "GSM8K": "gsm8k", "MMLU": "mmlu", "BBH": "bbh", "HellaSwag": "hellaswag", "ARC-C": "arc-c",
    }  # fmt: skip
    rows = read_own(SEED.read_bytes()).rows
    return {key_of(row, slugs[row.suite]): row for row in rows if row.suite in slugs}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("aider", "aider.yml"),
        ("evalplus", "evalplus.json"),
        ("epoch-gsm8k", "epoch_gsm8k.csv"),
        ("epoch-mmlu", "epoch_mmlu.csv"),
        ("epoch-bbh", "epoch_bbh.csv"),
        ("epoch-hellaswag", "epoch_hellaswag.csv"),
        ("epoch-arc-c", "epoch_arc_ai2.csv"),
    ],
)
def test_a_figure_that_the_seed_has_is_the_same_figure(
    seeded: dict[str, ScoreRow], name: str, file: str
) -> None:
    rows = [row for row in read(name, file).rows if row.suite != "mbpp-plus"]
    for row in rows:
        shipped = seeded[key_of(row, row.suite)]
        assert (shipped.raw, shipped.value, shipped.unit) == (row.raw, row.value, row.unit)
        assert shipped.evidence == row.evidence
    assert len(rows) >= 3


def test_an_aider_run_has_its_format_effort_and_cost() -> None:
    rows = read("aider", "aider.yml").rows
    high = next(row for row in rows if row.label == "o1-2024-12-17 (high)")
    assert high.setting == "pass_rate_2 (two tries); edit_format=diff; n=224; reasoning=high"
    assert (high.raw, high.evaluated, high.note) == (
        "61.7",
        "2024-12-21",
        "aider 0.69.2.dev; total_cost_usd=186.4958",
    )
    assert (high.source_url, high.source_version) == (ORIGIN.url, COMMIT)
    assert rows[0].raw == "35.6"  # a text in the file, not a float of it


def test_evalplus_tells_chat_from_completion_and_leaves_its_own_mbpp_out() -> None:
    reading = read("evalplus", "evalplus.json")
    assert [(row.suite, row.raw) for row in reading.rows] == [
        ("humaneval", "19.5"), ("humaneval-plus", "16.5"),
        ("humaneval", "64"), ("humaneval-plus", "56.7"), ("mbpp-plus", "63.5"),
    ]  # fmt: skip
    assert reading.rows[0].setting.endswith("completion (base) prompt")
    assert reading.left_out == {"no such suite: mbpp": 1}


def test_swe_bench_compares_models_where_the_harness_is_fixed() -> None:
    reading = read("swe-bench", "swe_bench.json")
    assert [(row.label, row.raw, row.setting) for row in reading.rows] == [
        ("gpt-4o-20241120", "21.62", "bash-only; mini-SWE-agent 0.0.0; attempts: 1"),
        ("Qwen2.5-Coder-32B-Instruct", "9.0", "bash-only; mini-SWE-agent 1.0.0; attempts: 1"),
    ]
    assert reading.left_out == {"another board: Test": 1, "no model, or several, in the tags": 1}


def test_epochs_runs_keep_effort_and_uncertainty() -> None:
    reading = read("epoch-runs", "epoch_runs.csv")
    first, second, undated = reading.rows
    assert (first.label, first.setting) == ("o4-mini-2025-04-16", "Epoch AI Inspect run; reasoning=medium")
    assert (first.value, first.uncertainty) == (Decimal("34.6"), Decimal("3.92"))
    assert (first.evaluated, undated.evaluated) == ("2025-04-24", "")
    assert first.source_url.startswith("https://logs.epoch.ai/")
    assert second.source_url == ORIGIN.url
    assert reading.left_out == {"no such suite: FrontierMath": 1, "a run that did not succeed": 1}


def test_llm_stats_is_an_aggregator() -> None:
    reading = read("llm-stats", "llm_stats.json")
    assert [(row.suite, row.raw, str(row.value), row.evidence) for row in reading.rows] == [
        ("gpqa", "0.6530", "65.3000", "aggregator"), ("mt-bench", "0.902", "9.0200", "aggregator"),
    ]  # fmt: skip
    assert reading.rows[1].setting == "setting not recorded"
    assert {row.evaluated for row in reading.rows} == {""}  # when it was copied is not when it was measured
    assert reading.left_out == {"no such suite: charxiv-r": 1}


def test_a_helm_table_says_how_each_column_was_run() -> None:
    reading = read("helm", "helm.json")
    assert [(row.suite, row.label, row.setting, str(row.value)) for row in reading.rows] == [
        ("mmlu", "One 8B", "HELM; metric=EM; 2 subjects; method=multiple_choice_joint", "33.5979"),
        ("gpqa", "One 8B", "HELM; CoT; metric=correct; 0-shot; subset=gpqa_main", "50.0000"),
        ("gpqa", "Two", "HELM; CoT; metric=correct", "62.5000"),
    ]
    assert {row.place for row in reading.rows} == {1, 2}
    assert reading.left_out == {
        "no such suite: Mean win rate": 2, "no such suite: BBQ - BBQ accuracy": 2, "no figure": 1,
    }  # fmt: skip
    released = Origin(url="https://helm.example/releases/v1.15.0/groups/core_scenarios.json")
    row = FORMATS["helm"].read((SAMPLES / "helm.json").read_bytes(), released).rows[0]
    assert row.source_version == "v1.15.0"


def test_each_metric_of_the_harness_is_a_figure_of_its_own_setting() -> None:
    reading = read("lm-eval", "lm_eval.json")
    assert [(row.suite, row.setting, str(row.value)) for row in reading.rows] == [
        ("arc-c", "25-shot; metric=acc; lm-evaluation-harness; task arc_challenge", "50.3413"),
        ("arc-c", "25-shot; metric=acc_norm; lm-evaluation-harness; task arc_challenge", "53.4983"),
        ("gsm8k", "5-shot; metric=exact_match; lm-evaluation-harness; filter strict-match", "30.0000"),
        ("gsm8k", "5-shot; metric=exact_match; lm-evaluation-harness; filter flexible-extract", "50.0000"),
    ]
    assert [row.uncertainty and str(row.uncertainty) for row in reading.rows] == [
        "2.8638",
        "2.8569",
        None,
        "2.6852",
    ]
    assert {row.label for row in reading.rows} == {"maker/one-8b-instruct"}
    assert {row.evaluated for row in reading.rows} == {"2025-04-18"}
    assert reading.left_out == {"not a figure of a suite: wikitext": 1}


def test_a_common_record_is_read_with_its_source_and_uncertainty() -> None:
    first, other = read("every-eval-ever", "every_eval_ever.json").rows
    assert (first.suite, first.label, first.maker, str(first.value)) == (
        "MMLU-PRO",
        "One 8B",
        "Maker",
        "21.2500",
    )
    assert (str(first.uncertainty), first.evidence) == ("1.9600", "independent-evaluation")
    assert (first.source_url, first.evaluated) == ("https://somebody.example/report#mmlu", "2025-04-18")
    assert other.suite == "MUSR"  # which the import leaves out


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("aigo-csv", b"suite,model\nMMLU,x\n", "header_changed"),
        ("aigo-csv", b"\xff\xfes\x00", "not_utf8"),
        ("aigo-csv", b"suite\x00", "control_character"),
        ("aigo-csv", b"", "header_changed"),
        ("aigo-csv", (",".join(COLUMNS) + '\n"' + 200_000 * "x").encode(), "not_csv"),
        ("epoch-runs", b"id,task,task\n", "header_changed"),
        ("epoch-gsm8k", b"id,Name,EM,Model version,Shots,Notes,Source\n", "header_changed"),
        ("evalplus", b"{", "not_json"),
        ("evalplus", b'{"a": NaN}', "not_json"),
        ("evalplus", b'{"a": {}, "a": {}}', "key_twice"),
        ("evalplus", b"[]", "other_shape"),
        ("evalplus", b'{"a": ' + 9_999 * b"9" + b"}", "not_json"),
        ("lm-eval", 200_000 * b"[", "too_deep"),
        ("aider", b"a: &a [x]\nb: [*a, *a]\n", "not_yaml"),
        ("aider", b"- !!python/object/apply:os.system ['true']\n", "not_yaml"),
        ("aider", b"[" * 100 + b"]" * 100, "too_deep"),
        ("aider", b"- dirname: x\n", "other_shape"),
        ("every-eval-ever", b"[{}]", "other_shape"),
        ("helm", b"[]", "other_shape"),
        ("helm", b'[{"header": [{"value": "Model"}], "rows": [[]]}]', "torn_row"),
    ],
)  # fmt: skip
def test_another_shape_is_refused(name: str, data: bytes, code: str) -> None:
    with pytest.raises(ReadingError) as refused:
        FORMATS[name].read(data, ORIGIN)
    assert refused.value.fault.code == code


ROW = {
    "suite": "MMLU", "model": "One", "provider": "Maker", "score_raw": "88.1", "unit": "percent",
    "higher_is_better": "true", "shots_or_setting": "5-shot", "source_name": "Report",
    "source_url": "https://maker.example/report", "source_version_or_commit": "", "evaluated_at": "2025-04",
    "note": "", "model_label_in_source": "one", "evidence_type": "self-reported", "source_licence": "MIT",
}  # fmt: skip


def own_csv(**cells: str) -> bytes:
    values = ROW | cells
    quoted = ",".join('"' + values[name].replace('"', '""') + '"' for name in COLUMNS)
    return (",".join(COLUMNS) + "\n" + quoted + "\n").encode()


def test_our_own_row_is_read() -> None:
    (row,) = read_own(b"\xef\xbb\xbf" + own_csv()).rows  # as spreadsheets write it
    assert (row.label, row.maker, row.raw, str(row.value)) == ("one", "Maker", "88.1", "88.1000")
    assert (row.evaluated, row.evidence, row.place) == ("2025-04", "self-reported", 2)


@pytest.mark.parametrize(
    ("label", "setting"),
    [
        ("IFEval strict-prompt", "shots not stated; strict-prompt"),
        ("IFEval(Prompt Strict)", "shots not stated; Prompt Strict"),
        ("LiveCodeBench v6", "shots not stated; v6"),
        ("IFEval", "shots not stated"),
    ],
)
def test_what_a_sources_line_is_called_belongs_to_its_setting(label: str, setting: str) -> None:
    (row,) = read_own(own_csv(shots_or_setting="shots not stated", note=f"benchmark label: {label}")).rows
    assert row.setting == setting


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"model_label_in_source": "=HYPERLINK(1)"}, "model_label_in_source", "formula"),
        ({"note": "@SUM(A1)"}, "note", "formula"),
        ({"provider": "\tMaker"}, "provider", "formula"),
        ({"note": "a\nb"}, "note", "control_character"),
        ({"model_label_in_source": ""}, "model_label_in_source", "missing"),
        ({"note": 501 * "x"}, "note", "too_long"),
        ({"score_raw": "NaN"}, "score_raw", "not_a_number"),
        ({"score_raw": "1e3"}, "score_raw", "not_a_number"),
        ({"score_raw": "inf"}, "score_raw", "not_a_number"),
        ({"score_raw": "１２"}, "score_raw", "not_a_number"),
        ({"score_raw": "3/30", "unit": "solved_of_20"}, "score_raw", "not_a_number"),
        ({"unit": "bananas"}, "unit", "not_accepted"),
        ({"evidence_type": "trust me"}, "evidence_type", "not_accepted"),
        ({"source_url": "javascript:alert(1)"}, "source_url", "not_an_address"),
        ({"evaluated_at": "2025-13"}, "evaluated_at", "not_a_date"),
        ({"evaluated_at": "soon"}, "evaluated_at", "not_a_date"),
    ],
)
def test_a_bad_cell_is_named_with_its_row_and_column(cells: dict[str, str], column: str, code: str) -> None:
    (fault,) = read_own(own_csv(**cells)).faults
    assert (fault.column, fault.code) == (column, code)
    assert fault.row == (3 if "\n" in cells.get("note", "") else 2)  # the line that the row ends in


def test_a_torn_row_is_named() -> None:
    (fault,) = read_own(own_csv() + b"MMLU,one\n").faults
    assert (fault.row, fault.code, fault.value, fault.wanted) == (3, "torn_row", "2", "15")
