"""`/incidents/feed.atom`, read by feedparser."""

from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest

from aigo.lib.words import Words
from probes.tests.factories import NOW, make_endpoint
from status.kept import keeper
from status.services import post_update
from status.tests.told_incidents import make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client, query: str = ""):
    answer = client.get(f"/incidents/feed.atom{query}")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return feedparser.parse(answer.content)


def test_an_incident_is_one_entry_that_changes_when_it_is_told_of(
    client, admin_user, django_capture_on_commit_callbacks
):
    incident = make_incident(make_endpoint(), began=NOW - 2 * HOUR)
    other = make_incident(make_endpoint("cirrus", "cirrus-1"), began=NOW - HOUR, lasted=HOUR / 2)
    first = read(client)
    assert (first.bozo, first.version, first.feed.language) == (False, "atom10", "en")
    assert [entry.link.rpartition("incidents/")[2] for entry in first.entries] == [
        f"{other.pk}/",
        f"{incident.pk}/",
    ]
    with django_capture_on_commit_callbacks(execute=True):
        post_update(incident, status="identified", body=Words("A <b>fault</b>."), by=admin_user, now=NOW)
    newest, _other = read(client).entries
    before = first.entries[1]
    assert newest.id == before.id == f"tag:127.0.0.1,2026-11-22:incidents/{incident.pk}"
    assert (newest.published, newest.updated) == (
        "2026-11-21T10:01:00+00:00",
        "2026-11-21T12:00:00+00:00",
    )
    assert newest.title == "[Simulated] Nimbus-1: Requests fail"
    assert "A &lt;b&gt;fault&lt;/b&gt;." in newest.summary
    assert {tag.term for tag in newest.tags} == {"major", "nimbus"}


def test_every_element_that_rfc_4287_asks_for_is_there(client):
    make_incident(make_endpoint())
    root = ElementTree.fromstring(client.get("/incidents/feed.atom?provider=nimbus").content)
    for parent in (root, root.find(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1, name
    assert root.find(f"{ATOM}author/{ATOM}name").text == "AI-GO"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"].endswith("/incidents/feed.atom?provider=nimbus")
    assert root.find(f"{ATOM}id").text == "tag:127.0.0.1,2026-11-22:incidents/feed.atom?provider=nimbus"


def test_a_feed_can_be_of_some_and_in_korean(client):
    make_incident(make_endpoint(), severity="minor")
    major = make_incident(make_endpoint("cirrus", "cirrus-1"))
    keeper().forget()
    assert [e.id.rpartition("/")[2] for e in read(client, "?severity=major").entries] == [str(major.pk)]
    korean = read(client, "?provider=cirrus&lang=ko")
    assert (korean.feed.language, korean.entries[0].title) == (
        "ko",
        "[시뮬레이션] Cirrus-1: 요청 실패",
    )


def test_an_unchanged_feed_is_not_sent_again_even_when_it_is_empty(client):
    first = client.get("/incidents/feed.atom")
    assert b"<entry>" not in first.content
    assert client.get("/incidents/feed.atom", headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize("query", ["provider=acme", "severity=grave", "lang=tlh", "state=open"])
def test_what_cannot_be_accepted_is_named(client, query):
    answer = client.get(f"/incidents/feed.atom?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, query.partition("=")[0])
