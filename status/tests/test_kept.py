"""What readers are shown is kept, and never behind an event, a deadline or the push."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from aigo.lib.events import Event, event_log
from aigo.lib.kept import KEEP, KEEP_WHOLE
from catalog.models import AIModel, Endpoint
from news.kept import NEWS
from probes.models import Pop
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.kept import (
    BOARD,
    INCIDENTS,
    SNAPSHOT,
    TREND,
    keeper,
    kept_board,
    kept_history,
    kept_stats,
    kept_story,
    kept_trend,
    topics_of,
)
from status.rules import State
from status.services import judge_endpoints
from status.story import NoSuchModel


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def endpoint(db, now):
    make_pop("seoul", now=now)
    endpoint = make_endpoint()
    measure(endpoint, "+" * 20, now, every_s=10)
    return endpoint


def measure(endpoint: Endpoint, pattern: str, now, every_s: float = 1) -> None:
    store_attempts(make_series(endpoint, pattern, every_s=every_s, end=now), now=now)
    judge_endpoints([endpoint.pk], now=now)


def test_boards_of_all_regions_and_orders_and_the_stats_are_of_one_moment(
    endpoint, now, django_assert_num_queries
):
    first = kept_board("all", now=now)
    with django_assert_num_queries(0):
        later = now + KEEP / 2
        seoul = kept_board("seoul", sort="latency", now=later)
        stats = kept_stats(now=later)
    assert seoul.generated_at == stats.generated_at == first.generated_at == now
    assert stats.by_region["seoul"] == seoul.counts
    assert stats.counts == first.counts
    assert (first.age_s, seoul.age_s, stats.age_s) == (0, 15, 15)
    assert seoul.counts.available == 1 == seoul.counts.operational
    assert stats.by_region["tokyo"].available == 0


def test_a_verdict_is_on_the_board_at_the_next_read(endpoint, now):
    before = kept_board("seoul", now=now)
    measure(endpoint, "---", now + timedelta(seconds=4))
    after = kept_board("seoul", now=now + timedelta(seconds=4))
    assert (before.endpoints[0].state, after.endpoints[0].state) == (State.OPERATIONAL, State.OUTAGE)
    assert after.event_id == event_log().last_id() != before.event_id


def test_a_kept_state_turns_unknown_at_the_moment_its_freshness_ends(endpoint, now):
    deadline = now + timedelta(seconds=180)
    kept_board("seoul", now=deadline - timedelta(seconds=1))
    assert kept_board("seoul", now=deadline).age_s == 1
    assert kept_board("seoul", now=deadline).endpoints[0].state is State.OPERATIONAL
    late = kept_board("seoul", now=deadline + timedelta(milliseconds=1))
    assert (late.endpoints[0].state, late.counts.unknown, late.age_s) == (State.UNKNOWN, 1, 0)


def test_what_no_event_tells_of_the_catalogue_is_shown_two_minutes_later(endpoint, now):
    """What else no event tells (workers, budgets, usage) is read half a minute later at most."""
    kept_board("seoul", now=now)
    Pop.objects.all().delete()
    make_endpoint(model="nimbus-2")
    assert len(kept_board("seoul", now=now + KEEP).endpoints) == 1
    assert len(kept_board("seoul", now=now + KEEP_WHOLE).endpoints) == 2


def test_numbers_of_points_that_mean_the_same_grid_share_one_answer(endpoint, now):
    for load in (partial(kept_history, endpoint.slug), kept_trend):
        shown = {id(load(region="all", window="24h", points=n, now=now).value) for n in range(288, 298)}
        assert len(shown) == 1
        assert load(region="all", window="24h", points=287, now=now).value.width_s > 300


def test_slugs_that_nobody_has_heard_of_do_not_drive_out_what_is_kept(endpoint, now):
    kept_board("all", now=now)
    for n in range(10):
        with pytest.raises(NoSuchModel):
            kept_story(f"nobody-{n}", now=now)
    assert list(keeper()._places) == [SNAPSHOT]


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_catalogue_is_on_the_board_at_the_next_read(now):
    make_pop("seoul", now=now)
    endpoint = make_endpoint()
    assert kept_board("seoul", now=now).endpoints[0].name == "Nimbus-1"
    model = AIModel.objects.get()
    model.name = "Nimbus One"
    model.save()
    assert kept_board("seoul", now=now).endpoints[0].name == "Nimbus One"
    endpoint.watched = False
    endpoint.save()
    assert kept_board("seoul", now=now).endpoints == ()


@pytest.mark.parametrize(
    ("event", "topics"),
    [
        (
            Event("1-0", "status.update", {"changed": {"seoul": ["a--b"], "all": ["c--d"]}}),
            {BOARD, "a--b", "c--d"},
        ),
        (Event("1-0", "status.changed", {"slug": "a--b", "region": "seoul"}), {BOARD, "a--b"}),
        (Event("1-0", "model.swapped", {"slug": "a--b"}), {"a--b"}),
        (Event("1-0", "incident.opened", {"slugs": ["a--b", "c--d"]}), {BOARD, INCIDENTS, "a--b", "c--d"}),
        (Event("1-0", "stats", {"minute": 1}), {TREND}),
        (Event("1-0", "results.stored", {"pairs": {"seoul": [1]}}), set()),
        (Event("1-0", "article.published", {"slug": "x"}), set()),
        (Event("1-0", "news.changed", {}), {NEWS}),
        (Event("1-0", "catalog.changed", {}), None),
        (Event("1-0", "something.new", {}), None),
    ],
)
def test_every_event_says_what_it_touches_and_a_stranger_touches_everything(event, topics):
    found = topics_of(event)
    assert (None if found is None else set(found)) == topics


def test_signed_in_readers_too_are_shown_the_last_answer_while_the_database_is_away(
    endpoint, client, django_user_model, monkeypatch
):
    client.force_login(django_user_model.objects.create_user("reader"))
    assert "Sign out" in client.get("/").content.decode()

    def away(*query, **more):
        raise OperationalError("connection refused")

    event_log().append("catalog.changed", {}, now=timezone.now())
    with monkeypatch.context() as absence:
        absence.setattr(CursorWrapper, "execute", away)
        for path in ("/", "/status/rows"):
            answer = client.get(path)
            assert (answer.status_code, "data-away" in answer.content.decode()) == (200, True)
