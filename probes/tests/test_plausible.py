"""Rows that no POP of this version would send: each is refused alone, with the field and the value."""

from datetime import timedelta

import pytest

from probes.attempts import Attempt
from probes.plausible import implausible
from probes.tests.factories import NOW

GOOD = {
    "target_id": 1,
    "endpoint": "nimbus--nimbus-1",
    "region": "seoul",
    "tier": "B",
    "worker": "w",
    "due_at": NOW.timestamp(),
    "started_at": NOW.timestamp(),
    "outcome": "ok",
}


def told(**odd) -> str:
    refusal = implausible(Attempt.from_json({**GOOD, **odd}), now=NOW)
    return refusal.detail if refusal else ""


def test_what_an_engine_sends_is_plausible():
    assert told() == ""
    assert told(total_ms=1, input_tokens=0, answered_model="모델-1", rate_limits=[{"kind": "requests"}]) == ""


@pytest.mark.parametrize(
    "odd",
    [
        {"started_at": None},
        {"due_at": "now"},
        {"reported_cost_usd": "0.1"},
        {"rate_limits": ["x"]},
        {"rate_limits": None},
        {"rate_limits": [{}] * 33},
        {"chunks": None},
        {"attempt": None},
        {"attempt": 0},
        {"attempt": 11},
        {"http_status": 99},
        {"http_status": 1000},
        {"output_tokens": -1},
        {"output_tokens": 2**31},
        {"output_tokens": True},
        {"total_ms": float("nan")},
        {"total_ms": float("inf")},
        {"total_ms": -0.001},
        {"lag_ms": -1.0},
        {"tls_ms": 2_147_483.7},
        {"method_version": "m" * 21},
        {"worker": "w" * 81},
        {"lag_ms": 1e13},
        {"answered_model": "m\ud800"},
        {"fingerprint": "fp\0"},
        {"request_id": "r" * 121},
        {"outcome": "not_known_yet"},
        {"tier": "E"},
        {"reused": "yes"},
        {"started_at": (NOW + timedelta(seconds=61)).timestamp()},
        {"due_at": (NOW - timedelta(days=8)).timestamp()},
        {"due_at": 1e12},
    ],
    ids=str,
)
def test_what_cannot_be_true_is_named(odd):
    (name,) = odd
    assert name.replace("_", " ") in told(**odd).replace("_", " ")


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"due_at": 61.0}, "future"),
        ({"started_at": 61.0}, "future"),
        ({"due_at": -7 * 86_400 - 1.0}, "past"),
        ({"due_at": -901.0}, "future"),
        ({"started_at": -901.0}, "past"),
        ({"total_ms": -1.0}, "implausible"),
        ({"due_at": 60.0, "started_at": 60.0}, None),
        ({"due_at": -900.0}, None),
        ({"due_at": -3600.0, "outcome": "lagged"}, None),
        ({"lag_ms": 3_600_000.0}, None),
    ],
    ids=str,
)
def test_a_clock_that_is_off_is_told_from_a_value_that_cannot_be(odd, reason):
    moments = {n: NOW.timestamp() + v for n, v in odd.items() if n.endswith("_at")}
    refusal = implausible(Attempt.from_json({**GOOD, **odd, **moments}), now=NOW)
    assert (refusal.reason if refusal else None) == reason
