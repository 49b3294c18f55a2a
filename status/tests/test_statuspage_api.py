"""`/api/v2/…`: read by an existing client of Statuspage and by our own reader of official pages."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.adapters.table import read_page, sources_of
from status.models import MaintenanceWindow
from status.services import judge_endpoints
from status.statuspage_api import PARTS
from status.tests.told_incidents import make_incident

MINUTE = timedelta(minutes=1)


@pytest.fixture
def fleet():
    """Two that answer, one that fails with an open incident, one that nobody measured; one incident over."""
    now = timezone.now()
    make_pop(now=now)
    endpoints = [
        *(make_endpoint(model=f"nimbus-{n}") for n in (1, 2)),
        *(make_endpoint("cirrus", f"cirrus-{n}") for n in (1, 2)),
    ]
    for endpoint, pattern in zip(endpoints, ("++++++", "++++++", "+++---"), strict=False):
        store_attempts(make_series(endpoint, pattern, end=now), now=now)
        judge_endpoints([endpoint.pk], now=now)
    make_incident(endpoints[2], began=now - 3 * MINUTE)
    make_incident(endpoints[0], began=now - 60 * MINUTE, lasted=9 * MINUTE, severity="minor")
    MaintenanceWindow.objects.create(
        title_en="Upgrade", provider=endpoints[0].provider, created_at=now, changed_at=now,
        starts_at=now + 60 * MINUTE, ends_at=now + 90 * MINUTE,
    )  # fmt: skip


@pytest.mark.django_db
def test_every_part_answers_from_what_is_kept(client, fleet, django_assert_num_queries):
    parts = {part: client.get(f"/api/v2/{part}.json") for part in PARTS}
    assert {answer.status_code for answer in parts.values()} == {200}
    told = {part: answer.json() for part, answer in parts.items()}
    assert all(body["page"] == told["status"]["page"] for body in told.values())
    assert told["status"]["status"] == {
        "indicator": "major",
        "description": "Partial System Outage (3 measured, 1 not measured and not listed)",
    }
    assert len(told["incidents"]["incidents"]) == 2
    assert told["summary"]["incidents"] == told["incidents/unresolved"]["incidents"]
    assert len(told["scheduled-maintenances/upcoming"]["scheduled_maintenances"]) == 1
    assert told["scheduled-maintenances/active"]["scheduled_maintenances"] == []
    assert parts["summary"]["Access-Control-Allow-Origin"] == "*"
    with django_assert_num_queries(0):
        again = client.get("/api/v2/summary.json?_=1", headers={"If-None-Match": parts["summary"]["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_our_own_reader_of_official_pages_understands_it(client, fleet):
    sources = sources_of("statuspage", "http://testserver")
    reading = read_page("statuspage", {source.name: client.get(source.url).content for source in sources})
    assert reading.indicator == "major"
    assert {c.id: c.status for c in reading.components if c.group} == {
        "nimbus--nimbus-1": "operational",
        "nimbus--nimbus-2": "operational",
        "cirrus--cirrus-1": "major_outage",
    }
    open_one, over = sorted((i for i in reading.incidents if not i.maintenance), key=lambda i: i.impact)
    assert (open_one.impact, open_one.status, over.status) == ("major", "investigating", "resolved")
    assert open_one.published_at
    assert open_one.components == ("Cirrus-1 (Cirrus)",)
    (planned,) = (incident for incident in reading.incidents if incident.maintenance)
    assert planned.status == "scheduled"


@pytest.mark.django_db
def test_where_nothing_is_known_no_status_is_claimed(client):
    make_endpoint()
    answer = client.get("/api/v2/summary.json")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert client.get("/api/v2/status.json").status_code == 503
    assert client.get("/api/v2/components.json").json()["components"] == []
    assert client.get("/api/v2/incidents.json").json()["incidents"] == []


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_an_existing_client_reads_it(live_server, fleet, tmp_path: Path):
    """statuspage-prometheus-exporter (PyPI): reads summary.json, judges it, and writes its metrics."""
    services = {"aigo": {"name": "AI-GO", "url": f"{live_server.url}/api/v2/summary.json"}}
    (tmp_path / "services.json").write_text(json.dumps(services))
    subprocess.run(  # a package of ours, and a file
        [sys.executable, "-m", "statuspage_prometheus_exporter.status_monitoring"],
        cwd=tmp_path,
        env={"RUN_MODE": "once", "METRICS_TEXTFILE_PATH": "out.prom", "NO_PROXY": "*"},
        check=True,
        timeout=300,
        capture_output=True,
    )
    found: dict[str, list] = {}
    for family in text_string_to_metric_families((tmp_path / "out.prom").read_text()):
        found[family.name] = family.samples
    (probe,) = found["statuspage_probe_check"]
    (status,) = found["statuspage_service_status"]
    assert (probe.value, status.value) == (1, 0)
    components = {s.labels["component_name"]: s.value for s in found["statuspage_component_status"]}
    assert components == {
        "Nimbus": 1, "Nimbus-1 (Nimbus)": 1, "Nimbus-2 (Nimbus)": 1, "Cirrus": 0, "Cirrus-1 (Cirrus)": 0,
    }  # fmt: skip
    (incident,) = found["statuspage_incident_info"]
    assert incident.labels["incident_name"] == "[Simulated] Cirrus-1: Requests fail"
    assert (incident.labels["impact"], incident.labels["affected_components"]) == (
        "major",
        "Cirrus-1 (Cirrus)",
    )
    (planned,) = found["statuspage_maintenance_info"]
    assert planned.labels["maintenance_name"] == "Upgrade"
