"""`/api/v1/incidents` and `/api/v1/incidents/<id>`."""

from datetime import timedelta

import pytest

from probes.tests.factories import NOW, make_endpoint
from status.tests.told_incidents import make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_incidents_are_listed_newest_first_and_in_parts(client, django_assert_max_num_queries):
    endpoint = make_endpoint()
    ids = [make_incident(endpoint, began=NOW - n * HOUR, lasted=HOUR / 2).pk for n in range(3)]
    body = client.get("/api/v1/incidents?limit=2").json()
    assert [row["id"] for row in body["results"]] == ids[:2]
    assert (body["count"], body["previous"]) == (3, None)
    with django_assert_max_num_queries(6):
        rest = client.get(body["next"]).json()
    assert [row["id"] for row in rest["results"]] == ids[2:]
    assert rest["results"][0] == {
        "id": ids[2],
        "title": {"en": "Nimbus-1: Requests fail", "ko": "Nimbus-1: 요청 실패"},
        "provider": "nimbus",
        "provider_name": "Nimbus",
        "kind": "endpoint",
        "scope": "global",
        "severity": "major",
        "severity_measured": "major",
        "state": "closed",
        "stage": "resolved",
        "cause": "confirmed_failures",
        "started_at": "2026-11-21T10:00:00Z",
        "detected_at": "2026-11-21T10:01:00Z",
        "announced_at": "2026-11-21T10:01:00Z",
        "ended_at": "2026-11-21T10:30:00Z",
        "updated_at": "2026-11-21T10:30:00Z",
        "regions": ["seoul", "tokyo"],
        "endpoints": ["nimbus--nimbus-1"],
        "postmortem_published": False,
        "absorbed_by": None,
        "simulated": True,
        "method_version": "test",
    }


def test_one_incident_is_told_with_its_timeline(client):
    incident = make_incident(make_endpoint())
    answer = client.get(f"/api/v1/incidents/{incident.pk}")
    body = answer.json()
    assert (body["state"], body["ended_at"], body["postmortem"]) == ("open", None, None)
    (affected,), (entry,) = body["affected"], body["timeline"]
    assert (affected["slug"], affected["worst"], affected["left_at"]) == ("nimbus--nimbus-1", "outage", None)
    assert (entry["source"], entry["kind"], entry["severity"]) == ("measured", "open", "major")
    again = client.get(f"/api/v1/incidents/{incident.pk}", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_incident_that_is_not_there_is_a_problem(client):
    answer = client.get("/api/v1/incidents/9")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "no incident 9" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "parameter", "accepted"),
    [
        ("severity=grave", "severity", "critical"),
        ("state=over", "state", "closed"),
        ("region=mars", "region", "seoul"),
        ("function=poetry", "function", "chat"),
        ("provider=acme", "provider", "slug of a provider"),
        ("model=acme-1", "model", "slug of an endpoint"),
        ("limit=501", "limit", "500"),
        ("colour=red", "colour", "severity"),
    ],
)
def test_what_cannot_be_accepted_is_named(client, query, parameter, accepted):
    answer = client.get(f"/api/v1/incidents?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
    assert accepted in answer.json()["accepted"]
