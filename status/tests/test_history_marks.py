"""What stands on a history besides its lines: incidents, maintenance, throughput, usage."""

from datetime import timedelta

import pytest

from aigo.lib.regions import ALL
from probes.models import Server, ServerSample
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint
from status.history import load_history
from status.models import Incident, IncidentEndpoint, MaintenanceWindow

pytestmark = pytest.mark.django_db


def shown(endpoint, *, window="24h", region=ALL):
    return load_history(endpoint, tier="B", region=region, window=window, points=300, now=NOW)


def make_incident(endpoint, *, hours_ago, lasted_h=1, regions=("seoul",)):
    began = NOW - timedelta(hours=hours_ago)
    ended = began + timedelta(hours=lasted_h) if lasted_h else None
    incident = Incident.objects.create(
        provider=endpoint.provider,
        **{"kind": "endpoint", "scope": "regional", "severity": "minor", "cause": "latency"},
        **{"state": "closed" if ended else "open", "regions": list(regions), "simulated": True},
        **{"started_at": began, "detected_at": began, "ended_at": ended, "method_version": "test"},
    )
    IncidentEndpoint.objects.create(
        incident=incident, endpoint=endpoint, joined_at=began, left_at=ended, worst="degraded"
    )
    return incident


def test_incidents_of_the_window_are_marked_oldest_first():
    endpoint, other = make_endpoint(), make_endpoint("other", "other-1")
    make_incident(endpoint, hours_ago=50)
    closed, lasting = make_incident(endpoint, hours_ago=5), make_incident(endpoint, hours_ago=30, lasted_h=0)
    make_incident(other, hours_ago=3)
    marks = shown(endpoint).incidents
    assert [mark.id for mark in marks] == [lasting.pk, closed.pk]
    assert marks[1].path == f"/incidents/{closed.pk}/"
    assert "Nimbus-1" in marks[1].title.en
    assert marks[0].ended_at is None


def test_an_incident_elsewhere_is_no_mark_of_a_region():
    endpoint = make_endpoint()
    make_incident(endpoint, hours_ago=5, regions=("tokyo",))
    assert shown(endpoint, region="seoul").incidents == ()
    assert len(shown(endpoint, region="tokyo").incidents) == 1


def test_planned_maintenance_is_told():
    endpoint = make_endpoint()
    MaintenanceWindow.objects.create(
        **{"provider": endpoint.provider, "title_en": "Work", "created_at": NOW, "changed_at": NOW},
        **{"starts_at": NOW - timedelta(hours=4), "ends_at": NOW - timedelta(hours=3)},
    )
    (pause,) = shown(endpoint).maintenance
    assert (pause.started_at, pause.regions) == (NOW - timedelta(hours=4), ())


def test_throughput_is_of_long_answers_of_at_least_a_day():
    endpoint = make_endpoint(tiers="BC")
    speeds = {2: 40.0, 3: 60.0, 26: 1.0}
    store_attempts(
        [
            make_attempt(endpoint, at=NOW - timedelta(hours=hours), tier="C", tokens_per_s=speed)
            for hours, speed in speeds.items()
        ],
        now=NOW,
    )
    found = shown(endpoint, window="15m").throughput
    assert (found.samples, found.p50_tokens_per_s, found.window_s) == (2, 50.0, 86_400)
    assert found.last_at == NOW - timedelta(hours=2)
    assert [point.least_tokens_per_s for point in found.points] == [60.0, 40.0]
    assert shown(endpoint, window="7d").throughput.least_tokens_per_s == 1.0


def test_usage_is_what_the_endpoint_s_own_servers_told():
    endpoint = make_endpoint(simulated=False)
    for n, rate in enumerate((30.0, 50.0)):
        server = Server.objects.create(
            slug=f"gpu-{n}", name=f"gpu-{n}", kind="vllm", metrics_url=f"http://gpu-{n}/", endpoint=endpoint
        )
        ServerSample.objects.create(
            server=server, at=NOW - timedelta(minutes=7), figures={"requests_per_min": rate}
        )
    usage = shown(endpoint).usage
    assert usage is not None
    assert len(usage) == 288
    assert [rate for rate in usage if rate is not None] == [80.0]


def test_our_own_attempts_are_never_passed_off_as_usage():
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint, at=NOW - timedelta(minutes=2))], now=NOW)
    assert shown(endpoint).usage is None
