"""The pages of Benchmark: what they say, what they ask of the database, and what hostile addresses get."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from benchmarks.kept import keeper
from benchmarks.models import Evidence
from benchmarks.tests.factories import make_model, make_score, make_suite
from benchmarks.views import PER_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
HOSTILE = ("\0", "x" * 10_000, "000001" + "9" * 5_000, "²", "'\"><script>", "-1", "1e9")


@pytest.fixture
def scores() -> None:
    """Two suites, three models; one cell with a contradiction, one figure self-reported."""
    make_suite("mmlu", name="MMLU", position=1, random_baseline=25, lifecycle="saturated")
    make_suite("arc-c", name="ARC-C")
    make_model("gpt-4.1", name="GPT-4.1", open_weights=False)
    make_model("llama-4", "meta", name="Llama <4>", open_weights=True)
    make_score("mmlu", "gpt-4.1", 90.2)
    make_score("mmlu", "gpt-4.1", 86.0, source_name="Another board")
    make_score("mmlu", "llama-4", 80, evidence=Evidence.SELF)
    make_score("mmlu", "o3", 85, setting="0-shot, CoT")
    make_score("arc-c", "gpt-4.1", 96.1, setting="")


def html_of(client: Client, path: str, lang: str = "en", **query: str) -> str:
    client.cookies.load({"django_language": lang})
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def cells_of(html: str) -> list[str]:
    return re.findall(r"<td role=\"cell\".*?</td>", html)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_headline_counts_what_the_table_holds(client: Client, scores: None):
    html = html_of(client, "/benchmarks/")
    headline = text_of(re.findall(r'<p class="headline">(.*?)</p>', html, re.DOTALL)[0])
    assert "5" in headline
    assert "3 of 3 models · 2 of 2 suites" in text_of(html)
    assert "Counted by AI-GO from its own records." in html


def test_a_cell_shows_value_evidence_setting_and_contradiction(client: Client, scores: None):
    html = html_of(client, "/benchmarks/", norm="raw", composite="none")
    row = re.findall(r'<tr role="row" data-slug="gpt-4.1">.*?</tr>', html, re.DOTALL)[0]
    mmlu, arc = cells_of(row)
    assert 'href="/benchmarks/mmlu/gpt-4.1/"' in mmlu
    assert 'data-evidence="independent-evaluation"' in mmlu
    assert " data-conflict" in mmlu
    assert 'data-setting="unstated"' in arc
    assert "90.2, independent evaluation, sources contradict each other" in mmlu
    assert re.search(r'class="heat-\d+"', mmlu)


def test_normalised_values_stand_above_the_published_ones(client: Client, scores: None):
    html = html_of(client, "/benchmarks/", composite="none")
    row = re.findall(r'<tr role="row" data-slug="o3">.*?</tr>', html, re.DOTALL)[0]
    mmlu, arc = cells_of(row)
    assert re.search(r">(<span>)?[\d.]+(</span>)? <small>85\.0</small>", mmlu)
    assert arc.endswith('title="No published value.">—</td>')
    assert "25–90.2" in html


def test_what_sources_write_is_escaped(client: Client, scores: None):
    assert "Llama &lt;4&gt;" in html_of(client, "/benchmarks/")
    assert "<4>" not in html_of(client, "/benchmarks/mmlu/llama-4/")


def test_columns_are_sorted_both_ways(client: Client, scores: None):
    def order(**query: str) -> list[str]:
        return re.findall(r'<tr role="row" data-slug="(.*?)"', html_of(client, "/benchmarks/", **query))

    assert order(sort="mmlu") == ["gpt-4.1", "o3", "llama-4"]
    assert order(sort="mmlu", order="asc") == ["llama-4", "o3", "gpt-4.1"]
    html = html_of(client, "/benchmarks/", sort="mmlu")
    assert html.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in html


def test_filters_narrow_and_can_be_taken_back(client: Client, scores: None):
    html = html_of(client, "/benchmarks/", open="yes", evidence="self-reported")
    assert "1 of 3 models" in text_of(html)
    assert 'href="/benchmarks/?evidence=self-reported"' in html
    assert 'href="/benchmarks/?open=yes"' in html
    none = html_of(client, "/benchmarks/", q="nobody")
    assert "No model matches these filters." in none


def test_models_side_by_side_stay_whatever_is_chosen(client: Client, scores: None):
    html = html_of(client, "/benchmarks/", chart="Llama <4>", q="l")
    assert html.count('name="chart" value="llama-4"') == 2
    assert 'href="/benchmarks/?q=l&amp;norm=raw&amp;chart=llama-4"' in html
    assert 'name="chart" value="nobody"' not in html_of(client, "/benchmarks/", chart="nobody")


def test_the_notice_of_simulation_stands_where_something_is_simulated(
    client: Client, scores: None, settings: Any
):
    settings.SIMULATION = True
    for path in ("/benchmarks/", "/benchmarks/mmlu/", "/benchmarks/mmlu/o3/"):
        assert "Simulated figures" not in html_of(client, path)
    make_score("mmlu", make_model("invented", simulated=True), 50)
    keeper().forget()
    for path in ("/benchmarks/", "/benchmarks/mmlu/", "/benchmarks/mmlu/invented/"):
        assert "Simulated figures" in html_of(client, path)


def test_a_model_s_page_has_its_scores_with_their_evidence(client: Client, scores: None):
    html = html_of(client, "/models/llama-4/benchmarks/")
    assert 'href="/benchmarks/mmlu/llama-4/"' in html
    assert "3 of 3" in text_of(html)
    assert 'class="mark" data-evidence="self-reported"' in html
    assert "https://example.org/board#L1" in html
    assert "1 other value" in html_of(client, "/models/gpt-4.1/benchmarks/")
    make_model("quiet-1")
    assert "No score of this model has been published." in html_of(client, "/models/quiet-1/benchmarks/")


def test_the_following_rows_are_a_fragment_and_a_page(client: Client):
    make_suite("mmlu", name="MMLU")
    for number in range(53):
        make_score("mmlu", f"model-{number:02}", 20 + number)
    html = html_of(client, "/benchmarks/", sort="mmlu")
    assert html.count('<tr role="row" data-slug=') == PER_PAGE
    assert 'href="/benchmarks/?sort=mmlu&amp;page=2"' in html
    assert html_of(client, "/benchmarks/", sort="mmlu", page="3").count('<tr role="row" data-slug=') == 5
    part = client.get("/benchmarks/rows", {"sort": "mmlu", "offset": str(PER_PAGE), "limit": "100"}).json()
    assert (part["last"], part["count"]) == (53, 53)
    assert part["html"].count("<tr ") == 29
    assert client.get("/benchmarks/rows", {"limit": "9999"}).status_code == 400
    first, second = (html_of(client, "/benchmarks/mmlu/", page=page) for page in "12")
    assert (first.count('class="bar__fill"'), second.count('class="bar__fill"')) == (50, 3)
    assert 'href="/benchmarks/mmlu/?page=2#ranking-mmlu"' in first
    assert "53 scores · 53 models" in text_of(second)


def test_a_suite_ranks_everybody_with_bars(client: Client, scores: None):
    html = html_of(client, "/benchmarks/mmlu/")
    assert text_of(html).index("GPT-4.1") < text_of(html).index("o3") < text_of(html).index("Llama")
    assert html.count('class="bar__fill"') == 3
    assert html.count("data-other") == 1
    assert 'data-life="saturated"' in html


def test_a_cell_has_all_values_side_by_side(client: Client, scores: None):
    html = html_of(client, "/benchmarks/mmlu/gpt-4.1/")
    assert "90.2" in html
    assert "86.0" in html
    assert "Another board" in html
    assert "Sources contradict each other." in html
    brief = html_of(client, "/benchmarks/mmlu/gpt-4.1/", fragment="")
    assert "<html" not in brief
    assert "1 other value" in text_of(brief)
    data = json.loads(html_of(client, "/benchmarks/mmlu/gpt-4.1/", fragment="1"))["data"]
    assert data["title"] == "GPT-4.1 · MMLU"
    assert "<html" not in data["html"]


def test_a_model_without_a_value_has_an_empty_cell(client: Client, scores: None):
    make_model("unknown-1")
    assert "has been published" in html_of(client, "/benchmarks/mmlu/unknown-1/")


def test_a_score_names_its_source_and_its_moments(client: Client, scores: None):
    score = make_score("arc-c", "llama-4", 91, raw="91/100", source_version="abc123", note="Read by hand.")
    html = html_of(client, f"/benchmarks/scores/{score.pk}/")
    for said in (
        "A leaderboard",
        "https://example.org/board#L1",
        "abc123",
        "91/100",
        "Read by hand.",
        "2026-11-21",
    ):
        assert said in html
    draft = make_score("arc-c", "o3", 50, state="draft", published_at=None)
    assert client.get(f"/benchmarks/scores/{draft.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/benchmarks/", "/benchmarks/mmlu/", "/benchmarks/mmlu/gpt-4.1/"])
def test_pages_ask_once_for_all_readers(client: Client, scores: None, path: str, django_assert_num_queries):
    html_of(client, path)
    with django_assert_num_queries(0):
        html_of(client, path)


@pytest.mark.parametrize(
    "path", ["/benchmarks/", "/benchmarks/rows", "/benchmarks/mmlu/", "/benchmarks/mmlu/o3/"]
)
def test_no_value_of_an_address_is_a_fault_of_ours(client: Client, scores: None, path: str):
    names = ("suites", "models", "creators", "families", "evidence", "q", "open", "norm", "composite", "sort")
    for value in HOSTILE:
        asked = urlencode(
            dict.fromkeys((*names, "order", "as_of", "page", "offset", "limit", "fragment"), value)
        )
        assert client.get(f"{path}?{asked}").status_code in (200, 400), value


def test_what_nobody_knows_is_left_out_and_said(client: Client, scores: None):
    assert "suites=nope" in html_of(client, "/benchmarks/", suites="nope")


@pytest.mark.parametrize("value", [*HOSTILE[:2], "nope", "9" * 40])
def test_no_name_is_a_fault_of_ours(client: Client, scores: None, value: str):
    for path in (
        "/benchmarks/{}/",
        "/benchmarks/mmlu/{}/",
        "/benchmarks/{}/gpt-4.1/",
        "/benchmarks/scores/{}/",
    ):
        assert client.get(path.format(quote(value, safe=""))).status_code == 404


def test_without_a_score_the_page_says_so(client: Client):
    make_suite("mmlu", name="MMLU")
    html = html_of(client, "/benchmarks/")
    assert "No score has been published yet" in html
    assert "<table" not in html
    assert "MMLU" in html


def test_korean_pages_are_korean(client: Client, scores: None):
    html = html_of(client, "/benchmarks/", "ko")
    assert "모델 3개 중 3개" in text_of(html)
    assert "묻습니다." in html_of(client, "/benchmarks/mmlu/", "ko")
