"""`/servers/`: what readers and operators see of self-hosted servers, and who may have them read."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from editorial.roles import OPERATOR
from probes.models import Server, ServerSample
from probes.scraping.figures import Disk, Figures
from probes.services import scraping
from probes.tests.serving import (
    GIB,
    dcgm_figures,
    make_real_endpoint,
    make_server,
    node_figures,
    vllm_figures,
)
from probes.tests.test_scraping_kinds import exposed
from testing.exporter import exporting

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture(autouse=True)
def _rested() -> None:
    cache.delete(scraping._BY_HAND_KEY)


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("operator", "operator@example.org", "pw", is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    return client


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def get(client: Client) -> str:
    answer = client.get("/servers/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_readers_see_machines_with_their_figures_and_totals(client: Client):
    now = timezone.now()
    make_server("node", host="gpu-1", figures=node_figures(), at=now)
    make_server("dcgm", host="gpu-1", figures=dcgm_figures(), at=now)
    make_server(
        "vllm", name="Llama", host="gpu-1", endpoint=make_real_endpoint(), figures=vllm_figures(), at=now
    )
    page = text_of(get(client))
    for said in (
        "The one machine reports",
        "gpu-1 Reporting Last seen",
        "CPU 37 % 16 CPUs · load 5.1",
        "Memory 37 % 48.0 GiB of 128 GiB",
        "Disk / 60 % 60.0 GiB of 100 GiB",
        "Network out 11.0 MB/s",
        "97 % 72.0 GiB 61 512",
        "2 × NVIDIA H100 80GB HBM3, 80.0 GiB",
        "Llama vLLM serves own--llama-3.3-70b",
        "Requests 120 /min Running 14 Queue 3 Output 600 tokens/s TTFT p50 100 ms TTFT p95 500 ms",
        "6.0 of 16 CPUs busy",
    ):
        assert said in page


def test_every_figure_stands_beside_where_it_comes_from(client: Client):
    make_server("vllm", name="Llama", figures=vllm_figures(), at=timezone.now())
    page = get(client)
    (section,) = re.findall(r'<section class="model".*?</section>', page, re.DOTALL)
    assert len(re.findall(r"data-figure=", section)) == 9
    assert "data-provenance" in section
    panel = text_of(section)
    assert "The server’s own figures (vLLM), read by AI-GO" in panel
    assert "mean of the 60 seconds before" in panel
    assert "from its histograms, 300 seconds, 120 requests" in panel


def test_a_failure_shows_its_remedy_and_the_time_of_the_last_values(client: Client):
    at = timezone.now() - timedelta(minutes=12)
    make_server(
        "vllm", name="Llama", figures=vllm_figures(), at=at, problem="timeout", failures=4, error="10.0.0.9 x"
    )
    page = text_of(get(client))
    assert "Cannot be read" in page
    assert "It sent no whole answer within 5 seconds. Check its load" in page
    assert f"4 failed readings in a row · Values of {at:%H:%M} UTC (in no total)" in page
    assert "Requests 120 /min" in page
    assert "10.0.0.9" not in page


def test_operators_see_the_details_and_readers_no_address(operator: Client):
    make_server(problem="unreachable", error="Connect call failed ('10.0.0.9', 8000)", failures=1)
    assert "10.0.0.9" in text_of(get(operator))
    assert "10.0.0.9" in operator.get("/servers/cards").content.decode()
    operator.logout()
    for path in ("/servers/", "/servers/cards"):
        answer = operator.get(path).content.decode()
        assert "10.0.0.9" not in answer
        assert Server.objects.get().metrics_url not in answer


def test_what_is_missing_says_why(client: Client):
    now = timezone.now()
    make_server("llamacpp", figures=Figures(running=1.0, rate_window_s=60.0), at=now)
    make_server("vllm", figures=Figures(running=1.0), at=now)
    make_server("vllm", figures=vllm_figures(ttft=None), at=now)
    make_server("node", figures=node_figures(cpu_pct=None, rate_window_s=None), at=now)
    page = text_of(get(client))
    for said in (
        "Requests — llama.cpp does not count requests.",
        "Requests — It takes two readings; the second comes within a minute.",
        "TTFT p50 — No request got an answer in this window.",
        "CPU — It takes two readings; the second comes within a minute.",
    ):
        assert said in page


def test_only_what_fills_up_warns_before_it_is_full(client: Client):
    busy = node_figures(cpu_pct=99.0, memory_used_bytes=89.9 * GIB, memory_total_bytes=100 * GIB)
    make_server("node", figures=Figures.from_json({**busy.to_json(), "disks": []}), at=timezone.now())
    assert "data-high" not in get(client)
    full = node_figures(disks=(Disk("/", 90 * GIB, 10 * GIB),))
    make_server("node", figures=full, at=timezone.now())
    assert get(client).count("data-high") == 1


def test_without_servers_the_page_explains_how_to_add_one(client: Client):
    page = text_of(get(client))
    assert "No server is watched yet" in page
    assert "http://gpu-1:9100/metrics" in page
    assert "/admin/probes/server/add/" not in get(client)


def test_operators_are_led_to_the_admin(operator: Client):
    assert 'href="/admin/probes/server/add/"' in get(operator)


def test_korean_readers_get_the_page_in_their_language(client: Client):
    make_server("vllm", figures=vllm_figures(), at=timezone.now())
    answer = client.get("/servers/", headers={"accept-language": "ko"})
    assert '<html lang="ko"' in answer.content.decode()


def test_the_cards_are_the_pages_own_and_unchanged_ones_cost_a_304(client: Client):
    now = timezone.now()
    server = make_server("vllm", name="Llama", figures=vllm_figures(), at=now)
    answer = client.get("/servers/cards")
    data = answer.json()["data"]
    page = get(client)
    assert [machine["slug"] for machine in data["machines"]] == [server.slug]
    assert data["machines"][0]["html"].strip() in page
    assert data["summary"].strip() in page
    assert client.get("/servers/cards", headers={"if-none-match": answer["ETag"]}).status_code == 304
    ServerSample.objects.update(figures=vllm_figures(running=2.0).to_json())
    assert client.get("/servers/cards", headers={"if-none-match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("servers", [1, 50])
def test_the_page_and_its_cards_cost_one_query_whatever_they_show(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, servers: int
):
    endpoint = make_real_endpoint()
    for number in range(servers):
        make_server(figures=vllm_figures(), at=timezone.now(), endpoint=endpoint, host=f"h-{number % 9}")
    for path in ("/servers/", "/servers/cards"):
        with django_assert_num_queries(1):
            assert client.get(path).status_code == 200


def test_an_operator_reads_all_servers_by_hand_but_not_twice_in_ten_seconds(operator: Client):
    with exporting(exposed("vllm")) as exporter:
        make_server(metrics_url=exporter.url)
        page = operator.post("/servers/refresh", follow=True, headers={"accept": "text/html"})
        assert "1 server was read." in page.content.decode()
        again = operator.post("/servers/refresh", headers={"accept": "application/json"})
        assert again.json() == {"told": None}
        assert len(exporter.asked) == 1
        page = operator.post("/servers/refresh", follow=True, headers={"accept": "text/html"})
        assert "They were read a moment ago." in page.content.decode()


def test_scripts_are_told_how_many_answered(operator: Client):
    with exporting(exposed("vllm")) as exporter:
        make_server(metrics_url=exporter.url)
        assert operator.post("/servers/refresh", headers={"accept": "application/json"}).json() == {"told": 1}


def test_nobody_else_has_servers_read(client: Client):
    assert client.post("/servers/refresh").status_code == 302
    client.force_login(User.objects.create_user("reader", "reader@example.org", "pw"))
    assert client.post("/servers/refresh").status_code == 403
    assert client.get("/servers/refresh").status_code in (403, 405)
    assert "Read all now" not in get(client)


def test_what_a_server_says_is_written_as_text(client: Client):
    evil = "<script>alert(1)</script>"
    make_server("dcgm", figures=dcgm_figures(1, model=evil), at=timezone.now())
    make_server("node", figures=node_figures(disks=(Disk(f"/{evil}", GIB, GIB),)), at=timezone.now())
    assert evil not in get(client)
