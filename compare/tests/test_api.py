"""`/api/v1/compare`: the comparison as data, and what it refuses."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compare.kept import keeper
from compare.tests.given import make_served, three
from status.kept import kept_snapshot, kept_uptime

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
#: What the slugs name, and the facts of all columns.
QUERIES = 16


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def get(client: Client, query: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"/api/v1/compare{query}")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_an_answer_has_columns_sections_rows_and_cells_with_their_envelopes(client: Client, now: datetime):
    three(now)
    body = get(client, "?ids=ant,p-cat--cat&region=seoul&norm=raw")
    assert (body["region"], body["norm"], body["simulated"], body["frozen"]) == ("seoul", "raw", True, None)
    assert [column["endpoint"] for column in body["columns"]] == ["p-ant--ant", "p-cat--cat"]
    assert [key for section in body["sections"] for key in section["rows"]] == [
        row["key"] for row in body["rows"]
    ]
    rows = {row["key"]: row for row in body["rows"]}
    known, unknown = rows["input"]["cells"]
    assert (known["value"], known["written"]["en"], known["missing"], known["why"]) == (
        "2",
        "$2.00",
        None,
        None,
    )
    assert known["provenance"]["source_name"] == "models.dev"
    assert (unknown["value"], unknown["missing"]) == (None, "no_price")
    assert unknown["why"]["en"] != unknown["why"]["ko"]
    assert rows["p95"]["cells"][0]["provenance"]["samples"] == 25
    assert (rows["p95"]["better"], rows["released"]["better"]) == ("lower", None)
    assert rows["context_window"]["label"] == {"en": "Context window", "ko": "컨텍스트 창"}


@pytest.mark.parametrize(
    ("query", "parameter", "value", "words"),
    [
        ("?ids=ant,bee,cat,p-ant--ant,nobody", "ids", "nobody", "names them"),
        ("?ids=", "ids", "", "one to 4 slugs"),
        ("", "ids", "", "one to 4 slugs"),
        ("?ids=ant&region=mars", "region", "mars", "seoul"),
        ("?ids=ant&norm=best", "norm", "best", "minmax"),
        ("?models=ant", "models", "ant", "ids"),
    ],
)
def test_what_is_not_accepted_is_named_with_what_would_be(
    client: Client, now: datetime, query: str, parameter: str, value: str, words: str
):
    three(now)
    problem = get(client, query, 400)
    assert (problem["parameter"], problem["value"]) == (parameter, value)
    assert words in problem["accepted"]


def test_a_fifth_model_is_refused_by_name_and_a_mistyped_one_with_those_near(client: Client, now: datetime):
    three(now)
    for name in ("dog", "elephant"):
        make_served(name)
    problem = get(client, "?ids=ant,bee,cat,dog,elephant", 400)
    assert (problem["title"], problem["value"]) == ("Too many models", "elephant")
    problem = get(client, "?ids=elefant", 400)
    assert "elephant" in problem["accepted"]
    assert get(client, "/as-of/aaaaaaaaaaaa", 404)["status"] == 404


@pytest.mark.usefixtures("one_moment")
def test_four_models_cost_as_many_queries_as_one_and_kept_ones_cost_none(
    client: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
):
    three(now)
    make_served("dog")
    for ids in ("ant", "ant,bee,cat,dog"):
        kept_snapshot(now=timezone.now())
        kept_uptime(now=timezone.now())
        get(client, "?ids=bee")
        keeper().forget()
        with django_assert_num_queries(QUERIES):
            get(client, f"?ids={ids}&region=seoul")
        with django_assert_num_queries(0):
            get(client, f"?ids={ids}&region=seoul")
