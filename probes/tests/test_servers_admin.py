"""Who may name the servers that are watched, and what is refused in words."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from editorial.roles import OPERATOR, PUBLISHER, STAFF_ROLES
from probes.models import Server, ServerSample
from probes.tests.serving import make_real_endpoint, make_server, vllm_figures
from probes.tests.test_scraping_kinds import exposed
from testing.exporter import exporting

pytestmark = pytest.mark.django_db

LIST = "/admin/probes/server/"


def sign_in(client: Client, role: str) -> User:
    user = User.objects.create_user("staff", "staff@example.org", "pw", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def form(**changes: Any) -> dict[str, Any]:
    values = {
        "name": "GPU 1",
        "slug": "gpu-1",
        "host": "gpu-1",
        "kind": "vllm",
        "metrics_url": "http://gpu-1:8000/metrics",
        "enabled": "on",
    }
    return values | changes


def test_an_operator_adds_a_server_and_that_is_on_record(client: Client):
    sign_in(client, OPERATOR)
    assert client.post(f"{LIST}add/", form()).status_code == 302
    server = Server.objects.get()
    assert (server.metrics_url, server.enabled) == ("http://gpu-1:8000/metrics", True)
    assert LogEntry.objects.get().object_repr == "GPU 1"


@pytest.mark.parametrize("role", [role for role in STAFF_ROLES if role != OPERATOR])
def test_nobody_else_sees_or_sets_an_address(client: Client, role: str):
    sign_in(client, role)
    server = make_server()
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", form()).status_code == 403
    assert client.post(f"{LIST}{server.pk}/change/", form()).status_code == 403
    assert client.post(f"{LIST}{server.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_permission_of_the_model_alone_is_not_enough(client: Client):
    user = sign_in(client, PUBLISHER)
    user.user_permissions.add(*Permission.objects.filter(codename__endswith="_server"))
    assert client.post(f"{LIST}add/", form()).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metrics_url": "ftp://gpu-1/metrics"}, "This is not an http(s) address"),
        ({"metrics_url": "gpu-1:8000"}, "This is not an http(s) address"),
        ({"metrics_url": "http://me:secret@gpu-1/metrics"}, "without user name and password"),
        ({"metrics_url": "http://169.254.169.254/latest"}, "Nothing is read from there"),
        ({"metrics_url": "http://[fe80::1]/metrics"}, "Nothing is read from there"),
        ({"token_env": "SECRET_KEY"}, "ending in _METRICS_TOKEN"),
        ({"token_env": "gpu_METRICS_TOKEN"}, "capital letters"),
        ({"metrics_url": "http://taken:1/metrics"}, "already exists"),
    ],
)
def test_what_would_fail_or_harm_is_refused_in_words(client: Client, changes: dict[str, Any], said: str):
    sign_in(client, OPERATOR)
    make_server(metrics_url="http://taken:1/metrics")
    answer = client.post(f"{LIST}add/", form(**changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Server.objects.count() == 1


def test_a_server_without_a_dot_in_its_name_a_port_and_a_query_is_fine(client: Client):
    sign_in(client, OPERATOR)
    for number, url in enumerate(("http://llama:8080/metrics?model=a", "https://10.0.0.8:9100/metrics")):
        entered = form(metrics_url=url, slug=f"s-{number}", token_env="A_METRICS_TOKEN")
        assert client.post(f"{LIST}add/", entered).status_code == 302


def test_another_address_begins_without_samples_and_another_name_keeps_them(client: Client):
    sign_in(client, OPERATOR)
    server = make_server(figures=vllm_figures(), metrics_url="http://gpu-1:8000/metrics")
    client.post(f"{LIST}{server.pk}/change/", form(name="Renamed"))
    assert ServerSample.objects.count() == 1
    client.post(f"{LIST}{server.pk}/change/", form(metrics_url="http://gpu-2:8000/metrics"))
    server.refresh_from_db()
    assert (server.last_seen_at, ServerSample.objects.count()) == (None, 0)


def test_read_now_says_how_many_answered(client: Client):
    sign_in(client, OPERATOR)
    with exporting(exposed("vllm")) as exporter:
        good, bad = (
            make_server(metrics_url=exporter.url),
            make_server("node", metrics_url=f"{exporter.url}?2"),
        )
        data = {"action": "read_now", "_selected_action": [good.pk, bad.pk]}
        page = client.post(LIST, data, follow=True).content.decode()
    assert "1 of 2 servers were read." in page


def test_the_lists_queries_do_not_grow_with_its_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
):
    sign_in(client, OPERATOR)
    endpoint = make_real_endpoint()
    for _number in range(40):
        make_server(endpoint=endpoint, figures=vllm_figures())
    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200
