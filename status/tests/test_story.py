"""`/api/v1/models/<slug>`: everything about a model from one selector, its states as the board shows them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import ProviderSync
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.kept import keeper, kept_story
from status.model_api import STATE_FIELDS
from status.services import judge_endpoints
from status.story import NoSuchModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def endpoints(now):
    """A model at two providers, one of which fails in Seoul; and an endpoint that nobody watches."""
    make_pop("seoul", now=now)
    make_pop("tokyo", now=now)
    good, bad = make_endpoint(), make_endpoint("stratus")
    make_endpoint("cirrus", watched=False)
    for region in ("seoul", "tokyo"):
        failing = region == "seoul"
        attempts = make_series(good, "+" * 20, every_s=10, end=now, region=region)
        attempts += make_series(bad, "---" if failing else "+++", end=now, region=region)
        store_attempts(attempts, now=now)
    judge_endpoints([good.pk, bad.pk], now=now)
    ProviderSync.objects.create(provider=good.provider, last_tried_at=now, last_ok_at=now)
    return good, bad


def test_a_model_tells_all_states_of_all_its_endpoints_as_the_board_does(client, endpoints, now):
    body = client.get("/api/v1/models/nimbus-1").json()
    found = {endpoint["slug"]: endpoint for endpoint in body["endpoints"]}
    assert set(found) == {"nimbus--nimbus-1", "stratus--nimbus-1", "cirrus--nimbus-1"}
    assert found["cirrus--nimbus-1"]["states"] == []
    assert found["nimbus--nimbus-1"]["listed_at"] == now.isoformat()
    assert found["stratus--nimbus-1"]["listed_at"] is None
    for region in ("all", "seoul", "tokyo", "oregon"):
        rows = {row["slug"]: row for row in client.get(f"/api/v1/status?region={region}").json()["results"]}
        for slug in ("nimbus--nimbus-1", "stratus--nimbus-1"):
            (state,) = [state for state in found[slug]["states"] if state["region"] == region]
            assert state == {name: rows[slug][name] for name in STATE_FIELDS}
    assert [state["region"] for state in found["nimbus--nimbus-1"]["states"]][:2] == ["all", "seoul"]
    assert (body["age_s"], body["away"]) == (0, None)


def test_the_newest_changes_come_first_with_where_and_why(client, endpoints):
    changes = client.get("/api/v1/models/stratus--nimbus-1").json()["changes"]
    seoul = [c for c in changes if (c["endpoint"], c["region"]) == ("stratus--nimbus-1", "seoul")]
    assert [(c["from_state"], c["to_state"], c["reason"]) for c in seoul] == [
        ("degraded", "outage", "confirmed_failures"),
        ("operational", "degraded", "confirmed_failures"),
        ("unknown", "operational", "within_limits"),
    ]
    assert [c["at"] for c in changes] == sorted((c["at"] for c in changes), reverse=True)


def test_a_story_is_kept_and_overtaken_by_events_about_its_endpoints_alone(
    endpoints, now, django_assert_num_queries
):
    good, _bad = endpoints
    other = make_endpoint(model="other-1")
    kept_story("nimbus-1", now=now)
    with django_assert_num_queries(0):
        kept_story("nimbus-1", now=now + timedelta(seconds=20))
    later = now + timedelta(seconds=21)
    store_attempts(make_series(other, "+", end=later), now=later)
    judge_endpoints([other.pk], now=later)
    before = len(kept_story("nimbus-1", now=later).value.past.changes)
    store_attempts(make_series(good, "---", every_s=1, end=later), now=later)
    judge_endpoints([good.pk], now=later)
    story = kept_story("nimbus-1", now=later).value
    assert len(story.past.changes) > before
    assert story.states[good.slug]["seoul"].state == "outage"


def test_a_slug_that_is_nobodys_is_refused_each_time(client):
    for _ in range(2):
        answer = client.get("/api/v1/models/nothing")
        assert (answer.status_code, answer.json()["value"]) == (404, "nothing")
    with pytest.raises(NoSuchModel):
        kept_story("a\0b", now=timezone.now())


@pytest.mark.parametrize("more", [0, 5])
def test_a_story_costs_the_same_queries_whatever_the_number_of_endpoints(
    endpoints, now, django_assert_max_num_queries, more: int
):
    for number in range(more):
        make_endpoint(f"provider-{number}")
    keeper().forget()
    # model, endpoints, prices, rate limits, syncs, changes; the snapshot of the board with its lines of news
    with django_assert_max_num_queries(6 + 14):
        kept_story("nimbus-1", now=now)


def test_the_schema_describes_what_is_answered(client, endpoints):
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    body = client.get("/api/v1/models/nimbus-1").json()
    endpoint = body["endpoints"][0]
    shown = next(e for e in body["endpoints"] if e["states"])
    for name, part in {
        "StoryAnswer": body,
        "StoryEndpointAnswer": endpoint,
        "StateAnswer": shown["states"][0],
        "ChangeAnswer": body["changes"][0],
    }.items():
        assert set(schemas[name]["properties"]) == set(part), name
