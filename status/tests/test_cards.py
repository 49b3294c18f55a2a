"""The top cards: which rows they are, and the hour that their lines draw."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.regions import ALL
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop
from status.cards import Course, load_sparks, top_of
from status.kept import keeper
from status.rules import State
from status.services import judge_endpoints
from status.tests.test_filtering import make_row

MINUTE = timedelta(minutes=1)


def test_the_top_is_the_first_four_and_ends_before_what_is_unknown():
    known = [make_row(f"s--{n}", rank=n, measured=True) for n in range(1, 7)]
    unknown = make_row("s--x", state=State.UNKNOWN, measured=True)
    assert [row.rank for row in top_of(known)] == [1, 2, 3, 4]
    assert [row.rank for row in top_of([*known[:2], unknown, *known[2:]])] == [1, 2]
    assert top_of([unknown]) == []


def course(endpoint, tier="B", interval_s=60):
    return Course(endpoint.pk, endpoint.slug, tier, interval_s)


def store(endpoint, minutes, outcome="ok", region="seoul", total_ms=400.0, now=NOW):
    more = (
        {"total_ms": total_ms, "first_answer_ms": 100.0, "first_token_ms": 100.0} if outcome == "ok" else {}
    )
    store_attempts(
        [
            make_attempt(endpoint, outcome, at=now - minute * MINUTE, region=region, **more)
            for minute in minutes
        ],
        now=now,
    )


@pytest.mark.django_db
def test_a_line_shows_what_the_board_showed_with_gaps_as_gaps():
    endpoint = make_endpoint()
    store(endpoint, range(40, 100))
    store(endpoint, range(1, 20), total_ms=900.0)
    spark = load_sparks([course(endpoint)], region=ALL, now=NOW)[endpoint.slug]
    assert len(spark.p95_ms) == len(spark.error_rate_pct) == 12
    assert spark.p95_ms[0] == 400.0
    assert spark.p95_ms[-1] == 900.0
    assert spark.error_rate_pct[3:7] == (None,) * 4, "20 minutes without an attempt"
    assert spark.error_rate_pct[-1] == 0
    assert spark.ends_at == NOW


@pytest.mark.django_db
def test_fewer_than_twenty_attempts_make_an_error_rate_but_no_p95():
    endpoint = make_endpoint()
    store(endpoint, range(1, 9))
    store(endpoint, [0.5, 0.6], outcome="http_5xx")
    spark = load_sparks([course(endpoint)], region=ALL, now=NOW)[endpoint.slug]
    assert spark.p95_ms[-1] is None
    assert spark.error_rate_pct[-1] == 20.0
    assert spark.attempts == 10


@pytest.mark.django_db
def test_a_region_has_a_line_of_its_own_and_all_together_cost_one_query(django_assert_num_queries):
    endpoints = [make_endpoint(model=f"nimbus-{n}") for n in range(1, 5)]
    for endpoint in endpoints:
        store(endpoint, range(1, 30))
        store(endpoint, range(1, 30), region="tokyo", total_ms=800.0)
    with django_assert_num_queries(1):
        sparks = load_sparks([course(endpoint) for endpoint in endpoints], region="seoul", now=NOW)
    assert {spark.p95_ms[-1] for spark in sparks.values()} == {400.0}
    assert {spark.attempts for spark in sparks.values()} == {29}


@pytest.mark.django_db
def test_the_fragment_holds_the_cards_of_the_wish_for_one_query_more_than_the_board(
    client, django_assert_num_queries
):
    now = timezone.now()
    make_pop(now=now)
    endpoints = [make_endpoint(model=f"nimbus-{n}") for n in range(1, 6)]
    for n, endpoint in enumerate(endpoints[:3], 1):
        store(endpoint, range(1, 25), total_ms=100.0 * n, now=now)
    judge_endpoints([endpoint.pk for endpoint in endpoints], now=now)
    client.get("/status/rows")
    with django_assert_num_queries(1):
        shown = client.get("/status/top?sort=latency")
    with django_assert_num_queries(0):
        client.get("/status/top?sort=latency")
    html = shown.content.decode()
    assert shown["Cache-Control"] == "private, no-cache"
    cards = [part.split('"')[0] for part in html.split('id="top-')[1:]]
    assert cards == ["nimbus--nimbus-1", "nimbus--nimbus-2", "nimbus--nimbus-3"]
    assert 'data-slug="nimbus--nimbus-1"' in html
    keeper().forget()
    assert client.get("/status/top?provider=nobody&region=mars").status_code == 200


@pytest.mark.django_db
def test_counts_over_time_are_a_page_and_a_part_with_addresses_for_each_window(
    client, django_assert_num_queries
):
    with django_assert_num_queries(1):  # and a second one where something was counted
        page = client.get("/status/counts?window=7d&region=seoul").content.decode()
    part = client.get("/status/counts?fragment&window=eternity&region=mars").content.decode()
    assert "<!doctype html>" in page
    assert 'href="/status/counts?window=90d&amp;region=seoul"' in page
    assert 'data-window="7d"' in page
    assert part.strip().startswith("<section")
    assert 'data-window="24h" data-region="all"' in part
