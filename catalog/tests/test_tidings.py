"""What became different: noted once, told in a feed and in a calendar."""

import datetime as dt
from decimal import Decimal
from typing import Any

import feedparser
import icalendar
import pytest
from django.test import Client

from catalog.kept import keeper
from catalog.models import Endpoint, NotedEndpoint, Tiding
from catalog.services import add_price, correct_price, note_tidings
from catalog.tests.factories import make_endpoint, make_model, make_price

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
SOURCE: dict[str, Any] = {"source_name": "models.dev", "source_url": "https://models.dev"}
ONLY = pytest.mark.only_on("sqlite")


@pytest.fixture
def endpoint() -> Endpoint:
    """One with a price, looked at for the first time."""
    row = make_endpoint("openai", make_model("gpt-4.1", name="GPT-4.1"))
    make_price(row, valid_from=NOW - 30 * DAY, retrieved_at=NOW - 30 * DAY)
    assert note_tidings(now=NOW) == 0
    return row


def price_at(endpoint: Endpoint, since: dt.datetime, given: str, read: dt.datetime | None = None) -> Any:
    amounts = {"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(8)}
    key = (endpoint.pk, "standard", "all")
    return add_price(key, amounts, since=since, retrieved_at=read or since, **SOURCE)


def kinds() -> list[str]:
    return list(Tiding.objects.order_by("pk").values_list("kind", flat=True))


def test_each_thing_is_noted_once_whoever_wrote_it(endpoint: Endpoint) -> None:
    cheaper = price_at(endpoint, NOW + MINUTE, "1.6")
    assert [note_tidings(now=NOW + n * MINUTE) for n in (2, 3)] == [1, 0]
    correct_price(
        cheaper, {"input_usd_per_mtok": Decimal("1.8")}, reason="misread", now=NOW + 4 * MINUTE, **SOURCE
    )
    price_at(endpoint, NOW + 20 * DAY, "3", NOW + 4 * MINUTE)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        lifecycle="deprecated",
        retires_at=NOW + 90 * DAY,
        dates_source_name="provider-list",
        dates_seen_at=NOW,
    )
    assert [note_tidings(now=NOW + n * MINUTE) for n in (5, 6)] == [3, 0]
    Endpoint.objects.filter(pk=endpoint.pk).update(retires_at=NOW + 99 * DAY)
    note_tidings(now=NOW + 7 * MINUTE)
    Endpoint.objects.filter(pk=endpoint.pk).update(lifecycle="retired")
    note_tidings(now=NOW + 8 * MINUTE)
    assert sorted(kinds()) == ["announced", "corrected", "dated", "deprecated", "lowered", "retired"]
    dated = Tiding.objects.get(kind="dated")
    assert (dated.at, dated.source_name) == (NOW + 99 * DAY, "provider-list")
    assert dated.facts == {"retires_at": ["2027-02-18T09:00:00Z", "2027-02-27T09:00:00Z"]}
    # the announcement comes true: told again, for now it holds
    assert [note_tidings(now=NOW + n * DAY) for n in (20, 21)] == [1, 0]
    assert kinds()[-1] == "raised"


def test_what_was_so_before_is_no_news(endpoint: Endpoint) -> None:
    """Neither the first import nor the changes before the first look are told to anybody."""
    assert not Tiding.objects.exists()
    Tiding.objects.all().delete()
    NotedEndpoint.objects.all().delete()
    price_at(endpoint, NOW - DAY, "1")
    from catalog.models import TidingScan

    TidingScan.objects.all().delete()
    assert note_tidings(now=NOW) == 1
    assert not Tiding.objects.unplanned().exists()


@ONLY
def test_an_empty_catalogue_begins_nothing() -> None:
    assert note_tidings(now=NOW) == 0
    make_endpoint()
    assert note_tidings(now=NOW) == 0
    assert NotedEndpoint.objects.count() == 1


@ONLY
def test_a_new_model_is_told_of_at_its_makers(endpoint: Endpoint) -> None:
    newcomer = make_model("gpt-5", name="GPT-5")
    make_endpoint("azure", newcomer)
    make_endpoint("openai", newcomer)
    make_endpoint("azure", endpoint.model)
    make_endpoint("gone", newcomer, lifecycle="retired")
    note_tidings(now=NOW + DAY)
    found = Tiding.objects.order_by("endpoint__slug").values_list("endpoint__slug", "kind")
    assert list(found) == [
        ("azure--gpt-4.1", "offered"), ("azure--gpt-5", "offered"), ("openai--gpt-5", "added"),
    ]  # fmt: skip


@ONLY
def test_what_changed_is_a_feed(client: Client, endpoint: Endpoint, django_assert_num_queries: Any) -> None:
    price_at(endpoint, NOW + MINUTE, "1.6")
    other = make_endpoint("azure", endpoint.model)
    note_tidings(now=NOW + 2 * MINUTE)
    keeper().forget()
    with django_assert_num_queries(1):
        answer = client.get("/pricing/feed.atom")
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version, feed.feed.language) == (False, "atom10", "en")
    [entry] = feed.entries
    assert entry.title == "Price lowered: GPT-4.1 at openai"
    assert entry.link.endswith("/pricing/openai--gpt-4.1/")
    assert "Input: $2.00 → $1.60 (−20 %)" in entry.summary
    assert "Source: models.dev https://models.dev" in entry.summary
    assert entry.updated == "2026-11-20T09:01:00+00:00"
    assert {tag.term for tag in entry.tags} == {"lowered", "openai"}
    assert client.get("/pricing/feed.atom", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    offers = feedparser.parse(client.get(f"/pricing/feed.atom?model={other.slug}&lang=ko").content)
    assert [one.title for one in offers.entries] == ["제공사 추가: azure의 GPT-4.1"]
    assert not feedparser.parse(client.get("/pricing/feed.atom?kind=retirement").content).entries


@ONLY
@pytest.mark.parametrize("path", ["/pricing/feed.atom", "/calendar.ics"])
@pytest.mark.parametrize(
    "query", ["provider=acme", "model=none", "kind=odd", "lang=tlh", "limit=3", "model=%00"]
)
def test_what_cannot_be_accepted_is_named(client: Client, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, query.partition("=")[0])


def events(client: Client, query: str = "") -> dict[str, Any]:
    keeper().forget()
    answer = client.get(f"/calendar.ics{query}")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    read = icalendar.Calendar.from_ical(answer.content)
    assert not [event.errors for event in read.walk("VEVENT") if event.errors]
    return {str(event["UID"]).partition("@")[0]: event for event in read.walk("VEVENT")}


@ONLY
def test_what_comes_is_a_calendar(client: Client, endpoint: Endpoint) -> None:
    now = dt.datetime.now(dt.UTC)
    day = (now + 40 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    told = price_at(endpoint, day, "3", now - MINUTE)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        deprecated_at=day + DAY / 2,
        retires_at=day + DAY,
        dates_source_name="provider-list",
        dates_seen_at=now,
    )
    note_tidings(now=now)
    found = events(client)
    assert list(found) == [f"price-{told.pk}", f"deprecation-{endpoint.slug}", f"retirement-{endpoint.slug}"]
    price, deprecation, retirement = found.values()
    assert price["SUMMARY"] == f"Another price from {day:%Y-%m-%d}: GPT-4.1 at openai"
    assert price.decoded("DTSTART") == day.date()
    assert deprecation.decoded("DTSTART") == day + DAY / 2
    assert "Input: $2.00 → $3.00 (+50 %)" in price["DESCRIPTION"]
    assert retirement["SUMMARY"] == "Retirement: GPT-4.1 at openai"
    assert str(retirement["URL"]).endswith("/models/openai--gpt-4.1/")
    assert list(events(client, "?kind=retirement&provider=openai")) == [f"retirement-{endpoint.slug}"]
    # a day that is moved moves the event
    Endpoint.objects.filter(pk=endpoint.pk).update(retires_at=day + 2 * DAY)
    note_tidings(now=now + MINUTE)
    moved = events(client, "?kind=retirement")[f"retirement-{endpoint.slug}"]
    assert moved.decoded("DTSTART") == (day + 2 * DAY).date()
    assert moved["SEQUENCE"] > retirement["SEQUENCE"]
    assert moved["CREATED"].dt == retirement["CREATED"].dt
