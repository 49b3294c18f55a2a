"""How crossings between operational and not are counted."""

from datetime import timedelta
from itertools import pairwise

import pytest

from status.rules import State
from status.rules.flapping import Change, crossings, is_restless
from status.tests.incidents_given import MINUTE, NOW

WORDS = {"+": State.OPERATIONAL, "~": State.DEGRADED, "-": State.OUTAGE, "?": State.UNKNOWN}


def changes(states: str) -> list[Change]:
    """ "+-" → one change, a minute ago; each one before it a minute earlier."""
    pairs = list(pairwise(states))
    return [
        Change(NOW - MINUTE * (len(pairs) - n), WORDS[before], WORDS[after])
        for n, (before, after) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("states", "minutes_ago"),
    [
        ("", []),
        ("+-", [1]),
        ("+~", [1]),
        ("+~-", [2]),
        ("+-+", [2, 1]),
        ("+~-~+", [4, 1]),
        ("+?-", [1]),
        ("+?+", []),
        ("-?-", []),
        ("-?~", []),
        ("?-", []),
        ("?-+", [1]),
        ("?+?-?+", [3, 1]),
    ],
)
def test_unknown_is_looked_through(states, minutes_ago):
    assert crossings(changes(states), NOW) == tuple(NOW - MINUTE * ago for ago in minutes_ago)


def test_only_the_last_half_hour_counts_but_what_was_before_is_known():
    old = [Change(NOW - 30 * MINUTE, State.OPERATIONAL, State.OUTAGE)]
    new = [Change(NOW - 29 * MINUTE, State.OUTAGE, State.OPERATIONAL)]
    assert crossings(old + new, NOW) == (new[0].at,)


@pytest.mark.parametrize(
    ("count", "flapping", "restless"),
    [(3, False, False), (4, False, True), (2, True, True), (1, True, False), (0, True, False)],
)
def test_four_crossings_begin_and_one_ends(count, flapping, restless):
    moments = [NOW - timedelta(minutes=n) for n in range(count)]
    assert is_restless(moments, NOW, flapping=flapping) is restless
