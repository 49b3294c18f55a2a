"""Whose network failed: pure cases on both sides of every threshold."""

from datetime import timedelta

import pytest

from probes.reachability import Sighting, offline_since
from probes.tests.factories import NOW


def seen(region: str, *outcomes: str, at: float = 0) -> list[Sighting]:
    """One sighting of each provider, 1 and up, in turn."""
    moment = NOW + timedelta(seconds=at)
    return [Sighting(region, n, outcome, moment) for n, outcome in enumerate(outcomes, start=1)]


@pytest.mark.parametrize(
    ("here", "elsewhere", "offline"),
    [
        (["timeout", "dns_error", "connect_error", "ok", "ok"], ["ok"] * 5, True),
        (["timeout", "timeout", "ok", "ok", "ok"], ["ok"] * 5, False),
        (["timeout", "timeout", "timeout", "ok", "ok", "ok"], ["ok"] * 6, False),
        (["timeout", "timeout"], ["ok", "ok"], False),
        (["timeout", "timeout", "timeout"], ["timeout", "timeout", "timeout"], False),
        (["timeout"] * 5, ["timeout", "timeout", "ok", "http_5xx", "ok"], True),
        (["http_5xx"] * 5, ["ok"] * 5, False),
        (["pop_offline"] * 3, ["ok"] * 3, True),
        (["timeout"] * 3, [], True),
        (["timeout", "timeout", "timeout", "lagged", "auth"], ["ok"] * 5, True),
    ],
)
def test_most_providers_unreachable_from_here_alone_is_the_pops_own_fault(here, elsewhere, offline):
    found = offline_since("seoul", seen("tokyo", *elsewhere) + seen("seoul", *here, at=1))
    assert (found is not None) is offline


def test_it_is_offline_since_the_first_of_the_failures_that_have_gone_on_since():
    sightings = (
        seen("tokyo", "ok", "ok", "ok")
        + seen("seoul", "timeout", "ok", "ok", at=1)
        + seen("seoul", "ok", "timeout", "timeout", at=10)
        + seen("seoul", "timeout", "timeout", "timeout", at=20)
    )
    assert offline_since("seoul", sightings) == NOW + timedelta(seconds=10)


def test_providers_that_answer_again_end_it():
    sightings = seen("tokyo", *["ok"] * 3) + seen("seoul", *["timeout"] * 3, at=1)
    assert offline_since("seoul", sightings + seen("seoul", "ok", "ok", at=2)) is None
