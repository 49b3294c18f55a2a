"""The pages and the API of providers: counted as the board counts, beside what the official page says."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import DocRef, Endpoint, Price, Provider, RateLimit
from probes.tests.factories import make_endpoint, make_pop
from status.kept import keeper
from status.models import EndpointState, OfficialIncident, OfficialPage, OfficialSnapshot
from status.providers import known_providers, load_provider

pytestmark = pytest.mark.django_db


def make_state(endpoint: Endpoint, state: str = "operational", region: str = "all", **fields: Any) -> None:
    now = timezone.now()
    defaults: dict[str, Any] = {
        "tier": "B",
        "interval_s": 60,
        "state": state,
        "reason": "within_limits",
        "since": now - timedelta(hours=1),
        "samples": 40,
        "window_s": 300,
        "availability_pct": 100.0,
        "error_rate_pct": 0.0,
        "p50_ms": 400.0,
        "p95_ms": 900.0,
        "last_sample_at": now,
        "method_version": "test",
    }
    EndpointState.objects.create(endpoint=endpoint, region=region, **defaults | fields)


def make_price(endpoint: Endpoint, rate: str, **fields: Any) -> Price:
    now = timezone.now()
    return Price.objects.create(
        endpoint=endpoint,
        input_usd_per_mtok=Decimal(rate),
        valid_from=now,
        retrieved_at=now,
        source_name="models.dev",
        source_url="https://models.dev",
        content_hash="x",
        **fields,
    )


def make_page(provider: Provider, indicator: str = "none", **fields: Any) -> OfficialPage:
    now = timezone.now()
    defaults = {
        "kind": "statuspage",
        "url": "https://status.example",
        "next_read_at": now,
        "last_read_at": now,
    }
    return OfficialPage.objects.create(provider=provider, indicator=indicator, **defaults | fields)


@pytest.fixture
def nimbus() -> Provider:
    """Two endpoints of one provider, one in trouble, and a second provider that works."""
    make_pop("seoul", now=timezone.now())
    works, fails = make_endpoint("nimbus", "nimbus-1"), make_endpoint("nimbus", "nimbus-2")
    make_state(works)
    make_state(fails, "outage", availability_pct=12.5)
    make_state(works, region="seoul")
    make_state(make_endpoint("stratus", "stratus-1"))
    return works.provider


@pytest.mark.usefixtures("nimbus")
class TestList:
    def test_trouble_comes_first_and_is_told_in_the_headline(self, client: Client):
        page = client.get("/providers/").content.decode()
        assert "1 of 2 measured providers has endpoints in trouble." in page
        assert page.index("/providers/nimbus/") < page.index("/providers/stratus/")

    def test_who_serves_but_is_not_watched_stands_apart(self, client: Client):
        Endpoint.objects.filter(provider__slug="stratus").update(watched=False)
        keeper().forget()
        page = client.get("/providers/").content.decode()
        assert page.index('id="others"') < page.index("/providers/stratus/")
        assert [(one.slug, one.watched) for one in known_providers()] == [("nimbus", 2), ("stratus", 0)]

    def test_counts_are_those_of_the_board(self, client: Client):
        board = client.get("/api/v1/status").json()["results"]
        for provider in client.get("/api/v1/providers").json()["results"]:
            own = [row for row in board if row["provider"] == provider["slug"]]
            assert provider["counts"]["total"] == len(own)
            assert provider["counts"]["outage"] == sum(row["state"] == "outage" for row in own)
        assert [
            line["slug"] for line in client.get("/api/v1/providers?board=1&limit=1").json()["results"]
        ] == ["nimbus"]

    def test_queries_do_not_grow_with_providers(
        self, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ):
        def queries() -> None:
            keeper().forget()
            client.get("/api/v1/providers")

        make_page(Provider.objects.get(slug="nimbus"))
        with django_assert_num_queries(LIST_QUERIES):
            queries()
        for n in range(5):
            make_page(make_endpoint(f"more{n}", f"more-{n}").provider)
        with django_assert_num_queries(LIST_QUERIES):
            queries()
        client.get("/providers/")
        with django_assert_num_queries(0):
            client.get("/providers/")


@pytest.mark.usefixtures("nimbus")
class TestOne:
    def test_the_headline_says_what_is_wrong(self, client: Client):
        assert (
            "1 of 2 measured endpoints of Nimbus is in trouble."
            in client.get("/providers/nimbus/").content.decode()
        )
        assert "The measured endpoint of Stratus works." in client.get("/providers/stratus/").content.decode()

    def test_a_region_is_told_apart_and_an_unknown_one_is_all(self, client: Client):
        page = client.get("/providers/nimbus/?region=seoul").content.decode()
        assert "The measured endpoint of Nimbus works." in page
        assert '/models/nimbus--nimbus-1/?region=seoul"' in page
        assert "1 of 2 measured" in client.get("/providers/nimbus/?region=atlantis").content.decode()

    def test_what_the_page_says_stands_beside_what_we_measure(self, client: Client, nimbus: Provider):
        page = make_page(nimbus)
        assert client.get("/api/v1/providers/nimbus").json()["accord"] == "only_ours"
        html = client.get("/providers/nimbus/").content.decode()
        assert "We measure trouble that the official page does not tell of." in html
        proof = OfficialSnapshot.objects.create(
            page=page,
            url="u",
            sha256="0" * 64,
            body=b"",
            bytes=0,
            first_seen_at=timezone.now(),
            last_seen_at=timezone.now(),
        )
        OfficialIncident.objects.create(
            page=page, external_id="1", title="<i>Elevated</i>", impact="major", status="investigating",
            first_seen_at=timezone.now(), last_seen_at=timezone.now(), proof=proof,
        )  # fmt: skip
        keeper().forget()
        assert client.get("/api/v1/providers/nimbus").json()["accord"] == "both_trouble"
        assert "&lt;i&gt;Elevated&lt;/i&gt;" in client.get("/providers/nimbus/").content.decode()

    def test_prices_are_a_range_with_their_source(self, client: Client, nimbus: Provider):
        first, second = nimbus.endpoints.order_by("slug")
        make_price(first, "0.15")
        make_price(second, "60")
        make_price(second, "900", tier="over_200k")
        (found,) = load_provider("nimbus").prices
        assert (found.low, found.high, found.cheapest, found.stated) == (
            Decimal("0.15"),
            Decimal(60),
            "Nimbus-1",
            2,
        )
        keeper().forget()
        answer = client.get("/api/v1/providers/nimbus").json()["prices"][0]
        assert (answer["low"], answer["high"]) == ("0.15", "60")
        assert answer["provenance"]["source_name"] == "models.dev"
        assert "$0.15–$60.00" in client.get("/providers/nimbus/").content.decode()

    def test_links_and_limits_are_told_with_their_source(self, client: Client, nimbus: Provider):
        DocRef.objects.create(provider=nimbus, kind="docs", url="https://docs.nimbus.example/models")
        now = timezone.now()
        RateLimit.objects.create(
            endpoint=nimbus.endpoints.get(slug="nimbus--nimbus-1"),
            kind="requests",
            window="minute",
            limit=500,
            source="headers",
            region="seoul",
            first_seen_at=now,
            last_seen_at=now,
        )
        page = client.get("/providers/nimbus/").content.decode()
        assert "https://docs.nimbus.example/models" in page
        assert "headers of an answer" in page

    def test_who_is_not_there_is_not_found_and_invented_ones_only_in_the_simulation(
        self, client: Client, settings: Settings
    ):
        assert client.get("/providers/nobody/").status_code == 404
        missing = client.get("/api/v1/providers/nobody")
        assert (missing.status_code, missing.json()["parameter"]) == (404, "slug")
        settings.SIMULATION = False
        keeper().forget()
        assert client.get("/providers/nimbus/").status_code == 404

    def test_a_provider_that_nobody_probes_has_a_page_without_figures(self, client: Client):
        Endpoint.objects.filter(provider__slug="stratus").update(watched=False)
        keeper().forget()
        page = client.get("/providers/stratus/").content.decode()
        assert "Stratus is in the catalogue and not on the board" in page

    def test_queries_are_few_and_none_the_second_time(
        self, client: Client, one_moment: None, django_assert_num_queries: DjangoAssertNumQueries
    ):
        keeper().forget()
        with django_assert_num_queries(PAGE_QUERIES):
            client.get("/providers/nimbus/")
        with django_assert_num_queries(0):
            client.get("/providers/nimbus/?region=seoul")


LIST_QUERIES = 18
#: Of PostgreSQL the hours come by psycopg's own cursor, which Django does not count.
PAGE_QUERIES = 31 if connection.vendor == "postgresql" else 32
