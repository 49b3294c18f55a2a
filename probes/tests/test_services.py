"""Sending probes out and keeping results, on a real database."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.cache import cache

from probes import schedule
from probes.attempts import Attempt
from probes.models import ProbeResult, ProbeTarget, Pulse
from probes.services import due_batches, register_pop, store_attempts, suspicion_batches, sync_targets
from probes.signals import results_stored
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop, make_series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_suspicion():
    cache.clear()


def test_a_text_endpoint_is_asked_in_tier_b_and_an_image_endpoint_in_tier_a():
    chat = make_endpoint(model="talk-1")
    image = make_endpoint(model="paint-1", functions=["image"])
    tiers = dict(ProbeTarget.objects.values_list("endpoint__slug", "tier"))
    assert tiers == {chat.slug: "B", image.slug: "A"}


def test_a_reasoning_model_is_asked_rarely_and_given_time():
    endpoint = make_endpoint(model="think-1", reasoning=True, simulated=False)
    target = ProbeTarget.objects.get(endpoint=endpoint)
    assert (target.interval_s, target.timeout_s) == (180, 30.0)


def test_syncing_again_adds_nothing_and_keeps_what_an_operator_set():
    endpoint = make_endpoint()
    ProbeTarget.objects.filter(endpoint=endpoint).update(interval_s=300)
    assert sync_targets() == 0
    assert ProbeTarget.objects.get(endpoint=endpoint).interval_s == 300


def test_a_region_that_begins_asks_everything_within_the_first_round():
    endpoint = make_endpoint()
    make_pop()
    (spec,) = due_batches(now=NOW)["seoul"]
    assert spec.endpoint == endpoint.slug
    assert 0 <= spec.due_at - NOW.timestamp() < schedule.FIRST_ROUND_S


def test_every_due_moment_is_handed_out_once():
    make_endpoint()
    make_pop()
    due = []
    for tick in range(0, 185, 5):
        now = NOW + timedelta(seconds=tick)
        register_pop(region="seoul", worker="seoul-1", real=False, keys=[], now=now)
        due += [spec.due_at for spec in due_batches(now=now).get("seoul", [])]
        assert due_batches(now=now) == {}
    regular = due[1:] if due[1] - due[0] != 60 else due
    assert [round(b - a) for a, b in pairwise(regular)] == [60] * (len(regular) - 1)
    assert len(regular) >= 3


def test_a_region_without_a_worker_is_sent_nothing():
    make_endpoint()
    make_pop(now=NOW - timedelta(seconds=121))
    assert due_batches(now=NOW) == {}


def test_simulated_fleets_play_in_the_regions_and_never_on_this_machine():
    make_endpoint()
    make_pop("local", real=True)
    assert due_batches(now=NOW) == {}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("+", True),
        ("+-", True),
        ("+--", False),
        ("--+", False),
        ("--++", False),
        ("--+++", True),
        ("--+-+++", True),
    ],
)
def test_failures_in_a_row_are_expected_to_go_on_until_three_right_answers_in_a_row(pattern, expected):
    endpoint = make_endpoint()
    make_pop()
    series = make_series(endpoint, pattern)
    store_attempts(series[:2], now=NOW)
    store_attempts(series[2:], now=NOW)
    store_attempts(series, now=NOW)  # delivered again
    (spec,) = due_batches(now=NOW)["seoul"]
    assert spec.expect_ok is expected


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
    assert store_attempts([stray, make_attempt(endpoint)], now=NOW) == 1
    assert ProbeResult.objects.get().endpoint == endpoint


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
    assert store_attempts(attempts, now=NOW) == 2
    kept = ProbeResult.objects.order_by("started_at").values_list("started_at", flat=True)
    assert [at.timestamp() for at in kept] == [attempts[0].started_at, attempts[2].started_at]
    (record,) = caplog.records
    assert "nimbus--nimbus-1 in seoul was refused" in record.getMessage()
    assert "planted" not in caplog.text


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_a_row_that_cannot_be_stored_does_not_lose_the_batch(odd, caplog):
    keeps_the_rest(odd, caplog)


@pytest.mark.only_on("postgresql", "timescale")
@pytest.mark.parametrize("odd", ODD_ON_SERVERS.values(), ids=list(ODD_ON_SERVERS))
def test_a_row_that_its_columns_refuse_does_not_lose_the_batch(odd, caplog):
    keeps_the_rest(odd, caplog)


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
        callbacks[0]()
        assert {(endpoint.pk, "seoul")} in heard
    finally:
        results_stored.disconnect(listen)


def test_a_confirmed_surprise_asks_everything_else_of_the_provider_at_once():
    failing, sibling = make_endpoint(), make_endpoint(model="nimbus-2")
    make_endpoint(provider="stratus", model="stratus-1")
    make_pop("seoul")
    make_pop("tokyo")
    confirmed = [make_attempt(failing, "timeout", attempt=3)]
    batches = suspicion_batches(confirmed, now=NOW)
    asked = {(spec.endpoint, spec.region) for specs in batches.values() for spec in specs}
    assert asked == {(failing.slug, "tokyo"), (sibling.slug, "seoul"), (sibling.slug, "tokyo")}
    assert suspicion_batches(confirmed, now=NOW) == {}


def test_an_end_of_an_outage_spreads_even_right_after_its_beginning():
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    make_pop()
    assert suspicion_batches([make_attempt(endpoint, "timeout", attempt=3)], now=NOW)
    assert suspicion_batches([make_attempt(endpoint, "ok", attempt=3)], now=NOW)


def test_a_single_failure_spreads_no_suspicion():
    endpoint = make_endpoint()
    make_endpoint(model="nimbus-2")
    make_pop()
    assert suspicion_batches([make_attempt(endpoint, "timeout", attempt=1)], now=NOW) == {}


def test_sending_out_costs_the_same_queries_whatever_the_fleet(django_assert_max_num_queries):
    make_pop()
    for number in range(15):
        make_endpoint(model=f"nimbus-{number}")
    with django_assert_max_num_queries(11):
        due_batches(now=NOW)
