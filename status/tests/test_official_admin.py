"""Operators look at official pages, steer how they are read, and see answers as text only."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from editorial.roles import AUTHOR, OPERATOR
from status.admin.official import OfficialPageAdmin
from status.models import OfficialIncident, OfficialPage, OfficialSnapshot
from status.services import official, polling, snapshots
from status.services.official import note_problem, note_reading
from status.tests.test_official_pages import NOW, bodies, incident, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("operator", is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    return client


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> OfficialPage:
    monkeypatch.setattr(official, "queue_notice", lambda **_notice: 0)
    made = make_page()
    note_reading(made, bodies=bodies(incident(name="Trouble <script>alert(1)</script>")), now=NOW)
    return made


def change(operator: Client, page: OfficialPage, **values: Any) -> str:
    url = reverse("admin:status_officialpage_change", args=[page.pk])
    return operator.post(url, values, follow=True).content.decode()


def test_an_operator_stops_and_paces_a_page_and_that_leaves_a_trace(operator: Client, page: OfficialPage):
    change(operator, page, interval_s="300")
    page.refresh_from_db()
    assert (page.enabled, page.interval_s) == (False, 300)
    assert LogEntry.objects.filter(object_id=str(page.pk)).count() == 1
    assert "59 s is not accepted. Give 60 to 300 seconds." in change(operator, page, interval_s="59")


def test_a_decision_does_not_undo_what_a_reading_wrote_meanwhile(page: OfficialPage):
    admin = OfficialPageAdmin(OfficialPage, site)
    open_form = OfficialPage.objects.get()
    note_problem(page, problem="unreachable", detail="x", now=NOW)
    open_form.enabled = False
    admin.save_model(HttpRequest(), open_form, SimpleNamespace(changed_data=["enabled"]), change=True)
    stored = OfficialPage.objects.get()
    assert (stored.enabled, stored.problem) == (False, "unreachable")


def test_a_page_that_nobody_can_read_is_not_enabled(operator: Client):
    page = make_page("mistral", kind="html")
    html = change(operator, page, interval_s="120", enabled="on")
    assert "Nobody can read pages of the kind" in html
    page.refresh_from_db()
    assert not page.enabled


def test_pages_are_read_by_hand_with_a_trace(
    operator: Client, page: OfficialPage, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def read_pages(*, now: datetime, pages: list[OfficialPage]) -> int:
        asked.extend(page.pk for page in pages)
        return 0

    monkeypatch.setattr(polling, "read_pages", read_pages)
    url = reverse("admin:status_officialpage_changelist")
    html = operator.post(url, {"action": "read_now", "_selected_action": [page.pk]}, follow=True)
    assert asked == [page.pk]
    assert "0 of 1 page told something." in html.content.decode()
    assert LogEntry.objects.get().change_message == "read by hand"


def test_an_answer_is_shown_as_text_that_no_browser_interprets(operator: Client, page: OfficialPage):
    row = OfficialIncident.objects.get()
    assert row.title == "Trouble alert(1)"
    answer = operator.get(reverse("admin:status_officialsnapshot_text", args=[row.proof_id]))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert(1)</script>" in answer.content.decode()
    listed = operator.get(reverse("admin:status_officialincident_change", args=[row.pk])).content.decode()
    assert reverse("admin:status_officialsnapshot_text", args=[row.proof_id]) in listed


def test_wide_text_is_shown_as_what_it_says(page: OfficialPage):
    wide = {name: b"\xfe\xff" + body.decode().encode("utf-16-be") for name, body in bodies().items()}
    note_reading(page, bodies=wide, now=NOW)
    newest = OfficialSnapshot.objects.latest("pk")
    assert snapshots.text_of(newest).startswith("{")


def test_answers_are_for_those_who_may_look(client: Client, page: OfficialPage):
    user = User.objects.create_user("author", is_staff=True)
    user.groups.add(Group.objects.get(name=AUTHOR))
    client.force_login(user)
    proof = OfficialIncident.objects.get().proof_id
    assert client.get(reverse("admin:status_officialsnapshot_text", args=[proof])).status_code == 403
    assert client.get(reverse("admin:status_officialpage_changelist")).status_code == 403


@pytest.mark.parametrize("model", ["officialincident", "officialsnapshot", "officialpage"])
def test_nothing_is_added_or_deleted_and_the_lists_stay_cheap(
    operator: Client, page: OfficialPage, model: str, django_assert_max_num_queries
):
    for number in range(8):
        other = make_page(f"other-{number}")
        note_reading(other, bodies=bodies(incident()), now=NOW)
    assert operator.get(reverse(f"admin:status_{model}_add")).status_code == 403
    assert operator.post(reverse(f"admin:status_{model}_delete", args=[page.pk])).status_code in (302, 403)
    assert OfficialIncident.objects.count() == 9
    with django_assert_max_num_queries(12):
        assert operator.get(reverse(f"admin:status_{model}_changelist")).status_code == 200


def test_operations_shows_what_cannot_be_read_and_never_what_it_said_before(
    operator: Client, page: OfficialPage, django_assert_max_num_queries
):
    def shown() -> str:
        html = operator.get(reverse("operations")).content.decode()
        return html.split(f'data-page="{page.pk}"')[1].split("</tr>")[0]

    assert "all is well" in shown()
    note_problem(page, problem="unreadable", detail="summary.json: status: is missing", now=NOW)
    assert "all is well" not in shown()
    assert "unreadable" in shown()
    assert "summary.json: status: is missing" in shown()
    make_page("mistral", kind="html")
    assert "no machine-readable form known" in operator.get(reverse("operations")).content.decode()
