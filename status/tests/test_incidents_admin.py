"""Incidents in the admin: what is measured is never edited there, what people say of it goes by buttons."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from aigo.lib.words import Words
from editorial.roles import EDITOR, OPERATOR, PUBLISHER
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status.models import Incident, IncidentUpdate, StatusChange
from status.services import judge_endpoints, post_update, set_severity, tend_incidents

pytestmark = pytest.mark.django_db


def signed_in(client: Client, role: str) -> Client:
    user = User.objects.create_user(role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    return signed_in(client, OPERATOR)


def page_of(incident: Incident) -> str:
    return reverse("admin:status_incident_change", args=[incident.pk])


def send(client: Client, incident: Incident, do: str, **fields: object):
    """As the form `do` would."""
    prefix = "postmortem" if do in ("draft", "publish") else do
    typed = {f"{prefix}-{name}": value for name, value in fields.items()}
    return client.post(page_of(incident), {"_do": do, **typed})


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


def test_an_update_is_one_click_with_standard_words_in_both_languages(operator: Client, incident: Incident):
    answer = send(operator, incident, "update", status="investigating", body_en="", body_ko="", seen=0)
    assert (answer.status_code, answer["Location"]) == (302, page_of(incident))
    update = incident.updates.get()
    assert update.body_en.startswith("We see this in our own measurements")
    assert update.body_ko.startswith("자체 측정에서")
    page = operator.get(page_of(incident)).content.decode()
    assert update.body_en in page
    assert f"?corrects={update.pk}#update" in page


def test_what_was_typed_stays_when_somebody_else_was_quicker(operator: Client, incident: Incident):
    other = post_update(
        incident, status="identified", body=Words("Quicker."), by=User.objects.get(), now=NOW, seen=0
    )
    fields = {"status": "monitoring", "body_en": "Mine.", "body_ko": ""}
    page = send(operator, incident, "update", **fields, seen=0).content.decode()
    assert "Somebody posted an update since you looked" in page
    assert "Mine.</textarea>" in page
    assert "Quicker." in page
    assert f'name="update-seen" value="{other.pk}"' in page
    assert send(operator, incident, "update", **fields, seen=other.pk).status_code == 302
    assert list(incident.updates.values_list("body_en", flat=True)) == ["Quicker.", "Mine."]


def test_a_correction_begins_with_what_it_corrects(operator: Client, incident: Incident):
    wrong = post_update(incident, status="identified", body=Words("Wrong."), by=User.objects.get(), now=NOW)
    page = operator.get(page_of(incident), {"corrects": wrong.pk}).content.decode()
    assert "Wrong.</textarea>" in page
    sent = {"status": "identified", "body_en": "Right.", "body_ko": "", "corrects": wrong.pk}
    send(operator, incident, "update", **sent, seen=wrong.pk)
    assert IncidentUpdate.objects.get(corrects=wrong).body_en == "Right."


@pytest.mark.parametrize("role", [OPERATOR, PUBLISHER])
def test_operators_and_publishers_decide_severity_and_title(client: Client, incident: Incident, role: str):
    signed_in(client, role)
    assert send(client, incident, "severity", severity="minor").status_code == 302
    assert send(client, incident, "title", title_en="Long prompts fail", title_ko="").status_code == 302
    incident.refresh_from_db()
    assert (incident.effective_severity, incident.title_en) == ("minor", "Long prompts fail")
    page = client.get(page_of(incident)).content.decode()
    assert "decided by hand; measured: Major" in page
    assert "<h1>Nimbus: Long prompts fail</h1>" in page
    assert send(client, incident, "severity", severity="terrible").status_code == 200
    assert send(client, incident, "severity", severity="").status_code == 302
    incident.refresh_from_db()
    assert incident.severity_by_hand is None
    history = client.get(reverse("admin:status_incident_history", args=[incident.pk])).content.decode()
    assert "severity: major → minor (by hand)" in history


def test_a_post_mortem_of_an_open_incident_is_only_drafted(operator: Client, incident: Incident):
    assert send(operator, incident, "draft", text_en="It was so.", text_ko="").status_code == 302
    assert (
        "The incident is not over"
        in send(operator, incident, "publish", text_en="It was so.", text_ko="").content.decode()
    )
    incident.refresh_from_db()
    assert (incident.postmortem_en, incident.postmortem_published_at) == ("It was so.", None)


def test_others_neither_see_the_buttons_nor_use_them(client: Client, incident: Incident):
    signed_in(client, EDITOR)
    assert client.get(page_of(incident)).status_code == 403
    assert send(client, incident, "severity", severity="info").status_code == 403
    incident.refresh_from_db()
    assert incident.severity_by_hand is None


def test_the_list_filters_by_what_everybody_is_told(operator: Client, incident: Incident):
    set_severity(incident, severity="info", by=User.objects.get(), now=NOW)
    address = reverse("admin:status_incident_changelist")
    for query, shown in [
        ("severity=info", True),
        ("severity=major", False),
        ("severity=by_hand", True),
        ("reports=none", True),
        ("reports=draft", False),
        ("reports=published", False),
    ]:
        page = operator.get(f"{address}?{query}").content.decode()
        assert ("Notice (measured: Major)" in page) is shown, query


@pytest.mark.parametrize("updates", [1, 6])
def test_the_page_costs_the_same_queries_however_long_it_goes_on(
    operator: Client, incident: Incident, updates: int, django_assert_max_num_queries
):
    for _ in range(updates):
        post_update(incident, status="note", body=Words("Still."), by=User.objects.get(), now=NOW)
    with django_assert_max_num_queries(14):
        assert operator.get(page_of(incident)).status_code == 200
