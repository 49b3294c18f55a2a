"""What a step of an incident means for one recipient: pure, and the same whenever it is looked at.

    nothing told yet   ─ it matches ────────────────▶ held until due_at ─ due ─▶ told
    held               ─ over before due_at, taken in by another incident, or no longer its own ─▶ dropped
    told               ─ graver, people's update, end, post-mortem ─▶ told of that, too
    dropped            ─ it matches again ─▶ held

An incident that another one takes in has no end of its own: who was told of it is told of the other at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from status.rules.notices import Matter, Wish, due_at, is_at_once, rank, wants

#: Why a notice is dropped. The first also means: what takes it in takes its place.
ABSORBED: Final = "another incident has taken it in"
OVER: Final = "over before it was due"
NOT_ITS_OWN: Final = "no longer what the recipient asked for"


class Happening(StrEnum):
    """What a step of an incident is to those who are told."""

    CHANGED = "changed"
    UPDATE = "update"
    POSTMORTEM = "postmortem"
    ABSORBED = "absorbed"
    CLOSED = "closed"


class Standing(StrEnum):
    """What became of the notice of the opening. failed: its recipient cannot be reached."""

    NEVER = "never"
    HELD = "held"
    TOLD = "told"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """`number`: of its kind among the incident's, never used twice. `matter`: as it is after the step.
    `over`: the incident had ended before (people may still say something of it)."""

    happening: Happening
    number: int
    at: datetime
    matter: Matter
    over: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a recipient was told of an incident so far.

    due_at: of the opening that is held. severity: the gravest that was told or is held. replaced_at: None, or
    when the recipient was told, or would have been, of an incident that this one took in; `knows`: it was.
    """

    standing: Standing = Standing.NEVER
    due_at: datetime | None = None
    severity: str = "info"
    replaced_at: datetime | None = None
    knows: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Make a notice."""

    kind: str
    due_at: datetime
    rule: int | None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """The opening, held or dropped, waits until `due_at`."""

    due_at: datetime
    rule: int | None


@dataclass(frozen=True, slots=True)
class Drop:
    """What is held is not told. openings: the opening itself; else what came after it. due_after: only what
    was not due by then."""

    why: str
    openings: bool
    due_after: datetime


Doing = Tell | Move | Drop


def decide(step: Step, wishes: Sequence[Wish], past: Past) -> list[Doing]:
    """What is to be done for a recipient with these wishes (all it has, of this topic or not)."""
    about = [wish for wish in wishes if step.matter.topic in wish.topics]
    if past.standing is Standing.FAILED or not about:
        return []
    mine = [wish for wish in about if wants(wish, step.matter)]
    match step.happening:
        case Happening.ABSORBED:
            return [_drop(ABSORBED, step)] if _is_held(step, past) else []
        case Happening.CLOSED:
            return _closed(step, mine or about, past)
        case Happening.POSTMORTEM:
            told = past.standing is Standing.TOLD or past.knows
            return [_tell("postmortem", step, mine or about, number=step.number)] if told else []
    if past.standing is Standing.TOLD:
        return _follow(step, mine or about, past)
    if step.over:
        return []
    return _open(step, mine or (about if past.replaced_at else []), past)


def _open(step: Step, mine: Sequence[Wish], past: Past) -> list[Doing]:
    """Not told yet: is it to be, and when?"""
    if not mine:
        return [_drop(NOT_ITS_OWN, step)] if _is_held(step, past) else []
    soonest, rule = min(((due_at(wish, step.matter, step.at), wish.rule) for wish in mine), key=_first)
    if past.replaced_at is not None:
        # what it took in was told, or would have been by then: this one is no later
        undelayed = min(
            due_at(wish, step.matter, max(step.at, past.replaced_at), delayed=False) for wish in mine
        )
        soonest = min(soonest, undelayed)
    if past.standing is Standing.NEVER:
        return [Tell("opened", soonest, rule)]
    if past.standing is Standing.HELD and past.due_at is not None and past.due_at <= soonest:
        # no later than it was; but it is to say how grave it is now
        return [Move(past.due_at, rule)] if past.severity != step.matter.severity else []
    return [Move(soonest, rule)]


def _follow(step: Step, mine: Sequence[Wish], past: Past) -> list[Doing]:
    """Told: what of this is news to it?"""
    matter = step.matter
    if rank(matter.severity) > rank(past.severity):
        wishes = [wish for wish in mine if is_at_once(wish, matter.severity)]
        if wishes:
            return [_tell("worsened", step, wishes, number=rank(matter.severity), muted=True)]
    wishes = [wish for wish in mine if wish.tells_updates]
    if step.happening is Happening.UPDATE and wishes:
        return [_tell("updated", step, wishes, number=step.number)]
    return []


def _closed(step: Step, mine: Sequence[Wish], past: Past) -> list[Doing]:
    doings: list[Doing] = [_drop(OVER, step)] if _is_held(step, past) else []
    told = past.standing in {Standing.TOLD, Standing.HELD} and not doings
    if told or past.knows:
        doings.append(Drop(OVER, openings=False, due_after=step.at))
        wishes = [wish for wish in mine if wish.tells_recovery]
        if wishes:
            doings.append(_tell("recovered", step, wishes))
    return doings


def _is_held(step: Step, past: Past) -> bool:
    """Whether it was not due yet. What was due is as good as told: somebody is about to deliver it."""
    return past.standing is Standing.HELD and (past.due_at is None or past.due_at > step.at)


def _drop(why: str, step: Step) -> Drop:
    return Drop(why, openings=True, due_after=step.at)


def _tell(kind: str, step: Step, wishes: Sequence[Wish], *, number: int = 0, muted: bool = False) -> Tell:
    at, rule = min(
        ((due_at(wish, step.matter, step.at, delayed=False, muted=muted), wish.rule) for wish in wishes),
        key=_first,
    )
    return Tell(kind, at, rule, number)


def _first(due: tuple[datetime, int | None]) -> tuple[datetime, int]:
    """The earliest, of equals the oldest rule."""
    return due[0], due[1] or 0
