"""Every Eval Ever: records that the format's own schema accepts, and that claim no more than sources do."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from benchmarks.interchange import publisher_of, records_text
from benchmarks.loading import load_store
from benchmarks.models import Evidence
from benchmarks.tests.factories import NOW, make_model, make_score, make_suite

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
SITE = "http://127.0.0.1:8000"
#: As the package every-eval-ever 0.3.0 ships it (MIT; its licence lies beside it).
SCHEMA = json.loads((Path(__file__).parent / "data/every_eval_ever-0.3.0.schema.json").read_text())


def records() -> list[dict]:
    store = load_store(now=NOW)
    found: list[dict] = json.loads(records_text(store, store.scores.values(), site=SITE))
    for record in found:
        Draft7Validator(SCHEMA).validate(record)
    return found


def test_one_record_for_each_model_and_source_with_a_result_for_each_figure():
    make_score("mmlu", "gpt-4.1", 90.2, uncertainty=Decimal("0.5"), evaluated_as="2025-04")
    make_score("gsm8k", "gpt-4.1", 95)
    make_score("mmlu", "gpt-4.1", 89, setting="0-shot", source_name="Another", evidence=Evidence.SELF)
    one, other = records()
    assert [result["evaluation_name"] for result in one["evaluation_results"]] == ["MMLU", "GSM8K"]
    assert one["source_metadata"]["evaluator_relationship"] == "third_party"
    assert other["source_metadata"]["evaluator_relationship"] == "first_party"
    assert one["evaluation_id"] != other["evaluation_id"]
    assert one["model_info"]["id"] == "openai/gpt-4.1"
    assert "evaluation_timestamp" not in one  # the other figure has none
    assert one["evaluation_results"][0]["evaluation_timestamp"] == "2025-04"
    told = one["evaluation_results"][0]["score_details"]
    assert told["score"] == 90.2
    assert told["uncertainty"]["confidence_interval"] == {
        "lower": 89.7,
        "upper": 90.7,
        "confidence_level": 0.95,
    }
    assert told["details"]["source_url"] == "https://example.org/board#L1"


def test_what_no_source_states_is_unknown_or_left_out():
    make_suite("arena", unit="elo", scale_min=None, scale_max=None)
    make_score("arena", make_model("m", open_weights=None), 1200, setting="")
    (record,) = records()
    (result,) = record["evaluation_results"]
    assert record["eval_library"] == {"name": "unknown", "version": "unknown"}
    assert record["model_info"]["additional_details"]["model_availability"] == "unknown"
    assert "evaluation_timestamp" not in record
    assert "generation_config" not in result
    assert "score_type" not in result["metric_config"]


@pytest.mark.parametrize(
    ("url", "publisher"),
    [
        ("https://github.com/deepseek-ai/DeepSeek-R1/blob/0/README.md#L1", "github.com/deepseek-ai"),
        ("https://raw.githubusercontent.com/openai/simple-evals/main/README.md", "github.com/openai"),
        ("https://openai.com/index/gpt-4-1/", "openai.com"),
        ("", "unknown"),
    ],
)
def test_a_source_is_named_by_whose_pages_they_are(url, publisher):
    assert publisher_of(url) == publisher
