"""The money of one tick, and what a model without a stated price may spend of it."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from catalog.models import Endpoint
from probes.caps import ATTEMPTS, standings
from probes.costs import price_list
from probes.models import ProbeBudget, ProbeTarget
from probes.selectors import board_targets
from probes.services import spending
from probes.services.ingest import store_attempts
from probes.services.targets import CONFIRMED_TIERS
from probes.tests.factories import NOW, make_attempt, make_due, make_endpoint, make_pop
from probes.tests.money import make_price, make_real, spend

pytestmark = pytest.mark.django_db


def target_of(endpoint: Endpoint, tier: str = "B") -> ProbeTarget:
    found = ProbeTarget.objects.select_related("endpoint__model")
    return found.get(endpoint=endpoint, tier=tier)


def granted(targets: Iterable[ProbeTarget], till: spending.Till | None = None) -> int:
    till = till or spending.till(now=NOW)
    return sum(till.take(target) for target in targets)


def set_cap(endpoint: Endpoint, usd: str) -> None:
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal(usd))


# --- what is taken ------------------------------------------------------------------------------


def test_what_is_missed_in_all_regions_takes_no_more_than_is_left():
    endpoint = make_real(tiers="C")
    make_price(endpoint, "0", "100")  # 500 out: 0.05 USD
    spend(endpoint.provider, "0.88")
    till = spending.till(now=NOW)
    assert granted([target_of(endpoint, "C")] * 6, till) == 2
    assert not till.take(target_of(endpoint, "C"))


def test_a_probe_that_may_be_confirmed_needs_the_money_of_three():
    endpoint = make_real(tiers="BD")
    make_price(endpoint, "0", "1000")  # tier B: 8 out, 0.008 USD; D: 24 out, 0.024 USD
    set_cap(endpoint, "0.05")
    light, canary = target_of(endpoint), target_of(endpoint, "D")
    till = spending.till(now=NOW)
    assert [till.take(light), till.take(light), till.take(light), till.take(canary)] == [
        True,
        True,
        False,
        False,
    ]
    assert granted([canary] * 3) == 2


def test_the_tiers_that_are_reckoned_thrice_are_those_that_are_confirmed():
    assert {tier for tier, attempts in ATTEMPTS.items() if attempts == 3} == CONFIRMED_TIERS - {"A"}
    assert {*ATTEMPTS, "A"} == set("ABCD")


def test_what_is_on_its_way_is_taken_already():
    endpoint = make_real()
    make_price(endpoint, "0", "1000")  # 0.024 USD with its confirmations
    set_cap(endpoint, "0.06")
    target = target_of(endpoint)
    assert granted([target] * 3) == 2
    make_due(endpoint)
    assert granted([target] * 3) == 1


def test_asking_whether_it_can_be_paid_takes_nothing():
    endpoint = make_real()
    make_price(endpoint, "0", "1000")
    set_cap(endpoint, "0.03")
    target, till = target_of(endpoint), spending.till(now=NOW)
    assert [till.affords(target), till.affords(target), till.take(target), till.affords(target)] == [
        *(True, True, True, False)
    ]


def test_tier_a_and_what_is_free_are_always_asked_and_nothing_else_at_a_cap_of_nothing(settings):
    settings.PROBE_BUDGET_USD_PER_DAY = Decimal(0)
    paid, free, unknown = make_real(tiers="AB"), make_real("free", "free-1"), make_real("other", "other-1")
    make_price(paid)
    make_price(free, "0", "0")
    taken = {(t.endpoint.provider.slug, t.tier): granted([t]) for t in board_targets()}
    assert taken == {("openreal", "A"): 1, ("openreal", "B"): 0, ("free", "B"): 1, ("other", "B"): 0}
    assert unknown.provider_id in spending.exhausted(now=NOW)


def test_one_provider_does_not_spend_anothers_money():
    one, other = make_real(), make_real("other", "other-1")
    for endpoint in (one, other):
        make_price(endpoint, "0", "1000")
        set_cap(endpoint, "0.03")
    till = spending.till(now=NOW)
    assert [till.take(target_of(e)) for e in (one, one, other)] == [True, False, True]


def test_invented_prices_are_paid_from_no_cap_but_one_of_their_own():
    endpoint = make_endpoint()
    make_price(endpoint, "9000", "900000")
    assert granted([target_of(endpoint)] * 9) == 9
    set_cap(endpoint, "1")
    assert granted([target_of(endpoint)]) == 0


def test_a_tick_takes_three_queries_and_none_where_nothing_costs_money(django_assert_num_queries):
    for n in range(5):
        make_price(make_real(f"provider-{n}", f"model-{n}", tiers="ABCD"), "0.1", "0.1")
    targets = board_targets()
    with django_assert_num_queries(0):
        assert granted([t for t in targets if t.tier == "A"]) == 5
    with django_assert_num_queries(3):
        assert granted(targets) == 20


# --- no stated price ----------------------------------------------------------------------------


def test_a_model_without_a_price_is_reckoned_at_its_providers_dearest():
    priced, dear, unpriced = (make_real(model=f"real-{n}") for n in range(3))
    make_price(priced, "0", "1")
    make_price(dear, "0", "1000")  # 0.024 USD with its confirmations
    make_price(make_real("other", "other-1"), "0", "9000")
    make_price(make_endpoint(), "0", "90000")
    set_cap(unpriced, "0.05")
    assert granted([target_of(unpriced)] * 3) == 2


def test_where_a_provider_states_no_price_the_dearest_of_all_that_is_watched_counts():
    unpriced, free = make_real(), make_real(model="real-2")
    make_price(free, "0", "0")
    make_price(make_real("other", "other-1"), "0", "1000")
    make_price(make_real("third", "third-1", watched=False), "0", "9000")
    make_price(make_endpoint(), "0", "90000")
    set_cap(unpriced, "0.05")
    assert granted([target_of(unpriced)] * 3) == 2


def test_unpriced_attempts_use_the_cap_up_but_enter_no_sum():
    unpriced = make_real(tiers="B")
    make_price(make_real("other", "other-1"), "0", "1000")  # 0.008 USD an attempt
    line = spend(unpriced.provider, "0", unpriced=124)
    assert unpriced.provider_id not in spending.exhausted(now=NOW)
    line.unpriced += 1
    line.save()
    assert unpriced.provider_id in spending.exhausted(now=NOW)
    (found,) = [s for s in standings(price_list(), now=NOW) if s.provider_id == unpriced.provider_id]
    assert (found.spent_usd, found.reckoned_usd) == (Decimal(0), Decimal(1))


def test_a_reasoning_model_without_a_price_is_reckoned_with_its_longer_answer():
    thinking = make_real(reasoning=True)
    make_price(make_real("other", "other-1"), "0", "1000")  # 64 out: 0.064 USD an attempt
    spend(thinking.provider, "0", unpriced=15)
    (found,) = [s for s in standings(price_list(), now=NOW) if s.provider_id == thinking.provider_id]
    assert found.reckoned_usd == Decimal("0.96")
    spend(thinking.provider, "0", unpriced=15, tier="C")  # 500 out
    (found,) = [s for s in standings(price_list(), now=NOW) if s.provider_id == thinking.provider_id]
    assert found.reckoned_usd == Decimal("0.96") + Decimal("7.5")


def test_orders_of_an_unpriced_model_are_on_their_way_at_the_dearest_price():
    unpriced = make_real()
    make_price(make_real("other", "other-1"), "0", "1000")
    set_cap(unpriced, "0.07")
    make_due(unpriced)
    make_due(unpriced, region="tokyo")
    assert granted([target_of(unpriced)]) == 0


def test_the_cadence_of_an_unpriced_provider_is_planned_for_its_cap():
    make_pop(real=True, keys=["REAL_API_KEY"])
    unpriced = make_real()
    make_price(make_real("other", "other-1"), "0", "1000")
    assert spending.pace(now=NOW) == 2
    assert ProbeTarget.objects.get(endpoint=unpriced).stretch == 6  # 720 × 0.008 USD until midnight
    store_attempts([make_attempt(unpriced, input_tokens=10**8, output_tokens=10**8)], now=NOW)
    assert unpriced.provider.ledger.get().cost_usd == 0
