"""`/api/v1/status`, `/api/v1/stats` and the page: the same numbers, in every form."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from aigo.lib.events import event_log
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.kept import keeper
from status.services import judge_endpoints

pytestmark = pytest.mark.django_db
#: Workers of the day and of now, endpoints, prices, states, budgets (3), pauses, gaps, usage, models.
SNAPSHOT_QUERIES = 14


@pytest.fixture(autouse=True)
def _fleet():
    """A good endpoint, a failing one, one without samples and a real one without a key."""
    now = timezone.now()
    make_pop("seoul", now=now)
    good, bad = (
        make_endpoint(model="good-1"),
        make_endpoint(model="bad-1", provider="stratus", functions=["code"]),
    )
    make_endpoint(model="new-1")
    make_endpoint(provider="openreal", model="real-1", simulated=False, key_env="REAL_API_KEY")
    store_attempts(
        make_series(good, "+" * 20, every_s=10, end=now) + make_series(bad, "---", end=now), now=now
    )
    judge_endpoints([good.pk, bad.pk], now=now + timedelta(milliseconds=1))


def test_status_answers_every_watched_endpoint_ranked(client):
    body = client.get("/api/v1/status?region=seoul").json()
    assert body["count"] == 4 == body["counts"]["total"]
    assert body["simulated"] is True
    assert [row["slug"] for row in body["results"]] == [
        "nimbus--good-1",
        "stratus--bad-1",
        "nimbus--new-1",
        "openreal--real-1",
    ]
    good = body["results"][0]
    assert (good["state"], good["availability_pct"], good["p50_ms"], good["p95_ms"]) == (
        "operational",
        100.0,
        500.0,
        500.0,
    )
    assert (good["samples"], good["window_s"], good["tier"], good["simulated"]) == (20, 300, "B", True)
    assert good["last_sample_at"].endswith("Z")


def test_what_is_unknown_is_null_and_says_why(client):
    rows = {row["slug"]: row for row in client.get("/api/v1/status?region=seoul").json()["results"]}
    new, real, bad = rows["nimbus--new-1"], rows["openreal--real-1"], rows["stratus--bad-1"]
    assert (new["state"], new["reason"], new["availability_pct"]) == ("unknown", "no_samples", None)
    assert (real["state"], real["reason"], real["measured"]) == ("unknown", "no_key", False)
    assert (bad["state"], bad["p50_ms"], bad["p95_ms"], bad["samples"]) == ("outage", None, None, 3)


def test_the_counts_are_the_same_in_status_stats_page_and_rows(client):
    status = client.get("/api/v1/status?region=seoul").json()["counts"]
    assert status == client.get("/api/v1/stats").json()["by_region"]["seoul"]
    page = client.get("/?region=seoul").content.decode()
    cards = client.get("/status/rows?region=seoul").json()["data"]["cards"]
    for html in (page, cards):
        shown = {
            name: int(value)
            for name, value in re.findall(r'data-count="(\w+)".*?data-value>(\d+)<', html, re.DOTALL)
        }
        names = ("total", "active", "operational", "degraded", "outage", "unknown", "available")
        assert shown == {name: status[name] for name in names}


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("function=code", ["stratus--bad-1"]),
        ("provider=stratus", ["stratus--bad-1"]),
        ("state=operational", ["nimbus--good-1"]),
        ("limit=1&offset=1", ["stratus--bad-1"]),
        ("sort=error_rate&limit=1", ["stratus--bad-1"]),
    ],
)
def test_filters_and_pages_narrow_the_rows_but_not_the_counts(client, query, slugs):
    body = client.get(f"/api/v1/status?region=seoul&{query}").json()
    assert [row["slug"] for row in body["results"]] == slugs
    assert body["counts"]["total"] == 4


def test_pages_are_linked(client):
    first = client.get("/api/v1/status?limit=3").json()
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert len(second["results"]) == 1
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("region=mars", "region"),
        ("sort=luck", "sort"),
        ("function=flying", "function"),
        ("provider=nobody", "provider"),
        ("state=fine", "state"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("offset=-1", "offset"),
        ("regoin=seoul", "regoin"),
        ("provider=%00", "provider"),
    ],
)
def test_a_parameter_that_cannot_be_accepted_is_named_with_what_would_be(client, query, parameter):
    answer = client.get(f"/api/v1/status?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["parameter"] == parameter
    assert body["value"] == unquote(query.partition("=")[2])
    assert body["accepted"]
    assert body["status"] == 400


def test_an_unchanged_board_is_answered_with_304(client):
    first = client.get("/api/v1/status")
    assert "s-maxage=30" in first["Cache-Control"]
    again = client.get("/api/v1/status", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    event_log().append("status.update", {"changed": {"tokyo": ["a--b"]}}, now=timezone.now())
    assert client.get("/api/v1/status", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert first["Vary"] == "Accept, Accept-Encoding"


def test_an_address_that_does_not_exist_below_api_is_a_problem(client):
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert "/api/v1/nothing" in answer.json()["detail"]


def test_a_method_that_is_not_allowed_is_a_problem(client):
    answer = client.post("/api/v1/status")
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


def test_a_page_with_an_unknown_region_falls_back_to_all(client):
    assert 'data-region="all"' in client.get("/?region=mars&sort=luck").content.decode()


def test_the_page_and_the_api_cost_the_same_queries_whatever_the_board(client, django_assert_num_queries):
    for number in range(10):
        make_endpoint(model=f"more-{number}")
    lines_of_the_cards = 1
    for address, more in (("/api/v1/status", 0), ("/", lines_of_the_cards), ("/api/v1/stats", 0)):
        keeper().forget()
        with django_assert_num_queries(SNAPSHOT_QUERIES + more):
            client.get(address)
    client.get("/")
    other_cards = "/?sort=latency&state=operational"
    with django_assert_num_queries(lines_of_the_cards):
        client.get(other_cards)
    known = "/api/v1/status?region=seoul", other_cards, "/api/v1/stats", "/status/rows"
    slug = client.get("/api/v1/status").json()["results"][0]["slug"]
    about = f"/status/about/{slug}", "/status/rows?limit=50&function=chat"
    with django_assert_num_queries(0):
        for address in known + about:
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("query", ["region=mars,seoul", "sort=luck,usage", "region=all&region=mars"])
def test_a_region_and_an_order_are_one_word_each(client, query):
    assert client.get(f"/api/v1/status?{query}").status_code == 400


def test_models_answer_by_model_and_by_endpoint_slug(client):
    listed = client.get("/api/v1/models").json()
    assert [model["slug"] for model in listed["results"]] == ["real-1"]
    assert listed["count"] == client.get("/api/v1/stats").json()["counts"]["catalogue_models"]
    for slug in ("real-1", "openreal--real-1"):
        body = client.get(f"/api/v1/models/{slug}").json()
        assert body["endpoint"] == "openreal--real-1"
        assert body["released_on"] is None
    missing = client.get("/api/v1/models/nothing")
    assert missing.status_code == 404
    assert missing.json()["value"] == "nothing"


def test_the_schema_names_every_address_and_answers_as_openapi_3_1(client):
    schema = client.get("/api/v1/schema/").json()
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {
        "/api/v1/status",
        "/api/v1/stats",
        "/api/v1/stats/history",
        "/api/v1/dashboard",
        "/api/v1/models",
        "/api/v1/models/{slug}",
        "/api/v1/rate-limits",
        "/api/v1/detection-lead",
        "/api/v1/incidents",
        "/api/v1/incidents/{id}",
        "/api/v1/uptime",
        "/api/v1/slo",
        "/api/v1/models/{slug}/slo",
        "/api/v1/models/{slug}/history",
        "/api/v1/news",
        "/api/v1/news/{slug}",
        "/api/v1/observation-cost",
        "/api/v1/search",
        "/api/v1/benchmarks",
        "/api/v1/benchmarks.csv",
        "/api/v1/benchmarks/every-eval-ever.json",
        "/api/v1/benchmarks/scores",
        "/api/v1/benchmarks/scores/{id}",
        "/api/v1/benchmarks/suites",
        "/api/v1/benchmarks/suites/{slug}",
        "/api/v1/benchmarks/suites/{suite}/{model}",
        "/api/v1/compare",
        "/api/v1/compare/as-of/{token}",
        "/api/v1/cost",
        "/api/v1/cost.csv",
        "/api/v1/diagnose",
        "/api/v1/value",
        "/api/v1/value.csv",
        "/api/v1/pricing",
        "/api/v1/pricing.csv",
        "/api/v1/pricing/history",
        "/api/v1/pricing/history.csv",
        "/api/v1/providers",
        "/api/v1/providers/{slug}",
        "/api/v1/stats/history.csv",
        "/api/v1/models/{slug}/history.csv",
    }
    row = schema["components"]["schemas"]["RowAnswer"]["properties"]
    assert set(row) == set(client.get("/api/v1/status").json()["results"][0])
