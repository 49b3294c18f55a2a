"""The table of states and moves, its page in the docs, and what differs between two texts."""

import pytest

from editorial.diffing import CONTEXT, WORDS_AT_MOST, folded, word_diff
from editorial.roles import AUTHOR, EDITOR, OPERATOR, PUBLISHER, READER, grants
from editorial.wording import MOVE_WORDS, STATE_WORDS, STEP_WORDS
from editorial.workflow import BY_NAME, EDITABLE, MOVES, OVER, VOIDED_BY_EDITING, State, diagram, moves_from
from editorial.workflow_page import printed
from testing.environment import ROOT

pytestmark = pytest.mark.only_on("sqlite")
PAGE = ROOT / "docs" / "editorial.md"


def test_the_page_is_printed_from_the_tables():
    page = PAGE.read_text(encoding="utf-8")
    assert page == printed(page), "run python -m editorial.workflow_page docs/editorial.md"


def test_a_page_that_lacks_a_part_is_refused():
    with pytest.raises(ValueError, match="diagram"):
        printed(PAGE.read_text(encoding="utf-8").replace("<!-- diagram -->", ""))


def test_every_state_is_reached_and_all_but_trust_is_left_to_people():
    reached = {move.target for move in MOVES} | {State.DRAFT}
    assert reached == set(State)
    assert set(State) == EDITABLE | OVER
    assert VOIDED_BY_EDITING < EDITABLE
    assert [move.name for move in MOVES if not move.right] == ["trust"]
    assert "trust" not in {move.name for state in State for move in moves_from(state)}
    for state in State:
        assert moves_from(state), state
    assert f"{State.APPROVED} --> {State.REVIEW}: edit" in diagram()


def test_every_state_and_move_has_its_words():
    assert set(STATE_WORDS) == set(State)
    assert set(MOVE_WORDS) == set(BY_NAME)
    assert set(STEP_WORDS) == {*BY_NAME, "create", "edit", "correct", "assign", "take_over"}


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (READER, ""),
        (AUTHOR, "view add submit"),
        (EDITOR, "view add change submit approve"),
        (PUBLISHER, "view add change submit approve publish delete"),
        (OPERATOR, ""),
    ],
)
def test_roles_have_these_rights_on_scores_and_no_others(role: str, rights: str):
    asked = ("view", "add", "change", "submit", "approve", "publish", "delete")
    assert {right for right in asked if grants(role, f"benchmarks.{right}_score")} == set(rights.split())


def test_authors_change_neither_suites_nor_sources():
    for name in ("add_suite", "change_suite", "add_scoresource", "add_modelalias", "change_scoresource"):
        assert not grants(AUTHOR, f"benchmarks.{name}")


def test_a_diff_joins_to_both_texts():
    old, new = "The paper says 88.7 in table 3.", "The paper says 87.2 in table 3, row 2."
    pieces = word_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new


def test_korean_words_are_compared_as_words():
    pieces = word_diff("설정은 명시되지 않았습니다.", "설정은 부록에 명시되어 있습니다.")
    assert pieces[0].text == "설정은 "
    assert {piece.kind for piece in pieces} == {"same", "gone", "new"}


def test_what_stayed_the_same_is_folded():
    pieces = folded(word_diff("a " * 400 + "end", "a " * 400 + "END"))
    assert len(pieces[0].text) <= CONTEXT + 3
    assert [piece.text for piece in pieces[1:]] == ["end", "END"]


def test_long_texts_are_compared_by_lines():
    lines = [f"{number} one two three\n" for number in range(WORDS_AT_MOST // 8)]
    pieces = word_diff("".join(lines), "".join([*lines[:5], "new\n", *lines[6:]]))
    assert [piece.kind for piece in pieces] == ["same", "gone", "new", "same"]
