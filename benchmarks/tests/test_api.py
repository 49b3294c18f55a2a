"""The API of benchmarks: the page's figures, each with its envelope; what is asked wrongly is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from benchmarks.filtering import BenchmarkWish
from benchmarks.loading import load_store
from benchmarks.models import Evidence
from benchmarks.selectors import load_matrix
from benchmarks.tests.factories import NOW, make_model, make_score, make_suite

pytestmark = pytest.mark.django_db


@pytest.fixture
def scores() -> None:
    make_suite("mmlu", random_baseline=25)
    make_score(model="a", value=85)
    make_score(model="a", value=80, setting="0-shot", evidence=Evidence.SELF)
    make_score(model="b", value=55)
    make_score("gsm8k", "a", 90, setting="")


def get(path: str, status: int = 200, **query: Any) -> Any:
    answer = Client().get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.mark.usefixtures("scores")
def test_the_matrix_is_that_of_the_selectors():
    told = get("benchmarks", sort="mmlu")
    found = load_matrix(BenchmarkWish(sort="mmlu"), now=NOW)
    assert told["counts"] == found.counts.to_json() == load_store(now=NOW).counts.to_json()
    assert [row["model"]["slug"] for row in told["results"]] == ["a", "b"]
    cell = told["results"][0]["cells"]["mmlu"]
    assert (cell["value"], cell["normalised"], cell["others"], cell["conflict"]) == (85, 100, 1, False)
    assert cell["provenance"]["source_url"] == "https://example.org/board#L1"
    assert told["results"][1]["gaps"] == {"gsm8k": "none"}
    assert told["policy"]["norm"] == "sota"
    assert [column["slug"] for column in told["suites"]] == ["gsm8k", "mmlu"]


@pytest.mark.usefixtures("scores")
def test_it_is_paged_filtered_and_named_by_names_too():
    part = get("benchmarks", suites="MMLU", norm="0", limit=1, offset=1, sort="mmlu")
    assert (part["count"], len(part["results"]), part["next"]) == (2, 1, None)
    assert part["results"][0]["cells"]["mmlu"]["normalised"] is None
    only = get("benchmarks", evidence="self-reported")
    assert [row["model"]["slug"] for row in only["results"]] == ["a"]
    make_model("bare")
    bare = get("benchmarks", models="bare")
    assert bare["results"][0]["gaps"] == {"gsm8k": "none", "mmlu": "none"}


@pytest.mark.usefixtures("scores")
@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ({"suites": "nothing"}, "suites"),
        ({"models": "nobody"}, "slugs of models"),
        ({"norm": "best"}, "one of: sota"),
        ({"evidence": "rumour"}, "independent-evaluation"),
        ({"sort": "luck"}, "coverage"),
        ({"as_of": "2026-13-01"}, "YYYY-MM-DD"),
        ({"as_of": "2026-02-30"}, "YYYY-MM-DD"),
        ({"q": "x" * 101}, "100"),
        ({"limit": "0"}, "1 to 500"),
        ({"colour": "red"}, "suites"),
    ],
)
def test_what_nobody_knows_is_refused_with_what_would_be_accepted(query: dict[str, str], accepted: str):
    (name, value) = next(iter(query.items()))
    problem = get("benchmarks", 400, **query)
    assert (problem["parameter"], problem["value"]) == (name, value)
    assert accepted in problem["accepted"]


@pytest.mark.usefixtures("scores")
def test_suites_tell_their_facts_ranking_and_progress():
    listed = get("benchmarks/suites")
    assert [(suite["slug"], suite["scores"], suite["models"]) for suite in listed["results"]] == [
        ("gsm8k", 1, 1),
        ("mmlu", 3, 2),
    ]
    one = get("benchmarks/suites/mmlu")
    assert [(row["rank"], row["model"], row["value"]) for row in one["ranking"]] == [
        (1, "a", 85),
        (2, "b", 55),
    ]
    assert (one["reference_setting"], one["zero"], one["zero_is"], one["top"]) == (
        "shots=5",
        25,
        "random",
        85,
    )
    assert get("benchmarks/suites/none", 404)["status"] == 404


@pytest.mark.usefixtures("scores")
def test_scores_are_listed_one_by_one_and_by_cell():
    every = get("benchmarks/scores")
    assert every["count"] == 4
    assert get("benchmarks/scores", suites="mmlu", models="a")["count"] == 2
    cell = get("benchmarks/suites/mmlu/a")
    assert [(score["value"], score["shown"], score["setting_fit"]) for score in cell["scores"]] == [
        (85, True, "same"),
        (80, False, "other"),
    ]
    one = get(f"benchmarks/scores/{cell['scores'][0]['id']}")
    assert (one["shown"], one["superseded_by"], one["source"]["name"]) == (True, None, "A leaderboard")
    draft = make_score(state="draft", published_at=None)
    get(f"benchmarks/scores/{draft.pk}", 404)
    get("benchmarks/scores", 400, norm="raw")


@pytest.mark.usefixtures("scores")
def test_answers_are_validated_and_their_queries_do_not_grow(django_assert_max_num_queries: Any):
    client = Client()
    with django_assert_max_num_queries(3):
        first = client.get("/api/v1/benchmarks")
    with django_assert_max_num_queries(0):
        again = client.get("/api/v1/benchmarks", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert "s-maxage=30" in first["Cache-Control"]
