"""What stands above and below the form of a piece of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from editorial import services
from editorial.admin.forms import AssignForm, MoveForm
from editorial.models import Editorial, Step
from editorial.selectors import Version, name_of, right_name, steps_of, versions_of
from editorial.services import LOCK_LASTS
from editorial.wording import MOVE_WORDS, STATE_WORDS, STEP_WORDS, reason_words, who_words
from editorial.workflow import BY_NAME, EDITABLE, Move, State

#: Versions and lines of the trail under the form; the history page has more.
NEWEST: Final = 5
ON_HISTORY: Final = 100


@dataclass(frozen=True, slots=True)
class Button:
    """A move as offered. refusal: why not now, "" = it can be made. form: None where it needs nothing."""

    move: Move
    label: Promise
    url: str
    refusal: str
    form: MoveForm | None


@dataclass(frozen=True, slots=True)
class Lock:
    """Who is at work. seen_at: when they last changed something, as far as is known, UTC."""

    who: str
    mine: bool
    seen_at: datetime
    until: datetime
    may_take: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the trail in words. label: "" where the state that it led to says the same."""

    step: Step
    who: str
    label: Promise | str
    state: Promise | str
    reason: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stop of the way. mark: "done", "now" or "" (ahead)."""

    label: Promise
    mark: str


@dataclass(frozen=True, slots=True)
class Panel:
    work: Editorial
    stages: list[Stage]
    buttons: list[Button]
    lock: Lock | None
    overdue: bool
    assign: AssignForm | None
    preview_url: str
    lock_url: str
    unlock_url: str
    assign_url: str
    history_url: str
    locked: bool
    public_url: str
    versions: list[Version]
    lines: list[Line]
    word: Line | None


def panel_of(page: Any, request: HttpRequest, work: Editorial) -> Panel:
    """Everything but the form."""
    now = timezone.now()

    def address(name: str, *more: str) -> str:
        return reverse(f"admin:{work._meta.app_label}_{work._meta.model_name}_{name}", args=[work.pk, *more])

    def button(offer: services.Offer) -> Button:
        move = offer.move
        form = MoveForm(move, auto_id=f"id_{move.name}_%s") if move.needs else None
        return Button(move, MOVE_WORDS[move.name], address("move", move.name), offer.refusal, form)

    lock = _lock_of(work, request.user, now)
    token = services.preview_token(work) if work.is_editable() else ""
    return Panel(
        work=work,
        stages=stages_of(work.state, reviewed=work.approved_at is not None),
        buttons=[button(offer) for offer in services.offers_of(work, by=request.user, now=now)],
        lock=lock,
        locked=lock is not None and not lock.mine,
        overdue=work.is_editable() and work.due_on is not None and work.due_on < now.date(),
        assign=AssignForm(work) if services.may_assign(work, by=request.user) else None,
        preview_url=token and request.build_absolute_uri(reverse("editorial-preview", args=[token])),
        lock_url=address("lock"),
        unlock_url=address("unlock"),
        assign_url=address("assign"),
        history_url=address("history"),
        public_url=work.public_url(),
        versions=versions_of(work, most=NEWEST),
        lines=(lines := [line_of(step) for step in steps_of(work)[:NEWEST]]),
        word=_last_word(lines),
    )


def _last_word(lines: list[Line]) -> Line | None:
    """The reason that the last move was given, where it is still to be acted on."""
    moves = [line for line in lines if line.step.move in BY_NAME]
    return moves[0] if moves and moves[0].reason and moves[0].step.target in EDITABLE else None


def full_history(work: Editorial) -> dict[str, Any]:
    """The context of the history page."""
    return {
        "versions": versions_of(work, most=ON_HISTORY),
        "lines": [line_of(step) for step in steps_of(work)[:ON_HISTORY]],
    }


#: Steps that are called as the state they lead to.
_SAME_WORDS: Final = frozenset({"approve", "schedule", "publish", "archive"})


def line_of(step: Step) -> Line:
    label = "" if step.move in _SAME_WORDS else STEP_WORDS.get(step.move, step.move)
    state = STATE_WORDS.get(step.target, step.target)
    return Line(step, who_words(step.by_name), label, state, reason_words(step.move, step.reason))


#: The way of most work; scheduling is a way of being approved, withdrawing an end of its own.
_WAY: Final = (State.DRAFT, State.REVIEW, State.APPROVED, State.PUBLISHED)


def stages_of(state: str, *, reviewed: bool) -> list[Stage]:
    """Where it stands on the way, for the eye. reviewed: a person approved it, no trusted source."""
    if state in (State.PUBLISHED, State.WITHDRAWN) and not reviewed:
        way: tuple[State, ...] = (State.DRAFT, State.PUBLISHED)
        way += (State.WITHDRAWN,) if state == State.WITHDRAWN else ()
    elif state == State.SCHEDULED:
        way = (*_WAY[:3], State.SCHEDULED, State.PUBLISHED)
    elif state == State.WITHDRAWN:
        way = (*_WAY, State.WITHDRAWN)
    elif state == State.ARCHIVED:
        way = (State.DRAFT, State.ARCHIVED)
    else:
        way = _WAY
    at = way.index(State(state))
    marks = ["done" if stop < at else "now" if stop == at else "" for stop in range(len(way))]
    return [Stage(STATE_WORDS[stop], mark) for stop, mark in zip(way, marks, strict=True)]


def _lock_of(work: Editorial, user: Any, now: datetime) -> Lock | None:
    if work.locked_by is None or work.locked_until is None or work.locked_until <= now:
        return None
    return Lock(
        who=name_of(work.locked_by),
        mine=work.locked_by_id == user.pk,
        seen_at=work.locked_until - LOCK_LASTS,
        until=work.locked_until,
        may_take=user.has_perm(right_name(work, "publish")),
    )
