"""/operations/ for everybody: places, gaps, money and what is kept."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aigo.observing import load_observing
from catalog.models import Endpoint
from probes.models import Gap
from probes.selectors import POP_SILENT_AFTER
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint, make_pop

pytestmark = pytest.mark.django_db


@pytest.fixture
def observed():
    """Two places, one of them silent; a gap that goes on and one of an hour."""
    now = timezone.now()
    make_pop("seoul", now=now)
    make_pop("tokyo", now=now - POP_SILENT_AFTER - timedelta(seconds=1))
    store_attempts([make_attempt(make_endpoint(), at=now, region="seoul")], now=now)
    Gap.objects.create(
        region="tokyo",
        reason="no_worker",
        started_at=now - timedelta(hours=3),
        ended_at=now - timedelta(hours=2),
    )
    Gap.objects.create(region="tokyo", reason="not_dispatched", started_at=now - timedelta(minutes=10))
    return now


def test_places_are_told_with_what_they_lost(observed):
    seen = load_observing(now=observed)
    seoul, tokyo = seen.places
    assert (seoul.region, seoul.reports, seoul.attempts, seoul.lost_s) == ("seoul", True, 1, 0)
    assert (tokyo.region, tokyo.reports, tokyo.attempts, tokyo.late_ms) == ("tokyo", False, 0, None)
    assert seen.reporting == 1
    assert "frankfurt" in seen.absent
    assert seen.gap_count == 2
    # The day before was before anything was stored; what was lost today is known.
    assert tokyo.lost_s == pytest.approx(
        seconds_of_today(observed, 180, 120) + seconds_of_today(observed, 10, 0), abs=1
    )


def seconds_of_today(now: datetime, since_min: int, until_min: int) -> float:
    """Of the time from so many minutes ago to so many, what lies after midnight."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = (max(midnight, now - timedelta(minutes=ago)) for ago in (since_min, until_min))
    return (until - since).total_seconds()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "1 of 2 measuring points are reporting"), ("ko", "측정 지점 2곳 중 1곳이 응답하고 있습니다")],
)
def test_everybody_sees_them_and_nobody_sees_names(client, observed, lang, words):
    client.cookies.load({"django_language": lang})
    html = client.get("/operations/").content.decode()
    assert words in html
    assert "seoul-1" not in html
    assert "OPENAI_API_KEY" not in re.sub(r"<aside.*?</aside>", "", html, flags=re.DOTALL)
    assert len(re.findall(r"<tr data-place=", html)) == 2
    assert html.count('<svg class="uptime__bars"') == 2


def test_what_stopped_everywhere_at_once_is_one_gap(observed):
    began = observed - timedelta(days=2)
    for region, late in (("seoul", 0), ("tokyo", 3)):
        Gap.objects.create(
            region=region,
            reason="not_dispatched",
            started_at=began.replace(second=late),
            ended_at=began.replace(second=0) + timedelta(hours=1, seconds=late),
            probes=60,
        )
    seen = load_observing(now=observed)
    assert seen.gap_count == 3
    assert (seen.gaps[-1].regions, seen.gaps[-1].probes) == (("seoul", "tokyo"), 120)


def test_an_empty_store_is_told_of_without_invented_figures(client):
    html = client.get("/operations/").content.decode()
    assert "Nothing has been measured yet" in html
    assert "no attempt has been stored yet" in html


def test_the_number_of_queries_does_not_grow_with_gaps_and_attempts(observed):
    with CaptureQueriesContext(connection) as few:
        load_observing(now=observed)
    endpoint = Endpoint.objects.get()
    for n in range(5):
        began = observed - timedelta(days=n, hours=5)
        Gap.objects.create(
            region="seoul", reason="no_worker", started_at=began, ended_at=began + timedelta(hours=1)
        )
        store_attempts(
            [make_attempt(endpoint, at=observed - timedelta(seconds=n), region="seoul")], now=observed
        )
    with CaptureQueriesContext(connection) as more:
        load_observing(now=observed)
    assert len(few) == len(more) <= 32


def test_a_second_reader_costs_no_query(client, observed, django_assert_num_queries):
    client.get("/operations/")
    with django_assert_num_queries(0):
        assert client.get("/operations/").status_code == 200
