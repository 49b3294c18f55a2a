"""A provider is asked where its key is, once in five minutes, ever more rarely while it fails."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from catalog.models import CatalogChange, Provider, ProviderSync
from catalog.services import DueSync, SyncReport, TooSoon, claim_syncs, request_sync, take_listing
from catalog.signals import sync_wanted
from catalog.tests.factories import NOW, make_endpoint

pytestmark = pytest.mark.django_db

ODD_MOMENT = {"provider": "openai", "region": "seoul", "fetched_at": "soon"}
HELD = {"seoul": frozenset({"OPENAI_API_KEY"})}


def at(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def make_provider(slug: str = "openai", **overrides: Any) -> Provider:
    facts = {
        "name": slug,
        "protocol": "openai_chat",
        "base_url": "https://api.test/v1",
        "key_env": "OPENAI_API_KEY",
        "base_url_env": "OPENAI_BASE_URL",
    }
    provider, _created = Provider.objects.update_or_create(slug=slug, defaults=facts | overrides)
    return provider


def claim(minute: float = 0, held: dict[str, frozenset[str]] | None = None) -> list[DueSync]:
    return claim_syncs(held=HELD if held is None else held, now=at(minute))


def take(minute: float = 0, **told: Any) -> SyncReport | None:
    result = {"provider": "openai", "region": "seoul", "fetched_at": at(minute).timestamp()}
    listed = {"status": "listed", "models": [{"id": "gpt-4.1"}], "complete": True, "etag": '"v1"'}
    listed |= {"content_hash": "abc", "source_url": "https://api.test/v1/models", "error": ""}
    return take_listing(result | listed | told, now=at(minute))


def test_a_provider_is_asked_where_its_key_is() -> None:
    make_provider()
    [due] = claim()
    assert due == DueSync(
        provider="openai",
        region="seoul",
        protocol="openai_chat",
        base_url="https://api.test/v1",
        key_env="OPENAI_API_KEY",
        base_url_env="OPENAI_BASE_URL",
    )
    sync = ProviderSync.objects.get()
    assert (sync.last_tried_at, sync.region) == (NOW, "seoul")


@pytest.mark.parametrize(
    ("changes", "names", "asked"),
    [
        ({}, {"OTHER_API_KEY"}, False),
        ({}, set(), False),
        ({"simulated": True}, {"OPENAI_API_KEY"}, False),
        ({"protocol": ""}, {"OPENAI_API_KEY"}, False),
        ({"base_url": ""}, {"OPENAI_API_KEY"}, False),
        ({"key_env": "", "base_url_env": ""}, {""}, False),
        ({"key_env": ""}, {"OPENAI_BASE_URL"}, True),
        ({"key_env": ""}, {"OPENAI_API_KEY"}, False),
        ({"base_url": "https://${NAME}.test"}, {"OPENAI_API_KEY"}, False),
        ({"base_url": "https://${NAME}.test"}, {"OPENAI_API_KEY", "OPENAI_BASE_URL"}, True),
    ],
)
def test_only_who_can_be_asked_is(changes: dict[str, Any], names: set[str], asked: bool) -> None:
    make_provider(**changes)
    assert bool(claim(held={"seoul": frozenset(names)})) is asked


def test_the_curated_way_of_sending_the_key_travels_along() -> None:
    make_provider("azure", base_url="https://a.test")
    [due] = claim()
    assert due.options == {"auth": "api-key"}


def test_a_provider_is_asked_from_one_region_as_long_as_that_has_the_key() -> None:
    make_provider()
    both = HELD | {"frankfurt": HELD["seoul"]}
    assert [due.region for due in claim(0, both)] == ["frankfurt"]
    assert [due.region for due in claim(5, HELD)] == ["seoul"]
    assert [due.region for due in claim(10, both)] == ["seoul"]


def test_a_provider_is_asked_once_in_five_minutes_whoever_asks_and_however_early_the_tick() -> None:
    make_provider()
    assert [len(claim(minute)) for minute in (0, 0, 1, 4, 4.9, 5, 9.9)] == [1, 0, 0, 0, 1, 0, 1]


def test_a_good_list_is_noted_and_compared() -> None:
    make_endpoint()
    make_provider()
    claim()
    report = take(0.1, models=[{"id": "gpt-4.1", "lifecycle": "deprecated"}, {"id": "gpt-6"}])
    assert report is not None
    assert (report.models, report.proposed) == (2, 2)
    sync = ProviderSync.objects.get()
    assert (sync.model_count, sync.complete, sync.error, sync.failures) == (2, True, "", 0)
    assert (sync.last_ok_at, sync.etag, sync.content_hash) == (at(0.1), '"v1"', "abc")
    assert set(CatalogChange.objects.values_list("source_url", flat=True)) == {"https://api.test/v1/models"}


def test_a_known_list_is_asked_for_with_what_is_known_for_an_hour() -> None:
    make_endpoint()
    make_provider()
    claim()
    take(0.1)
    assert [(due.etag, due.content_hash) for due in claim(5)] == [('"v1"', "abc")]
    take(5.1, status="unchanged", models=[])
    assert [(due.etag, due.content_hash) for due in claim(61)] == [("", "")]


def test_a_list_is_wanted_whole_while_an_absence_is_confirmed() -> None:
    make_endpoint()
    make_provider()
    gone = {"models": [{"id": "gpt-6"}]}
    for minute, etag in ((0, ""), (5, ""), (10, ""), (15, '"v1"')):
        assert [due.etag for due in claim(minute)] == [etag]
        take(minute + 0.1, **gone)
    assert CatalogChange.objects.filter(kind="gone").count() == 1


def test_an_unchanged_list_says_once_more_what_it_said() -> None:
    make_provider()
    claim()
    take(0.1)
    report = take(5.1, status="unchanged", models=[])
    change = CatalogChange.objects.get()
    assert report == SyncReport(models=1, seen_again=1)
    assert (change.times_seen, change.last_seen_at, change.state) == (2, at(5.1), "proposed")
    assert ProviderSync.objects.get().last_ok_at == at(5.1)


def test_a_list_that_is_not_whole_is_noted_as_such() -> None:
    make_provider()
    partial: list[dict[str, Any]] = [{"complete": False}, {"models": [{"id": "m"}, {"name": "nameless"}]}]
    for minute, told in enumerate(partial):
        claim(minute * 5)
        take(minute * 5 + 1, **told)
        assert not ProviderSync.objects.get().complete
    assert [due.etag for due in claim(10)] == [""]


def test_an_empty_list_is_a_failure_and_no_list() -> None:
    make_endpoint()
    make_provider()
    for minute in (0, 1, 2, 3):
        claim(minute)
        assert take(minute + 0.1, models=[]) is None
    assert ProviderSync.objects.get().error == "the list is empty"
    assert not CatalogChange.objects.exists()


def test_failures_are_noted_and_asked_after_ever_more_rarely() -> None:
    make_provider()
    minute, waits = 0.0, []
    for _ in range(9):
        claim(minute)
        assert take(minute, status="failed", error="HTTP 500", models=[]) is None
        sync = ProviderSync.objects.get()
        assert sync.next_try_at is not None
        waits.append(round((sync.next_try_at - at(minute)) / dt.timedelta(minutes=1) + 1 / 3))
        minute = (sync.next_try_at - NOW) / dt.timedelta(minutes=1)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert (sync.error, sync.failures, sync.last_ok_at) == ("HTTP 500", 9, None)
    assert claim(minute - 0.1) == []
    claim(minute)
    take(minute + 0.1)
    sync.refresh_from_db()
    assert (sync.error, sync.failures) == ("", 0)
    assert len(claim(minute + 5)) == 1


def test_a_provider_that_says_when_is_not_asked_before() -> None:
    make_provider()
    claim()
    take(0, status="failed", error="HTTP 429", models=[], retry_after_s=1200)
    assert claim(19.9) == []
    assert len(claim(20)) == 1


def test_an_answer_delivered_twice_or_late_changes_nothing() -> None:
    make_provider()
    claim()
    take(1)
    before = (ProviderSync.objects.values().get(), CatalogChange.objects.values().get())
    assert take(1) is None
    assert take(0.5, status="failed", error="late") is None
    assert (ProviderSync.objects.values().get(), CatalogChange.objects.values().get()) == before


def test_an_answer_from_a_clock_that_is_ahead_is_dated_now() -> None:
    make_provider()
    claim()
    take(0, fetched_at=at(600).timestamp())
    assert ProviderSync.objects.get().last_ok_at == NOW


def test_an_answer_about_nobody_is_passed_over() -> None:
    assert take(0) is None
    assert not ProviderSync.objects.exists()


def test_a_region_that_was_not_asked_is_not_believed() -> None:
    make_provider()
    claim()
    assert take(0.1, region="tokyo") is None
    assert ProviderSync.objects.get().last_ok_at is None
    assert not CatalogChange.objects.exists()


@pytest.mark.parametrize("odd", [{}, {"provider": "openai"}, ODD_MOMENT])
def test_what_is_no_answer_is_an_error(odd: dict[str, Any]) -> None:
    make_provider()
    with pytest.raises((KeyError, ValueError)):
        take_listing(odd, now=NOW)


def test_an_operator_has_the_whole_list_read_at_once(django_capture_on_commit_callbacks: Any) -> None:
    make_endpoint()
    provider, operator = make_provider(), User.objects.create_user("operator")
    claim()
    take(0.1)
    heard: list[Any] = []

    def listen(sender: Any, **more: Any) -> None:
        heard.append(sender)

    sync_wanted.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            request_sync(provider, by=operator, now=at(2))
        claim(2)
        with pytest.raises(TooSoon):
            request_sync(provider, by=operator, now=at(2.5))
    finally:
        sync_wanted.disconnect(listen)
    assert heard == [ProviderSync]
    assert LogEntry.objects.get().change_message == "sync asked for by hand"
    assert ProviderSync.objects.get().last_tried_at == at(2)


def test_what_an_operator_asks_for_is_not_answered_by_unchanged() -> None:
    provider = make_provider()
    claim()
    take(0.1)
    request_sync(provider, by=User.objects.create_user("operator"), now=at(2))
    assert [(due.etag, due.content_hash) for due in claim(2)] == [("", "")]
