"""What the cards, the totals and the board's usage say, from what servers told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from probes.models import ServerSample
from probes.scraping.figures import Figures
from probes.servers import FRESH, Condition, Usage, load_servers, usage_of_endpoints
from probes.tests.factories import NOW
from probes.tests.serving import (
    GIB,
    dcgm_figures,
    make_real_endpoint,
    make_server,
    node_figures,
    vllm_figures,
)

pytestmark = pytest.mark.django_db

STALE = NOW - FRESH
JUST_FRESH = STALE + timedelta(microseconds=1)


def test_servers_of_one_machine_make_one_card_and_the_others_one_each():
    make_server("node", host="gpu-1", figures=node_figures())
    make_server("dcgm", host="gpu-1", figures=dcgm_figures())
    make_server("vllm", host="gpu-1", figures=vllm_figures())
    make_server("llamacpp", name="Desk", figures=Figures(running=1.0))
    make_server("vllm", name="Off", enabled=False)
    desk, gpu = load_servers(now=NOW).cards
    assert (desk.name, gpu.name) == ("Desk", "gpu-1")
    assert gpu.node.figures.cpus == 16
    assert len(gpu.gpus) == 2
    assert [source.kind for source in gpu.models] == ["vllm"]
    assert (desk.node, desk.gpus, len(desk.models)) == (None, [], 1)


def test_a_machine_named_like_another_servers_slug_is_not_mixed_up_with_it():
    make_server("vllm", slug="gpu-1", name="A")
    make_server("node", slug="other", host="gpu-1")
    assert len(load_servers(now=NOW).cards) == 2


@pytest.mark.parametrize(
    ("fields", "at", "condition"),
    [
        ({}, None, Condition.WAITING),
        ({}, NOW, Condition.REPORTING),
        ({}, JUST_FRESH, Condition.REPORTING),
        ({}, STALE, Condition.SILENT),
        ({"problem": "timeout", "failures": 2}, NOW, Condition.FAILING),
        ({"problem": "timeout", "failures": 2}, None, Condition.FAILING),
    ],
)
def test_a_source_is_in_one_of_four_conditions(fields: dict[str, Any], at: object, condition: Condition):
    make_server(figures=vllm_figures() if at else None, at=at, **fields)  # type: ignore[arg-type]
    (card,) = load_servers(now=NOW).cards
    assert card.condition is condition
    assert card.last_seen_at == at
    assert bool(card.troubled) is (condition is not Condition.REPORTING)


def test_the_worst_source_decides_a_cards_condition():
    make_server("node", host="h", figures=node_figures(), at=STALE)
    make_server("vllm", host="h", figures=vllm_figures(), problem="status", failures=1)
    make_server("dcgm", host="h", figures=dcgm_figures())
    (card,) = load_servers(now=NOW).cards
    assert card.condition is Condition.FAILING
    assert [source.condition for source in card.troubled] == [Condition.FAILING, Condition.SILENT]


def test_last_good_values_stay_on_the_card_and_out_of_the_totals():
    make_server("node", host="old", figures=node_figures(), at=STALE, problem="timeout", failures=3)
    make_server("node", host="new", figures=node_figures())
    servers = load_servers(now=NOW)
    assert [card.node.figures.cpus for card in servers.cards] == [16, 16]
    total = servers.totals.memory_total_bytes
    assert (total.value, total.told, total.of) == (128 * GIB, 1, 2)
    assert (servers.totals.machines, servers.totals.reporting) == (2, 1)


def test_totals_add_up_what_all_machines_tell():
    make_server("node", host="a", figures=node_figures())
    make_server("node", host="b", figures=node_figures(cpus=8, cpu_pct=100.0))
    make_server("dcgm", host="a", figures=dcgm_figures(2))
    make_server("dcgm", host="b", figures=dcgm_figures(8))
    make_server("vllm", host="a", figures=vllm_figures())
    make_server("vllm", host="b", figures=vllm_figures(requests_per_min=30.0, queue=None))
    totals = load_servers(now=NOW).totals
    assert (totals.requests_per_min.value, totals.requests_per_min.told) == (150.0, 2)
    assert (totals.queue.value, totals.queue.told, totals.queue.of) == (3.0, 1, 2)
    assert (totals.cpus.value, totals.cpus_busy.value) == (24, 14.0)
    assert totals.gpus.value == 10
    assert totals.gpu_memory_total_bytes.value == 800 * GIB
    assert totals.gpu_power_w.value == 5120.0
    assert totals.disk_total_bytes.value == 4200 * GIB
    assert totals.network_out_bytes_per_s.value == 22_000_000.0


def test_what_nobody_tells_has_no_total_and_is_not_nought():
    make_server("llamacpp", figures=Figures(running=0.0))
    make_server("dcgm", figures=dcgm_figures(2, memory_total_bytes=None))
    totals = load_servers(now=NOW).totals
    assert (totals.requests_per_min.value, totals.running.value) == (None, 0.0)
    assert (totals.cpus.value, totals.gpu_memory_used_bytes.value) == (None, None)
    assert load_servers(now=NOW + FRESH).totals.running.value is None


def test_the_newest_sample_is_shown_whatever_older_ones_there_are():
    server = make_server(figures=vllm_figures(running=1.0))
    ServerSample.objects.create(
        server=server, at=NOW - timedelta(minutes=1), figures=vllm_figures(running=9.0).to_json()
    )
    (card,) = load_servers(now=NOW).cards
    assert card.models[0].figures.running == 1.0


def test_usage_is_the_sum_over_an_endpoints_servers_and_names_them():
    endpoint, other = make_real_endpoint("a"), make_real_endpoint("b")
    make_server(name="One", endpoint=endpoint, figures=vllm_figures())
    make_server(name="Two", endpoint=endpoint, figures=vllm_figures(requests_per_min=5.0), at=JUST_FRESH)
    make_server(name="Old", endpoint=endpoint, figures=vllm_figures(), at=STALE)
    make_server("llamacpp", name="Mute", endpoint=endpoint, figures=Figures(running=1.0))
    make_server("node", name="Host", endpoint=endpoint, figures=node_figures())
    make_server("vllm", name="Off", endpoint=endpoint, figures=vllm_figures(), enabled=False)
    make_server("llamacpp", name="Alone", endpoint=other, figures=Figures(running=1.0))
    usage = usage_of_endpoints(now=NOW)
    assert set(usage) == {endpoint.pk, other.pk}
    assert usage[other.pk] == Usage(None, (), ("Alone",), None)
    assert usage[endpoint.pk].requests_per_min == 125.0
    assert usage[endpoint.pk].servers == ("One", "Two")
    assert usage[endpoint.pk].silent == ("Mute", "Old")
    assert usage[endpoint.pk].at == JUST_FRESH


def test_no_requests_are_nought_and_not_unknown():
    endpoint = make_real_endpoint()
    make_server(endpoint=endpoint, figures=vllm_figures(requests_per_min=0.0))
    assert usage_of_endpoints(now=NOW)[endpoint.pk].requests_per_min == 0.0


@pytest.mark.parametrize(("servers", "samples"), [(1, 1), (50, 20)])
def test_cards_and_usage_cost_one_query_each(
    servers: int, samples: int, django_assert_num_queries: DjangoAssertNumQueries
):
    endpoint = make_real_endpoint()
    for _number in range(servers):
        server = make_server(figures=vllm_figures(), endpoint=endpoint)
        ServerSample.objects.bulk_create(
            ServerSample(server=server, at=NOW - timedelta(minutes=n + 1), figures={}) for n in range(samples)
        )
    with django_assert_num_queries(1):
        assert len(load_servers(now=NOW).cards) == servers
    with django_assert_num_queries(1):
        assert usage_of_endpoints(now=NOW)[endpoint.pk].requests_per_min == 120.0 * servers


@pytest.mark.parametrize(
    "fields", [{"kind": "fridge"}, {"token_env": "SECRET_KEY"}, {"metrics_url": "http://taken/"}]
)
def test_the_database_refuses_unknown_kinds_other_variables_and_one_address_twice(fields: dict[str, Any]):
    make_server(metrics_url="http://taken/")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_server(**fields)
