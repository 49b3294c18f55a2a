"""Tokens per second of a stream."""

import pytest

from probes.protocols.speed import tokens_per_s


@pytest.mark.parametrize(
    ("output", "reasoning", "streamed", "first_ms", "last_ms", "speed"),
    [
        (101, None, False, 500.0, 1500.0, 100.0),
        (2, None, False, 100.0, 200.0, 10.0),
        (1, None, False, 100.0, 200.0, None),
        (0, None, False, 100.0, 200.0, None),
        (50, None, False, 100.0, 100.0, None),
        (50, None, False, 200.0, 100.0, None),
        (101, 50, True, 0.0, 1000.0, 100.0),
        (101, 50, False, 0.0, 1000.0, 50.0),
        (52, 50, False, 0.0, 1000.0, 1.0),
        (51, 50, False, 0.0, 1000.0, None),
        (50, 60, False, 0.0, 1000.0, None),
        (None, None, False, 0.0, 1000.0, None),
        (50, None, False, None, 1000.0, None),
        (50, None, False, 0.0, None, None),
    ],
)
def test_the_speed_of_a_stream(output, reasoning, streamed, first_ms, last_ms, speed):
    assert tokens_per_s(output, reasoning, streamed, first_ms, last_ms) == speed
