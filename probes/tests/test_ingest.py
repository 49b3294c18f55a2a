"""Keeping results, on a real database."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.models import Endpoint
from probes.attempts import Attempt
from probes.models import DeadLetter, ProbeResult, Pulse
from probes.selectors import refused_rows
from probes.services.ingest import read_attempts, store_attempts
from probes.signals import results_stored
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_series
from probes.timeseries import days

pytestmark = pytest.mark.django_db


def test_our_own_fault_changes_no_expectation():
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "+?"), now=NOW)
    assert Pulse.objects.get().ok is True


def test_attempts_delivered_twice_are_kept_once():
    endpoint = make_endpoint()
    attempts = make_series(endpoint, "+-+")
    store_attempts(attempts, now=NOW)
    store_attempts(attempts, now=NOW)
    assert ProbeResult.objects.count() == 3


def test_a_result_keeps_its_figures_and_whether_it_counts():
    endpoint = make_endpoint()
    at = NOW + timedelta(milliseconds=250)
    store_attempts([make_attempt(endpoint, at=at, lag_ms=3.5, answered_model="talk-1-0613")], now=NOW)
    store_attempts([make_attempt(endpoint, "quota", at=at + timedelta(seconds=1))], now=NOW)
    good, ours = ProbeResult.objects.order_by("started_at")
    assert (good.started_at, good.lag_ms, good.answered_model, good.counts) == (at, 3.5, "talk-1-0613", True)
    assert ours.counts is False


def test_results_of_an_endpoint_that_is_gone_are_left_out_without_harm_to_the_rest():
    endpoint = make_endpoint()
    stray = Attempt.from_json({**make_attempt(endpoint).to_json(), "endpoint": "gone--gone"})
    elsewhere = Attempt.from_json({**make_attempt(endpoint).to_json(), "region": "mars"})
    assert len(store_attempts([stray, elsewhere, make_attempt(endpoint)], now=NOW)) == 1
    assert ProbeResult.objects.get().endpoint == endpoint
    gone, mars = DeadLetter.objects.order_by("reason")
    assert (gone.region, gone.reason) == (
        "seoul",
        "1 unknown_endpoint: endpoint='gone--gone' is not known here",
    )
    assert (mars.region, mars.reason) == ("mars", "1 unknown_region: region='mars' is not known here")
    assert json.loads(gone.body) == [stray.to_json()]
    assert refused_rows() == [("seoul", "unknown_endpoint", 1), ("unknown", "unknown_region", 1)]


#: What a row must not bear, and what the databases say to it.
ODD = {
    "a count beyond every integer": {"output_tokens": 2**70},
    "a lone surrogate": {"answered_model": "m\ud800"},
    "an outcome of a newer worker": {"outcome": "not_known_yet"},
    "a moment that no calendar has": {"due_at": 1e12},
}
#: What SQLite stores all the same.
ODD_ON_SERVERS = {
    "a NUL": {"fingerprint": "fp\0"},
    "a text longer than its column": {"request_id": "r" * 121},
    "a count beyond its column": {"input_tokens": 2**31},
}


def batch_with(odd: dict[str, object]) -> list[Attempt]:
    """Three attempts of one endpoint, the one in the middle odd and planted with a key."""
    first, middle, last = make_series(make_endpoint(), "+++", request_id="sk-planted-secret-42")
    return [first, Attempt.from_json({**middle.to_json(), **odd}), last]


def keeps_the_rest(odd: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    attempts = batch_with(odd)
    assert store_attempts(attempts, now=NOW) == [attempts[0], attempts[2]]
    kept = ProbeResult.objects.order_by("started_at").values_list("started_at", flat=True)
    assert [at.timestamp() for at in kept] == [attempts[0].started_at, attempts[2].started_at]
    (record,) = caplog.records
    assert "results of worker 'test' in 'seoul' refused: 1 not_storable" in record.getMessage()
    assert "planted" not in caplog.text
    letter = DeadLetter.objects.get()
    assert (letter.region, letter.worker) == ("seoul", "test")
    assert len(json.loads(letter.body)) == 1
    assert refused_rows() == [("seoul", "not_storable", 1)]


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_a_row_that_cannot_be_stored_does_not_lose_the_batch(odd, caplog):
    keeps_the_rest(odd, caplog)


@pytest.mark.only_on("postgresql", "timescale")
@pytest.mark.parametrize("odd", ODD_ON_SERVERS.values(), ids=list(ODD_ON_SERVERS))
def test_a_row_that_its_columns_refuse_does_not_lose_the_batch(odd, caplog):
    keeps_the_rest(odd, caplog)


def test_what_a_column_cannot_hold_of_lateness_and_of_events_is_kept_as_the_most_it_can():
    attempt = make_attempt(make_endpoint(), "lagged", lag_ms=3_600_000.0, chunks=70_000, keep_alives=40_000)
    assert len(store_attempts([attempt], now=NOW)) == 1
    row = ProbeResult.objects.get()
    assert (row.lag_ms, row.chunks, row.keep_alives) == (2_147_483.647, 32_767, 32_767)


@pytest.mark.parametrize("places", [{0}, {6}, {0, 1, 5}, set(range(7))])
def test_poisoned_rows_are_found_wherever_they_stand(places):
    attempts = [
        replace(attempt, request_id=str(number), fingerprint="\ud800" if number in places else "")
        for number, attempt in enumerate(make_series(make_endpoint(), "+++++++"))
    ]
    kept = store_attempts(attempts, now=NOW)
    assert [int(attempt.request_id) for attempt in kept] == sorted(set(range(7)) - places)
    assert ProbeResult.objects.count() == 7 - len(places)
    (letter,) = DeadLetter.objects.all()
    assert {int(row["request_id"]) for row in json.loads(letter.body)} == places
    assert refused_rows() == [("seoul", "not_storable", len(places))]


def test_a_poisoned_row_does_not_take_the_place_of_what_is_there():
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint, "missed")], now=NOW)
    assert store_attempts([make_attempt(endpoint, fingerprint="\ud800")], now=NOW) == []
    assert ProbeResult.objects.get().outcome == "missed"


def test_the_same_poison_again_is_counted_and_keeps_one_letter():
    attempt = make_attempt(make_endpoint(), fingerprint="\ud800")
    for _ in range(3):
        store_attempts([attempt], now=NOW)
    assert DeadLetter.objects.get().repeats == 2
    assert refused_rows() == [("seoul", "not_storable", 3)]


def test_a_refused_row_changes_no_expectation():
    first, *_ = make_series(make_endpoint(), "-")
    odd = Attempt.from_json(
        {**first.to_json(), "outcome": "ok", "started_at": first.started_at + 1, "output_tokens": 2**70}
    )
    store_attempts([first, odd], now=NOW)
    assert Pulse.objects.get().streak == -1


def test_a_batch_that_comes_late_does_not_turn_back_the_expectation():
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint)], now=NOW)
    store_attempts([make_attempt(endpoint, "timeout", at=NOW - timedelta(seconds=60))], now=NOW)
    pulse = Pulse.objects.get()
    assert (pulse.streak, pulse.started_at) == (1, NOW)
    later = NOW + timedelta(seconds=60)
    store_attempts([make_attempt(endpoint, "timeout", at=later)], now=later)
    assert Pulse.objects.get().streak == -1


def test_news_is_announced_once_committed(django_capture_on_commit_callbacks):
    endpoint = make_endpoint()
    heard = []

    def listen(sender, pairs, **kwargs):
        heard.append(pairs)

    results_stored.connect(listen)
    try:
        with django_capture_on_commit_callbacks() as callbacks:
            store_attempts(make_series(endpoint, "++"), now=NOW)
        assert heard == []
        for callback in callbacks:
            callback()
        assert {(endpoint.pk, "seoul")} in heard
    finally:
        results_stored.disconnect(listen)


def test_a_region_speaks_only_for_itself():
    own = make_attempt(make_endpoint()).to_json()
    kept, refused = read_attempts(
        [own, {**own, "region": "tokyo"}, {"no": "attempt"}, 7], region="seoul", now=NOW
    )
    assert [attempt.region for attempt in kept] == ["seoul"]
    assert [row.refusal.reason for row in refused] == ["foreign_region", "malformed", "malformed"]
    assert "'tokyo'" in refused[0].refusal.detail


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_is_deleted_meanwhile_takes_nothing_with_it(monkeypatch):
    kept, gone = make_endpoint(), make_endpoint("cirrus", "cirrus-1")
    attempts = [make_attempt(kept), make_attempt(gone)]
    ensure = days.ensure

    def delete_then_ensure(wanted):
        Endpoint.objects.filter(pk=gone.pk).delete()
        ensure(wanted)

    monkeypatch.setattr(days, "ensure", delete_then_ensure)
    assert [attempt.endpoint for attempt in store_attempts(attempts, now=NOW)] == [kept.slug]
    assert ProbeResult.objects.get().endpoint_id == kept.pk
    assert refused_rows() == [("seoul", "unknown_endpoint", 1)]
