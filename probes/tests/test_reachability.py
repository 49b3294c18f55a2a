"""Whose network failed: pure cases on both sides of every threshold."""

from datetime import datetime, timedelta

import pytest

from probes.reachability import Sighting, Span, looked_at, offline_since, offline_spans
from probes.tests.factories import NOW


def moment(at: float) -> datetime:
    return NOW + timedelta(seconds=at)


def seen(
    *outcomes: str, at: float = 0, region: str = "seoul", model: int = 1, first: int = 1, **facts: bool
) -> list[Sighting]:
    """One sighting of a model of each provider, `first` and up, in turn; "" = not looked at."""
    return [
        Sighting(region, provider, 100 * provider + model, outcome, moment(at), **facts)
        for provider, outcome in enumerate(outcomes, start=first)
        if outcome
    ]


def twice(*outcomes: str, at: float = 0, **facts) -> list[Sighting]:
    return seen(*outcomes, at=at - 1, **facts) + seen(*outcomes, at=at, **facts)


def elsewhere(*outcomes: str, at: float = 0, region: str = "tokyo") -> list[Sighting]:
    return seen(*outcomes, at=at, region=region)


@pytest.mark.parametrize(
    ("here", "there", "offline"),
    [
        (["timeout", "dns_error", "connect_error", "ok", "ok"], ["ok"] * 5, True),
        (["timeout", "timeout", "ok", "ok", "ok"], ["ok"] * 5, False),
        (["timeout", "timeout", "timeout", "ok", "ok", "ok"], ["ok"] * 6, False),
        (["timeout", "timeout"], ["ok", "ok"], False),
        (["timeout", "timeout", "timeout"], ["timeout", "timeout", "timeout"], False),
        (["timeout"] * 5, ["timeout", "timeout", "ok", "http_5xx", "ok"], True),
        (["timeout"] * 5, ["timeout", "timeout", "timeout", "http_5xx", "ok"], False),
        (["http_5xx"] * 5, ["ok"] * 5, False),
        (["pop_offline"] * 3, ["ok"] * 3, True),
        (["timeout"] * 3, [], True),
        (["timeout", "timeout", "timeout", "lagged", "auth"], ["ok"] * 5, True),
        # Providers that nobody else looked at count as down from here …
        (["timeout"] * 3, ["", "", "", "ok"], True),
        (["timeout"] * 4, ["timeout", "", "", ""], True),
        # … and one that others cannot reach either does not, whoever has not looked at the rest.
        (["timeout"] * 3, ["timeout", "", ""], False),
        (["timeout"] * 4 + ["ok", "ok"], ["timeout", "", "", ""], False),
    ],
)
def test_most_providers_unreachable_from_here_alone_is_the_pops_own_fault(here, there, offline):
    found = offline_since(twice(*here, at=2), elsewhere(*there), at=moment(2))
    assert (found is not None) is offline


def test_one_failure_of_each_provider_is_no_broken_network_yet():
    once = seen(*["timeout"] * 4)
    assert offline_since(once, [], at=moment(1)) is None
    assert offline_since(once + seen(*["timeout"] * 4, at=1), [], at=moment(1)) == NOW
    assert offline_since(once + seen(*["timeout"] * 4, at=1, model=2), [], at=moment(1)) == NOW


def test_slow_models_beside_others_that_answer_do_not_take_a_provider_down():
    answering = seen(*["ok"] * 4, model=1)
    slow = [one for at in (7, 15, 24) for one in seen(*["timeout"] * 4, at=at, model=2)]
    assert offline_since(answering + slow, [], at=moment(24)) is None
    both = answering + slow + seen(*["timeout"] * 4, at=25, model=1)
    assert offline_since(both, [], at=moment(25)) == moment(7)


def test_who_sent_a_byte_was_reached():
    assert offline_since(twice(*["timeout"] * 4, got_bytes=True), [], at=NOW) is None
    assert offline_since(twice(*["timeout"] * 4, got_bytes=False), [], at=NOW) is not None
    # A connection that was reset is another matter: it was never up.
    assert offline_since(twice(*["connect_error"] * 4, got_bytes=True), [], at=NOW) is not None


def test_to_go_on_being_offline_one_failure_of_each_provider_is_enough():
    assert offline_since(seen(*["timeout"] * 3), [], at=NOW) is None
    assert offline_since(seen(*["timeout"] * 3), [], at=NOW, going_on=True) == NOW
    assert offline_since(seen("timeout", "timeout", "ok"), [], at=NOW, going_on=True) is None


def test_it_is_offline_since_the_first_of_the_failures_that_have_gone_on_since():
    own = (
        seen("timeout", "ok", "ok", at=1)
        + seen("ok", "timeout", "timeout", at=10)
        + seen("timeout", "timeout", "timeout", at=20)
        + seen("timeout", "timeout", "timeout", at=30)
    )
    assert offline_since(own, elsewhere("ok", "ok", "ok"), at=moment(30)) == moment(10)


def test_providers_that_answer_again_end_it():
    own = twice(*["timeout"] * 3) + seen("ok", "ok", at=2)
    assert offline_since(own, [], at=NOW) is not None
    assert offline_since(own, [], at=moment(2)) is None


def test_what_is_older_than_the_compared_time_is_forgotten():
    own = twice(*["timeout"] * 3)
    assert offline_since(own, [], at=moment(88)) is not None
    assert offline_since(own, [], at=moment(90)) is None


def test_simulated_providers_that_answer_do_not_hide_a_broken_network():
    real = twice(*["timeout"] * 3)
    simulated = seen(*["ok"] * 40, first=50, simulated=True)
    assert offline_since(real + simulated, [], at=NOW) is not None
    assert offline_since(twice(*["timeout"] * 2) + simulated, [], at=NOW) is None
    played = twice(*["timeout"] * 3, simulated=True)
    assert offline_since(played + seen(*["ok"] * 9, first=50), [], at=NOW) is not None


def test_others_are_heard_about_the_time_of_the_failures():
    own = twice(*["timeout"] * 3, at=10)
    before, after, later = elsewhere(*["ok"] * 3), elsewhere(*["timeout"] * 3, at=30), elsewhere("ok", at=60)
    assert offline_since(own, before, at=moment(10)) is not None
    assert offline_since(own, before + after, at=moment(10)) is None
    assert offline_since(own, before + after + later, at=moment(10)) is None
    during = elsewhere(*["ok"] * 3, at=9.5)
    assert offline_since(own, during + after, at=moment(10)) is not None


def test_the_past_is_judged_moment_by_moment():
    own = [
        one
        for at, outcome in ((0, "ok"), (60, "timeout"), (62, "timeout"), (120, "timeout"), (180, "ok"))
        for one in seen(*[outcome] * 3, at=at)
    ] + twice(*["timeout"] * 3, at=240)
    moments = looked_at(own, moment(0), moment(240))
    assert moments == [moment(at) for at in (0, 62, 120, 180, 239, 240)]
    assert offline_spans(own, [], moments) == [
        Span(moment(60), moment(180), over=True),
        Span(moment(239), moment(240), over=False),
    ]


def test_what_went_on_before_needs_no_new_proof():
    own = seen(*["timeout"] * 3, at=60) + seen(*["ok"] * 3, at=70) + seen(*["timeout"] * 3, at=80)
    moments = looked_at(own, moment(60), moment(80))
    assert offline_spans(own, [], moments) == []
    assert offline_spans(own, [], moments, going_on=True) == [Span(moment(60), moment(70), over=True)]
    again = seen(*["ok"] * 3, at=60) + seen(*["timeout"] * 3, at=70)
    assert offline_spans(again, [], looked_at(again, moment(60), moment(70)), going_on=True) == []


def test_a_span_begins_with_the_failure_that_only_later_proved_something():
    own = seen("timeout") + twice("", *["timeout"] * 3, at=11) + seen("timeout", at=30)
    assert offline_spans(own, [], [moment(11), moment(30)]) == [Span(NOW, moment(30), over=False)]
