"""Uptime day by day: whichever way days are kept, what is left out, and what a day is called."""

import gzip
from datetime import date, timedelta

import pytest

from aigo.lib.regions import CODES
from probes.services import rollups
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from probes.timeline import load_days
from probes.timeseries.daily import Pause
from status.models import Incident, IncidentEndpoint
from status.rules.uptime import day_state
from status.uptime import load_uptime

DAY = timedelta(days=1)
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("attempts", "ok", "worst", "state"),
    [
        (0, 0, "critical", "unknown"),
        (200, 199, "", "operational"),
        (10_000, 9950, "", "operational"),
        (10_000, 9949, "", "degraded"),
        (10_000, 9800, "", "degraded"),
        (10_000, 9799, "", "outage"),
        (199, 0, "", "operational"),
        (1000, 1000, "info", "operational"),
        (1000, 1000, "minor", "degraded"),
        (1000, 1000, "major", "outage"),
        (1000, 900, "minor", "outage"),
    ],
)
def test_a_day_is_the_graver_of_its_availability_and_its_worst_incident(attempts, ok, worst, state):
    assert day_state(attempts, ok, worst) == state


def seen(endpoint, pattern: str, *, end=NOW, region="seoul") -> None:
    store_attempts(make_series(endpoint, pattern, end=end, region=region), now=end)


@pytest.mark.django_db
def test_days_are_the_same_from_hours_and_from_buckets():
    endpoint, other = make_endpoint(), make_endpoint("cirrus", "cirrus-1")
    for region in ("seoul", "tokyo"):
        seen(endpoint, "++++-", end=NOW - 2 * DAY, region=region)
        seen(endpoint, "+++?-?", end=NOW, region=region)
    seen(other, "++", end=NOW - DAY)
    ids = [endpoint.pk, other.pk]
    of_hours = load_days(ids, "B", first=TODAY - 2 * DAY, days=3)
    assert [c.tolist() for c in (of_hours[endpoint.pk].attempts, of_hours[endpoint.pk].ok)] == [
        [10, 0, 8],
        [8, 0, 6],
    ]
    assert of_hours[other.pk].attempts.tolist() == [0, 2, 0]
    rollups.roll_up(now=NOW)
    of_buckets = load_days(ids, "B", first=TODAY - 2 * DAY, days=3)
    for pk in ids:
        assert of_buckets[pk].attempts.tolist() == of_hours[pk].attempts.tolist()
        assert of_buckets[pk].ok.tolist() == of_hours[pk].ok.tolist()


@pytest.mark.django_db
@pytest.mark.parametrize(("regions", "attempts", "ok"), [((), 4, 4), (("seoul",), 7, 5)])
def test_what_was_due_in_a_pause_is_left_out(regions, attempts, ok):
    endpoint = make_endpoint()
    for region in ("seoul", "tokyo"):
        seen(endpoint, "++--+", end=NOW, region=region)
    start_s = int((NOW - timedelta(minutes=3)).timestamp())
    pause = Pause(start_s, start_s + 180, frozenset(CODES[region] for region in regions))
    counts = load_days([endpoint.pk], "B", first=TODAY, days=1, pauses={endpoint.pk: [pause]})
    assert (counts[endpoint.pk].attempts.tolist(), counts[endpoint.pk].ok.tolist()) == ([attempts], [ok])


def make_incident(endpoint, *, joined, left, severity="major") -> None:
    state = {"state": "closed", "ended_at": left} if left else {"state": "open"}
    incident = Incident.objects.create(
        provider=endpoint.provider, kind="endpoint", scope="global", severity=severity, cause="latency",
        started_at=joined, detected_at=joined, simulated=True, method_version="test", **state,
    )  # fmt: skip
    IncidentEndpoint.objects.create(
        incident=incident, endpoint=endpoint, worst="outage", joined_at=joined, left_at=left
    )


@pytest.mark.django_db
def test_every_day_that_an_incident_touched_bears_the_worst_of_them(
    django_assert_max_num_queries,
):
    endpoint = make_endpoint()
    make_endpoint("nimbus", "nimbus-2")
    for ago in range(4):
        seen(endpoint, "+++", end=NOW - ago * DAY)
    make_incident(endpoint, joined=NOW - 2 * DAY, left=NOW - DAY, severity="minor")
    make_incident(endpoint, joined=NOW - DAY, left=NOW - DAY + timedelta(minutes=9))
    with django_assert_max_num_queries(6):
        uptime = load_uptime(days=5, now=NOW)
    one, other = uptime.strips
    assert [day.worst for day in one.days] == ["", "", "minor", "major", ""]
    assert [day.state.value for day in one.days] == [
        "unknown", "operational", "degraded", "outage", "operational",
    ]  # fmt: skip
    assert (one.measured_days, one.availability_pct, other.availability_pct) == (4, 100.0, None)
    (provider,) = uptime.providers
    assert (provider.endpoints, provider.attempts, [d.worst for d in provider.days][2:4]) == (
        2, 12, ["minor", "major"],
    )  # fmt: skip


@pytest.fixture
def told(client, monkeypatch):
    """The uptime of two providers, one of which was never measured, as the API tells it."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    seen(make_endpoint(), "+++-", end=NOW)
    make_endpoint("cirrus", "cirrus-1")
    return lambda query="": client.get(f"/api/v1/uptime?{query}")


@pytest.mark.django_db
def test_the_api_tells_every_day_and_null_where_nothing_counted(told):
    body = told("days=2").json()
    assert (body["from"], body["to"], body["count"]) == ("2026-11-20", "2026-11-21", 2)
    cirrus, nimbus = body["results"]
    assert (cirrus["slug"], cirrus["availability_pct"], cirrus["measured_days"]) == (
        "cirrus--cirrus-1",
        None,
        0,
    )
    assert (nimbus["availability_pct"], nimbus["attempts"], nimbus["ok"]) == (75.0, 4, 3)
    assert nimbus["days"] == [
        {"date": "2026-11-20", "attempts": 0, "ok": 0, "availability_pct": None, "state": "unknown",
         "worst_severity": None, "maintenance": False},
        {"date": "2026-11-21", "attempts": 4, "ok": 3, "availability_pct": 75.0, "state": "operational",
         "worst_severity": None, "maintenance": False},
    ]  # fmt: skip
    assert len(told().json()["results"][0]["days"]) == 90


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["provider=nimbus", "models=nimbus-1", "models=nimbus--nimbus-1,", "limit=1&offset=1"]
)
def test_the_api_can_be_asked_for_some(told, query):
    assert [row["slug"] for row in told(query).json()["results"]] == ["nimbus--nimbus-1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("days=91", "days"),
        ("days=0", "days"),
        ("provider=acme", "provider"),
        ("models=gpt-9", "models"),
        ("x=1", "x"),
    ],
)
def test_the_api_names_what_it_does_not_take(told, query, parameter):
    answer = told(query)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


@pytest.mark.django_db
def test_long_answers_are_packed_for_who_takes_that_and_stay_the_same_answer(told, client):
    plain = told("days=90")
    packed = client.get("/api/v1/uptime?days=90", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.content).startswith(b'{"')
    assert len(packed.content) < len(plain.content) / 10
    assert packed["ETag"] == f"W/{plain['ETag']}"
    assert "Accept-Encoding" in packed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    known = {"If-None-Match": packed["ETag"], "Accept-Encoding": "gzip"}
    assert client.get("/api/v1/uptime?days=90", headers=known).status_code == 304
