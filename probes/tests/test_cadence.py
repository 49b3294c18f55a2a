"""The cadence that a provider's money allows, written to its targets."""

from datetime import UTC, timedelta

import pytest

from probes.models import Pop, ProbeTarget, Pulse
from probes.pacing import CALM_STREAK, PAUSED
from probes.services import spending
from probes.tests.factories import NOW, make_endpoint, make_pop
from probes.tests.money import make_paid, make_price, make_real, spend

pytestmark = pytest.mark.django_db


def stretches() -> dict[str, int]:
    rows = ProbeTarget.objects.values_list("endpoint__slug", "tier", "stretch")
    return {f"{slug} {tier}": stretch for slug, tier, stretch in rows}


def test_the_cadence_follows_the_money_left():
    make_pop(real=True, keys=["REAL_API_KEY"])
    endpoint = make_real(tiers="ABC")
    make_price(endpoint, "20", "80")  # at most 0.00118 a probe; 720 until midnight: 0.85
    assert spending.pace(now=NOW) == 1
    assert stretches() == {"openreal--real-1 A": 1, "openreal--real-1 B": 1, "openreal--real-1 C": 3}
    spend(endpoint.provider, "0.70")
    assert spending.pace(now=NOW) == 2
    assert stretches() == {"openreal--real-1 A": 1, "openreal--real-1 B": 3, "openreal--real-1 C": PAUSED}
    assert spending.pace(now=NOW) == 0
    midnight = NOW + timedelta(hours=12)
    Pop.objects.update(last_seen_at=midnight)
    spending.pace(now=midnight)
    assert stretches() == {"openreal--real-1 A": 1, "openreal--real-1 B": 2, "openreal--real-1 C": PAUSED}


def test_what_a_target_really_costs_is_worth_more_than_what_it_may_cost():
    make_pop(real=True, keys=["REAL_API_KEY"])
    endpoint = make_real()
    make_price(endpoint)
    make_paid(endpoint, 4)  # 0.004 each, 2.88 until midnight at every moment
    spending.pace(now=NOW)
    assert stretches() == {"openreal--real-1 B": 3}


def test_a_failing_target_is_asked_at_every_moment_and_a_calm_one_half_as_often():
    make_pop(real=True, keys=["REAL_API_KEY"])
    calm, failing, new = (make_real(model=f"real-{n}") for n in range(3))
    for endpoint, ok, streak in ((calm, True, CALM_STREAK), (failing, False, -2)):
        make_price(endpoint)
        target = ProbeTarget.objects.get(endpoint=endpoint)
        Pulse.objects.create(target=target, region="seoul", ok=ok, streak=streak, started_at=NOW)
    make_price(new)
    spending.pace(now=NOW)
    assert stretches() == {"openreal--real-0 B": 2, "openreal--real-1 B": 1, "openreal--real-2 B": 1}


def test_calm_needs_every_region_that_measures():
    make_pop(real=True, keys=["REAL_API_KEY"])
    make_pop("tokyo", real=True, keys=["REAL_API_KEY"])
    endpoint = make_real()
    make_price(endpoint)
    target = ProbeTarget.objects.get()
    Pulse.objects.create(target=target, region="seoul", ok=True, streak=CALM_STREAK, started_at=NOW)
    spending.pace(now=NOW)
    assert stretches() == {"openreal--real-1 B": 1}
    Pulse.objects.create(target=target, region="tokyo", ok=True, streak=CALM_STREAK, started_at=NOW)
    spending.pace(now=NOW)
    assert stretches() == {"openreal--real-1 B": 2}


def test_the_simulated_fleet_is_asked_at_every_moment():
    make_pop()
    endpoint = make_endpoint()
    make_price(endpoint, "9000", "9000")
    ProbeTarget.objects.update(stretch=4)
    assert spending.pace(now=NOW) == 1
    assert stretches() == {"nimbus--nimbus-1 B": 1}


def test_while_no_worker_is_there_the_cadence_stays_as_it_is():
    endpoint = make_real()
    make_price(endpoint, "20", "80")
    ProbeTarget.objects.update(stretch=15)
    assert spending.pace(now=NOW) == 0
    assert stretches() == {"openreal--real-1 B": 15}
    make_pop(real=True, keys=["OTHER_API_KEY"])
    assert spending.pace(now=NOW) == 0


def test_pacing_takes_the_same_queries_for_few_and_for_many(django_assert_num_queries):
    make_pop(real=True, keys=["REAL_API_KEY"])
    for n in range(6):
        make_price(make_real(f"provider-{n}", f"model-{n}", tiers="ABCD"), "200", "800")
        ProbeTarget.objects.update(stretch=5)
        if n in (0, 5):
            with django_assert_num_queries(13):  # nine, and four to write
                assert spending.pace(now=NOW) == 4 * (n + 1)


def test_pacing_without_anything_to_pace_is_quiet():
    assert spending.pace(now=NOW.astimezone(UTC)) == 0
