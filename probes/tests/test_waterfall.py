"""An attempt as text."""

import pytest

from probes.attempts import Attempt
from probes.waterfall import BAR_CHARS, bar, exit_status, facts, steps_of, summary, waterfall


def attempt(outcome: str = "ok", **fields) -> Attempt:
    values = {"target_id": 1, "endpoint": "a--b", "region": "seoul", "tier": "B", "worker": "w"}
    return Attempt(**{**values, "due_at": 0.0, "started_at": 0.0, "outcome": outcome, **fields})


WHOLE = attempt(
    dns_ms=10.0, connect_ms=20.0, tls_ms=30.0, sent_ms=60.5, first_byte_ms=100.0,
    first_token_ms=200.0, first_answer_ms=200.0, last_token_ms=300.0, total_ms=320.0,
)  # fmt: skip


def test_each_step_begins_where_the_one_before_ended():
    assert steps_of(WHOLE) == [
        ("DNS", 0.0, 10.0),
        ("TCP connect", 10.0, 30.0),
        ("TLS handshake", 30.0, 60.0),
        ("request sent", 60.0, 60.5),
        ("headers", 60.5, 100.0),
        ("keep-alive", None, None),
        ("first token", 100.0, 200.0),
        ("first answer token", 200.0, 200.0),
        ("last token", 200.0, 300.0),
        ("end", 300.0, 320.0),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "drawn"),
    [
        (0, 100, "▏" + "█" * BAR_CHARS),
        (50, 100, "▏" + " " * (BAR_CHARS // 2) + "█" * (BAR_CHARS // 2)),
        (0, 0, "▏"),
        (0, 0.001, "▏▏"),
        (0, 100 / BAR_CHARS * 1.5, "▏█▌"),
    ],
)
def test_a_bar_is_as_long_as_its_share(begin, end, drawn):
    assert bar(begin, end, 100) == drawn


def test_nothing_happened_and_nothing_breaks():
    assert waterfall(attempt("auth"))[1] == "  DNS                            —           —  ▏"
    assert any("charged to: ours" in line for line in facts(attempt("auth")))


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        (["ok", "ok"], 0),
        (["ok", "timeout"], 1),
        (["auth", "timeout"], 1),
        (["ok", "auth"], 3),
        (["lagged"], 3),
        (["capacity_throttle"], 3),
    ],
)
def test_the_exit_status_for_scripts(outcomes, status):
    assert exit_status(attempt(outcome) for outcome in outcomes) == status


def test_the_summary_is_of_those_that_went_well():
    attempts = [attempt(first_token_ms=t, total_ms=t + 100) for t in (100.0, 300.0, 200.0)]
    attempts.append(attempt("timeout", total_ms=7000.0))
    assert summary(attempts) == [
        "ok 3/4",
        "  TTFT    p50 200.0 ms  min 100.0 ms  max 300.0 ms",
        "  total   p50 300.0 ms  min 200.0 ms  max 400.0 ms",
    ]
    assert summary([attempt("auth")]) == ["ok 0/1"]
