"""Files of the matrix: what the page shows, in other forms, with the citation of every figure."""

import csv
import io
import json

import pypdfium2
import pytest
from django.test import Client

from aigo.lib import printing
from benchmarks.kept import keeper
from benchmarks.models import Evidence
from benchmarks.tests.factories import make_model, make_score, make_suite

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture(autouse=True)
def scores():
    keeper().forget()
    make_suite("mmlu", random_baseline=25)
    make_score("mmlu", make_model("gpt-4.1", name="=GPT 4.1"), 90)
    make_score("mmlu", "gpt-4.1", 85, setting="0-shot", evidence=Evidence.SELF, source_name="클로드 문서")
    make_score("mmlu", "claude", 80)
    make_score("gsm8k", "claude", 95)
    yield
    keeper().forget()


def fetched(client: Client, address: str, **headers):
    return client.get(f"/benchmarks/export.{address}", **headers)


def rows_of(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_a_sheet_has_a_row_for_each_score_with_where_it_is_from(client):
    rows = rows_of(fetched(client, "csv?sort=mmlu").content)
    assert [(row["suite"], row["model"], row["value"], row["shown"]) for row in rows] == [
        ("mmlu", "gpt-4.1", "90.0", "yes"),
        ("mmlu", "gpt-4.1", "85.0", "no"),
        ("gsm8k", "claude", "95.0", "yes"),
        ("mmlu", "claude", "80.0", "yes"),
    ]
    assert rows[1]["source_name"] == "클로드 문서"
    assert rows[1]["evidence"] == "self-reported"
    assert rows[0]["source_url"] == "https://example.org/board#L1"
    assert rows[0]["model_name"] == "'=GPT 4.1"
    assert float(rows[3]["normalised"]) == pytest.approx(100 * 55 / 65, abs=0.001)


def test_the_matrix_as_a_sheet_has_a_row_for_each_model(client):
    rows = rows_of(fetched(client, "csv?layout=matrix&norm=raw&sort=mmlu").content)
    assert [(row["model"], row["mmlu published"], row["gsm8k published"]) for row in rows] == [
        ("gpt-4.1", "90.0", ""),
        ("claude", "80.0", "95.0"),
    ]


def test_filters_of_the_page_hold_for_files(client):
    assert {row["model"] for row in rows_of(fetched(client, "csv?models=claude").content)} == {"claude"}
    assert len(rows_of(fetched(client, "csv?evidence=self-reported").content)) == 1
    assert len(rows_of(fetched(client, "csv?suites=nothing-known").content)) == 4  # falls back, as the page


def test_records_are_those_of_the_same_scores(client):
    records = json.loads(fetched(client, "json").content)
    assert sum(len(record["evaluation_results"]) for record in records) == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_document_is_in_the_language_and_theme_that_were_asked_for(client, theme):
    answer = fetched(client, f"pdf?lang=ko&theme={theme}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="ai-go-benchmarks-{theme}-')
    assert "s-maxage" in answer["Cache-Control"]
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    for words in ("벤치마크 점수", "모델", "독립 평가", "90.0 %", "100.0", "필터: 없음"):
        assert words in text
    assert "Filters: none" in (
        pypdfium2.PdfDocument(fetched(client, "pdf?lang=en").content)[0].get_textpage().get_text_range()
    )


def test_a_picture_is_one(client):
    assert fetched(client, "png?lang=en").content.startswith(b"\x89PNG")


def test_who_has_the_file_is_told_so_before_it_is_drawn(client, monkeypatch):
    tag = fetched(client, "pdf?lang=en")["ETag"]
    monkeypatch.setitem(__import__("benchmarks.export_views").export_views.DRAWN, "pdf", None)
    assert fetched(client, "pdf?lang=en", headers={"If-None-Match": tag}).status_code == 304


def test_drawing_is_rationed_by_address(client, one_moment):
    found = [fetched(client, "png?lang=en&suites=mmlu").status_code for _ in range(13)]
    assert found == [200] * 12 + [429]
    late = fetched(client, "png")
    assert int(late["Retry-After"]) > 0
    assert fetched(client, "csv").status_code == 200


def test_who_waits_too_long_for_others_is_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(printing, "PATIENCE_S", 0.01)
    with printing._ONE_AT_A_TIME:
        answer = fetched(client, "pdf")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"


def test_an_unknown_form_is_not_found(client):
    assert fetched(client, "xlsx").status_code == 404


def test_the_api_refuses_what_it_does_not_know_by_name(client):
    for query, accepted in (("norm=best", "sota"), ("suites=nope", "suites"), ("layout=wide", "matrix")):
        answer = client.get(f"/api/v1/benchmarks.csv?{query}")
        assert answer.status_code == 400
        assert accepted in answer.json()["accepted"]
    assert client.get("/api/v1/benchmarks/every-eval-ever.json?layout=matrix").status_code == 400


def test_the_api_has_the_same_sheets(client):
    page, api = fetched(client, "csv").content, client.get("/api/v1/benchmarks.csv")
    assert rows_of(page) == rows_of(api.content)
    again = client.get("/api/v1/benchmarks.csv", headers={"If-None-Match": api["ETag"]})
    assert again.status_code == 304
    records = client.get("/api/v1/benchmarks/every-eval-ever.json")
    assert len(records.json()) == 3


def test_queries_do_not_grow_with_scores(client, django_assert_num_queries):
    fetched(client, "csv")
    with django_assert_num_queries(0):
        fetched(client, "csv")
        fetched(client, "json")
