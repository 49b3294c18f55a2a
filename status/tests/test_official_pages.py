"""What is kept of official pages: their words, when we saw them, and the bytes that prove it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Provider
from status.adapters.statuspage import INCIDENTS, SUMMARY
from status.models import OfficialIncident, OfficialPage, OfficialSnapshot
from status.services import official, snapshots
from status.services.official import note_problem, note_reading, sync_pages

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The notices that were asked for."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(official, "queue_notice", lambda **notice: asked.append(notice))
    return asked


def make_page(slug: str = "quillmarsh", kind: str = "statuspage", **provider: Any) -> OfficialPage:
    Provider.objects.create(
        slug=slug,
        name=slug.title(),
        status_page_url=f"https://status.{slug}.example",
        status_page_kind=kind,
        **provider,
    )
    sync_pages(now=NOW)
    return OfficialPage.objects.get(provider__slug=slug)


def incident(
    key: str = "inc1", status: str = "investigating", at: datetime = NOW, **more: Any
) -> dict[str, Any]:
    row = {
        "id": key,
        "name": f"Trouble {key}",
        "status": status,
        "impact": "major",
        "created_at": at.isoformat(),
        "started_at": (at - 10 * MINUTE).isoformat(),
        "resolved_at": None,
        "incident_updates": [{"id": "u1", "status": status, "body": "Text.", "created_at": at.isoformat()}],
        "components": [{"id": "c1", "name": "API"}],
    }
    return row | more


def bodies(*rows: dict[str, Any], indicator: str = "none") -> dict[str, bytes]:
    summary = {
        "status": {"indicator": indicator, "description": "-"},
        "components": [{"id": "c1", "name": "API", "status": "operational"}],
        "incidents": [row for row in rows if row["status"] != "resolved"],
    }
    return {SUMMARY: json.dumps(summary).encode(), INCIDENTS: json.dumps({"incidents": rows}).encode()}


def read(page: OfficialPage, *rows: dict[str, Any], minutes: float = 0) -> bool:
    return note_reading(page, bodies=bodies(*rows), now=NOW + minutes * MINUTE)


def test_what_was_there_at_our_first_reading_was_never_unseen():
    page = make_page()
    assert read(page, incident())
    row = OfficialIncident.objects.get()
    assert (row.first_seen_at, row.unseen_at, row.published_at) == (NOW, None, NOW)
    assert row.claimed_started_at == NOW - 10 * MINUTE
    assert (row.components, row.updates[0]["body"], row.resolved_at) == (["API"], "Text.", None)


def test_what_appears_later_was_unseen_at_the_reading_before():
    page = make_page()
    read(page)
    read(page, minutes=2)
    read(page, incident(at=NOW + 3 * MINUTE), minutes=4)
    row = OfficialIncident.objects.get()
    assert (row.unseen_at, row.first_seen_at) == (NOW + 2 * MINUTE, NOW + 4 * MINUTE)


def test_a_slow_answer_says_what_was_so_when_it_was_asked_for():
    page = make_page()
    note_reading(page, bodies=bodies(), now=NOW, took_s=25)
    read(page, incident(), minutes=2)
    row = OfficialIncident.objects.get()
    assert (row.unseen_at, row.first_seen_at) == (NOW - timedelta(seconds=25), NOW + 2 * MINUTE)
    official.note_unchanged(page, now=NOW + 4 * MINUTE, took_s=25)
    official.note_unchanged(page, now=NOW + 6 * MINUTE, took_s=25)
    assert OfficialIncident.objects.get().last_seen_at == NOW + 6 * MINUTE


def test_a_try_that_failed_is_no_reading_at_which_it_was_unseen():
    page = make_page()
    read(page)
    note_problem(page, problem="unreachable", detail="no connection", now=NOW + 2 * MINUTE)
    read(page, incident(), minutes=4)
    assert OfficialIncident.objects.get().unseen_at == NOW


def test_the_proof_is_the_answer_in_which_it_was_first_seen_byte_for_byte():
    page = make_page()
    first = bodies(incident())
    note_reading(page, bodies=first, now=NOW)
    read(page, incident(name="Edited"), minutes=2)
    row = OfficialIncident.objects.get()
    assert row.title == "Edited"
    assert snapshots.body_of(row.proof) == first[SUMMARY]
    assert row.proof.bytes == len(first[SUMMARY])
    assert row.proof.url == f"https://status.quillmarsh.example/{SUMMARY}"


def test_a_page_that_edits_its_times_later_does_not_move_what_we_saw_it_say():
    page = make_page()
    read(page, incident())
    early = incident(at=NOW - 60 * MINUTE)
    read(page, early, minutes=2)
    row = OfficialIncident.objects.get()
    assert row.published_at == NOW
    assert row.claimed_started_at == NOW - 70 * MINUTE  # their claim, as it stands now


def test_an_incident_is_over_when_they_say_so():
    page = make_page()
    read(page, incident())
    over = incident(status="resolved", resolved_at=(NOW + MINUTE).isoformat())
    read(page, over, minutes=2)
    row = OfficialIncident.objects.get()
    assert (row.status, row.resolved_at) == ("resolved", NOW + MINUTE)
    read(page, incident(), minutes=4)
    row.refresh_from_db()
    assert (row.status, row.resolved_at) == ("investigating", None)  # opened again


def test_an_incident_that_vanishes_is_gone_from_when_we_saw_that():
    page = make_page()
    read(page, incident())
    read(page, minutes=2)
    row = OfficialIncident.objects.get()
    assert (row.status, row.resolved_at, row.last_seen_at) == ("gone", NOW + 2 * MINUTE, NOW)


def test_what_a_feed_leaves_out_goes_on_for_a_day():
    page = make_page(kind="rss")
    item = (
        "<item><title>Trouble</title><guid>g1</guid><description>Text.</description>"
        "<pubDate>Sat, 21 Nov 2026 12:00:00 GMT</pubDate></item>"
    )

    def feed(text: str) -> dict[str, bytes]:
        return {"feed": f'<rss version="2.0"><channel><title>x</title>{text}</channel></rss>'.encode()}

    note_reading(page, bodies=feed(item), now=NOW)
    note_reading(page, bodies=feed(""), now=NOW + timedelta(hours=23))
    assert OfficialIncident.objects.get().resolved_at is None
    assert page.indicator == ""
    note_reading(page, bodies=feed(""), now=NOW + timedelta(hours=24))
    row = OfficialIncident.objects.get()
    assert (row.status, row.resolved_at) == ("gone", NOW)


def test_an_unreadable_page_says_what_was_found_and_nothing_else():
    page = make_page()
    read(page, incident())
    assert not note_reading(page, bodies={SUMMARY: b"<html>", INCIDENTS: b"<html>"}, now=NOW + 2 * MINUTE)
    page.refresh_from_db()
    assert page.problem == "unreadable"
    assert page.problem_detail.startswith(f"{SUMMARY}: expected JSON, found an HTML page that begins with")
    assert (page.last_read_at, page.last_tried_at) == (NOW, NOW + 2 * MINUTE)
    assert OfficialIncident.objects.get().resolved_at is None
    assert OfficialSnapshot.objects.filter(sha256__isnull=False, bytes=6).exists()  # what it answered instead
    read(page, incident(), minutes=4)
    assert (page.problem, page.problem_since, page.failures) == ("", None, 0)


def test_operators_hear_once_after_two_tries_and_again_when_it_can_be_read(told: list[dict[str, Any]]):
    page = make_page(simulated=True)
    for minutes in (0, 2, 6, 14):
        note_reading(page, bodies={}, now=NOW + minutes * MINUTE)
        assert len(told) == (minutes > 0)
    read(page, minutes=30)
    read(page, minutes=32)
    subject = f"official:{page.pk}:{int(NOW.timestamp())}"
    assert [(row["topic"], row["kind"], row["subject"], row["provider_id"]) for row in told] == [
        ("official", "unreadable", subject, page.provider_id),
        ("official", "readable", subject, page.provider_id),
    ]
    assert told[0]["facts"] | {} == {
        "provider": "Quillmarsh",
        "provider_slug": "quillmarsh",
        "simulated": True,
        "url": "https://status.quillmarsh.example",
        "problem": "unreadable",
        "detail": f"{SUMMARY}: was not answered",
        "since": "2026-11-21T12:00:00Z",
        "last_read_at": None,
        "tries": 2,
    }


def test_a_page_that_merely_does_not_answer_is_told_of_after_a_quarter_of_an_hour(told: list[dict[str, Any]]):
    page = make_page()
    for minutes in (0, 2, 6, 14):
        note_problem(page, problem="unreachable", detail="x", now=NOW + minutes * MINUTE)
    assert told == []
    note_problem(page, problem="unreachable", detail="x", now=NOW + 15 * MINUTE)
    assert len(told) == 1


def test_an_answer_that_stays_the_same_is_kept_once():
    page = make_page()
    for minutes in range(3):
        read(page, incident(), minutes=minutes)
    assert OfficialSnapshot.objects.count() == 2
    assert {row.last_seen_at for row in OfficialSnapshot.objects.all()} == {NOW + 2 * MINUTE}


def test_answers_that_prove_nothing_go_after_a_month(monkeypatch: pytest.MonkeyPatch):
    page = make_page()
    read(page, incident())
    read(page, incident(), incident("inc2"), minutes=2)
    read(page, incident(), incident("inc2"), incident("inc3", "resolved"), minutes=4)
    before = OfficialSnapshot.objects.count()
    assert snapshots.prune_snapshots(now=NOW + timedelta(days=30)) == 0
    assert snapshots.prune_snapshots(now=NOW + timedelta(days=30, minutes=5)) == before - 3
    assert {row.proof_id for row in OfficialIncident.objects.all()} == {
        row.pk for row in OfficialSnapshot.objects.all()
    }


@pytest.mark.parametrize(
    ("limit", "most"), [("MOST_SNAPSHOTS", 3), ("MOST_SNAPSHOT_BYTES", 3 * len(bodies()[SUMMARY]) + 20)]
)
def test_a_page_that_changes_with_every_reading_does_not_fill_the_disk(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
):
    monkeypatch.setattr(snapshots, limit, most)
    page = make_page()
    for number in range(6):
        given = {name: body + b" " * number for name, body in bodies().items()}
        note_reading(page, bodies=given, now=NOW + number * MINUTE)
    kept = OfficialSnapshot.objects.filter(url__endswith=SUMMARY)
    assert sorted(row.first_seen_at for row in kept) == [NOW + n * MINUTE for n in (3, 4, 5)]


def test_a_page_that_names_its_incidents_anew_each_time_is_unreadable(monkeypatch: pytest.MonkeyPatch):
    """Their rows and proofs are kept for ever: a feed whose guids are made of the time filled the disk."""
    monkeypatch.setattr(official, "MOST_NEW_A_DAY", 4)
    page = make_page()
    results = [read(page, incident(f"{n}a"), incident(f"{n}b"), minutes=2 * n) for n in range(3)]
    assert (results, page.incidents.count()) == ([True, True, False], 4)
    page.refresh_from_db()
    assert (page.problem, page.last_read_at) == ("unreadable", NOW + 2 * MINUTE)
    assert page.problem_detail.startswith("incidents: 6 new ones within a day, 4 are believed")
    assert read(page, incident("2a"), minutes=25 * 60)


def test_reading_a_page_takes_as_many_queries_for_fifty_incidents_as_for_one():
    page = make_page()
    counted: list[int] = []
    for rows in ([incident("a")], [incident(str(n)) for n in range(50)]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(page, *rows, minutes=len(counted))
        counted.append(len(queries))
    assert max(counted) <= 18


def test_pages_follow_the_catalogue_and_operators_keep_their_word():
    page = make_page()
    read(page, incident())
    OfficialPage.objects.update(enabled=False)
    assert sync_pages(now=NOW) == 0
    Provider.objects.update(status_page_url="https://new.example")
    assert sync_pages(now=NOW + MINUTE) == 1
    page.refresh_from_db()
    assert (page.url, page.enabled, page.last_read_at) == ("https://new.example", False, None)
    assert OfficialIncident.objects.count() == 1
    Provider.objects.update(status_page_url="")
    OfficialPage.objects.update(enabled=True)
    assert sync_pages(now=NOW) == 1
    assert not OfficialPage.objects.get().enabled


def test_a_page_of_a_kind_that_nobody_reads_is_known_and_not_read():
    page = make_page(kind="html")
    assert not page.enabled
    Provider.objects.update(status_page_kind="statuspage")
    sync_pages(now=NOW)
    page.refresh_from_db()
    assert page.enabled
