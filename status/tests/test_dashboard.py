"""`/api/v1/dashboard`: everything at once, the same as everywhere else, in constant time."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from probes.models import Server, ServerSample
from probes.tests.factories import make_endpoint, make_pop
from probes.tests.serving import (
    GIB,
    dcgm_figures,
    make_real_endpoint,
    make_server,
    node_figures,
    vllm_figures,
)
from status.kept import keeper

pytestmark = pytest.mark.django_db

URL = "/api/v1/dashboard"
QUERIES = 10


@pytest.fixture
def rack() -> None:
    """A machine with all that can be read from one, and a server that has not been read yet."""
    now = timezone.now()
    make_server("node", host="gpu-1", figures=node_figures(), at=now)
    make_server("dcgm", host="gpu-1", figures=dcgm_figures(), at=now)
    make_server("vllm", host="gpu-1", endpoint=make_real_endpoint(), figures=vllm_figures(), at=now)
    make_server("tgi", name="New")


def get(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(URL + query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.usefixtures("rack")
def test_counts_and_board_are_the_ones_of_the_status_api(client: Client):
    make_pop("seoul", now=timezone.now())
    make_endpoint()
    for query in ("", "?region=seoul"):
        status, body = client.get(f"/api/v1/status{query}").json(), get(client, query)
        assert body["counts"] == status["counts"]
        assert body["board"] == status["results"]
        assert (body["region"], body["simulated"]) == (status["region"], status["simulated"])


@pytest.mark.usefixtures("rack")
def test_machines_tell_all_that_was_read_with_its_age(client: Client):
    body = get(client)
    gpu, new = body["servers"]
    assert (gpu["name"], gpu["condition"], new["condition"]) == ("gpu-1", "reporting", "waiting")
    figures = {source["kind"]: source["figures"] for source in gpu["sources"]}
    assert figures["vllm"]["ttft"] == {"p50_ms": 100.0, "p95_ms": 500.0, "samples": 120}
    assert figures["node"]["disks"][0] == {
        "mountpoint": "/",
        "used_bytes": 60 * GIB,
        "available_bytes": 40 * GIB,
    }
    assert figures["dcgm"]["gpus"][1]["temperature_c"] == 61.0
    assert [source["endpoint"] for source in gpu["sources"]].count("own--llama-3.3-70b") == 1
    assert gpu["last_seen_at"].endswith("Z")
    (source,) = new["sources"]
    assert (source["last_seen_at"], source["fresh"], source["figures"]["running"]) == (None, False, None)
    total = body["servers_total"]
    assert (total["machines"], total["reporting"]) == (2, 1)
    assert total["requests_per_min"] == {"value": 120.0, "told": 1, "of": 2}


def test_a_failure_is_told_by_name_without_what_may_be_private(client: Client):
    at = timezone.now() - timedelta(minutes=10)
    make_server(figures=vllm_figures(), at=at, problem="unreachable", failures=9, error="10.0.0.7 refused")
    ((source,),) = (machine["sources"] for machine in get(client)["servers"])
    assert (source["problem"], source["failures"], source["fresh"]) == ("unreachable", 9, False)
    assert source["figures"]["requests_per_min"] == 120.0
    text = client.get(URL).content.decode()
    assert "10.0.0.7" not in text
    assert Server.objects.get().metrics_url not in text


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("?region=mars", "region"), ("?regoin=seoul", "regoin"), ("?sort=usage", "sort"), ("?limit=1", "limit")],
)
def test_a_parameter_that_cannot_be_accepted_is_named(client: Client, query: str, parameter: str):
    answer = client.get(URL + query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["parameter"] == parameter


@pytest.mark.usefixtures("rack")
def test_an_unchanged_dashboard_is_answered_with_304(client: Client):
    first = client.get(URL)
    assert "s-maxage=30" in first["Cache-Control"]
    assert client.get(URL, headers={"if-none-match": first["ETag"]}).status_code == 304
    sample = ServerSample.objects.latest("pk")
    ServerSample.objects.filter(pk=sample.pk).update(figures=vllm_figures(running=99.0).to_json())
    keeper().forget()
    assert client.get(URL, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(("servers", "endpoints"), [(1, 10), (50, 200)])
def test_one_call_costs_the_same_queries_whatever_it_tells(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, servers: int, endpoints: int
):
    now = timezone.now()
    make_pop("seoul", now=now)
    first = make_real_endpoint("first", watched=True)
    for number in range(endpoints - 1):
        make_real_endpoint(f"model-{number}")
    for number in range(servers):
        make_server(figures=vllm_figures(), at=now, endpoint=first, host=f"host-{number % 7}")
    with django_assert_num_queries(QUERIES):
        body = get(client)
    assert (len(body["board"]), sum(len(machine["sources"]) for machine in body["servers"])) == (
        endpoints,
        servers,
    )


@pytest.mark.usefixtures("rack")
def test_the_schema_describes_what_is_answered(client: Client):
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    body = get(client)
    machine = body["servers"][0]
    source = machine["sources"][0]
    for name, part in {
        "DashboardAnswer": body,
        "MachineAnswer": machine,
        "SourceAnswer": source,
        "FiguresAnswer": source["figures"],
        "TotalsAnswer": body["servers_total"],
        "SumAnswer": body["servers_total"]["gpus"],
    }.items():
        assert set(schemas[name]["properties"]) == set(part), name
