"""Planned maintenance: who it covers when, what is kept of it, and how it is entered."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigo.lib.words import Words
from editorial.roles import OPERATOR
from probes.tests.factories import NOW, make_endpoint
from status.maintenance import maintenance_at, maintenance_lines, spans_of
from status.models import MaintenanceWindow
from status.services import (
    Plan,
    Unplannable,
    cancel_maintenance,
    change_maintenance,
    plan_maintenance,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def by() -> User:
    return User.objects.create_user("planner", is_staff=True)


def plan(**changes: Any) -> Plan:
    """From NOW + 1 h for an hour."""
    facts: dict[str, Any] = {
        **{"title": Words("Upgrade", "업그레이드"), "starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR},
        **changes,
    }
    return Plan(**facts)


def test_a_window_covers_a_providers_endpoints_or_the_chosen_ones(by: User, django_assert_num_queries):
    one, other = make_endpoint(model="nimbus-1"), make_endpoint(model="nimbus-2")
    far = make_endpoint("cirrus")
    wide = plan_maintenance(plan(provider=one.provider), by=by, now=NOW)
    chosen = plan_maintenance(plan(endpoints=[other, far], regions=["seoul"]), by=by, now=NOW)
    with django_assert_num_queries(3):
        spans = spans_of([one.pk, other.pk, far.pk], since=NOW, until=NOW + 3 * HOUR)
    assert {pk: [span.window_id for span in found] for pk, found in spans.items()} == {
        one.pk: [wide.pk],
        other.pk: [wide.pk, chosen.pk],
        far.pk: [chosen.pk],
    }
    assert spans[far.pk][0].regions == {"seoul"}
    with django_assert_num_queries(1):
        assert spans_of([one.pk], since=NOW + 2 * HOUR, until=NOW + 3 * HOUR) == {}
    (line, _) = maintenance_lines(since=NOW, until=NOW + 3 * HOUR, now=NOW)
    assert (line.state, line.provider_slug, line.slugs) == ("scheduled", "nimbus", (one.slug, other.slug))
    assert line.to_json()["title"] == {"en": "Upgrade", "ko": "업그레이드"}
    assert [line.id for line in maintenance_at(NOW + 1.5 * HOUR)] == [wide.pk, chosen.pk]
    assert maintenance_at(NOW) == []


def test_what_is_entered_is_kept_with_its_history(by: User):
    provider = make_endpoint().provider
    window = plan_maintenance(plan(provider=provider, recurrence="FREQ=WEEKLY"), by=by, now=NOW)
    assert (window.created_by, window.created_at) == (by, NOW)
    longer = plan(provider=provider, recurrence="FREQ=WEEKLY", ends_at=NOW + 3 * HOUR)
    change_maintenance(window, longer, by=by, now=NOW + HOUR / 2)
    window = MaintenanceWindow.objects.get()
    assert (window.ends_at, window.changed_at) == (NOW + 3 * HOUR, NOW + HOUR / 2)
    cancel_maintenance(window, by=by, now=NOW + timedelta(days=1))
    told = LogEntry.objects.filter(user=by).order_by("pk").values_list("change_message", flat=True)
    assert [text.split()[0] for text in told] == ["planned", "2026-11-21", "cancelled"]
    lines = maintenance_lines(since=NOW, until=NOW + timedelta(days=30), now=NOW + timedelta(days=2))
    assert [(line.start, line.state) for line in lines] == [(NOW + HOUR, "completed")]
    with pytest.raises(Unplannable, match="cancelled already"):
        cancel_maintenance(window, by=by, now=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": Words()}, "title_en"),
        ({"provider": None}, "provider"),
        ({"regions": ["atlantis"]}, "regions"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"ends_at": NOW + HOUR}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=15)}, "ends_at"),
        ({"recurrence": "FREQ=SECONDLY"}, "recurrence"),
        ({"starts_at": NOW - timedelta(hours=25), "ends_at": NOW}, "starts_at"),
    ],
)
def test_what_is_no_window_is_refused_at_its_field(by: User, changes: dict, field: str):
    with pytest.raises(Unplannable) as refusal:
        plan_maintenance(plan(**{"provider": make_endpoint().provider} | changes), by=by, now=NOW)
    assert refusal.value.field == field
    assert not MaintenanceWindow.objects.exists()


def test_of_what_has_begun_only_the_end_moves_and_never_into_the_past(by: User):
    provider = make_endpoint().provider
    window = plan_maintenance(plan(provider=provider), by=by, now=NOW)
    during = NOW + 1.5 * HOUR
    change_maintenance(window, plan(provider=provider, ends_at=NOW + 5 * HOUR), by=by, now=during)
    for changes in (
        {"starts_at": NOW},
        {"regions": ["seoul"]},
        {"recurrence": "FREQ=DAILY"},
        {"ends_at": NOW + 1.2 * HOUR},
    ):
        with pytest.raises(Unplannable):
            change_maintenance(window, plan(**{"provider": provider} | changes), by=by, now=during)
    cancel_maintenance(window, by=by, now=during)
    spans = spans_of([provider.endpoints.get().pk], since=NOW, until=NOW + 9 * HOUR)
    ((span,),) = spans.values()
    assert (span.start, span.end) == (NOW + HOUR, during)


def test_what_was_called_off_before_it_began_is_shown_as_that(by: User):
    endpoint = make_endpoint()
    window = plan_maintenance(plan(endpoints=[endpoint]), by=by, now=NOW)
    cancel_maintenance(window, by=by, now=NOW)
    (line,) = maintenance_lines(since=NOW, until=NOW + 3 * HOUR, now=NOW + 1.5 * HOUR)
    assert (line.state, line.end) == ("cancelled", NOW + 2 * HOUR)
    assert spans_of([endpoint.pk], since=NOW, until=NOW + 3 * HOUR) == {}


def entered(**changes: Any) -> dict[str, Any]:
    """The form of the admin, filled in: an hour next New Year's night in Seoul, every week."""
    year = NOW.year + 1
    return {
        **{"title_en": "Upgrade", "title_ko": "", "time_zone": "Asia/Seoul", "repeats": "FREQ=WEEKLY"},
        **{"starts_local_0": f"{year}-01-01", "starts_local_1": "02:00", "recurrence": ""},
        **{"ends_local_0": f"{year}-01-01", "ends_local_1": "03:00", **changes},
    }


def test_the_form_shows_what_it_would_mean_before_it_is_saved(
    client: Client, by: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    by.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(by)
    provider = make_endpoint().provider
    add = reverse("admin:status_maintenancewindow_add")
    year = NOW.year + 1
    assert client.get(add).status_code == 200
    page = client.post(add, entered(provider=provider.pk, _preview="1")).content.decode()
    assert f"{year}-01-01 02:00 KST" in page
    assert f"{year - 1}-12-31 17:00" in page
    assert f"{year}-01-29 02:00 KST" in page
    assert "1 watched endpoint is covered" in page
    assert not MaintenanceWindow.objects.exists()
    refused = client.post(add, entered(provider=provider.pk, repeats="rule", recurrence="FREQ=SECONDLY"))
    assert "FREQ is one of" in refused.content.decode()
    assert client.post(add, entered(provider=provider.pk)).status_code == 302
    window = MaintenanceWindow.objects.get()
    assert (window.recurrence, window.starts_at.hour, window.created_by) == ("FREQ=WEEKLY", 17, by)
    change = reverse("admin:status_maintenancewindow_change", args=[window.pk])
    assert f'value="{year}-01-01"' in client.get(change).content.decode()
    assert (
        client.post(change, entered(endpoints=[], provider=provider.pk, title_ko="갱신")).status_code == 302
    )
    assert client.post(change, {"_cancel": "1"}).status_code == 302
    window.refresh_from_db()
    assert (window.title_ko, window.cancelled_at is not None) == ("갱신", True)
    assert LogEntry.objects.count() == 3
    assert client.get(reverse("admin:status_maintenancewindow_changelist")).status_code == 200


def test_calendars_are_told_every_occurrence(client: Client, by: User, django_assert_num_queries):
    endpoint, now = make_endpoint(), timezone.now().replace(microsecond=0)
    facts: dict[str, Any] = {"starts_at": now + HOUR, "ends_at": now + 2 * HOUR, "endpoints": [endpoint]}
    weekly = plan(**facts, title=Words("Rack; power, \\ and\n\x07air"), recurrence="FREQ=WEEKLY;COUNT=3")
    plan_maintenance(weekly, by=by, now=now)
    called_off = plan_maintenance(plan(**facts, title=Words(ko="배터리 " * 30)), by=by, now=now)
    cancel_maintenance(called_off, by=by, now=now)
    with django_assert_num_queries(2):
        answer = client.get("/maintenance.ics", headers={"accept-language": "ko"})
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    raw = answer.content.split(b"\r\n")
    assert max(map(len, raw)) <= 75
    text = answer.content.replace(b"\r\n ", b"").decode()
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 4
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("SUMMARY:Rack\\; power\\, \\\\ and\\nair") == 3
    assert f"SUMMARY:{('배터리 ' * 30)}" in text
    assert text.count("STATUS:CANCELLED") == 1
    assert f"DTSTART:{now + HOUR:%Y%m%dT%H%M%SZ}" in text
    uids = {line for line in text.splitlines() if line.startswith("UID:")}
    assert len(uids) == 4
    assert (
        client.get(
            "/maintenance.ics", headers={"if-none-match": answer["ETag"], "accept-language": "ko"}
        ).status_code
        == 304
    )
