"""How often targets are asked for their provider's money: the rules of `probes.pacing`, one by one."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.pacing import PAUSED, SUSPICION_S, Need, decide, is_calm, is_suspicious, plan

DAY_S = 86_400.0


def make_need(target_id: int = 1, tier: str = "B", usd: float | None = 0.0001, **fields) -> Need:
    intervals = {"A": 30, "B": 60, "C": 7_200, "D": 86_400}
    facts = {"interval_s": intervals[tier], "regions": 6, **fields}
    return Need(target_id=target_id, tier=tier, usd=usd, **facts)


needs_of_a_provider = st.lists(
    st.builds(
        make_need,
        tier=st.sampled_from("ABCD"),
        usd=st.one_of(st.none(), st.just(0.0), st.floats(1e-7, 0.5)),
        regions=st.integers(0, 7),
        suspicious=st.booleans(),
        calm=st.booleans(),
        stretch=st.sampled_from([1, 2, 5, 15, PAUSED]),
    ),
    max_size=25,
).map(lambda needs: [replace(need, target_id=n) for n, need in enumerate(needs)])
money = st.floats(0, 50)
rest_of_the_day = st.floats(0, DAY_S)


def planned_usd(needs: list[Need], stretches: dict[int, int], seconds: float) -> float:
    """What is spent until midnight; what is suspicious is planned for the time of its suspicion only."""
    soon = min(SUSPICION_S, seconds)
    return sum(need.spend(soon if need.suspicious else seconds, stretches[need.target_id]) for need in needs)


@given(needs_of_a_provider, money, rest_of_the_day)
def test_what_is_planned_never_exceeds_the_money_left(needs, left_usd, seconds):
    stretches = decide(needs, left_usd=left_usd, seconds=seconds)
    assert stretches.keys() == {need.target_id for need in needs}
    assert planned_usd(needs, stretches, seconds) <= left_usd * (1 + 1e-9) + 1e-12


@given(needs_of_a_provider, money, money, rest_of_the_day)
def test_more_money_makes_no_target_slower(needs, one, other, seconds):
    poor, rich = (decide(needs, left_usd=usd, seconds=seconds) for usd in sorted((one, other)))
    assert all(rich[pk] <= poor[pk] for pk in poor)


@given(needs_of_a_provider, money, rest_of_the_day)
def test_who_is_asked_is_asked_often_enough_to_be_fresh(needs, left_usd, seconds):
    stretches = decide(needs, left_usd=left_usd, seconds=seconds)
    for need in needs:
        stretch = stretches[need.target_id]
        if not need.regions:
            assert stretch == need.stretch
            continue
        if need.free:
            assert stretch == 1
        if stretch != PAUSED and need.tier == "B":
            assert need.interval_s * stretch <= 900


@given(needs_of_a_provider, money, rest_of_the_day)
def test_a_plan_that_is_carried_out_is_planned_again(needs, left_usd, seconds):
    first = decide(needs, left_usd=left_usd, seconds=seconds)
    kept = [replace(need, stretch=first[need.target_id]) for need in needs]
    assert decide(kept, left_usd=left_usd, seconds=seconds) == first


@given(st.floats(0.001, 0.5), st.floats(0.05, 5))
def test_one_dear_target_leaves_the_others_their_share(dear_usd, left_usd):
    cheap = [make_need(n, usd=0.0000001) for n in range(9)]
    dear = make_need(9, usd=dear_usd)
    stretches = plan([*cheap, dear], left_usd=left_usd, seconds=DAY_S)
    assert [stretches[need.target_id] for need in cheap] == [1] * 9
    assert dear.spend(DAY_S, stretches[9]) <= left_usd


def test_a_dear_target_that_fails_leaves_half_of_the_money_to_the_others():
    dear = make_need(0, usd=0.1, suspicious=True)
    others = [make_need(n, usd=0.00001) for n in range(1, 5)]
    assert plan([dear, *others], left_usd=1.0, seconds=DAY_S) == {0: PAUSED, 1: 1, 2: 1, 3: 1, 4: 1}


def test_suspicion_is_followed_at_once_though_the_day_is_too_long_for_the_money():
    need = make_need(usd=0.001)  # 8.64 USD a day
    assert plan([need], left_usd=1.0, seconds=DAY_S) == {1: 9}
    assert plan([replace(need, suspicious=True)], left_usd=1.0, seconds=DAY_S) == {1: 1}


def test_free_targets_and_tier_a_are_asked_at_every_moment_without_any_money():
    needs = [make_need(1, "A", usd=1.0), make_need(2, usd=0.0, calm=True), make_need(3)]
    assert plan(needs, left_usd=0.0, seconds=DAY_S) == {1: 1, 2: 1, 3: PAUSED}


def test_an_unknown_price_is_in_no_sum_but_calm_saves_it_too():
    needs = [make_need(1, usd=None), make_need(2, usd=None, calm=True)]
    assert plan(needs, left_usd=0.5, seconds=DAY_S) == {1: 1, 2: 2}


def test_tier_b_is_served_before_c_and_d_before_both():
    needs = [make_need(1, "B", usd=0.0001), make_need(2, "C", usd=0.001), make_need(3, "D", usd=0.001)]
    full = {1: 0.864, 2: 0.072, 3: 0.006}
    assert {need.target_id: round(need.spend(DAY_S), 6) for need in needs} == full
    assert plan(needs, left_usd=0.95, seconds=DAY_S) == {1: 1, 2: 1, 3: 1}
    assert plan(needs, left_usd=0.91, seconds=DAY_S) == {1: 1, 2: 2, 3: 1}
    assert plan(needs, left_usd=0.88, seconds=DAY_S) == {1: 1, 2: PAUSED, 3: 1}
    assert plan(needs, left_usd=0.44, seconds=DAY_S) == {1: 2, 2: PAUSED, 3: 1}


def test_tier_b_is_asked_every_quarter_of_an_hour_or_not_at_all():
    need = make_need(usd=0.001)
    assert plan([need], left_usd=8.64 / 15, seconds=DAY_S) == {1: 15}
    assert plan([need], left_usd=8.63 / 15, seconds=DAY_S) == {1: PAUSED}
    slow = make_need(usd=0.001, interval_s=1200)
    assert plan([slow], left_usd=0.4, seconds=DAY_S) == {1: PAUSED}


def test_calm_targets_of_tier_b_are_asked_half_as_often_and_others_are_not():
    needs = [make_need(1, calm=True), make_need(2, "C", calm=True), make_need(3, calm=True, suspicious=True)]
    assert plan(needs, left_usd=99.0, seconds=DAY_S) == {1: 2, 2: 1, 3: 1}


def test_where_no_cap_binds_all_are_asked_at_every_moment():
    assert decide([make_need(calm=True, stretch=7)], left_usd=None, seconds=DAY_S) == {1: 1}


@pytest.mark.parametrize(("left_usd", "stretch"), [(0.8, 2), (0.863, 2), (0.864, 2), (0.95, 2), (0.97, 1)])
def test_speeding_up_waits_for_a_tenth_more_than_it_needs(left_usd, stretch):
    need = make_need(usd=0.0001, stretch=2)  # 0.864 USD a day
    assert decide([need], left_usd=left_usd, seconds=DAY_S) == {1: stretch}


@pytest.mark.parametrize("left_usd", [None, 0.0, 99.0])
@pytest.mark.parametrize("stretch", [1, 15, PAUSED])
def test_what_no_region_measures_keeps_its_stretch(left_usd, stretch):
    silent = make_need(regions=0, stretch=stretch)
    assert decide([silent], left_usd=left_usd, seconds=DAY_S) == {1: stretch}


def test_slowing_down_does_not_wait():
    assert decide([make_need(usd=0.0001)], left_usd=0.86, seconds=DAY_S) == {1: 2}


def test_stretches_do_not_flap_while_the_bill_follows_the_plan():
    need, left, seen = make_need(usd=0.0001), 0.5, []
    for minute in range(1_440):
        seconds = DAY_S - 60 * minute
        stretch = decide([need], left_usd=left, seconds=seconds)[1]
        seen.append(stretch)
        need = replace(need, stretch=stretch)
        left -= need.spend(60, stretch) * (1.02 if minute % 2 else 0.98)
    changes = sum(a != b for a, b in pairwise(seen))
    assert set(seen) <= {1, 2}
    assert changes <= 2
    assert -0.0005 < left < 0.1


def test_the_end_of_the_day_has_no_needs():
    assert decide([make_need()], left_usd=0.0001, seconds=0.0) == {1: 1}


def test_calm_means_thirty_right_answers_in_every_region_that_measures():
    assert is_calm([30, 41], 2)
    assert not is_calm([29, 41], 2)
    assert not is_calm([30], 2)
    assert not is_calm([], 0)


def test_suspicious_means_that_some_region_fails_or_just_did():
    assert not is_suspicious([(True, 1), (True, 100)])
    assert is_suspicious([(True, 100), (True, -1)])
    assert is_suspicious([(False, 2)])
    assert not is_suspicious([])
