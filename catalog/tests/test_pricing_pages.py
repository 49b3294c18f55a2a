"""`/pricing/` and `/pricing/<slug>/`: found, filtered, sorted; with the course of a price."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.filtering import SORTS, PriceWish, wish_of
from catalog.price_table import PriceTable, cut, load_price_table
from catalog.services import add_price, correct_price
from catalog.tests.factories import make_endpoint, make_model, make_price

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
DAY = dt.timedelta(days=1)
SOURCE: dict[str, Any] = {"source_name": "models.dev", "source_url": "https://models.dev"}


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def shop(now: dt.datetime) -> None:
    """Four endpoints: one of OpenAI, the same elsewhere, a free one, one without a price."""
    model = make_model("gpt-4.1", name="GPT-4.1", released_on=dt.date(2025, 4, 14), functions=["chat"])
    claude = make_model("claude-4", name="Claude Sonnet 4", functions=["code"])
    prices = (("openai", model, 2, 8), ("azure", model, 3, 9), ("free-host", claude, 0, 0))
    for provider, served, given, received in prices:
        make_price(
            make_endpoint(provider, served), valid_from=now - DAY,
            input_usd_per_mtok=Decimal(given), output_usd_per_mtok=Decimal(received),
        )  # fmt: skip
    make_endpoint("silent", claude)


def slugs(table: PriceTable, **wish: str) -> list[str]:
    asked = wish_of({name: [value] for name, value in wish.items()}, table.known)
    assert not asked.refused
    return [line.slug for line in cut(table, asked.wish).lines]


@pytest.mark.usefixtures("shop")
def test_lines_are_found_filtered_and_sorted(now: dt.datetime) -> None:
    table = load_price_table(now=now)
    openai, azure = "openai--gpt-4.1", "azure--gpt-4.1"
    free, silent = "free-host--claude-4", "silent--claude-4"
    assert (table.counts.endpoints, table.counts.priced, table.counts.models) == (4, 3, 2)
    assert slugs(table) == [openai, azure, free, silent]
    assert slugs(table, q="claude free") == [free]
    assert slugs(table, q="클로드") == [free, silent]
    assert slugs(table, q="!!!") == []
    assert slugs(table, provider="azure,silent", sort="name") == [silent, azure]
    assert slugs(table, band="2-10") == [openai, azure]
    assert slugs(table, band="unknown") == [silent]
    assert slugs(table, sort="input") == [free, openai, azure, silent]
    assert slugs(table, sort="blended", order="desc") == [azure, openai, free, silent]
    assert slugs(table, function="code") == [free, silent]
    for sort in SORTS:
        assert len(slugs(table, sort=sort)) == 4


@pytest.mark.usefixtures("shop")
def test_counts_of_a_filter_are_those_of_the_list_that_it_leads_to(now: dt.datetime) -> None:
    table = load_price_table(now=now)
    wish = PriceWish(provider=("azure", "free-host"))
    found = cut(table, wish).facets
    for name, counts in found.items():
        for value, count in counts.items():
            assert len(cut(table, wish.only(name, value)).lines) == count, (name, value)


def test_an_address_gives_the_wish_and_the_wish_the_address() -> None:
    known = {"provider": {"openai", "azure"}, "creator": {"openai"}}
    query = {
        "provider": ["openai", "azure"],
        "band": ["2-10,x"],
        "sort": ["input"],
        "q": [" gpt "],
        "order": ["up"],
    }
    asked = wish_of(query, known)
    assert asked.refused == (("band", "x"), ("order", "up"))
    assert asked.wish.query == "provider=azure,openai&band=2-10&q=gpt&sort=input"
    assert asked.wish.sorted_by("input").order == "desc"
    assert asked.wish.cleared().query == "sort=input"


@pytest.mark.usefixtures("shop")
def test_the_page_lists_prices_and_names_what_it_left_out(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        answer = client.get("/pricing/", {"band": "x", "sort": "name"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "3 of 4 endpoints have a stated price: 2 models at 3 providers" in page
    assert re.findall(r'<th scope="row"><a href="/pricing/([^/]+)/"', page) == [
        *("free-host--claude-4", "silent--claude-4"),
        *("openai--gpt-4.1", "azure--gpt-4.1"),
    ]
    assert "<code>band=x</code>" in page
    assert "No source that we read states a price." in page
    with django_assert_max_num_queries(0):
        client.get("/pricing/", {"sort": "name"})


def test_a_page_tells_course_history_corrections_and_who_else_serves_it(
    client: Client, now: dt.datetime
) -> None:
    endpoint = make_endpoint()
    key = (endpoint.pk, "standard", "all")

    def amounts(given: int) -> dict[str, Decimal | None]:
        return {"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(4 * given)}

    for days, given in ((-20, 4), (-10, 2), (6, 1)):
        retrieved = min(now, now + days * DAY)
        add_price(key, amounts(given), since=now + days * DAY, retrieved_at=retrieved, **SOURCE)
    wrong = endpoint.prices.get(input_usd_per_mtok=4)
    correct_price(wrong, amounts(5), reason="misread by a column", now=now, **SOURCE)
    make_price(make_endpoint("azure", endpoint.model), valid_from=now - DAY)
    for slug in ("gpt-4.1", "openai--gpt-4.1"):
        page = client.get(f"/pricing/{slug}/").content.decode()
        assert 'data-price="struck"' in page
        assert "misread by a column" in page
        assert f"Announced from <b>{now + 6 * DAY:%Y-%m-%d}</b>: input $1.00, output $4.00" in page
        assert "2 changes since" in page
        assert 'data-line="output" d="M0 ' in page
        assert "/pricing/azure--gpt-4.1/" in page


def test_an_unknown_slug_is_answered_with_near_ones(client: Client) -> None:
    make_endpoint()
    answer = client.get("/pricing/gpt-4.2/")
    assert answer.status_code == 404
    assert 'href="/pricing/gpt-4.1/"' in answer.content.decode()
    make_model("unserved")
    assert client.get("/pricing/unserved/").status_code == 404
