"""Error budgets as readers get them: the API, the operators' page, and the admin of targets."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse

from probes.tests.factories import make_endpoint
from status.models import BurnAlert, SloStanding, SloTarget
from status.rules import slo

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALM = {
    "300": [30, 0, 15],
    "1800": [180, 0, 90],
    "3600": [360, 0, 180],
    "21600": [2160, 1, 9],
    "259200": [0, 0, 0],
}


def judged(endpoint: Any, *, counted: int = 40_000, failed: int = 50, **fields: Any) -> SloStanding:
    known: dict[str, Any] = {
        "judged_at": NOW,
        "target_pct": 99.5,
        "period_days": 30,
        "since": NOW,
        "windows": CALM,
    }
    known["budget_left_pct"] = slo.budget_left_pct(counted, failed, 99.5)
    return SloStanding.objects.create(
        endpoint=endpoint, counted=counted, failed=failed, settled={}, method_version="1", **known | fields
    )


def burning(endpoint: Any, **fields: Any) -> BurnAlert:
    known = {"pair": "1h", "severity": "critical", "target_pct": 99.5, "began_at": NOW, "told_at": NOW}
    return BurnAlert.objects.create(
        endpoint=endpoint, burn_long=16.6, burn_short=200, samples=360, method_version="1", **known | fields
    )


@pytest.fixture
def fleet() -> list[Any]:
    endpoints = [make_endpoint("nimbus", "nimbus-1"), make_endpoint("nimbus", "nimbus-2")]
    endpoints.append(make_endpoint("cirrus", "nimbus-1"))
    judged(endpoints[0])
    judged(endpoints[1], counted=100, failed=3)
    judged(endpoints[2], failed=300)
    burning(endpoints[2])
    burning(endpoints[0], ended_at=NOW)
    return endpoints


def test_the_least_budget_comes_first_and_what_is_not_known_last(client, fleet):
    body = client.get("/api/v1/slo").json()
    assert [(row["slug"], row["budget_left_pct"]) for row in body["results"]] == [
        ("cirrus--nimbus-1", -50.0),
        ("nimbus--nimbus-1", 75.0),
        ("nimbus--nimbus-2", None),
    ]
    first, _, last = body["results"]
    assert (last["attempts"], last["attempts_needed"], last["availability_pct"]) == (100, 200, 97.0)
    judged(make_endpoint("alto", "alto-1"), counted=0, failed=0)
    slugs = [row["slug"] for row in client.get("/api/v1/slo").json()["results"]]
    assert slugs[2:] == ["nimbus--nimbus-2", "alto--alto-1"]  # what was never attempted, after all others
    assert first["alerts"] == [
        {
            "id": BurnAlert.objects.get(ended_at=None).pk, "window": "1h", "factor": 14.4,
            "severity": "critical",
            "began_at": "2026-11-21T12:00:00Z", "burn_long": 16.6, "burn_short": 200.0, "samples": 360,
            "held_by": None, "told_at": "2026-11-21T12:00:00Z",
        }
    ]  # fmt: skip
    assert first["windows"][0] == {"window": "5m", "attempts": 30, "failed": 0, "burn": 0.0}
    assert first["windows"][4] == {"window": "3d", "attempts": 0, "failed": 0, "burn": None}


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("provider=nimbus", ["nimbus--nimbus-1", "nimbus--nimbus-2"]),
        ("state=burning", ["cirrus--nimbus-1"]),
        ("state=spent", ["cirrus--nimbus-1"]),
        ("limit=1&offset=1", ["nimbus--nimbus-1"]),
    ],
)
def test_the_list_is_filtered_and_paged(client, fleet, query, slugs):
    assert [row["slug"] for row in client.get(f"/api/v1/slo?{query}").json()["results"]] == slugs


@pytest.mark.parametrize(
    ("query", "parameter"), [("provider=atlantis", "provider"), ("state=odd", "state"), ("sort=x", "sort")]
)
def test_what_cannot_be_accepted_is_named(client, fleet, query, parameter):
    answer = client.get(f"/api/v1/slo?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


def test_of_a_model_all_endpoints_are_told_and_of_an_endpoint_that_one(client, fleet):
    def slugs(slug: str) -> list[str]:
        return [row["slug"] for row in client.get(f"/api/v1/models/{slug}/slo").json()["results"]]

    assert slugs("nimbus-1") == ["cirrus--nimbus-1", "nimbus--nimbus-1"]
    assert slugs("nimbus--nimbus-1") == ["nimbus--nimbus-1"]
    make_endpoint("nimbus", "nimbus-3")
    assert slugs("nimbus-3") == [], "it has not been judged"
    assert client.get("/api/v1/models/no-such/slo").status_code == 404


@pytest.mark.parametrize(("path", "queries"), [("/api/v1/slo", 4), ("/operations/slo/", 5)])
def test_the_number_of_queries_does_not_grow_with_the_endpoints(
    client, fleet, django_assert_num_queries, path, queries
):
    client.get(path)
    with django_assert_num_queries(queries):
        client.get(path)
    for n in range(3, 6):
        endpoint = make_endpoint("nimbus", f"nimbus-{n}")
        judged(endpoint)
        burning(endpoint)
    with django_assert_num_queries(queries):
        client.get(path)


def test_without_simulation_what_is_invented_is_not_told(client, fleet, settings):
    settings.SIMULATION = False
    assert client.get("/api/v1/slo").json()["count"] == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Error budgets", "Budgets that go too fast", "-50.00", "fewer than 200 attempts", "14.4"]),
        ("ko", ["오류 예산", "-50.00", "14.4"]),
    ],
)
def test_the_page_shows_what_is_left_and_what_burns(client, fleet, language, words):
    html = client.get("/operations/slo/", headers={"accept-language": language}).content.decode()
    assert all(word in html for word in words), [word for word in words if word not in html]
    assert html.count("data-burn=") == 1
    assert html.count("data-slug=") == 3
    one = client.get("/operations/slo/?provider=cirrus").content.decode()
    assert one.count("data-slug=") == 1
    assert client.get("/operations/slo/?provider=atlantis").content.decode().count("data-slug=") == 3


def test_an_operator_sets_a_target_and_it_is_written_down_once(client):
    endpoint = make_endpoint()
    operator = User.objects.create(username="olga", is_staff=True)
    operator.groups.add(Group.objects.get(name="Operator"))
    client.force_login(operator)
    form = {"endpoint": endpoint.pk, "target_pct": "99.9", "period_days": "28"}
    assert client.post(reverse("admin:status_slotarget_add"), form).status_code == 302
    target = SloTarget.objects.get()
    assert (target.target_pct, target.period_days, target.by) == (99.9, 28, operator)
    change = reverse("admin:status_slotarget_change", args=[target.pk])
    assert client.post(change, form | {"target_pct": "100"}).status_code == 200, "it is refused"
    assert client.post(change, form | {"target_pct": "99"}).status_code == 302
    target.refresh_from_db()
    assert target.target_pct == 99
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "99.9 % over 28 days",
        "99 % over 28 days",
    ]
    burning(endpoint)
    assert client.get(reverse("admin:status_burnalert_changelist")).status_code == 200
