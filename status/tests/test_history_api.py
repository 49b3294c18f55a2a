"""The parameters, the errors and the form of `/api/v1/models/<slug>/history`."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.sheets import sheet
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_series
from status.models import CountsSample
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


def test_a_history_tells_what_stands_on_the_chart_besides_its_lines(client, endpoint):
    body = client.get("/api/v1/models/nimbus-1/history").json()
    assert (body["incidents"], body["maintenance"], body["usage_rpm"]) == ([], [], None)
    assert body["throughput"]["samples"] == 0
    assert body["throughput"]["p50_tokens_per_s"] is None


def test_the_same_as_a_table_that_spreadsheets_open(client, endpoint):
    answer = client.get("/api/v1/models/nimbus-1/history.csv?window=24h&points=24")
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="nimbus--nimbus-1-24h-all.csv"'
    assert text.startswith("\ufeffat_utc,width_s,attempts,ok,availability_pct")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 24
    assert sum(int(row["attempts"]) for row in rows) == 30
    assert {row["p95_ms"] for row in rows if row["attempts"] != "0"} == {"501.8"}
    assert rows[0]["p95_ms"] == ""
    assert {(row["endpoint"], row["tier"], row["simulated"]) for row in rows} == {
        ("nimbus--nimbus-1", "B", "yes")
    }
    again = client.get(
        "/api/v1/models/nimbus-1/history.csv?window=24h&points=24", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["models/nimbus-1/history.csv", "stats/history.csv"])
def test_a_table_refuses_what_the_history_refuses(client, endpoint, path):
    answer = client.get(f"/api/v1/{path}?window=1h")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "window")


def test_counts_come_as_a_table_too(client, endpoint, one_moment):
    CountsSample.objects.create(
        region="all",
        minute=int(timezone.now().timestamp()) // 60,
        **{"total": 3, "active": 2, "operational": 1, "degraded": 1, "outage": 0, "unknown": 1},
        **{"simulated": 3, "not_measured": 0, "catalogue_models": 9},
    )
    text = client.get("/api/v1/stats/history.csv?window=24h").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 288
    assert (rows[0]["total"], rows[-1]["total"], rows[-1]["available_least"]) == ("", "3", "2")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx"])
def test_no_text_becomes_a_formula(text):
    (_header, row) = csv.reader(io.StringIO(sheet([{"a": text, "b": -1, "c": None}]).removeprefix("\ufeff")))
    assert row == [f"'{text}", "-1", ""]
