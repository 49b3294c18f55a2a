"""The parameters, the errors and the form of `/api/v1/models/<slug>/history`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_series
from status.rules import THRESHOLDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint():
    own = make_endpoint()
    now = timezone.now()
    store_attempts(make_series(own, "+" * 30, end=now - timedelta(seconds=1)), now=now)
    return own


@pytest.mark.parametrize("slug", ["nimbus-1", "nimbus--nimbus-1"])
def test_a_model_s_slug_stands_for_its_creator_s_own_endpoint(client, endpoint, slug):
    make_endpoint("resold", "nimbus-1", provider_model_id="other")
    body = client.get(f"/api/v1/models/{slug}/history?window=24h").json()
    assert (body["slug"], body["model"], body["provider"]) == ("nimbus--nimbus-1", "nimbus-1", "nimbus")
    assert (body["window"], body["region"], body["tier"], body["width_s"]) == ("24h", "all", "B", 300)
    assert (len(body["points"]), body["total"]["attempts"], body["total"]["p95_ms"]) == (288, 30, 501.8)


def test_a_point_has_everything_a_chart_needs(client, endpoint):
    body = client.get("/api/v1/models/nimbus-1/history?window=7d&region=seoul&points=100").json()
    assert body["width_s"] == 7200
    assert set(body["points"][0]) == {
        "at", "width_s", "attempts", "ok", "availability_pct", "worst_availability_pct", "worst_attempts",
        "samples", "p50_ms", "p95_ms", "p99_ms", "max_ms", "ttft_samples", "ttft_p50_ms", "ttft_p95_ms",
        "failures", "uncounted",
    }  # fmt: skip
    assert body["points"][0]["p50_ms"] is None
    assert body["points"][0]["at"].endswith("Z")
    assert body["simulated"] is True
    assert body["gaps"] == []


def test_thresholds_are_those_the_endpoint_is_judged_by(client):
    make_endpoint(reasoning=True)
    body = client.get("/api/v1/models/nimbus-1/history").json()
    assert body["thresholds"]["operational_ms"] == THRESHOLDS["reasoning"].operational_ms


@pytest.mark.parametrize(
    ("query", "parameter", "accepted"),
    [
        ("window=1h", "window", "15m"),
        ("region=atlantis", "region", "seoul"),
        ("points=1441", "points", "1440"),
        ("points=two", "points", "whole number"),
        ("window=90d&points=89", "points", "from 90"),
        ("colour=red", "colour", "window"),
    ],
)
def test_what_cannot_be_accepted_is_named(client, endpoint, query, parameter, accepted):
    answer = client.get(f"/api/v1/models/nimbus-1/history?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["parameter"] == parameter
    assert accepted in answer.json()["accepted"]


def test_an_unknown_model_is_named(client):
    answer = client.get("/api/v1/models/nobody-9/history")
    assert (answer.status_code, answer.json()["value"]) == (404, "nobody-9")


def test_an_answer_that_is_the_same_is_not_sent_again(client, endpoint):
    address = "/api/v1/models/nimbus-1/history?window=30d"
    first = client.get(address)
    assert "s-maxage" in first["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_an_endpoint_nobody_asked_has_a_history_of_gaps(client):
    make_endpoint()
    body = client.get("/api/v1/models/nimbus-1/history?window=15m").json()
    assert [point["attempts"] for point in body["points"]] == [0] * 15
    assert body["last_sample_at"] is None
