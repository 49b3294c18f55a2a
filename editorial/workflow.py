"""Draft → review → published: one table of states and moves. Pure; the diagram is printed from it.

Nobody approves what they wrote (editorial.services holds moves to that), and what is edited after it was
approved goes back to review without its approval. docs/editorial.md is printed from the tables here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a piece of work stands."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why a piece of work is not fit for a move. field: the content field to mend, "" = the whole."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the work. right: the permission's action ("<app>.<right>_<model>"), which roles grant;
    "" = no person's, only the project itself makes it.

    needs: what whoever makes the move must give: "" nothing, "reason" a text, "moment" when to publish.
    of_others: refused to whoever wrote or edited what it is about. told: readers see the reason, too.
    """

    name: str
    sources: frozenset[State]
    target: State
    right: str
    needs: str = ""
    of_others: bool = False
    told: bool = False


def _move(name: str, sources: Iterable[State], target: State, right: str, **more: object) -> Move:
    return Move(name, frozenset(sources), target, right, **more)  # type: ignore[arg-type]


MOVES: Final[tuple[Move, ...]] = (
    _move("submit", [State.DRAFT], State.REVIEW, "submit"),
    _move("approve", [State.REVIEW], State.APPROVED, "approve", of_others=True),
    _move(
        "send_back", [State.REVIEW, State.APPROVED, State.SCHEDULED], State.DRAFT, "approve", needs="reason"
    ),
    _move("schedule", [State.APPROVED], State.SCHEDULED, "publish", needs="moment"),
    _move("unschedule", [State.SCHEDULED], State.APPROVED, "publish"),
    _move("publish", [State.APPROVED, State.SCHEDULED], State.PUBLISHED, "publish"),
    _move("unpublish", [State.PUBLISHED], State.WITHDRAWN, "publish", needs="reason", told=True),
    _move("reopen", [State.WITHDRAWN, State.ARCHIVED], State.DRAFT, "approve"),
    _move("archive", [State.DRAFT, State.REVIEW, State.WITHDRAWN], State.ARCHIVED, "approve"),
    # A trusted source's figure, that no person wrote or edited, is published by the project itself.
    _move("trust", [State.DRAFT], State.PUBLISHED, "", told=True),
)
BY_NAME: Final[dict[str, Move]] = {move.name: move for move in MOVES}
#: Editing one of these takes its approval away and puts it back to review.
VOIDED_BY_EDITING: Final = frozenset({State.APPROVED, State.SCHEDULED})
#: On the way to readers: the content may be edited. What is published is corrected by its own rules.
EDITABLE: Final = frozenset({State.DRAFT, State.REVIEW, *VOIDED_BY_EDITING})


#: What is published or has been, and what waits for nobody.
OVER: Final = frozenset({State.PUBLISHED, State.WITHDRAWN, State.ARCHIVED})


def moves_from(state: str) -> tuple[Move, ...]:
    """What people can do next, in the table's order."""
    return tuple(move for move in MOVES if move.right and state in move.sources)


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.DRAFT}"]
    for move in MOVES:
        lines += [
            f"    {source} --> {move.target}: {move.name}" for source in State if source in move.sources
        ]
    lines += [f"    {state} --> {State.REVIEW}: edit" for state in State if state in VOIDED_BY_EDITING]
    return "\n".join(lines)
