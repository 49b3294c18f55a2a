"""`/models/<slug>/`: what a model's page says, of whom, and what it costs to say it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import AIModel, Creator, DocRef, RateLimit
from catalog.tests.factories import make_price
from probes.lately import MOST, asking_cost
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.kept import keeper
from status.model_views import TABS
from status.models import OfficialPage
from status.services import judge_endpoints

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def endpoint(now):
    """Measured from Seoul a moment ago, all well; priced, and with an official page that says so."""
    own = make_endpoint()
    make_pop(now=now)
    store_attempts(make_series(own, "+" * 25, every_s=10, end=now - timedelta(seconds=1)), now=now)
    judge_endpoints([own.pk], now=now)
    make_price(own, valid_from=now, retrieved_at=now)
    OfficialPage.objects.create(
        provider=own.provider,
        kind="statuspage",
        url="https://status.test",
        next_read_at=now,
        last_read_at=now,
        indicator="none",
    )
    return own


def page(client, address):
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("slug", ["nimbus--nimbus-1", "nimbus-1"])
def test_the_overview_begins_with_the_state_and_says_what_it_rests_on(client, endpoint, slug):
    status, text = page(client, f"/models/{slug}/")
    assert status == 200
    head, _, rest = text.partition("model-tabs")
    assert "Operational" in head
    assert "Answers within the thresholds." in head
    assert "25 attempts that count" in rest
    assert "Both say the same: all is well." in rest
    assert "https://status.test" in rest


def test_an_endpoint_alone_has_one_address_for_search_engines(client, endpoint):
    _status, text = page(client, "/models/nimbus-1/?region=seoul")
    assert re.search(r'rel="canonical" href="[^"]*/models/nimbus--nimbus-1/"', text)
    make_endpoint("resold", "nimbus-1", provider_model_id="other")
    keeper().forget()
    assert client.get("/models/nimbus-1/").context["canonical"] == "/models/nimbus-1/"


def test_a_model_s_page_compares_who_serves_it(client, endpoint):
    make_endpoint("resold", "nimbus-1", provider_model_id="other")
    _status, text = page(client, "/models/nimbus-1/")
    assert "Who serves it" in text
    assert 'href="/models/resold--nimbus-1/"' in text


@pytest.mark.parametrize("tab", list(TABS))
def test_every_tab_has_its_own_address_and_keeps_the_region(client, endpoint, tab):
    address = "/models/nimbus--nimbus-1/" + ("" if tab == "overview" else f"{tab}/")
    status, text = page(client, f"{address}?region=seoul")
    assert status == 200
    assert f'href="{address}?region=seoul" aria-current="page"' in text


def test_what_an_address_cannot_mean_falls_back(client, endpoint):
    assert client.get("/models/nimbus-1/?region=atlantis").context["dossier"].region == "all"
    assert client.get("/models/nimbus-1/nonsense/").status_code == 404


def test_figures_are_those_of_the_region(client, endpoint):
    assert client.get("/models/nimbus-1/?region=seoul").context["dossier"].row.samples == 25
    tokyo = client.get("/models/nimbus-1/?region=tokyo").context["dossier"].row
    assert (tokyo.state, tokyo.samples, tokyo.p95_ms) == ("unknown", 0, None)


def test_a_model_that_nobody_measures_has_what_its_source_states(client):
    creator = Creator.objects.create(slug="quill", name="Quill")
    AIModel.objects.create(slug="quill-9", name="Quill 9", creator=creator, context_window=128_000)
    status, text = page(client, "/models/quill-9/")
    assert status == 200
    assert "No provider that we know serves this model." in text
    assert "128,000" in text


def test_an_endpoint_that_is_not_watched_says_so(client):
    make_endpoint(watched=False)
    _status, text = page(client, "/models/nimbus--nimbus-1/")
    assert "nobody probes it" in text


def test_an_unknown_model_names_near_ones(client, endpoint):
    status, text = page(client, "/models/nimbus-11/")
    assert status == 404
    assert 'href="/models/nimbus-1/"' in text
    assert client.get("/models/nobody/?fragment=1").json()["value"] == "nobody"


def test_a_part_is_the_page_without_the_site_around_it_and_is_not_sent_twice(client, endpoint):
    answer = client.get("/models/nimbus--nimbus-1/live/?region=seoul&fragment=1")
    data = answer.json()["data"]
    assert data["url"] == "/models/nimbus--nimbus-1/live/?region=seoul"
    assert data["title"] == "Nimbus-1 · Nimbus: Live"
    page = client.get("/models/nimbus--nimbus-1/live/").content.decode()
    assert f"<title>{data['title']} · AI-GO</title>" in page
    assert data["html"].lstrip().startswith("<article")
    again = client.get(
        "/models/nimbus--nimbus-1/live/?region=seoul&fragment=1", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


def test_the_live_tab_shows_the_newest_attempts_whoever_is_charged(client, endpoint, now):
    soon = now - timedelta(milliseconds=500)
    for number, pattern in enumerate("-?"):
        moment = soon + timedelta(milliseconds=100 * number)
        store_attempts(make_series(endpoint, pattern, end=moment, region="tokyo"), now=now)
    answer = client.get("/models/nimbus-1/live/")
    ours, failed, good = answer.context["attempts"][:3]
    assert [one.charge for one in (ours, failed, good)] == ["ours", "provider", "ok"]
    assert (ours.region, failed.outcome, good.ttft_ms) == ("tokyo", "http_5xx", 200.0)
    assert "server error" in answer.content.decode()
    assert len(client.get("/models/nimbus-1/live/?region=seoul").context["attempts"]) == MOST


def test_the_history_falls_back_to_a_day_and_counts_the_whole_window(client, endpoint):
    for asked, window in (("7d", "7d"), ("1h", "24h")):
        answer = client.get(f"/models/nimbus-1/history/?window={asked}&region=seoul")
        assert answer.context["history"].window == window
        assert answer.context["history"].total.attempts == 25
    assert 'href="/models/nimbus-1/history/?region=seoul&amp;window=7d"' in answer.content.decode()


def test_prices_have_their_source_and_what_they_were_before(client, endpoint, now):
    old = now - timedelta(days=90)
    make_price(endpoint, tier="over_200k", valid_from=old, valid_to=now, input_usd_per_mtok=Decimal("3.5"))
    answer = client.get("/models/nimbus-1/pricing/")
    assert [price.tier for price in answer.context["changes"]] == ["over_200k"]
    text = answer.content.decode()
    assert "prompts over 200,000 tokens" in text
    assert "$3.50" in text
    assert 'href="https://models.dev"' in text


def test_docs_have_links_and_each_limit_once(client, endpoint, now):
    DocRef.objects.create(provider=endpoint.provider, kind="docs", url="https://docs.test/api")
    for region in ("seoul", "tokyo"):
        RateLimit.objects.create(
            endpoint=endpoint,
            kind="requests",
            window="minute",
            limit=600,
            source="headers",
            region=region,
            first_seen_at=now,
            last_seen_at=now,
        )
    answer = client.get("/models/nimbus-1/docs/")
    assert [limit.regions for limit in answer.context["limits"]] == [("seoul", "tokyo")]
    assert 'href="https://docs.test/api"' in answer.content.decode()


def test_what_asking_costs_is_known_only_where_a_price_is(endpoint, now):
    asked = asking_cost(endpoint.pk, now=now)
    assert (asked.attempts, asked.unpriced, asked.usd) == (25, 25, None)


#: Of PostgreSQL the hours come by psycopg's own cursor, which Django does not count.
BY_PSYCOPG = int(connection.vendor == "postgresql")


@pytest.mark.parametrize(
    ("tab", "queries"),
    [
        *(("", 33 - BY_PSYCOPG), ("live/", 25), ("history/", 24 - BY_PSYCOPG)),
        *(("pricing/", 17), ("docs/", 16), ("news/", 16)),
    ],
)
def test_a_tab_costs_so_many_queries_once_and_none_again(
    client, endpoint, django_assert_num_queries, tab, queries
):
    keeper().forget()
    with django_assert_num_queries(queries):
        client.get(f"/models/nimbus-1/{tab}")
    with django_assert_num_queries(0):
        client.get(f"/models/nimbus-1/{tab}")
