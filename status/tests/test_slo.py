"""Judging error budgets: what is counted, when alerts begin and end, and what is told of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from aigo.lib.regions import ALL
from probes.history import Grid
from probes.services.ingest import store_attempts
from probes.services.rollups import roll_up
from probes.tests.factories import make_attempt, make_endpoint
from probes.timeline import load_timeline
from status.models import BurnAlert, Incident, IncidentEndpoint, MaintenanceWindow, SloStanding
from status.services import judge_slos, set_target

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, str]]:
    """(kind, pair) of what was handed over, in order."""
    found: list[tuple[str, str]] = []

    def queue(*, kind: str, subject: str, **said: Any) -> int:
        assert (said["topic"], said["facts"]["burn_long"] > 0) == ("slo", True)
        found.append((kind, BurnAlert.objects.get(pk=int(subject.removeprefix("burn:"))).pair))
        return 1

    monkeypatch.setattr("status.services.slo.telling.queue_notice", queue)
    return found


def asked(endpoint: Any, since: float, until: float, *, failing: Iterable[int] = ()) -> None:
    """Asked six times a minute from minute `since` to `until` after BEGAN; these of each six fail."""
    one, found = make_attempt(endpoint, at=BEGAN), []
    for n in range(int(since * 6), int(until * 6)):
        at_s = BEGAN.timestamp() + 10 * n
        bad = n % 6 in failing
        outcome, total_ms = ("http_5xx", None) if bad else (one.outcome, one.total_ms)
        found.append(replace(one, due_at=at_s, started_at=at_s, outcome=outcome, total_ms=total_ms))
    store_attempts(found, now=BEGAN + until * MINUTE)


def judge(minute: float) -> int:
    return judge_slos(now=BEGAN + minute * MINUTE)


def open_pairs() -> set[str]:
    return set(BurnAlert.objects.filter(ended_at=None).values_list("pair", flat=True))


def test_an_outage_burns_and_its_end_is_told_once_nothing_burns_any_more(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 60)
    asked(endpoint, 60, 66, failing=range(6))
    assert judge(60) == 0
    turns = [(minute, judge(minute)) for minute in (63, 64, 65, 65)]
    assert turns == [(63, 0), (64, 0), (65, 1), (65, 0)], "7.2 % of an hour are 26 attempts: 4 min 20 s"
    assert told == [("burn", "1h")]
    (alert,) = BurnAlert.objects.all()
    assert (alert.severity, alert.samples, alert.began_at) == ("critical", 360, BEGAN + 65 * MINUTE)
    assert alert.burn_long == pytest.approx(30 / 360 / 0.005)
    assert alert.burn_short == 200
    asked(endpoint, 66, 80)
    for minute in range(66, 80):
        judge(minute)
    assert told == [("burn", "1h"), ("burn_over", "1h")]
    alert.refresh_from_db()
    assert (alert.ended_at, alert.ended_why) == (BEGAN + 71 * MINUTE, "recovered")
    assert judge(90) == 0


def incident_of(endpoint: Any, minute: float, **fields: Any) -> IncidentEndpoint:
    at = BEGAN + minute * MINUTE
    known = {"kind": "endpoint", "scope": "global", "severity": "major", "cause": "x", "regions": []}
    incident = Incident.objects.create(
        provider=endpoint.provider, started_at=at, detected_at=at, **known | fields
    )
    return IncidentEndpoint.objects.create(incident=incident, endpoint=endpoint, worst="outage", joined_at=at)


def test_while_an_incident_holds_it_and_while_its_failures_are_in_the_short_window_nobody_is_told(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 60)
    asked(endpoint, 60, 70, failing=range(6))
    member = incident_of(endpoint, 60)
    judge(66)
    assert (told, open_pairs()) == ([], {"1h"})
    assert BurnAlert.objects.get().held_by == "incident"
    IncidentEndpoint.objects.filter(pk=member.pk).update(left_at=BEGAN + 70 * MINUTE)
    judge(71)
    assert told == []
    asked(endpoint, 70, 78, failing=[0])  # one in six goes on to fail, which is no incident
    judge(74)
    assert told == []
    judge(76)
    assert told == [("burn", "1h")]
    assert BurnAlert.objects.get().held_by == ""


def test_an_anomaly_tells_nobody_and_so_holds_nothing(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 70, failing=[0])
    incident_of(endpoint, 0, severity="info")
    judge(70)
    assert told == [("burn", "1h")]


def test_maintenance_is_left_out_and_while_it_lasts_nobody_is_told(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 60)
    asked(endpoint, 60, 70, failing=range(6))
    asked(endpoint, 70, 90)
    window = MaintenanceWindow.objects.create(
        title_en="Move",
        starts_at=BEGAN + 60 * MINUTE,
        ends_at=BEGAN + 72 * MINUTE,
        created_at=BEGAN,
        changed_at=BEGAN,
    )
    window.endpoints.set([endpoint])
    assert [judge(minute) for minute in (63, 66, 69, 73, 80, 90)] == [0] * 6
    standing = SloStanding.objects.get()
    assert (standing.counted, standing.failed) == ((60 + 18) * 6, 0)
    window.delete()
    assert judge(70) == 1, "the same attempts burn without"


def test_a_thin_error_that_opens_no_incident_burns_slowly(told):
    """4 % fail: no incident, no page within the hour, but six hours of it are 5 % of the budget."""
    endpoint = make_endpoint()
    asked(endpoint, 0, 200, failing=())
    asked(endpoint, 200, 360)
    for minute in range(200, 360, 4):  # one in 24
        fail(endpoint, minute)
    judge(239)
    assert open_pairs() == set()
    judge(360)
    assert open_pairs() == set(), "40 of 2160 are less than 3 %"
    for minute in range(201, 360, 4):
        fail(endpoint, minute)
    judge(360)
    assert (open_pairs(), told) == ({"6h"}, [("burn", "6h")])


def fail(endpoint: Any, minute: float) -> None:
    at_s = BEGAN.timestamp() + 60 * minute + 5
    one = make_attempt(endpoint, "http_5xx", at=BEGAN)
    store_attempts([replace(one, due_at=at_s, started_at=at_s)], now=BEGAN + (minute + 1) * MINUTE)


def test_the_budget_is_that_of_the_timeline_whether_summed_up_or_not(told):
    endpoint = make_endpoint()
    for start in range(0, 600, 60):
        asked(endpoint, start, start + 5, failing=[start // 60 % 6] if start % 120 else [])
    now = BEGAN + 600 * MINUTE
    judge_slos(now=now)
    before = SloStanding.objects.get()
    roll_up(now=now)
    judge_slos(now=now + MINUTE)
    after = SloStanding.objects.get()
    width = 600
    tally = load_timeline(
        endpoint.pk, tier="B", region=ALL, grid=Grid(int(BEGAN.timestamp()), 60, width)
    ).tally
    counts = int(tally.attempts.sum()), int((tally.attempts - tally.ok).sum())
    assert counts == (300, 25)
    assert (before.counted, before.failed) == (after.counted, after.failed) == counts
    assert before.settled["counts"][0] == [0, 0] != after.settled["counts"][0]
    assert after.windows["259200"][:2] == list(counts)


def test_what_nobody_measures_any_more_ends_its_alert(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 66, failing=[0])
    judge(66)
    assert told == [("burn", "1h")]
    endpoint.watched = False
    endpoint.save()
    assert judge(67) == 1
    assert BurnAlert.objects.get().ended_why == "unwatched"
    assert told[1:] == [("burn_over", "1h")]
    assert not SloStanding.objects.exists()


def test_a_target_of_its_own_is_judged_by_and_leaves_an_audit_row(told):
    endpoint, operator = make_endpoint(), User.objects.create(username="olga")
    asked(endpoint, 0, 66, failing=[0])
    row = set_target(endpoint=endpoint, target_pct=80, period_days=7, by=operator, now=BEGAN)
    judge(66)
    assert told == [], "17 % are less than 14.4 × 20 %"
    standing = SloStanding.objects.get()
    assert (standing.target_pct, standing.period_days, row.by) == (80, 7, operator)
    set_target(endpoint=endpoint, target_pct=99.9, period_days=7, by=operator, now=BEGAN)
    judge(66)
    assert told == [("burn", "1h")]
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "80 % over 7 days",
        "99.9 % over 7 days",
    ]


@pytest.mark.parametrize("change", [{"target_pct": 100}, {"target_pct": 49}, {"period_days": 31}])
def test_a_target_that_allows_no_failure_or_a_period_there_is_not_is_refused(change):
    endpoint, operator = make_endpoint(), User.objects.create(username="olga")
    asked_for = {"target_pct": 99.5, "period_days": 30} | change
    with pytest.raises(ValidationError):
        set_target(endpoint=endpoint, by=operator, now=BEGAN, **asked_for)


def test_the_number_of_queries_does_not_grow_with_the_endpoints(told, django_assert_max_num_queries):
    counts = []
    for n in range(1, 4):
        asked(make_endpoint("nimbus", f"nimbus-{n}"), 0, 66, failing=[0])
        judge(66)
        with django_assert_max_num_queries(40) as asked_for:
            judge(66)
        counts.append(len(asked_for.captured_queries))
    assert all(later <= earlier for earlier, later in pairwise(counts)), counts


def test_an_alert_of_a_pair_that_is_no_more_ends_and_holds_nobody_up(told):
    endpoint = make_endpoint()
    asked(endpoint, 0, 60)
    BurnAlert.objects.create(
        **{"endpoint": endpoint, "pair": "2h", "severity": "critical", "target_pct": 99.5, "began_at": BEGAN},
        **{"burn_long": 20, "burn_short": 20, "samples": 100, "told_at": BEGAN, "method_version": "1"},
    )
    judge(60)
    assert (told, open_pairs()) == ([("burn_over", "2h")], set())
