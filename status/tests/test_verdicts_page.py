"""docs/verdicts.md says what the code does."""

import re

import pytest

from status.rules import State, by_failures, table
from status.rules.book import Book
from status.rules.states import IncidentState, Kind, Severity, StepKind
from status.rules.table import INCIDENT_MOVES, MOVES, SEVERITIES
from status.rules.verdicts_page import constants, printed
from status.tests.incidents_given import NOW, endpoint, opened, region
from testing.environment import ROOT

PAGE = ROOT / "docs" / "verdicts.md"


def test_the_page_is_printed_from_the_tables():
    page = PAGE.read_text(encoding="utf-8")
    assert page == printed(page), "run python -m status.rules.verdicts_page docs/verdicts.md"


def test_a_page_that_lacks_a_part_is_refused():
    with pytest.raises(ValueError, match="constants"):
        printed(PAGE.read_text(encoding="utf-8").replace("<!-- constants -->", ""))


def test_every_constant_is_published():
    named = {f"`{name}`" for name in vars(table) if re.fullmatch(r"[A-Z][A-Z_\d]+", name)}
    data = {"`MOVES`", "`INCIDENT_MOVES`", "`THRESHOLDS`", "`DEFAULT_THRESHOLDS`", "`SEVERITIES`"}
    assert {name for name, _value, words in constants(table) if words} == named - data


def test_every_name_in_the_prose_is_a_constant():
    named = re.findall(r"\b[A-Z\d]+(?:_[A-Z\d]+)+\b", PAGE.read_text(encoding="utf-8"))
    assert [name for name in named if not hasattr(table, name)] == []


def test_every_state_but_unknown_is_reached_and_left_by_the_table():
    judged = set(State) - {State.UNKNOWN}
    assert {move.before for move in MOVES} == {move.after for move in MOVES} == judged
    # by_failures looks for ways out of operational at failures only
    assert all(move.when.failed for move in MOVES if move.before is State.OPERATIONAL)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.before}-{move.after}")
def test_every_move_is_taken_and_not_one_attempt_too_early(move):
    ways = {
        State.OPERATIONAL: [True] * 5,
        State.DEGRADED: [True, True, False, False, True],
        State.OUTAGE: [True, False, False, False],
    }
    before = ways[move.before]
    if move.before is State.OPERATIONAL and move.after is State.OUTAGE:
        before = [True, False, True, False]  # through degraded: two failures come before three
    if move.when.failed:
        after = [*before, *[False] * (move.when.failed - [*before[-4:]].count(False))]
    else:
        after = [*before, *[True] * (move.when.of - (before[-1] is True))]
    assert by_failures(after) is move.after
    assert by_failures(after[:-1]) is not move.after


def test_every_incident_can_be_opened_moved_and_closed():
    for state in (IncidentState.OPEN, IncidentState.FLAPPING):
        steps = {move.step for move in INCIDENT_MOVES if move.before is state}
        assert {StepKind.JOIN, StepKind.LEAVE, StepKind.CLOSE} <= steps
    assert not [move for move in INCIDENT_MOVES if move.before is IncidentState.CLOSED]
    assert {move.step for move in INCIDENT_MOVES} == set(StepKind)
    assert set(SEVERITIES) == {(kind, out) for kind in Kind for out in (False, True)}
    assert {Severity.INFO, *SEVERITIES.values()} == set(Severity)


def test_a_step_that_the_table_does_not_know_is_refused():
    [incident] = opened(endpoint(1, region(state=State.OUTAGE)))
    with pytest.raises(ValueError, match="calm"):
        Book([incident], NOW).take(StepKind.CALM, incident, incident.cause)
