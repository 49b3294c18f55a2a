"""A limit that headers tell is a dated row; telling it again costs one query."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Endpoint, RateLimit
from catalog.services import LimitsSeen, note_rate_limits
from catalog.services.rate_limits import state_documented_limit
from catalog.tests.factories import NOW, make_endpoint, make_model

pytestmark = pytest.mark.django_db


def at(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def told(limit: Any = 60, **overrides: Any) -> dict[str, Any]:
    facts = {"kind": "requests", "window": "minute", "limit": limit, "remaining": 59, "reset_s": 1.0}
    return facts | overrides


def seen(endpoint: Endpoint, *limits: dict[str, Any], minute: int = 0, region: str = "seoul") -> LimitsSeen:
    return LimitsSeen(endpoint.pk, region, at(minute), limits)


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint()


def test_what_headers_tell_is_kept_with_its_region(endpoint: Endpoint) -> None:
    written = note_rate_limits(
        [seen(endpoint, told(), told(1000, kind="tokens", window="day", remaining=None))]
    )
    assert written == 2
    requests, tokens = RateLimit.objects.order_by("kind")
    assert (requests.limit, requests.remaining, requests.window) == (60, 59, "minute")
    assert (tokens.limit, tokens.remaining, tokens.window) == (1000, None, "day")
    assert (requests.source, requests.region, requests.source_url, requests.tier) == (
        "headers",
        "seoul",
        "",
        "",
    )
    assert (requests.first_seen_at, requests.last_seen_at, requests.ended_at) == (NOW, NOW, None)


def test_the_same_within_an_hour_is_one_query_and_no_write(
    endpoint: Endpoint, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [make_endpoint("openai", make_model(f"m{number}")) for number in range(30)]
    note_rate_limits([seen(row, told()) for row in (endpoint, *others)])
    with django_assert_num_queries(1):
        assert note_rate_limits([seen(row, told(remaining=3), minute=59) for row in (endpoint, *others)]) == 0
    assert set(RateLimit.objects.values_list("last_seen_at", "remaining")) == {(NOW, 59)}


def test_nothing_told_is_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert note_rate_limits([]) == 0


def test_the_same_after_an_hour_is_seen_again(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told())])
    assert note_rate_limits([seen(endpoint, told(remaining=7), minute=60)]) == 1
    row = RateLimit.objects.get()
    assert (row.first_seen_at, row.last_seen_at, row.remaining) == (NOW, at(60), 7)


def test_another_limit_is_a_new_dated_row(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told(60))])
    assert note_rate_limits([seen(endpoint, told(500), minute=5)]) == 1
    old, new = RateLimit.objects.order_by("first_seen_at")
    assert (old.limit, old.first_seen_at, old.last_seen_at, old.ended_at) == (60, NOW, NOW, at(5))
    assert (new.limit, new.first_seen_at, new.ended_at) == (500, at(5), None)
    assert list(RateLimit.objects.current()) == [new]


def test_a_late_answer_changes_nothing(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told(60), minute=10)])
    assert note_rate_limits([seen(endpoint, told(500), minute=5)]) == 0
    assert note_rate_limits([seen(endpoint, told(500), minute=10)]) == 0
    assert RateLimit.objects.get().limit == 60


def test_of_a_batch_the_newest_counts_in_whatever_order(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told(3), minute=3), seen(endpoint, told(1), minute=1)])
    assert RateLimit.objects.get().limit == 3


def test_regions_and_endpoints_have_limits_of_their_own(endpoint: Endpoint) -> None:
    other = make_endpoint("openai", make_model("gpt-4o"))
    note_rate_limits([seen(endpoint, told(1)), seen(endpoint, told(2), region="tokyo"), seen(other, told(3))])
    note_rate_limits([seen(endpoint, told(9), minute=1)])
    rows = RateLimit.objects.current().order_by("limit")
    assert [(row.endpoint, row.region, row.limit) for row in rows] == [
        (endpoint, "tokyo", 2),
        (other, "seoul", 3),
        (endpoint, "seoul", 9),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        told(None),
        told(0),
        told(-1),
        told("60"),
        told(True),
        told(2**63),
        told(kind="prayers"),
        told(window="fortnight"),
        {},
    ],
)
def test_what_is_no_limit_is_passed_over(odd: dict[str, Any], endpoint: Endpoint) -> None:
    assert note_rate_limits([seen(endpoint, odd)]) == 0
    assert not RateLimit.objects.exists()


def test_a_remainder_that_is_none_is_not_kept(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told(remaining=-1)), seen(endpoint, told(kind="tokens", remaining=0))])
    assert set(RateLimit.objects.values_list("kind", "remaining")) == {("requests", None), ("tokens", 0)}


def test_another_worker_that_was_first_is_not_disturbed(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_rate_limits([seen(endpoint, told(60))])
    stale = list(RateLimit.objects.current())
    note_rate_limits([seen(endpoint, told(500), minute=5)])
    monkeypatch.setattr(type(RateLimit.objects), "current", lambda self: Stale(stale))
    note_rate_limits([seen(endpoint, told(500), minute=6)])
    monkeypatch.undo()
    assert [(row.limit, row.ended_at) for row in RateLimit.objects.order_by("pk")] == [
        (60, at(5)),
        (500, None),
    ]


class Stale:
    """What a worker read before another one wrote."""

    def __init__(self, rows: list[RateLimit]) -> None:
        self.rows = rows

    def filter(self, **filters: Any) -> list[RateLimit]:
        return self.rows


def documented(endpoint: Endpoint, limit: int) -> RateLimit:
    row = RateLimit(
        endpoint=endpoint,
        kind="requests",
        window="minute",
        limit=limit,
        source_url="https://docs.test/limits",
    )
    return row


def test_a_documented_limit_ends_the_one_before_and_no_other(endpoint: Endpoint) -> None:
    note_rate_limits([seen(endpoint, told(60))])
    state_documented_limit(documented(endpoint, 100), now=at(1))
    state_documented_limit(documented(endpoint, 200), now=at(2))
    rows = RateLimit.objects.order_by("limit").values_list("limit", "source", "region", "ended_at")
    assert list(rows) == [
        (60, "headers", "seoul", None),
        (100, "documentation", "", at(2)),
        (200, "documentation", "", None),
    ]


def get(client: Client, query: str = "") -> Any:
    return client.get(f"/api/v1/rate-limits{query}").json()


def test_the_api_lists_current_limits_with_their_source(endpoint: Endpoint, client: Client) -> None:
    note_rate_limits([seen(endpoint, told(60))])
    note_rate_limits([seen(endpoint, told(500), minute=5)])
    state_documented_limit(documented(endpoint, 100), now=NOW)
    body = get(client)
    assert (body["count"], body["next"], body["previous"], body["simulated"]) == (2, None, None, False)
    document, headers = body["results"]
    assert headers == {
        "endpoint": "openai--gpt-4.1",
        "provider": "openai",
        "simulated": False,
        "tier": None,
        "kind": "requests",
        "window": "minute",
        "limit": 500,
        "remaining": 59,
        "retry_advice": None,
        "source_name": "headers",
        "source_url": None,
        "region": "seoul",
        "first_seen_at": "2026-11-21T12:05:00+00:00",
        "last_seen_at": "2026-11-21T12:05:00+00:00",
    }
    assert (document["source_name"], document["source_url"], document["region"]) == (
        "documentation",
        "https://docs.test/limits",
        None,
    )


def test_the_api_takes_filters_and_pages(endpoint: Endpoint, client: Client) -> None:
    azure = make_endpoint("azure", endpoint.model)
    other = make_endpoint("openai", make_model("gpt-4o"))
    note_rate_limits([seen(row, told()) for row in (endpoint, azure, other)])

    def slugs(query: str) -> list[str]:
        return [row["endpoint"] for row in get(client, query)["results"]]

    assert slugs("?provider=openai") == ["openai--gpt-4.1", "openai--gpt-4o"]
    assert slugs("?endpoint=openai--gpt-4o") == ["openai--gpt-4o"]
    assert slugs("?endpoint=gpt-4.1") == ["azure--gpt-4.1", "openai--gpt-4.1"]
    assert slugs("?limit=1&offset=1") == ["openai--gpt-4.1"]


def test_the_api_shows_invented_limits_only_where_asked_and_says_so(client: Client) -> None:
    row = make_endpoint("aurora-labs", make_model("aurora-1", simulated=True), simulated=True)
    note_rate_limits([seen(row, told())])
    assert get(client)["count"] == 0
    body = get(client, "?simulated=1")
    assert (body["simulated"], [limit["simulated"] for limit in body["results"]]) == (True, [True])


@pytest.mark.parametrize(
    "query", ["provider=nobody", "endpoint=nothing", "endpoint=nobody--nothing", "simulated=2", "sort=x"]
)
def test_the_api_names_what_it_does_not_accept(query: str, client: Client) -> None:
    answer = client.get(f"/api/v1/rate-limits?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["parameter"] == query.partition("=")[0]


def test_the_apis_queries_do_not_grow_and_an_unchanged_list_is_not_sent_again(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [make_endpoint("openai", make_model(f"m{number}")) for number in range(30)]
    note_rate_limits([seen(row, told()) for row in rows])
    with django_assert_num_queries(2):
        first = client.get("/api/v1/rate-limits")
    assert len(first.json()["results"]) == 30
    again = client.get("/api/v1/rate-limits", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_models_detail_tells_limits_and_dates(endpoint: Endpoint, client: Client) -> None:
    note_rate_limits([seen(endpoint, told(60))])
    note_rate_limits([seen(endpoint, told(500), minute=5)])
    Endpoint.objects.update(
        retires_at=at(9), dates_source_name="provider-list", dates_source_url="", dates_seen_at=NOW
    )
    make_endpoint("azure", endpoint.model)
    azure, openai = client.get("/api/v1/models/gpt-4.1").json()["endpoints"]
    assert [(limit["limit"], limit["region"]) for limit in openai["rate_limits"]] == [(500, "seoul")]
    assert (openai["retires_at"], openai["deprecated_at"]) == ("2026-11-21T12:09:00+00:00", None)
    assert (openai["dates_source_name"], openai["dates_source_url"]) == ("provider-list", None)
    assert openai["dates_seen_at"] == "2026-11-21T12:00:00+00:00"
    names = ("retires_at", "deprecated_at", "dates_source_name", "dates_source_url", "dates_seen_at")
    assert [azure[name] for name in names] == [None] * 5
    assert azure["rate_limits"] == []
