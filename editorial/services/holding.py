"""What every change of a piece of work begins with: its row held, and nobody else's work run over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from editorial.models import EDITORIAL_FIELDS, Editorial, Revision, Step
from editorial.selectors.works import name_of, of_work
from editorial.services.refusals import Locked, Stale, WrongState

Work = TypeVar("Work", bound=Editorial)


def held_row(work: Work) -> Work:
    """The row as it is now, held until the transaction ends. WrongState: it is gone."""
    rows = type(work)._default_manager.order_by("pk")  # others join what may be null
    held = rows.select_for_update().filter(pk=work.pk).first()
    if held is None:
        raise WrongState(_("It does not exist any more."))
    return held


def check_version(held: Editorial, seen: int) -> None:
    """Stale where somebody saved since."""
    if held.version == seen:
        return
    by = name_of(held.edited_by) if held.edited_by else _("an import")
    text = _("%(who)s saved version %(newest)d while you looked at version %(seen)d: look at what changed.")
    raise Stale(text % {"who": by, "newest": held.version, "seen": seen}, seen=seen, newest=held.version)


def check_lock(held: Editorial, by: Any, now: datetime) -> None:
    """Locked where somebody else is at work on it. The project itself (by None) waits for nobody."""
    if by is None or not held.is_locked_for(by, now):
        return
    who, until = name_of(held.locked_by), held.locked_until
    assert until is not None  # noqa: S101  (is_locked_for)
    text = _("%(who)s is editing it. Their lock ends at %(until)s UTC unless they go on.")
    raise Locked(text % {"who": who, "until": f"{until:%H:%M}"}, holder=who, until=until)


def take_over(work: Editorial, held: Editorial) -> None:
    """Let the caller's object say what was saved."""
    for name in EDITORIAL_FIELDS:
        setattr(work, _attname(work, name), getattr(held, _attname(held, name)))


def _attname(work: Editorial, name: str) -> str:
    return str(work._meta.get_field(name).attname)  # type: ignore[union-attr]  # no reverse relations there


def step(
    work: Editorial, name: str, *, source: str, by: Any, by_name: str, at: datetime, reason: str = ""
) -> Step:
    """A line of the trail, not saved. The work already has its new state."""
    return Step(
        **of_work(work),
        move=name,
        source=source,
        target=work.state,
        by=by,
        by_name=_who(by, by_name),
        at=at,
        reason=reason[:500],
    )


def revision(work: Editorial, *, by: Any, by_name: str, at: datetime) -> Revision:
    """Its content as it stands, not saved."""
    who = _who(by, by_name)
    return Revision(**of_work(work), number=work.version, content=work.content(), by=by, by_name=who, at=at)


def _who(by: Any, by_name: str) -> str:
    """ValueError: neither a person nor a name of what the project did it by."""
    if by is None and not by_name:
        raise ValueError('by=None needs by_name=, for instance by_name="the schedule": the trail names it')
    return name_of(by) if by is not None else by_name[:150]
