"""`/api/v1/pricing` and its history: what held when, who says so, and what is refused."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.services import add_price, correct_price
from catalog.tests.factories import make_endpoint, make_price

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
DAY = dt.timedelta(days=1)
SOURCE: dict[str, Any] = {"source_name": "models.dev", "source_url": "https://models.dev"}


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def get(client: Client, path: str, **query: str) -> Any:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def amounts(given: str, received: str) -> dict[str, Decimal | None]:
    return {"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(received)}


def test_what_holds_now_held_then_and_is_announced(client: Client, now: dt.datetime) -> None:
    endpoint = make_endpoint()
    key = (endpoint.pk, "standard", "all")
    for days, given in ((-9, "4"), (-2, "2"), (5, "1")):
        retrieved = min(now, now + days * DAY)
        add_price(key, amounts(given, "8"), since=now + days * DAY, retrieved_at=retrieved, **SOURCE)
    (row,) = get(client, "/api/v1/pricing")["results"]
    assert (row["endpoint"], row["input_usd_per_mtok"], row["announced"]) == ("openai--gpt-4.1", "2", False)
    assert row["blended_usd_per_mtok"] == "3.5"
    assert row["provenance"]["source_name"] == "models.dev"
    assert (row["provenance"]["kind"], row["provenance"]["licence"]) == ("cited", "MIT")
    then = get(client, "/api/v1/pricing", as_of=f"{now - 5 * DAY:%Y-%m-%d}")["results"]
    later = get(client, "/api/v1/pricing", as_of=f"{now + 7 * DAY:%Y-%m-%d}")["results"]
    assert [rows[0]["input_usd_per_mtok"] for rows in (then, later)] == ["4", "1"]
    assert later[0]["announced"]
    history = get(client, "/api/v1/pricing/history", model="gpt-4.1")["results"]
    assert [one["input_usd_per_mtok"] for one in history] == ["1", "2", "4"]
    assert [one["announced"] for one in history] == [True, False, False]


def test_a_corrected_price_stays_in_the_history_with_its_reason(client: Client, now: dt.datetime) -> None:
    price = make_price(make_endpoint(), valid_from=now - DAY)
    right = correct_price(price, amounts("2", "9"), reason="misread", now=now, **SOURCE)
    (shown,) = get(client, "/api/v1/pricing")["results"]
    assert (shown["id"], shown["corrects"], shown["reason"]) == (right.pk, price.pk, "misread")
    new, old = get(client, "/api/v1/pricing/history", model="openai--gpt-4.1")["results"]
    assert (new["id"], old["id"], old["corrected_by"]) == (right.pk, price.pk, right.pk)
    assert old["struck_at"] is not None


def test_filters_pages_and_simulated_ones(client: Client, now: dt.datetime) -> None:
    own = make_endpoint()
    for endpoint in (own, make_endpoint("azure", own.model), make_endpoint("sim", own.model, simulated=True)):
        make_price(endpoint, valid_from=now - DAY)
        make_price(endpoint, valid_from=now - DAY, tier="batch")
    assert get(client, "/api/v1/pricing")["count"] == 4
    assert get(client, "/api/v1/pricing", provider="azure", tier="batch")["count"] == 1
    everything = get(client, "/api/v1/pricing", simulated="1", limit="2")
    assert (everything["count"], len(everything["results"]), everything["simulated"]) == (6, 2, True)
    assert everything["next"] is not None


def test_the_list_takes_two_queries_however_long(
    client: Client, now: dt.datetime, django_assert_num_queries: Any
) -> None:
    model = make_endpoint().model
    for n in range(5):
        make_price(make_endpoint(f"p{n}", model), valid_from=now - DAY)
    with django_assert_num_queries(2):
        get(client, "/api/v1/pricing")


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("pricing", {"provider": "nobody"}, "a provider's slug"),
        ("pricing", {"model": "gpt-4.1x"}, "near to it: gpt-4.1"),
        ("pricing", {"tier": "gold"}, "one of: standard"),
        ("pricing", {"as_of": "yesterday"}, "a day as YYYY-MM-DD"),
        ("pricing", {"as_of": "2026-11-01T12:00:00"}, "with its offset"),
        ("pricing", {"colour": "red"}, "one of: as_of, limit, model"),
        ("pricing/history", {"as_of": "2026-11-01"}, "one of: limit, model"),
        ("pricing.csv", {"limit": "3"}, "one of: as_of, model"),
    ],
)
def test_what_is_not_accepted_is_named(client: Client, path: str, query: dict[str, str], words: str) -> None:
    make_price(make_endpoint())
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    (name,) = query
    assert answer.json()["parameter"] == name
    assert words in answer.json()["accepted"]


def test_the_sheets_have_source_and_last_check_in_every_row(client: Client, now: dt.datetime) -> None:
    make_price(make_endpoint(), valid_from=now - DAY, source_url="https://models.dev")
    for path in ("pricing.csv", "pricing/history.csv?model=gpt-4.1"):
        answer = client.get(f"/api/v1/{path}")
        text = answer.content.decode()
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert text.startswith("\ufeffid,endpoint,")
        assert "https://models.dev,MIT," in text
        assert "last_checked_at" in text.splitlines()[0]
