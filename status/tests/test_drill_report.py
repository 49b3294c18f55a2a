"""What counts as false and as missed in a drill, and what is a goal. Plain values."""

from dataclasses import replace

import pytest

from status.drills.accounting import account_page
from status.drills.faults import CLOSES_WITHIN_S, FOLLOWS_WITHIN_S, OPENS_WITHIN_S, Lead, Page
from status.drills.plan import OVERALL, CannotDrill, Stage, make_plan
from status.drills.report import Spread, make_report
from status.drills.scenarios import SCENARIOS
from status.drills.seen import Change, IncidentSeen, LeadSeen, NoticeSeen, Observed
from status.rules import State

STAGE = Stage("nimbus", ("nimbus--1", "nimbus--2", "nimbus--3"), ("seoul", "tokyo", "oregon"))
PLAN = make_plan("endpoint_outage", STAGE)
UP, SLOW, DOWN, UNKNOWN = State.OPERATIONAL, State.DEGRADED, State.OUTAGE, State.UNKNOWN
INCIDENT = IncidentSeen("nimbus", "endpoint", "global", "major", 20, 350, False, ("nimbus--1",))


def changes(*, down_at_s: float = 10, up_at_s: float = 200) -> list[Change]:
    """What must happen to the struck endpoint, everywhere at once."""
    return [
        Change("nimbus--1", region, at_s, state)
        for region in (*STAGE.regions, OVERALL)
        for at_s, state in ((down_at_s, DOWN), (up_at_s, UP))
    ]


def reported(found: list[Change] | None = None, incidents: tuple[IncidentSeen, ...] = (INCIDENT,)):
    return make_report(PLAN, Observed(changes() if found is None else found, incidents, 5.0))


def test_what_had_to_follow_and_nothing_else_is_a_drill_without_failures():
    report = reported()
    assert report.failures() == []
    assert report.detect_s == 5
    assert report.confirm == Spread(4, 10, 10, 10)
    assert report.recover == Spread(4, 20, 20, 20)
    assert (report.incident_s, report.closed_s) == (20, 170)


def test_the_way_through_degraded_is_part_of_the_turn():
    on_the_way = [Change("nimbus--1", "seoul", 8, SLOW), Change("nimbus--1", OVERALL, 195, SLOW)]
    assert reported(changes() + on_the_way).failures() == []


@pytest.mark.parametrize(
    "change",
    [
        Change("nimbus--1", "seoul", 12, SLOW),  # after it had arrived
        Change("nimbus--1", "seoul", 150, SLOW),  # between the turns
        Change("nimbus--1", "seoul", 8, UNKNOWN),  # no way to an outage
        Change("nimbus--2", "seoul", 10, DOWN),  # nobody struck it
        Change("cirrus--1", OVERALL, 10, SLOW),  # nor anything of its provider
    ],
    ids=str,
)
def test_any_other_change_is_false(change):
    report = reported([*changes(), change])
    assert report.failures() == [f"false: {change}"]


@pytest.mark.parametrize(("late_s", "missed"), [(0, 0), (1, 4)])
def test_a_state_that_follows_too_late_is_missed_and_the_late_change_is_false(late_s, missed):
    report = reported(changes(down_at_s=FOLLOWS_WITHIN_S + late_s))
    assert (len(report.missed), len(report.false)) == (missed, missed)


def test_a_state_that_never_follows_is_missed():
    report = reported([change for change in changes() if change.region != "tokyo"])
    assert report.missed == [
        "nimbus--1 tokyo → outage within 90 s of 0 s",
        "nimbus--1 tokyo → operational within 90 s of 180 s",
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "provider"},
        {"scope": "regional"},
        {"severity": "critical"},
        {"flapped": True},
        {"opened_at_s": OPENS_WITHIN_S + 1},
        {"closed_at_s": None},
        {"closed_at_s": 180 + CLOSES_WITHIN_S + 1},
        {"closed_at_s": 170},
    ],
    ids=str,
)
def test_another_incident_than_the_expected_one_is_false_and_that_one_is_missed(other):
    report = reported(incidents=(replace(INCIDENT, **other),))
    assert (len(report.false), len(report.missed)) == (1, 1)


def test_a_second_incident_is_false():
    assert len(reported(incidents=(INCIDENT, INCIDENT)).false) == 1


@pytest.mark.parametrize(
    ("pushed_s", "unseen", "failures"),
    [
        ([2.0] * 100, 0, 0),
        ([2.1] * 100, 0, 1),
        ([0.1] * 99 + [5.0], 0, 0),
        ([0.1] * 99 + [5.1], 0, 1),
        ([0.1] * 99, 1, 1),
        ([], 0, 0),
    ],
)
def test_a_push_has_two_seconds_at_p95_and_five_at_most(pushed_s, unseen, failures):
    seen = Observed(changes(), [INCIDENT], pushed_s=pushed_s, unseen=unseen)
    assert len(make_report(PLAN, seen).failures()) == failures


def test_a_plan_strikes_as_many_as_the_scenario_says_and_nobody_else():
    assert (PLAN.struck, PLAN.where) == (("nimbus--1",), STAGE.regions)
    regional = make_plan("regional_outage", STAGE)
    assert (regional.struck, regional.where) == (STAGE.endpoints, ("seoul",))
    assert regional.turns("nimbus--2", "tokyo") == ()
    assert [turn.to for turn in regional.turns("nimbus--2", OVERALL)] == [SLOW, UP]


def test_an_order_to_the_simulator_names_as_few_as_it_can_and_ends_by_itself():
    spell = SCENARIOS["endpoint_outage"].spells[0]
    assert PLAN.order(spell) == {"for_s": 185, "endpoints": ["nimbus--1"], "kind": "http_503"}
    regional = make_plan("regional_outage", STAGE)
    assert regional.order(regional.scenario.spells[0]) == {
        "for_s": 185,
        "providers": ["nimbus"],
        "regions": ["seoul"],
        "kind": "reset",
    }


@pytest.mark.parametrize(
    ("name", "stage", "told"),
    [
        ("earthquake", STAGE, "no scenario 'earthquake'; there are: calm"),
        ("regional_outage", replace(STAGE, regions=("seoul", "tokyo")), "at least 3 regions.*seoul, tokyo"),
        ("endpoint_outage", replace(STAGE, endpoints=STAGE.endpoints[:2]), "choose another by --provider"),
        ("provider_outage", replace(STAGE, endpoints=()), "no endpoint of it is measured"),
    ],
)
def test_what_cannot_be_played_is_told_with_what_is_missing(name, stage, told):
    with pytest.raises(CannotDrill, match=told):
        make_plan(name, stage)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_a_scenario_leaves_time_for_what_it_expects(scenario):
    for turns in (scenario.regional, scenario.overall):
        ends = [turn.at_s + turn.within_s for turn in turns]
        assert all(end <= turn.at_s for end, turn in zip(ends, turns[1:], strict=False)), turns
        assert max(ends, default=0) <= scenario.lasts_s
    for opening in scenario.incidents:
        assert opening.over_at_s + opening.closes_within_s <= scenario.lasts_s
    assert all(news.at_s + news.within_s <= scenario.lasts_s for news in scenario.news)


OPENED = NoticeSeen("incident", "opened", "major", "incident:1", 20)
RECOVERED = NoticeSeen("incident", "recovered", "major", "incident:1", 350)


@pytest.mark.parametrize(
    ("notices", "false", "missed"),
    [
        ([OPENED, RECOVERED], 0, 0),
        ([OPENED], 0, 1),
        ([RECOVERED], 1, 2),  # an end of what nobody was told of
        ([OPENED, OPENED, RECOVERED], 1, 0),  # twice
        ([OPENED, RECOVERED, replace(OPENED, topic="slo", kind="burn", subject="burn:1")], 1, 0),
        ([replace(OPENED, severity="minor"), RECOVERED], 2, 2),
        ([replace(OPENED, at_s=OPENS_WITHIN_S + 1), RECOVERED], 2, 2),
        ([OPENED, replace(RECOVERED, subject="incident:2")], 1, 1),
        ([OPENED, replace(RECOVERED, at_s=179)], 1, 1),  # before the fault is over
    ],
)
def test_a_notice_too_many_is_false_and_one_that_does_not_come_in_time_is_missed(notices, false, missed):
    report = make_report(PLAN, Observed(changes(), [INCIDENT], 5.0, notices=notices))
    assert (len(report.false), len(report.missed)) == (false, missed), report.failures()


def test_where_nobody_looked_no_notice_is_missed():
    assert reported().failures() == []
    assert reported().notices is None


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (LeadSeen("us", 15, 135, 35), True),
        (LeadSeen("us", 15, 101, 35), True),
        (LeadSeen("us", 15, 99, 35), False),  # further from the script than its own error
        (LeadSeen("them", 15, 135, 35), False),
        (LeadSeen("us", None, None, None), False),
    ],
)
def test_a_lead_must_be_what_the_script_says_within_its_error(found, right):
    expected = (Lead("us", says_at_s=150),)
    plan = replace(PLAN, scenario=replace(PLAN.scenario, leads=expected))
    report = make_report(plan, Observed(changes(), [INCIDENT], 5.0, leads=[found]))
    assert (len(report.false), len(report.missed)) == ((0, 0) if right else (1, 1))


def test_a_page_passes_for_what_it_is_at_every_reading():
    page = Page("shape", since_s=60, until_s=180)
    read = [(0.0, False), (60.0, False), (120.0, True), (180.0, True), (240.0, False)]
    assert account_page(page, read) == [], "the first reading after a change may say either"
    assert account_page(page, [(120.0, False), (300.0, True)]) == [
        "the official page passes for readable at 120 s",
        "the official page passes for unreadable at 300 s",
    ]


def test_what_no_running_system_can_be_asked_for_is_refused():
    assert [name for name, scenario in SCENARIOS.items() if scenario.only_rehearsed] == [
        "maintenance", "maintenance_overrun", "thin_errors",
    ]  # fmt: skip
