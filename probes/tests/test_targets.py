"""Which tiers an endpoint is asked in."""

import pytest

from probes.models import ProbeTarget
from probes.services.targets import sync_targets
from probes.tests.factories import make_endpoint

pytestmark = pytest.mark.django_db


def make_watched(**fields):
    """A watched endpoint as the catalogue leaves it: its targets are still to be given."""
    endpoint = make_endpoint(**fields)
    endpoint.targets.all().delete()
    return endpoint


def tiers_of(endpoint):
    sync_targets()
    return "".join(endpoint.targets.order_by("tier").values_list("tier", flat=True))


@pytest.mark.parametrize(
    ("functions", "tiers"),
    [(["chat"], "ABCD"), (["code"], "ABCD"), (["embedding"], "AB"), (["image"], "A"), (["audio"], "A")],
)
def test_an_endpoint_is_asked_in_the_tiers_that_its_functions_bear(functions, tiers):
    assert tiers_of(make_watched(functions=functions)) == tiers


def test_one_endpoint_stands_for_the_reachability_of_an_address():
    first = make_watched(model="talk-1")
    second = make_watched(model="talk-2")
    elsewhere = make_watched(provider="stratus", model="talk-3")
    picture = make_watched(model="paint-1", functions=["image"])
    assert [tiers_of(e) for e in (first, second, elsewhere, picture)] == ["BCD", "BCD", "ABCD", "A"]


@pytest.mark.parametrize(
    ("tier", "simulated", "reasoning", "interval_s", "timeout_s"),
    [
        ("A", True, False, 30, 5),
        ("B", True, True, 60, 30),
        ("B", False, False, 60, 7),
        ("B", False, True, 180, 30),
        ("C", True, False, 3_600, 60),
        ("C", False, False, 7_200, 60),
        ("D", False, True, 86_400, 30),
    ],
)
def test_each_tier_has_its_cadence_and_time_limit(tier, simulated, reasoning, interval_s, timeout_s):
    endpoint = make_watched(reasoning=reasoning, simulated=simulated)
    sync_targets()
    target = endpoint.targets.get(tier=tier)
    assert (target.interval_s, target.timeout_s) == (interval_s, timeout_s)


def test_syncing_again_adds_nothing_and_keeps_what_an_operator_set():
    endpoint = make_watched()
    sync_targets()
    ProbeTarget.objects.filter(endpoint=endpoint, tier="B").update(interval_s=300)
    assert sync_targets() == 0
    assert endpoint.targets.get(tier="B").interval_s == 300
