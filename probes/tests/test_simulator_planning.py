"""The simulator's plans: repeatable, and as the scenario says."""

import json
from itertools import pairwise

import pytest

from probes.simulator.fleet import FLEET_FILE, load_fleet
from probes.simulator.planning import Plan, plan_request
from probes.simulator.profile import FAULTS
from probes.simulator.scenario import Scenario, ScenarioError, load_scenario, read_scenario

FLEET = load_fleet()
ENDPOINTS = [model.endpoint for models in FLEET.values() for model in models.values()]
REGIONS = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon", "local")


def plans(
    scenario: Scenario, seed: int, endpoint: str, count: int, region: str = "seoul", offset_s: float = 0
):
    return [plan_request(scenario, seed, endpoint, region, n, offset_s) for n in range(1, count + 1)]


def scenario_with(**document) -> Scenario:
    return read_scenario(document, "test.json", ENDPOINTS)


@pytest.fixture(scope="module")
def default() -> Scenario:
    return load_scenario("default", ENDPOINTS)


def whole_run(scenario: Scenario, seed: int) -> list[Plan]:
    return [
        plan_request(scenario, seed, endpoint, region, number, number * 30.0)
        for number in range(1, 31)
        for region in ("seoul", "frankfurt")
        for endpoint in ENDPOINTS
    ]


def test_two_runs_with_the_same_seed_are_the_same(default):
    outage = load_scenario("outage", ENDPOINTS)
    assert whole_run(default, 7) == whole_run(load_scenario("default", ENDPOINTS), 7)
    assert whole_run(outage, 7) == whole_run(outage, 7)


def test_another_seed_gives_another_run(default):
    assert whole_run(default, 7) != whole_run(default, 8)


def test_the_order_in_which_endpoints_are_asked_changes_nothing(default):
    asked = [(endpoint, number) for endpoint in ENDPOINTS for number in (1, 2, 3)]
    one = {key: plan_request(default, 1, key[0], "seoul", key[1], 0) for key in asked}
    other = {key: plan_request(default, 1, key[0], "seoul", key[1], 0) for key in reversed(asked)}
    assert one == other


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


SLOW = "tarnwater-cloud--tarn-open-60b"


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("endpoint", [slug for slug in ENDPOINTS if slug != SLOW])
def test_the_default_fleet_is_fast_enough_at_any_hour(default, endpoint, region):
    for hour in (0, 6, 12, 18):
        drawn = plans(default, 3, endpoint, 120, region, hour * 3600)
        totals = [plan.first_token_ms + plan.token_gap_ms * plan.reasoning_tokens for plan in drawn]
        assert 180 < sorted(totals)[60] < 1000
        assert p95(totals) < 1400


@pytest.mark.parametrize("region", REGIONS)
def test_one_endpoint_is_degraded_by_latency_everywhere(default, region):
    for hour in (0, 6, 12, 18):
        times = [plan.first_token_ms for plan in plans(default, 3, SLOW, 120, region, hour * 3600)]
        assert 1500 < p95(times) < 2900


def test_the_only_failures_of_the_default_scenario_are_single(default):
    for endpoint in ENDPOINTS:
        drawn = plans(default, 5, endpoint, 500)
        failed = [n for n, plan in enumerate(drawn) if plan.fault not in (None, "keep_alive")]
        assert len(failed) == (10 if endpoint == "cedarhollow--resin-translate" else 0)
        assert all(b - a >= 50 for a, b in pairwise(failed))


def test_regions_differ(default):
    near = sorted(plan.first_token_ms for plan in plans(default, 1, "aurora-labs--aurora-1", 99, "tokyo"))
    far = sorted(plan.first_token_ms for plan in plans(default, 1, "aurora-labs--aurora-1", 99, "frankfurt"))
    assert far[49] > near[49] * 1.2


def test_the_local_hour_changes_the_load(default):
    assert default.day_factor("seoul", 6 * 3600) == pytest.approx(1.12)  # 15 h in Seoul
    assert default.day_factor("seoul", 18 * 3600) == pytest.approx(0.88)  # 3 h


def test_an_outage_spreads_from_one_provider_to_the_next():
    scenario = load_scenario("outage", ENDPOINTS)

    def fault(endpoint: str, offset_s: float, region: str = "seoul") -> str | None:
        kind = plan_request(scenario, 1, endpoint, region, 1, offset_s).fault
        return None if kind == "keep_alive" else kind

    aurora, tarnwater = "aurora-labs--aurora-1", "tarnwater-cloud--aurora-1"
    assert [fault(aurora, at) for at in (59.9, 60, 89, 299.9, 300)] == [
        None,
        "http_503",
        "http_503",
        "http_503",
        None,
    ]
    assert [fault(tarnwater, at) for at in (60, 89.9, 90, 299.9, 300)] == [
        None,
        None,
        "http_503",
        "http_503",
        None,
    ]
    assert fault("quillmarsh--quill-small-2", 500, "frankfurt") == "hang"
    assert fault("quillmarsh--quill-small-2", 500, "seoul") is None


def test_a_listing_fails_in_an_outage_only():
    scenario = scenario_with(
        defaults={"faults": [{"kind": "http_500", "rate": 1}]},
        outages=[{"providers": ["aurora-labs"], "start_s": 10, "end_s": 20, "kind": "http_503"}],
    )
    listed = [plan_request(scenario, 1, "aurora-labs", "seoul", 1, at, listing=True).fault for at in (0, 15)]
    assert listed == [None, "http_503"]


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_can_be_asked_for(kind):
    scenario = scenario_with(defaults={"faults": [{"kind": kind, "rate": 1}]})
    assert plan_request(scenario, 1, ENDPOINTS[0], "seoul", 1, 0).fault == kind


def test_a_rate_is_met_about():
    scenario = scenario_with(defaults={"faults": [{"kind": "http_500", "rate": 0.2}]})
    failed = sum(plan.fault is not None for plan in plans(scenario, 1, ENDPOINTS[0], 1000))
    assert 160 < failed < 240


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"colour": 1}, "test.json.colour: unknown key"),
        ({"clock": {"start": "soon"}}, "test.json.clock.start: expected an ISO 8601 moment, got 'soon'"),
        ({"clock": {"speed": 0}}, "test.json.clock.speed"),
        ({"defaults": {"ttft_ms": {"median": "fast"}}}, "test.json.defaults.ttft_ms.median"),
        ({"defaults": {"ttft_ms": {"mean": 3}}}, "test.json.defaults.ttft_ms.mean: unknown key"),
        ({"defaults": {"headers_share": True}}, "test.json.defaults.headers_share"),
        ({"endpoints": {"nobody--x": {}}}, "test.json.endpoints.nobody--x: no such endpoint"),
        (
            {"endpoints": {"aurora-labs": {"faults": [{"kind": "fire"}]}}},
            "aurora-labs.faults[0].kind: expected one of",
        ),
        (
            {"defaults": {"faults": [{"kind": "hang", "rate": 2}]}},
            "faults[0].rate: expected a number from 0 to 1, got 2",
        ),
        (
            {"outages": [{"providers": ["nobody"], "start_s": 1}]},
            "outages[0].providers: unknown name 'nobody'",
        ),
        (
            {"outages": [{"start_s": 9, "end_s": 5, "kind": "reset"}]},
            "outages[0].end_s: expected a number from 9",
        ),
        ({"regions": {"seoul": {"multiplier": -1}}}, "regions.seoul.multiplier"),
        ({"defaults": {"flat_regions": 1}}, "test.json.defaults.flat_regions: expected true or false, got 1"),
        ({"defaults": {"swaps": [{"model": "x"}]}}, "defaults.swaps[0].at_s: expected a number"),
        ({"defaults": {"limits": {"enforced": "yes"}}}, "defaults.limits.enforced: expected true or false"),
        (
            {"defaults": {"lifecycle": {"state": "old"}}},
            "lifecycle.state: expected one of active, deprecated",
        ),
        ({"defaults": {"lifecycle": {"retires_at": "soon"}}}, "lifecycle.retires_at: expected an ISO 8601"),
        ({"defaults": {"usd_per_mtok": "cheap"}}, "defaults.usd_per_mtok: expected a number"),
        ([], "test.json: expected an object"),
    ],
)
def test_a_fault_in_a_scenario_is_named_with_its_place(document, place):
    with pytest.raises(ScenarioError) as error:
        read_scenario(document, "test.json", ENDPOINTS)
    assert place in str(error.value)


def test_a_scenario_that_is_missing_names_those_that_ship(tmp_path):
    with pytest.raises(ScenarioError, match="default, drills, outage"):
        load_scenario(str(tmp_path / "none.json"), ENDPOINTS)


def test_a_swap_holds_from_its_moment_on():
    scenario = scenario_with(
        defaults={
            "swaps": [{"at_s": 60, "model": "b"}, {"at_s": 30, "model": "a", "fingerprint": "fp_a"}],
        }
    )
    plans = [plan_request(scenario, 1, ENDPOINTS[0], "seoul", 1, at) for at in (0, 30, 59.9, 60)]
    assert [(plan.answers_as, plan.fingerprint) for plan in plans] == [
        ("", ""),
        ("a", "fp_a"),
        ("a", "fp_a"),
        ("b", "fp_a"),
    ]


def test_a_region_can_lose_its_network():
    scenario = load_scenario("drills", ENDPOINTS)
    for slug in ENDPOINTS:
        faults = {
            (region, at): plan_request(scenario, 1, slug, region, 1, at, listing=True).fault
            for region in ("singapore", "tokyo")
            for at in (239, 240, 359, 360)
        }
        struck = {place for place, fault in faults.items() if fault}
        assert struck == {("singapore", 240), ("singapore", 359)}
        assert {faults[place] for place in struck} == {"reset"}


def test_a_scenario_extends_one_that_ships(default):
    outage = load_scenario("outage", ENDPOINTS)
    assert (outage.multipliers, outage.default, outage.profiles) == (
        default.multipliers,
        default.default,
        default.profiles,
    )
    drills = load_scenario("drills", ENDPOINTS)
    assert drills.profile("bramblewick--thicket-3") == default.profile("bramblewick--thicket-3")
    assert drills.profile("cedarhollow--cone-a") != default.profile("cedarhollow--cone-a")


def test_what_is_extended_must_ship(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text('{"extends": "../../secret"}')
    with pytest.raises(ScenarioError, match=r"scenarios/secret\.json: cannot be read"):
        load_scenario(str(file), ENDPOINTS)


def test_the_fleet_is_what_the_board_counts_on():
    document = json.loads(FLEET_FILE.read_text())
    assert len(FLEET) == 6
    assert len(set(ENDPOINTS)) == 24
    served = [
        (model["creator"], model["id"]) for provider in document["providers"] for model in provider["models"]
    ]
    assert sum(served.count(pair) == 2 for pair in set(served)) == 1
    protocols = {model.protocol for models in FLEET.values() for model in models.values()}
    assert {"openai_chat", "openai_responses", "anthropic_messages", "gemini", "cohere_v2"} <= protocols
