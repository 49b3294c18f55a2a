"""Pages of a real server on loopback: asked politely, each for itself, however badly they answer."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from aigo.lib.fetch import USER_AGENT
from catalog.models import Provider
from status.models import OfficialIncident, OfficialPage
from status.services import official, polling, snapshots
from status.services.official import sync_pages
from status.services.polling import read_pages
from testing import exporter as serving
from testing.exporter import Answer, Exporter, Handler, exporting, text
from testing.patience import PATIENCE_S

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GIVEN = Path(__file__).parent / "official"
SUMMARY = (GIVEN / "statuspage-summary.json").read_bytes()
INCIDENTS = (GIVEN / "statuspage-incidents.json").read_bytes()
ETAG = '"v1"'

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def good(handler: Handler) -> None:
    """Statuspage's two answers, with an ETag that is honoured."""
    body = SUMMARY if "summary" in handler.path else INCIDENTS
    known = handler.headers.get("If-None-Match") == ETAG
    answer = text(body, ETag=ETAG, Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT")
    (text(b"", status=304) if known else answer)(handler)


def utf16(handler: Handler) -> None:
    body = SUMMARY if "summary" in handler.path else INCIDENTS
    text(b"\xfe\xff" + body.decode().encode("utf-16-be"))(handler)


#: First part of the path → how that page answers.
ANSWERS: dict[str, Answer] = {
    "good": good,
    "utf16": utf16,
    "silent": serving.silent,
    "endless": serving.endless,
    "html": text(b"<!DOCTYPE html><title>Just a moment...</title>"),
    "shape": text(b'{"data": {"state": "ok"}}'),
    "busy": text(b"later", status=429, Retry_After="600"),
    "restarting": text(b"later", status=503),
    "moved": text(b"gone", status=404),
    "redirected": text(b"", status=302, Location="http://10.0.0.1/api/v2/summary.json"),
}


@pytest.fixture
def server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exporter]:
    settings.FETCH_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"),)
    settings.OFFICIAL_PAGES = "all"
    monkeypatch.setattr(official, "queue_notice", lambda **_notice: 0)
    with exporting(lambda handler: ANSWERS[handler.path.split("/")[1]](handler)) as running:
        yield running


@pytest.fixture
def make(server: Exporter) -> Callable[..., OfficialPage]:
    def make_page(slug: str, **provider: Any) -> OfficialPage:
        values = {
            "slug": slug,
            "name": slug.title(),
            "status_page_url": f"http://127.0.0.1:{server.server_port}/{slug}",
            "status_page_kind": "statuspage",
        }
        Provider.objects.create(**values | provider)
        sync_pages(now=NOW)
        return OfficialPage.objects.get(provider__slug=slug)

    return make_page


def asked(server: Exporter) -> list[dict[str, str]]:
    """The headers of every request, names in small letters."""
    return [{name.lower(): value for name, value in headers.items()} for _, headers in server.asked]


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_page_is_read_and_the_next_time_only_asked_whether_it_changed(
    server: Exporter, make: Callable[..., OfficialPage]
):
    page = make("good")
    assert read_pages(now=NOW) == 1
    page.refresh_from_db()
    assert (page.problem, page.indicator, page.failures) == ("", "major", 0)
    assert OfficialIncident.objects.count() == 3
    assert [headers["user-agent"] for headers in asked(server)] == [USER_AGENT, USER_AGENT]
    assert not any("if-none-match" in headers for headers in asked(server))

    assert read_pages(now=later(1)) == 0  # not due
    assert len(server.asked) == 2
    assert read_pages(now=later(3)) == 1
    again = asked(server)[2:]
    assert [headers["if-none-match"] for headers in again] == [ETAG, ETAG]
    assert again[0]["if-modified-since"] == "Sat, 21 Nov 2026 10:00:00 GMT"
    page.refresh_from_db()
    open_ones = OfficialIncident.objects.filter(resolved_at=None)
    (seen_at,) = {row.last_seen_at for row in open_ones}
    assert page.last_read_at == later(3) < seen_at < later(3.5), "asked for before it was there"
    assert {row.last_seen_at for row in page.snapshots.all()} == {seen_at}


@pytest.mark.parametrize(
    ("slug", "problem", "detail"),
    [
        ("endless", "too_large", ""),
        ("html", "unreadable", "expected JSON, found an HTML page that begins with"),
        ("shape", "unreadable", "incidents: is missing"),
        ("busy", "rate_limited", "answered 429, expected 200"),
        ("restarting", "unreachable", "answered 503, expected 200"),
        ("moved", "unreadable", "answered 404, expected 200"),
        ("redirected", "forbidden", "10.0.0.1"),
    ],
)
def test_what_is_no_answer_is_a_problem_with_a_name(
    make: Callable[..., OfficialPage], slug: str, problem: str, detail: str
):
    page = make(slug)
    assert read_pages(now=NOW) == 0
    page.refresh_from_db()
    assert (page.problem, page.failures, page.last_read_at, page.indicator) == (problem, 1, None, "")
    assert detail in page.problem_detail
    wait_s = (page.next_read_at - NOW).total_seconds()
    assert wait_s >= 600 if slug == "busy" else 100 < wait_s < 140


def test_a_page_in_utf_16_is_read(make: Callable[..., OfficialPage]):
    make("utf16")
    assert read_pages(now=NOW) == 1
    assert OfficialIncident.objects.filter(external_id="inc2").exists()


def test_a_page_that_hangs_keeps_no_other_waiting(
    make: Callable[..., OfficialPage], monkeypatch: pytest.MonkeyPatch
):
    kept: list[str] = []
    other_is_kept = threading.Event()
    keep = polling._keep

    def watched(page: OfficialPage, *given: Any) -> bool:
        kept.append(page.provider.slug)
        told = keep(page, *given)
        other_is_kept.set()
        return told

    monkeypatch.setattr(polling, "TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(polling, "PAGE_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(polling, "_keep", watched)
    monkeypatch.setitem(ANSWERS, "hangs", lambda handler: other_is_kept.wait(2 * PATIENCE_S))
    make("hangs")
    make("good")
    assert read_pages(now=NOW) == 1
    assert kept == ["good", "hangs"]


def test_a_page_that_says_nothing_is_given_up(
    make: Callable[..., OfficialPage], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(polling, "TIMEOUT_S", 0.5)
    page = make("silent")
    assert read_pages(now=NOW) == 0
    page.refresh_from_db()
    assert (page.problem, page.failures) == ("unreachable", 1)
    assert later(2) - timedelta(seconds=20) < page.next_read_at


def test_what_people_name_must_be_public(make: Callable[..., OfficialPage], settings: LazySettings):
    page = make("good")
    settings.FETCH_ALLOWED_NETWORKS = ()
    assert read_pages(now=NOW) == 0
    page.refresh_from_db()
    assert page.problem == "forbidden"


@pytest.mark.parametrize(("simulated", "told"), [(True, 1), (False, 0)])
def test_the_simulators_pages_are_where_the_operator_says_for_simulated_providers_only(
    server: Exporter,
    make: Callable[..., OfficialPage],
    settings: LazySettings,
    simulated: bool,
    told: int,
):
    settings.FETCH_ALLOWED_NETWORKS = ()
    settings.SIMULATOR_URL = f"http://127.0.0.1:{server.server_port}"
    page = make("quillmarsh", status_page_url="simulator:/good", simulated=simulated)
    assert read_pages(now=NOW) == told
    page.refresh_from_db()
    assert page.problem == ("" if simulated else "forbidden")


@pytest.mark.parametrize(("setting", "read"), [("all", {"a", "b"}), ("simulated", {"a"}), ("none", set())])
def test_operators_say_whose_pages_are_read(
    make: Callable[..., OfficialPage], settings: LazySettings, setting: str, read: set[str]
):
    settings.OFFICIAL_PAGES = setting
    make("a", simulated=True)
    make("b")
    make("c", status_page_kind="html")
    assert {page.provider.slug for page in polling._due(NOW)} == read


def test_what_nobody_thought_of_is_one_page_s_problem(
    make: Callable[..., OfficialPage], monkeypatch: pytest.MonkeyPatch
):
    """What fell over while it was kept, or before it was asked, was in the log only: its old word stood."""
    good, odd, broken = make("good"), make("utf16"), make("html")
    OfficialPage.objects.filter(pk=broken.pk).update(etags={"summary": "of a former release"})
    keep = snapshots.keep_snapshots

    def stumble(page: OfficialPage, *rest: Any) -> Any:
        if page.pk == odd.pk:
            raise ZeroDivisionError
        return keep(page, *rest)

    monkeypatch.setattr(official, "keep_snapshots", stumble)
    assert read_pages(now=NOW) == 1
    rows = {page.pk: page for page in OfficialPage.objects.all()}
    assert [rows[page.pk].problem for page in (good, odd, broken)] == ["", "unreadable", "unreadable"]
    assert rows[odd.pk].problem_detail == "ZeroDivisionError; the log says more"


def test_two_workers_do_not_ask_the_same_page(make: Callable[..., OfficialPage]):
    make("good")
    (one,), (other,) = polling._due(NOW), polling._due(NOW)
    assert polling._claim(one, NOW)
    assert not polling._claim(other, NOW)
    assert polling._due(NOW + polling.CLAIM) != []  # a worker that died leaves it for then
