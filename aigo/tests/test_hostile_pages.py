"""Every public page: what nobody should ask, who may keep it, and that all count the same endpoints."""

from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from benchmarks.filtering import NAMES as ASKED_OF_SCORES
from benchmarks.tests.factories import make_score
from catalog.filtering import NAMES as ASKED_OF_PRICES
from catalog.models import Endpoint
from compare.choosing import NAMES as ASKED_OF_MODELS
from compare.costing.asking import NAMES as ASKED_OF_COSTS
from compare.value.asking import NAMES as ASKED_OF_VALUE
from probes.tests.factories import make_endpoint, make_pop
from status.filtering import FILTERS
from status.services.saving import save_view
from status.tests.test_provider_pages import make_state

pytestmark = pytest.mark.django_db

PAGES = (
    *("/", "/status/rows", "/status/top", "/status/counts", "/servers/", "/servers/cards"),
    *("/incidents/", "/incidents/open", "/providers/", "/providers/nimbus/", "/search/", "/search/suggest"),
    *("/methodology/", "/styleguide/", "/operations/", "/operations/cost/", "/operations/slo/"),
    *("/benchmarks/", "/benchmarks/rows", "/benchmarks/mmlu/", "/benchmarks/mmlu/gpt-4.1/"),
    *(f"/benchmarks/export.{form}" for form in ("csv", "json")),
    *("/compare/", "/news/", "/subscriptions/", "/cost/", "/pricing/", "/pricing/nimbus--nimbus-1/"),
    "/compare/value/",
    *(f"/models/nimbus--nimbus-1/{tab}" for tab in ("", "live/", "history/", "pricing/", "docs/", "news/")),
    *("/status/about/nimbus--nimbus-1", "/status/state/nimbus-1", "/charts/history/nimbus--nimbus-1"),
)
API = (
    *("search", "status", "stats/history", "stats/history.csv", "providers", "providers/nimbus", "incidents"),
    *("benchmarks", "benchmarks.csv", "benchmarks/scores", "benchmarks/suites/mmlu", "compare"),
    *("pricing", "pricing.csv", "pricing/history", "pricing/history.csv"),
    *("cost", "cost.csv", "value", "value.csv", "news"),
)
FEEDS = ("/news/feed.atom", "/news/feed.json", "/incidents/feed.atom", "/pricing/feed.atom")
NAMED = (
    *(
        "/status/about/{}",
        "/status/state/{}",
        "/charts/history/{}",
        "/models/{}/",
        "/models/nimbus--nimbus-1/{}/",
    ),
    *("/providers/{}/", "/benchmarks/{}/", "/benchmarks/mmlu/{}/", "/api/v1/benchmarks/suites/{}"),
    *(
        "/compare/as-of/{}/",
        "/compare/as-of/{}/export.csv",
        "/compare/about/0/{}",
        "/api/v1/compare/as-of/{}",
        "/pricing/{}/",
        "/api/v1/news/{}",
    ),
)
NAMES = (
    *("region", "sort", *FILTERS, "page", "q", "kind", "kinds", "window", "models", "offset", "limit"),
    *("month", "severity", "model", "points", "days", *ASKED_OF_SCORES, "chart", "theme", "lang"),
    *("only", "ids", *ASKED_OF_MODELS, *ASKED_OF_PRICES, "tier", "as_of", *ASKED_OF_COSTS, *ASKED_OF_VALUE),
)
HOSTILE = ("\0", "x" * 10_000, "000001" + "9" * 5_000, "²", "'\"><script>")


@pytest.fixture(autouse=True)
def _board() -> None:
    """Four endpoints of two providers, one in each state and one without a key."""
    make_pop("seoul", now=timezone.now())
    for name, state in (("nimbus-1", "operational"), ("nimbus-2", "outage")):
        make_state(make_endpoint("nimbus", name), state)
    make_state(make_endpoint("stratus", "stratus-1"), "degraded")
    make_score("mmlu", "gpt-4.1")
    make_endpoint("openreal", "real-1", simulated=False, key_env="REAL_API_KEY")


@pytest.mark.parametrize("path", [*PAGES, *FEEDS, *(f"/api/v1/{name}" for name in API)])
def test_no_value_is_a_fault_of_ours(client: Client, path: str):
    for value in HOSTILE:
        asked = urlencode(dict.fromkeys(NAMES, value))
        assert client.get(f"{path}?{asked}").status_code in (200, 400), value


@pytest.mark.parametrize("path", NAMED)
def test_no_name_is_a_fault_of_ours(client: Client, path: str):
    for value in HOSTILE[:2]:
        assert client.get(path.format(quote(value, safe=""))).status_code == 404


def test_what_a_reader_sees_is_kept_for_nobody_else(client: Client):
    reader = User.objects.create_user("reader")
    save_view(name="Nobody else's", query="", by=reader, now=timezone.now())
    client.force_login(reader)
    assert "Nobody else&#x27;s" in client.get("/").content.decode()
    for path in (*PAGES, "/nowhere"):
        answer = client.get(path)
        assert "private" in answer["Cache-Control"], path
        assert "Accept-Language" in answer["Vary"], path
    for name in API[1:]:
        assert "Nobody" not in client.get(f"/api/v1/{name}").content.decode()


def test_everybody_counts_the_same(client: Client):
    listed = client.get("/api/v1/status").json()
    counts, slugs = listed["counts"], {row["slug"] for row in listed["results"]}
    assert (counts["total"], counts["outage"], counts["degraded"], counts["not_measured"]) == (4, 1, 1, 1)
    page, pushed = client.get("/").context, client.get("/status/rows?limit=50").json()["data"]
    assert counts == client.get("/api/v1/stats").json()["counts"] == page["board"].counts.to_json()
    assert counts == pushed["counts"] == client.get("/api/v1/dashboard").json()["counts"]
    assert {row.slug for row in (*page["top"], *page["rows"], *page["found"].not_measured)} == slugs
    assert set(pushed["order"]) == slugs - {"openreal--real-1"}

    own = client.get("/api/v1/providers").json()["results"]
    lines = client.get("/providers/").context
    for name in ("total", "operational", "degraded", "outage", "unknown", "not_measured", "available"):
        assert sum(one["counts"][name] for one in own) == counts[name]
    assert len(lines["lines"]) + len(lines["keyless"]) == sum(one["counts"]["total"] > 0 for one in own)
    hits = client.get("/api/v1/search?q=1&kinds=endpoint").json()["results"]
    hits += client.get("/api/v1/search?q=2&kinds=endpoint").json()["results"]
    states = {row["slug"]: row["state"] for row in listed["results"]}
    assert {hit["slug"]: hit["state"] for hit in hits} == states
    (place,) = client.get("/operations/").context["seen"].places
    assert place.endpoints == counts["total"] - counts["not_measured"]
    assert Endpoint.objects.filter(watched=True).count() == counts["total"]


def test_every_choice_leaves_what_it_says(client: Client):
    facets = client.get("/").context["found"].facets
    for name, values in facets.items():
        for value, count in values.items():
            asked = urlencode({name: value} if value else {})
            assert client.get(f"/api/v1/status?{asked}").json()["count"] == count, (name, value)
            assert client.get(f"/?{asked}").context["found"].count == count
