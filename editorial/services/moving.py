"""Moving editorial work: each move of editorial.workflow, checked here alone, with its line of the trail."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aigo.lib.chunking import chunks
from editorial import signals
from editorial.models import Editorial, Step
from editorial.selectors.works import editorial_models, right_name, writers_of
from editorial.services import holding
from editorial.services.refusals import Incomplete, MissingRight, OwnWork, Refused, Unfit, WrongState
from editorial.wording import moves_left, refusal_words
from editorial.workflow import BY_NAME, Move, State, moves_from

logger = logging.getLogger(__name__)
Work = TypeVar("Work", bound=Editorial)

#: Nothing is scheduled further ahead: it would be a slip of the year.
SCHEDULED_AT_MOST: Final = timedelta(days=366)
SCHEDULE: Final = gettext_noop("the schedule")
#: Rows of one statement.
_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that a person's roles grant from here. refusal: why it cannot be made now, "" = it can."""

    move: Move
    refusal: str = ""


@dataclass(slots=True)
class Outcome(Generic[Work]):
    """What became of many: the moved ones, and why the others were not."""

    moved: list[Work] = field(default_factory=list)
    refused: list[tuple[Work, Refused]] = field(default_factory=list)


def move(
    work: Editorial,
    name: str,
    *,
    by: Any,
    now: datetime,
    reason: str = "",
    moment: datetime | None = None,
    version: int | None = None,
    by_name: str = "",
) -> Step:
    """Make a move of editorial.workflow; `work` has its new state then. The new line of the trail.

    by: a user; None = the project itself, which `by_name` then says ("the schedule"). moment: when to
    publish, UTC. version: the one that was looked at, None = the one that `work` carries. Raises a Refused;
    KeyError: there is no such move.
    """
    made = BY_NAME[name]
    with transaction.atomic():
        held = holding.held_row(work)
        _check_state(held, made)
        _check_right(held, made, by)
        _check_writer(held, made, by)
        holding.check_lock(held, by, now)
        holding.check_version(held, work.version if version is None else version)
        _check_given(made, reason.strip(), moment, now)
        _check_content(held, made)
        effects = _effects(made, by=by, now=now, moment=moment)
        line = holding.step(
            held, name, source=held.state, by=by, by_name=by_name, at=now, reason=reason.strip()
        )
        line.target = made.target
        signals.moving.send(sender=type(held), work=held, step=line)
        for attribute, value in effects.items():
            setattr(held, attribute, value)
        held.save(update_fields=[*effects])
        line.save()
        signals.moved.send(sender=type(held), work=held, step=line)
    holding.take_over(work, held)
    return line


def move_all(
    works: Iterable[Work],
    name: str,
    *,
    by: Any,
    now: datetime,
    reason: str = "",
    moment: datetime | None = None,
    by_name: str = "",
) -> Outcome[Work]:
    """The same move for each by itself: one that is refused leaves the others alone."""
    outcome: Outcome[Work] = Outcome()
    for work in works:
        try:
            move(work, name, by=by, now=now, reason=reason, moment=moment, by_name=by_name)
        except Refused as refusal:
            outcome.refused.append((work, refusal))
        else:
            outcome.moved.append(work)
    return outcome


def offers_of(work: Editorial, *, by: Any, now: datetime) -> list[Offer]:
    """What this person may do next, in the table's order; what stands in the way of it with its reason."""
    offers = []
    for made in moves_from(work.state):
        try:
            _check_state(work, made)
            _check_right(work, made, by)
        except Refused:
            continue
        try:
            _check_writer(work, made, by)
            holding.check_lock(work, by, now)
            _check_content(work, made)
        except Refused as refusal:
            offers.append(Offer(made, str(refusal)))
        else:
            offers.append(Offer(made))
    return offers


def publish_due(*, now: datetime) -> dict[str, int]:
    """Publish what is scheduled until now: {"published": n, "unscheduled": n}.

    What cannot be published any more goes back to approved, with the reason in its trail, so that a publisher
    finds it in their queue. Two workers at once publish each piece once.
    """
    done = {"published": 0, "unscheduled": 0}
    for model in editorial_models():
        due = model._default_manager.filter(state=State.SCHEDULED, publish_at__lte=now)
        for work in due.order_by("publish_at", "pk"):
            try:
                move(work, "publish", by=None, by_name=SCHEDULE, now=now)
                done["published"] += 1
            except WrongState:
                continue  # another worker was first, or somebody took it back
            except (Refused, IntegrityError) as refusal:
                done["unscheduled"] += _take_off_schedule(work, refusal, now)
    return done


def publish_trusted(
    works: Sequence[Editorial], *, by_name: str, now: datetime, reason: str = ""
) -> list[Step]:
    """Publish a trusted source's drafts, all of one model, at once: the move "trust" of each, or none.

    by_name: what trusted them ("the project's seed"). Raises WrongState where one is no draft (any more) or a
    person wrote or edited it, Unfit where its content does not allow it.
    """
    made = BY_NAME["trust"]
    for work in works:
        _check_state(work, made)
        _check_content(work, made)
    with transaction.atomic():
        lines = []
        for work in works:
            line = holding.step(
                work, made.name, source=work.state, by=None, by_name=by_name, at=now, reason=reason
            )
            line.target = made.target
            signals.moving.send(sender=type(work), work=work, step=line)
            lines.append(line)
        effects = _effects(made, by=None, now=now, moment=None)
        for part in chunks(works, _CHUNK):
            _update_drafts(part, effects)
        Step.objects.bulk_create(lines, batch_size=_CHUNK)
        for work, line in zip(works, lines, strict=True):
            for attribute, value in effects.items():
                setattr(work, attribute, value)
            signals.moved.send(sender=type(work), work=work, step=line)
    return lines


def _update_drafts(works: Sequence[Editorial], effects: Mapping[str, Any]) -> None:
    """WrongState where one of them is no untouched draft any more; the transaction takes it all back."""
    drafts = type(works[0])._default_manager.filter(
        pk__in=[work.pk for work in works], state=State.DRAFT, author=None, edited_by=None
    )
    if drafts.update(**effects) != len(works):
        raise WrongState(_("Some of them are no untouched drafts any more: read the source again."))


def _take_off_schedule(work: Editorial, refusal: Exception, now: datetime) -> int:
    logger.warning("%s %s is not published as scheduled: %s", work._meta.label, work.pk, refusal)
    try:
        move(work, "unschedule", by=None, by_name=SCHEDULE, now=now, reason=str(refusal))
    except Refused:
        return 0
    return 1


def _check_state(work: Editorial, made: Move) -> None:
    if work.state not in made.sources or not work.takes_move(made):
        left = moves_left(move for move in moves_from(work.state) if work.takes_move(move))
        raise WrongState(refusal_words("state", move=made.name, state=work.state, left=left))
    if not made.right and (work.author_id or work.edited_by_id):
        raise WrongState(_("A person wrote or edited it: it goes through review."))


def _check_right(work: Editorial, made: Move, by: Any) -> None:
    """The project itself may do whatever its tables know, but approve: that is a person's word."""
    if by is None:
        if made.of_others:
            raise MissingRight(_("Only a person approves."))
        return
    granted = bool(made.right) and by.has_perm(right_name(work, made.right))
    if made.right == "submit" and granted and work.author_id != by.pk:
        granted = by.has_perm(right_name(work, "change"))
    if not granted:
        raise MissingRight(refusal_words("right", move=made.name))


def _check_writer(work: Editorial, made: Move, by: Any) -> None:
    if made.of_others and by is not None and by.pk in writers_of(work):
        raise OwnWork(_("You wrote or edited it: somebody else has to approve it."))


def _check_given(made: Move, reason: str, moment: datetime | None, now: datetime) -> None:
    if made.needs == "reason" and not reason:
        raise Incomplete("reason", _("Say why: it is what the others read."))
    if made.needs != "moment":
        return
    if moment is None:
        raise Incomplete("moment", _("Say when it is to be published."))
    if not now < moment <= now + SCHEDULED_AT_MOST:
        raise Incomplete("moment", _("The moment must lie ahead, and within a year."))


def _check_content(work: Editorial, made: Move) -> None:
    if problems := work.refuse_move(made):
        raise Unfit(problems)


def _effects(made: Move, *, by: Any, now: datetime, moment: datetime | None) -> dict[str, Any]:
    """What a move writes besides the state. Whoever moves a piece has stopped editing it."""
    effects: dict[str, Any] = {"state": made.target.value, "locked_by": None, "locked_until": None}
    if made.target == State.APPROVED and made.name == "approve":
        effects |= {"approved_by": by, "approved_at": now}
    if made.target in (State.DRAFT, State.ARCHIVED):
        effects |= {"approved_by": None, "approved_at": None}
    effects["publish_at"] = moment if made.target == State.SCHEDULED else None
    if made.target == State.PUBLISHED:
        effects |= {"published_at": now, "withdrawn_at": None}
    if made.name == "unpublish":
        effects["withdrawn_at"] = now
    return effects
