"""Live views of a part of the board: filters, places, what stands beside them, and when there is news."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.events import event_log
from aigo.lib.problems import Problem
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint, make_pop, make_series
from status.live.asking import subscribed, view_asked
from status.live.frames import View
from status.live.source import BoardSource, snapshot_of
from status.services import judge_endpoints

pytestmark = pytest.mark.django_db
BAD = "state=outage&format=html&limit=50"


@pytest.fixture
def fleet():
    """Six endpoints that answer, the slower the later; then one that fails."""
    now = timezone.now()
    make_pop("seoul", now=now)
    endpoints = [make_endpoint(model=f"nimbus-{n}") for n in range(7)]
    for n, endpoint in enumerate(endpoints):
        pattern = "+" * 20 if n < 6 else "-----"
        store_attempts(make_series(endpoint, pattern, every_s=5, end=now, total_ms=300 + n), now=now)
    judge_endpoints([endpoint.pk for endpoint in endpoints], now=now)
    return endpoints


def part(query: str) -> dict:
    data: dict = snapshot_of(view_asked(f"region=seoul&{query}"))["data"]
    return data


def test_a_part_is_the_rows_of_its_places_with_their_ranks_and_what_stands_beside(fleet):
    first, second = part("format=html&limit=3"), part("format=html&limit=3&offset=3")
    assert first["order"] + second["order"] == [endpoint.slug for endpoint in fleet[:6]]
    assert [row["slug"] for row in second["rows"]] == second["order"]
    assert (first["ranks"], second["ranks"]) == ([1, 2, 3], [4, 5, 6])
    assert (len(first["top"]), second["top"]) == (4, [])
    assert (first["count"], first["measured"]) == (7, 7)
    assert first["facets"] == {"state": {"": 7, "operational": 6, "outage": 1}}


def test_filters_narrow_a_view_and_chosen_states_move_every_count(fleet):
    bad = part(BAD)
    assert (bad["order"], bad["ranks"], bad["count"]) == ([fleet[6].slug], [7], 1)
    assert set(bad["facets"]) == {"function", "provider", "foundation", "state"}
    assert part("state=outage")["order"] == bad["order"]


def test_there_is_news_where_a_row_is_shown_or_the_part_is_another_one(fleet):
    source = BoardSource()
    shown, others = view_asked(f"region=seoul&{BAD}"), view_asked("region=seoul&format=html&limit=2&offset=4")
    assert told(source, {"seoul": [fleet[0].slug]}, shown, others) == [True, True]
    assert told(source, {"seoul": [fleet[0].slug]}, shown, others) == [False, False]
    assert told(source, {"seoul": [fleet[4].slug]}, shown, others) == [False, True]
    fail(fleet[0])
    assert told(source, {"seoul": [fleet[0].slug]}, shown, others) == [True, True]


def told(source: BoardSource, changed: dict, *views: View) -> list[bool]:
    before = event_log().last_id()
    event_log().append("status.update", {"changed": changed}, now=timezone.now())
    news = source.news(event_log().read_after(before))
    return [any(json.loads(frame.text)["type"] == "update" for frame in news(view)) for view in views]


def fail(endpoint):
    now = timezone.now() + timedelta(milliseconds=5)
    store_attempts(
        [make_attempt(endpoint, "timeout", at=now - timedelta(milliseconds=n)) for n in range(4)], now=now
    )
    judge_endpoints([endpoint.pk], now=now)


@pytest.mark.parametrize(
    ("query", "named"), [("provider=nobody", "provider"), ("state=fine", "state"), ("limit=x", "limit")]
)
def test_what_a_view_cannot_show_is_refused_by_name(fleet, query, named):
    with pytest.raises(Problem) as refused:
        part(query)
    assert refused.value.extra["parameter"] == named


def test_a_subscription_changes_a_filter_and_leaves_the_others():
    view = view_asked("provider=a&function=chat")
    assert subscribed(view, {"provider": ["b"]}).filters == (("function", ("chat",)), ("provider", ("b",)))
    with pytest.raises(Problem):
        subscribed(view, {"provider": "b"})
