"""`/incidents/` and `/incidents/<id>/` as a plain browser gets them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.kept import Unavailable
from aigo.lib.words import Words
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_series
from status import incident_views
from status.kept import keeper
from status.models import DetectionLead, MaintenanceWindow
from status.services import post_update, publish_postmortem
from status.tests.told_incidents import MINUTE, make_incident

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
HOUR = timedelta(hours=1)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client, query: str = "") -> str:
    return str(client.get(f"/incidents/{query}").content.decode())


def ids(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="incident-(\d+)"', html)]


@pytest.fixture
def now():
    return timezone.now()


def test_open_ones_come_first_the_gravest_before_all_then_days(client, now):
    nimbus, cirrus = make_endpoint(), make_endpoint("cirrus", "cirrus-1")
    old = make_incident(nimbus, began=now - 50 * HOUR, lasted=HOUR)
    recent = make_incident(cirrus, began=now - 26 * HOUR, lasted=14 * MINUTE)
    minor = make_incident(cirrus, began=now - 2 * HOUR, severity="minor")
    major = make_incident(nimbus, began=now - HOUR)
    html = shown(client)
    assert ids(html) == [major.pk, minor.pk, recent.pk, old.pk]
    assert "2 open incidents" in html
    assert "14 min" in text_of(html)
    assert html.count("<h3 id=") == 2
    assert '<a href="/incidents/" aria-current="page">' in html
    assert 'type="application/atom+xml"' in html


def test_filters_are_in_the_address_and_what_is_unknown_is_not_asked(client, now):
    nimbus, cirrus = make_endpoint(), make_endpoint("cirrus", "cirrus-1")
    major = make_incident(nimbus, began=now - HOUR)
    minor = make_incident(cirrus, began=now - 2 * HOUR, lasted=HOUR, severity="minor")
    assert ids(shown(client, "?provider=cirrus")) == [minor.pk]
    assert ids(shown(client, "?severity=major&state=open&region=seoul&function=chat")) == [major.pk]
    assert ids(shown(client, "?state=closed&severity=major")) == []
    assert ids(shown(client, "?provider=acme&severity=dire&page=no")) == [major.pk, minor.pk]
    html = shown(client, "?provider=cirrus")
    assert '<option value="cirrus" selected>' in html
    assert 'href="/incidents/feed.atom?provider=cirrus"' in html
    assert "Show all" in html


def test_what_is_over_comes_in_pages(client, now):
    endpoint = make_endpoint()
    made = [make_incident(endpoint, began=now - n * HOUR, lasted=HOUR / 2).pk for n in range(1, 28)]
    first, second = shown(client), shown(client, "?page=2")
    assert (ids(first), ids(second)) == (made[:25], made[25:])
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev" href="?"' in second
    assert "Page 2 of 2" in second


def test_ninety_days_and_planned_maintenance_stand_beside_them(client, now):
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "+++-", end=now), now=now)
    silent = make_endpoint("cirrus", "cirrus-1")
    MaintenanceWindow.objects.create(
        title_en="Upgrade", title_ko="업그레이드", provider=silent.provider, created_at=now, changed_at=now,
        starts_at=now - HOUR, ends_at=now + HOUR, recurrence="FREQ=DAILY",
    )  # fmt: skip
    html = shown(client)
    assert html.count("<rect data-state=") == 90
    assert "Not measured in these 90 days: Cirrus" in text_of(html)
    assert html.count("planned__line") == 1
    korean = client.get("/incidents/", headers={"accept-language": "ko"}).content.decode()
    assert "업그레이드" in korean
    assert "진행 중인 인시던트 없음" in korean


def test_one_incident_is_told_from_its_beginning_to_its_end(client, now, admin_user):
    endpoint = make_endpoint()
    incident = make_incident(endpoint, began=now - 2 * HOUR, lasted=HOUR)
    wrong = post_update(
        incident, status="note", body=Words("Our <fault>."), by=admin_user, now=now - 50 * MINUTE
    )
    post_update(
        incident,
        status="note",
        body=Words("Theirs.", "그쪽."),
        by=admin_user,
        now=now - 40 * MINUTE,
        corrects=wrong,
    )
    publish_postmortem(incident, text=Words("What it was.\n\nAnd why."), by=admin_user, now=now)
    html = client.get(f"/incidents/{incident.pk}/").content.decode()
    said = text_of(html)
    assert '<h1 class="story__title">Nimbus-1: Requests fail</h1>' in html
    for part in (
        "lasted 1 h",
        "after 1 min",
        "Our &lt;fault&gt;.",
        "corrected later",
        "What it was.",
        "Seoul, Tokyo",
    ):
        assert part in said, part
    kinds = re.findall(r'data-source="(\w+)"(?: data-mark="(\w+)")?', html)
    assert kinds == [
        ("people", ""),
        ("people", ""),
        ("people", ""),
        ("measured", "close"),
        ("measured", "open"),
    ]
    assert "data-chronicle" not in html.replace("data-chronicle-", "")
    assert "admin" not in said
    korean = client.get(f"/incidents/{incident.pk}/", headers={"accept-language": "ko"}).content.decode()
    assert "그쪽." in korean
    assert '<div class="timeline__text" lang="en"><strong>' in korean


def test_what_goes_on_is_asked_for_again_and_told_once(client, now):
    incident = make_incident(make_endpoint(), began=now - HOUR)
    assert (
        f'data-url="/incidents/{incident.pk}/story"'
        in client.get(f"/incidents/{incident.pk}/").content.decode()
    )
    for address in (f"/incidents/{incident.pk}/story", "/incidents/open", "/incidents/open?provider=nimbus"):
        first = client.get(address)
        assert "Requests fail" in first.json()["data"]["html"]
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_an_incident_that_is_not_there_is_not_found(client):
    assert client.get("/incidents/12/").status_code == 404
    assert client.get("/incidents/12/story").status_code == 404


def test_more_incidents_take_no_more_queries(client, now, one_moment, django_assert_max_num_queries):
    endpoints = [make_endpoint(model=f"nimbus-{n}") for n in range(1, 4)]
    for n, endpoint in enumerate(endpoints, 1):
        make_incident(endpoint, began=now - n * HOUR, lasted=HOUR / 2)
    make_incident(endpoints[0], began=now)
    with django_assert_max_num_queries(29) as few:  # PostgreSQL's hours are read past what counts
        shown(client)
    for n in range(9):
        make_incident(*endpoints[:2], began=now - (5 + n) * HOUR, lasted=HOUR / 2)
    keeper().forget()
    with django_assert_max_num_queries(len(few)):
        shown(client)
    with django_assert_max_num_queries(0):
        shown(client)


def test_names_lead_to_their_pages(client, now):
    nimbus = make_endpoint()
    incident = make_incident(nimbus, began=now - HOUR)
    link = f'<a href="/models/{nimbus.slug}/" data-slide-over>'
    assert link in shown(client)
    story = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert link in story
    assert f'<a href="/providers/{nimbus.provider.slug}/">' in story


def test_a_list_says_who_told_first(client, now):
    nimbus = make_endpoint()
    incident = make_incident(nimbus, began=now - 5 * HOUR, lasted=HOUR)
    DetectionLead.objects.create(
        provider=nimbus.provider,
        incident=incident,
        verdict="page_silent",
        counted=True,
        simulated=False,
        at=incident.detected_at,
        method_version="leads-1",
        matched_at=now,
    )
    html = shown(client)
    assert "official page silent" in text_of(html)


def test_a_part_that_cannot_be_read_leaves_the_others_standing(client, now, monkeypatch):
    incident = make_incident(make_endpoint(), began=now - HOUR)

    def away(*args, **kwargs):
        raise Unavailable("database")

    for part in ("kept_uptime", "kept_leads", "kept_maintenance", "kept_lead_of"):
        monkeypatch.setattr(incident_views, part, away)
    answer = client.get("/incidents/?state=open")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert ids(html) == [incident.pk]
    assert html.count('<section class="part-missing">') == 3
    assert html.count('<a class="button" href="/incidents/?state=open">Try again</a>') == 3
