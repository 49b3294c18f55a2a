"""Incidents and changes of state are looked at in the admin, and never edited there."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from editorial.roles import OPERATOR
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status.models import Incident, StatusChange
from status.services import judge_endpoints, tend_incidents

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("operator", is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    return client


@pytest.fixture
def incident() -> Incident:
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "++++---"), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    tend_incidents(now=NOW)
    return Incident.objects.get()


def test_an_incident_shows_whom_it_holds_and_its_timeline(operator: Client, incident: Incident):
    page = operator.get(reverse("admin:status_incident_change", args=[incident.pk])).content.decode()
    assert "nimbus--nimbus-1" in page
    assert "confirmed_failures" in page
    assert incident.changes.get().event_id in page
    assert "_save" not in page


@pytest.mark.parametrize("model", ["incident", "statuschange"])
def test_nothing_is_added_changed_or_deleted(operator: Client, incident: Incident, model: str):
    row = incident if model == "incident" else StatusChange.objects.latest("pk")
    before = StatusChange.objects.count(), Incident.objects.count()
    assert operator.get(reverse(f"admin:status_{model}_add")).status_code == 403
    change = reverse(f"admin:status_{model}_change", args=[row.pk])
    assert operator.post(change, {"cause": "other"}).status_code == 403
    assert operator.post(reverse(f"admin:status_{model}_delete", args=[row.pk])).status_code == 403
    assert (StatusChange.objects.count(), Incident.objects.count()) == before


@pytest.mark.parametrize("more", [0, 12])
def test_the_lists_cost_the_same_queries_however_long(
    operator: Client, incident: Incident, more: int, django_assert_max_num_queries
):
    for number in range(more):
        endpoint = make_endpoint(f"provider-{number}")
        store_attempts(make_series(endpoint, "++++---"), now=NOW)
        judge_endpoints([endpoint.pk], now=NOW)
    tend_incidents(now=NOW + timedelta(seconds=1))
    for model in ("incident", "statuschange"):
        with django_assert_max_num_queries(12):
            assert operator.get(reverse(f"admin:status_{model}_changelist")).status_code == 200
