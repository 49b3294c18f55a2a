"""`/api/v1/models`: what is invented is said to be, and odd questions get answers."""

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.tests.factories import make_model

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("simulation", [True, False])
def test_a_list_with_invented_models_says_so_whatever_the_setting(
    simulation: bool, client: Client, settings: Settings
) -> None:
    settings.SIMULATION = simulation
    make_model("gpt-4.1")
    make_model("zephyr-1", simulated=True)
    body = client.get("/api/v1/models?simulated=1&limit=1").json()
    assert [model["slug"] for model in body["results"]] == ["gpt-4.1"]
    assert (body["count"], body["simulated"]) == (2, True)


def test_a_list_of_real_models_is_not_simulated(client: Client) -> None:
    make_model("gpt-4.1")
    make_model("zephyr-1", simulated=True)
    for query in ("", "?simulated=0", "?simulated=1&q=gpt"):
        body = client.get(f"/api/v1/models{query}").json()
        assert (body["count"], body["simulated"]) == (1, False)


@pytest.mark.parametrize("slug", ["a%00b", "a--b%00", "%00"])
def test_a_slug_with_nul_is_nobodys(slug: str, client: Client) -> None:
    answer = client.get(f"/api/v1/models/{slug}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["q=a%00b", "creator=open%00ai"])
def test_a_filter_with_nul_is_refused_in_words(query: str, client: Client) -> None:
    answer = client.get(f"/api/v1/models?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == query.partition("=")[0]
