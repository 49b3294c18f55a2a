"""What cells of the API and of operation say where something is known, in either language."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from catalog.models import Endpoint, RateLimit
from compare.table import Cell
from compare.tests.given import compare, make_served, measure
from probes.tests.factories import make_pop
from status.held import load_held
from status.models import OfficialPage
from status.tests.notices_given import make_incident, make_step
from status.tests.test_slo_api import judged

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ant(now: datetime) -> Endpoint:
    make_pop(now=now)
    endpoint = make_served("ant")
    measure(endpoint, "+" * 20 + "-" * 5, total_ms=900, now=now)
    return endpoint


def cell(key: str, now: datetime) -> Cell:
    row = compare("ant", now=now).row(key)
    assert row is not None, key
    return row.cells[0]


def test_limits_are_told_with_where_each_was_read(ant: Endpoint, now: datetime):
    seen = {"first_seen_at": now, "last_seen_at": now}
    RateLimit.objects.create(
        endpoint=ant, kind="requests", window="minute", limit=1500, source="documentation", tier="tier 1",
        source_url="https://p-ant.test/limits", retry_advice="Wait for Retry-After.", **seen,
    )  # fmt: skip
    RateLimit.objects.create(
        endpoint=ant, kind="tokens", window="day", limit=90_000, source="headers", region="seoul", **seen
    )
    limits = cell("limits", now)
    assert {one["kind"]: one["limit"] for one in limits.value} == {"requests": 1500, "tokens": 90_000}
    told = {item["text"]: (item["href"], item["note"]) for item in map(dict, limits.items)}
    assert [str(text) for text in told] == ["1,500 requests a minute (tier 1)", "90,000 tokens a day"]
    assert [str(note) for _href, note in told.values()] == ["documentation", "Seoul"]
    with translation.override("ko"):
        assert str(limits.written) == "1,500 요청 / 분 (tier 1), 90,000 토큰 / 일"
        assert [str(item["note"]) for item in limits.items][1] == "서울"
    assert cell("retry", now).value == "Wait for Retry-After."


@pytest.mark.parametrize(
    ("facts", "missing", "written"),
    [
        ({"indicator": "none"}, "", "all is well"),
        ({"indicator": "major"}, "", "major trouble"),
        ({"indicator": ""}, "", "tells of no incident"),
        ({"problem": "unreachable", "problem_since": NOW}, "unreadable", "—"),
    ],
)
def test_the_official_page_is_quoted_or_said_to_be_unreadable(
    ant: Endpoint, now: datetime, facts: dict[str, object], missing: str, written: str
):
    known = {
        "provider": ant.provider,
        "kind": "statuspage",
        "url": "https://status.test",
        "last_read_at": now,
    }
    OfficialPage.objects.create(**known | facts, next_read_at=now)
    found = cell("official", now)
    assert (found.missing, str(found.written), found.href) == (missing, written, "https://status.test")
    assert found.provenance is not None
    assert found.provenance.seen_at == now


def test_incidents_of_90_days_are_counted_and_overlaps_of_their_times_are_not(ant: Endpoint, now: datetime):
    long_ago = make_incident(ant, at=now - timedelta(days=200))
    make_step(long_ago, "close", at=now - timedelta(days=199))
    long_ago.members.update(left_at=now - timedelta(days=199))
    first = make_incident(ant, at=now - 100 * MINUTE)
    make_step(first, "close", at=now - 40 * MINUTE)
    first.members.update(left_at=now - 40 * MINUTE)
    provider_wide = make_incident(ant, kind="provider", at=now - 60 * MINUTE)
    held = load_held([ant.pk, -1], since=now - timedelta(days=90), now=now)
    assert (held[ant.pk].count, held[ant.pk].lasted, held[ant.pk].open) == (2, 100 * MINUTE, True)
    assert held[ant.pk].newest == provider_wide.pk
    assert (held[-1].count, held[-1].newest_at) == (0, None)
    assert (cell("incidents", now).value, cell("incident_minutes", now).value) == (2, 100)
    assert cell("last_incident", now).href == f"/incidents/{provider_wide.pk}/"


def test_one_that_a_provider_wide_incident_has_taken_in_is_told_within_that_one(ant: Endpoint, now: datetime):
    own = make_incident(ant, at=now - 30 * MINUTE)
    own.members.update(left_at=now - 10 * MINUTE)
    make_step(own, "close", at=now - 10 * MINUTE, cause="absorbed")
    make_incident(ant, kind="provider", at=now - 10 * MINUTE)
    held = load_held([ant.pk], since=now - timedelta(days=90), now=now)[ant.pk]
    assert (held.count, held.lasted) == (1, 30 * MINUTE)


def test_budget_and_days_are_those_of_their_own_pages(half_past_noon: datetime, ant: Endpoint, now: datetime):
    judged(ant)
    budget = cell("slo", now)
    assert (budget.extra["target_pct"], str(budget.written)) == (99.5, "75.00")
    days = cell("uptime", now)
    assert (days.value, days.extra["measured_days"]) == (80.0, 1)
    assert days.provenance is not None
    assert days.provenance.samples == 25


def test_too_few_attempts_for_a_budget_say_how_many_are_needed(ant: Endpoint, now: datetime):
    judged(ant, counted=100, failed=3)
    budget = cell("slo", now)
    assert (budget.missing, budget.extra["has"]) == ("few_attempts", 100)
    assert "100" in budget.why


def test_dates_of_a_lifecycle_name_who_says_so(ant: Endpoint, now: datetime):
    Endpoint.objects.filter(pk=ant.pk).update(
        lifecycle="deprecated", retires_at=NOW, dates_source_name="provider-list", dates_seen_at=now
    )
    assert str(cell("lifecycle", now).written) == "deprecated"
    retires = cell("retires", now)
    assert str(retires.written) == "2026-11-21"
    assert retires.provenance is not None
    assert retires.provenance.source_name == "provider-list"
    assert compare("ant", now=now).row("deprecated") is None
