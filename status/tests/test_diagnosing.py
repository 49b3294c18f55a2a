"""`/is-it-me/` and `/api/v1/diagnose`: answers from attempts that were really stored."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Lifecycle, RateLimit
from probes.services import upkeep
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint, make_pop, make_series
from status.diagnosing import diagnose, waiting_time
from status.diagnosis.asking import asked
from status.kept import keeper
from status.models import Incident, IncidentEndpoint, OfficialIncident, OfficialPage, OfficialSnapshot
from status.services import judge_endpoints

pytestmark = pytest.mark.django_db
ONLY = pytest.mark.only_on("sqlite")
PLACES = {"all", "seoul", "tokyo", "oregon"}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def endpoint(now):
    make_pop(now=now)
    return make_endpoint()


def store(endpoint, now, ago=timedelta(seconds=30), **patterns):
    """Attempts a minute apart, the newest so long ago, by region."""
    for region, pattern in patterns.items():
        store_attempts(make_series(endpoint, pattern, end=now - ago, region=region), now=now)
    judge_endpoints([endpoint.pk], now=now)
    keeper().forget()


def answer(now, **values):
    found = asked({"model": "nimbus--nimbus-1", **values}, regions=PLACES, now=now)
    assert found.report, found.refusals
    return diagnose(found.report, now=now)


def said(diagnosis):
    return diagnosis.decision.answer, diagnosis.decision.confidence, diagnosis.decision.rule.id


def test_what_failed_for_us_too_is_them(endpoint, now):
    store(endpoint, now, seoul="++---", tokyo="++++++++++")
    found = answer(now, status="503", region="seoul")
    assert said(found) == ("them", "confirmed", "failed")
    assert {place.region: (place.attempts, place.failed, place.worst) for place in found.evidence.places} == {
        "seoul": (5, 3, 3),
        "tokyo": (10, 0, 0),
    }
    assert found.evidence.source == "attempts"
    assert not found.evidence.complete
    assert found.regions_now == ["tokyo"]
    assert said(answer(now, status="503", region="tokyo"))[0] == "unclear"


@ONLY
def test_what_was_answered_for_us_is_you(endpoint, now):
    store(endpoint, now, seoul="+" * 10)
    assert said(answer(now, status="401")) == ("you", "confirmed", "caller-well")
    found = answer(now, message="openai.APIConnectionError: Connection error.")
    assert said(found) == ("you", "likely", "way-well")
    assert found.traced(found.here).samples == 10


def test_an_hour_ago_is_another_answer_than_now(endpoint, now):
    store(endpoint, now, seoul="-" * 8 + "+" * 60)
    moment = (now - timedelta(minutes=64)).isoformat()
    assert said(answer(now, status="500", at=moment, region="seoul")) == ("them", "confirmed", "failed")
    assert said(answer(now, status="500", region="seoul"))[0] == "unclear"


@pytest.mark.parametrize("days", [26, 40])
def test_what_is_no_longer_kept_as_attempts_is_read_from_hours(endpoint, now, days, monkeypatch):
    monkeypatch.setattr(upkeep, "RAW_KEPT", timedelta(days=days + 1 if days < 30 else 30))
    store(endpoint, now, ago=timedelta(days=days), seoul="++++-----+++")
    moment = (now - timedelta(days=days, minutes=5)).isoformat()
    found = answer(now, status="500", at=moment, region="seoul")
    assert found.evidence.source == ("attempts" if days < 30 else "hours")
    assert said(found) == ("them", "confirmed", "failed")
    assert (found.here.failed, found.here.worst) == (5, 5)


@ONLY
def test_a_sparse_cadence_widens_the_window(endpoint, now):
    store_attempts(make_series(endpoint, "+" * 12, every_s=600, end=now - timedelta(seconds=30)), now=now)
    found = answer(now, status="400", region="seoul")
    assert found.evidence.until - found.evidence.since == timedelta(minutes=60) + (
        found.evidence.until - now.replace(second=0, microsecond=0)
    )
    assert said(found) == ("you", "confirmed", "caller-well")


@ONLY
@pytest.mark.parametrize(
    ("outcome", "reason"), [("budget", "budget"), ("pop_offline", "pop_offline"), ("missed", "nothing")]
)
def test_what_was_not_asked_is_not_measured(endpoint, now, outcome, reason):
    at = [now - timedelta(minutes=n) for n in range(1, 9)]
    store_attempts([make_attempt(endpoint, outcome, at=one) for one in at], now=now)
    found = answer(now, status="500")
    assert (said(found)[2], found.unmeasured) == ("unmeasured", reason)


@ONLY
def test_an_unwatched_or_unserved_model_says_why_nothing_is_known(now):
    make_endpoint(watched=False)
    assert answer(now, status="500").unmeasured == "unwatched"
    old = answer(now, status="500", at=(now - timedelta(days=400)).isoformat())
    assert said(old) == ("unclear", "", "unmeasured")


@ONLY
def test_a_retired_model_is_told_from_its_source(endpoint, now):
    endpoint.lifecycle, endpoint.retires_at = Lifecycle.RETIRED, now - timedelta(days=3)
    endpoint.dates_source_name, endpoint.dates_seen_at = "provider_list", now
    endpoint.save()
    found = answer(now, status="404")
    assert said(found) == ("you", "likely", "retired")
    assert (now - timedelta(days=3)).date().isoformat() in " ".join(one.text for one in found.reasons)
    before = answer(now, status="404", at=(now - timedelta(days=4)).isoformat())
    assert said(before)[2] == "unmeasured-caller"


@ONLY
def test_our_own_refusal_is_the_second_account(endpoint, now):
    at = [now - timedelta(minutes=n) for n in range(1, 9)]
    for region in ("seoul", "tokyo"):
        store_attempts([make_attempt(endpoint, "auth", at=one, region=region) for one in at], now=now)
    assert said(answer(now, status="401")) == ("them", "likely", "same-refusal")
    assert said(answer(now, status="402")) == ("you", "likely", "money")


@ONLY
def test_incidents_the_official_page_and_other_endpoints_are_heard(endpoint, now):
    store(endpoint, now, seoul="+" * 10)
    page = OfficialPage.objects.create(
        provider=endpoint.provider,
        kind="statuspage",
        url="https://s.test",
        next_read_at=now,
        last_read_at=now,
    )
    proof = OfficialSnapshot.objects.create(
        page=page, url="u", sha256="0", body=b"", bytes=0, first_seen_at=now, last_seen_at=now
    )
    told = OfficialIncident.objects.create(
        page=page, external_id="1", title="Errors", impact="major", status="investigating", proof=proof,
        first_seen_at=now - timedelta(minutes=4), last_seen_at=now,
    )  # fmt: skip
    keeper().forget()
    assert said(answer(now, status="500")) == ("them", "likely", "official")
    OfficialIncident.objects.filter(pk=told.pk).update(maintenance=True)
    keeper().forget()
    assert said(answer(now, status="500"))[0] == "unclear"
    for model in ("a", "b"):
        store(make_endpoint(model=model), now, seoul="+-----")
    found = answer(now, status="500")
    assert said(found) == ("them", "likely", "provider")
    assert {other.slug for other in found.evidence.troubled_others()} == {"nimbus--a", "nimbus--b"}
    incident = Incident.objects.create(
        provider=endpoint.provider, kind="endpoint", scope="regional", severity="minor", cause="latency",
        started_at=now - timedelta(minutes=9), detected_at=now, method_version="t", simulated=True,
    )  # fmt: skip
    IncidentEndpoint.objects.create(incident=incident, endpoint=endpoint, worst="degraded", joined_at=now)
    keeper().forget()
    assert said(answer(now, status="500")) == ("them", "likely", "incident")


@ONLY
def test_an_incident_speaks_for_its_region_and_its_time(endpoint, now):
    store(endpoint, now, seoul="+" * 30, tokyo="+" * 30)
    incident = Incident.objects.create(
        provider=endpoint.provider, kind="endpoint", scope="regional", severity="minor", cause="latency",
        state="closed", regions=["tokyo"], started_at=now - timedelta(minutes=25), simulated=True,
        ended_at=now - timedelta(minutes=15), detected_at=now - timedelta(minutes=24), method_version="t",
    )  # fmt: skip
    IncidentEndpoint.objects.create(incident=incident, endpoint=endpoint, worst="degraded", joined_at=now)
    keeper().forget()

    def rule(region, minutes):
        at = (now - timedelta(minutes=minutes)).isoformat()
        return said(answer(now, status="500", region=region, at=at))[2]

    assert rule("tokyo", 20) == rule("tokyo", 11) == rule("all", 20) == "incident"
    assert rule("oregon", 20) == "incident"  # of which nothing is known
    assert rule("seoul", 20) == rule("tokyo", 9) == "server-well"


@ONLY
def test_who_else_serves_it_and_works_is_a_way_out(endpoint, now):
    other = make_endpoint("resold", "nimbus-1", provider_model_id="other")
    store(endpoint, now, seoul="-" * 8)
    store(other, now, seoul="+" * 25)
    found = answer(now, status="500")
    assert [one.endpoint.slug for one in found.endpoints_now] == ["resold--nimbus-1"]
    assert "elsewhere" in [one.code for one in found.advice]


def test_the_number_of_queries_does_not_grow(endpoint, now):
    def queries():
        keeper().forget()
        answer(now, status="500", region="seoul")  # what others keep is kept
        with CaptureQueriesContext(connection) as captured:
            answer(now, status="500", region="tokyo")
        return len(captured)

    store(endpoint, now, seoul="+" * 10, tokyo="+" * 10)
    store(make_endpoint(model="m"), now, seoul="+" * 10)
    few = queries()
    for number in range(12):
        store(make_endpoint(model=f"m{number}"), now, seoul="+-" * 5, tokyo="+" * 10)
    assert queries() == few <= 8


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 second"), (20, "20 seconds"), (119.5, "120 seconds"), (360, "6 minutes"), (7201, "3 hours")],
)
def test_nobody_is_told_to_wait_less(seconds, text):
    assert waiting_time(seconds) == text


# --- the API ------------------------------------------------------------------------------------------


def post(client, **body):
    return client.post("/api/v1/diagnose", json.dumps(body), content_type="application/json")


@ONLY
def test_the_api_answers_with_its_evidence(client, endpoint, now):
    store(endpoint, now, seoul="++-----")
    RateLimit.objects.create(
        endpoint=endpoint, kind="requests", window="minute", limit=60, source="headers", region="seoul",
        first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    keeper().forget()
    message = (
        'Error code: 503 - {"error": {"message": "down sk-abcdefghijkl1234", "code": "x"}} retry-after: 30'
    )
    answer = post(client, model="nimbus-1", region="seoul", message=message)
    body = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert (body["answer"], body["confidence"], body["rule"]) == ("them", "confirmed", "failed")
    assert body["error"]["retry_after_s"] == 30
    assert "abcdefghijkl1234" not in answer.content.decode()
    assert body["regions"][0] | {"provenance": None} == {
        "region": "seoul", "sight": "failing", "attempts": 7, "failed": 5, "most_failed_of_five": 5,
        "failures": {"http_5xx": 5}, "uncounted": {}, "p50_ms": None, "p95_ms": None, "provenance": None,
    }  # fmt: skip
    assert body["regions"][0]["provenance"]["samples"] == 7
    assert body["rate_limits"][0]["limit"] == 60
    assert body["headline"] == {"en": "It is them.", "ko": body["headline"]["ko"]}
    assert body["headline"]["ko"] != "It is them."
    again = client.get(body["address"].replace("/is-it-me/", "/api/v1/diagnose")).json()
    assert [again[name] for name in ("answer", "rule")] == ["them", "failed"]
    assert again["error"]["kind"] == "server"


@ONLY
@pytest.mark.parametrize(
    ("body", "parameter", "status"),
    [
        ({}, "model", 400),
        ({"model": "nimbus-11"}, "model", 400),
        ({"model": "nimbus-1", "status": 999}, "status", 400),
        ({"model": "nimbus-1", "status": True}, "status", 400),
        ({"model": "nimbus-1", "region": "mars"}, "region", 400),
        ({"model": "nimbus-1", "at": "2999-01-01"}, "at", 400),
        ({"model": "nimbus-1", "at": "yesterday"}, "at", 400),
        ({"model": "nimbus-1", "at": "0001-01-01T00:00+14:00"}, "at", 400),
        ({"model": "nimbus-1", "tz": "Mars/Olympus"}, "tz", 400),
        ({"model": "nimbus-1", "tz": "../../etc/passwd"}, "tz", 400),
        ({"model": "nimbus-1", "tz": "+99:00"}, "tz", 400),
        ({"model": "nimbus-1", "error": "gremlins"}, "error", 400),
        ({"model": "nimbus-1", "message": "x" * 20_001}, "message", 400),
        ({"model": "nimbus-1", "message": ["x"]}, "message", 400),
        ({"model": "nimbus-1", "note": "x"}, "note", 400),
        ({"model": "a\0b"}, "model", 400),
        ({"model": "nimbus-1", "message": "x" * 90_000}, "body", 413),
    ],
)
def test_what_cannot_be_meant_is_named(client, endpoint, body, parameter, status):
    answer = post(client, **body)
    assert (answer.status_code, answer.json()["parameter"]) == (status, parameter)
    assert answer["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 1_000


@ONLY
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b'{"model":' * 5_000, "application/json", 400),
        (b'{"model": "\\ud800"}', "application/json", 400),
        (b'{"\\ud800": "x"}', "application/json", 400),
        (b'{"model": "nimbus-1", "message": "\\ud800 \\u0000 500"}', "application/json", 200),
        (b'{"model": "nimbus-1", "status": 1e400}', "application/json", 400),
        (b'{"model": "nimbus-1", "at": "\\ud800", "tz": "\\ud800"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"model=nimbus-1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_no_body_is_too_odd_to_be_answered(client, endpoint, body, kind, status):
    answer = client.post("/api/v1/diagnose", body, content_type=kind)
    assert answer.status_code == status
    answer.json()


@ONLY
def test_near_models_are_named_and_a_message_has_no_place_in_an_address(client, endpoint):
    assert "nimbus-1" in post(client, model="nimbus-11").json()["accepted"]
    assert client.get("/api/v1/diagnose?model=nimbus-1&message=x").json()["parameter"] == "message"


@ONLY
def test_reports_are_throttled_by_address(client, endpoint, one_moment):
    statuses = [client.get("/api/v1/diagnose?model=nimbus-1&status=500").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert client.get("/is-it-me/?model=nimbus-1&status=500").status_code == 429
    assert client.get("/is-it-me/").status_code == 200


# --- the page ------------------------------------------------------------------------------------------


@ONLY
def test_the_page_answers_and_forgets(client, endpoint, now):
    store(endpoint, now, seoul="++-----")
    key = "sk-proj-" + "a1B2" * 10
    message = f"<script>alert(1)</script>\nError code: 500 - {{'error': {{'message': 'bad {key}'}}}}"
    answer = client.post("/is-it-me/", {"model": "nimbus-1", "message": message, "region": "seoul"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "It is them." in text
    assert "5 of 7, Seoul" in text
    assert key not in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert answer["Cache-Control"] == "private, no-store"
    shared = client.get(answer.context["diagnosis"].address)
    assert shared.context["diagnosis"].decision.rule.id == "failed"
    assert 'name="error"' not in shared.content.decode()  # another status asks about another error


@ONLY
def test_the_page_names_what_cannot_be_meant_and_keeps_the_rest(client, endpoint):
    answer = client.post("/is-it-me/", {"model": "nimbus-1", "status": "9", "tz": "Nowhere", "message": "hm"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert set(answer.context["refused"]) == {"status", "tz"}
    assert 'id="whose-status-error"' in text
    assert ">hm</textarea>" in text
    assert client.post("/is-it-me/", {"status": "500"}).context["unnamed"]
    unknown = client.get("/is-it-me/?model=nimbus-11&status=500&message=secret")
    assert unknown.status_code == 404
    assert "?model=nimbus-1&amp;status=500" in unknown.content.decode()
    assert unknown.context["given"]["message"] == ""


@ONLY
def test_a_moment_is_meant_by_the_clock_of_its_zone(client, endpoint, now):
    given = asked({"model": "m", "at": "2026-11-22T09:30", "tz": "Asia/Seoul"}, regions=PLACES, now=now)
    if given.report:
        assert given.report.at.isoformat() == "2026-11-22T00:30:00+00:00"
    moment = now - timedelta(hours=3)
    text = moment.astimezone(timezone.get_fixed_timezone(540)).strftime("%Y-%m-%dT%H:%M")
    page = client.get("/is-it-me/", {"model": "nimbus-1", "status": "500", "at": text, "tz": "+09:00"})
    assert page.context["diagnosis"].report.at == moment.replace(second=0, microsecond=0)
    assert f'value="{text}"' in page.content.decode()
    assert "+09:00)" in page.content.decode()


@ONLY
def test_the_page_speaks_korean(client, endpoint, now):
    store(endpoint, now, seoul="+" * 10)
    address = "/is-it-me/?model=nimbus-1&status=401"
    text = client.get(address, headers={"Accept-Language": "ko"}).content.decode()
    assert "It is you" not in text
    assert 'lang="ko"' in text


@ONLY
def test_an_empty_page_teaches_and_offers_models(client, endpoint):
    text = client.get("/is-it-me/").content.decode()
    assert "There are three answers" in text
    assert 'value="nimbus--nimbus-1"' in text
    assert "data-whose-zone" in text
    assert "data-whose-zone" not in client.get("/is-it-me/?at=2026-11-22T09:30Z").content.decode()
