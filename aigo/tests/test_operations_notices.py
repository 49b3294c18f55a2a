"""`/operations/notices/` and the figures for Prometheus: what waits to be told, and which channels fail."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from aigo.metrics import BoardCollector
from probes.tests.factories import make_endpoint
from status.outgoing import Outcome
from status.services.notices import claim_due, note_attempt
from status.tests.notices_given import HEARD, MINUTE, make_channel, make_incident, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op")
    user.groups.add(Group.objects.get(name="Operator"))
    client.force_login(user)
    return client


def text_of(response) -> str:
    return str(response.content.decode())


def samples() -> dict[tuple[str, ...], float]:
    found = {}
    for metric in BoardCollector().collect():
        for sample in metric.samples:
            found[sample.name, *sample.labels.values()] = sample.value
    return found


def test_operators_and_prometheus_see_what_waits_and_what_fails(operator):
    assert operator.get("/operations/").status_code == 200
    assert "There is no channel yet." in text_of(operator.get("/operations/notices/"))
    now = timezone.now()
    make_rule(make_channel("works"), make_channel("fails"))
    make_incident(at=now - MINUTE)
    make_incident(make_endpoint(model="nimbus-2"), severity="minor", at=now - MINUTE)
    assert samples()["aigo_unplanned_steps",] == 2
    for outgoing in claim_due(now=now, limit=10):
        works = outgoing.target.slug == "works"
        note_attempt(
            outgoing, HEARD if works else Outcome(ok=False, error="refused", permanent=True), now=now
        )
    page = text_of(operator.get("/operations/notices/"))
    assert "refused" in page
    figures = samples()
    assert figures["aigo_notices_waiting", "works", "held"] == 1
    assert figures["aigo_notices_waiting", "works", "due"] == 0
    assert figures["aigo_notices_failed", "fails"] == 1
    assert figures["aigo_notices_overdue_seconds", "fails"] == 0
    assert figures["aigo_alert_channel_enabled", "works"] == 1
    assert figures["aigo_unplanned_steps",] == 0


def test_the_operators_page_is_for_operators(client):
    assert client.get("/operations/notices/").status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/operations/notices/").status_code == 403
