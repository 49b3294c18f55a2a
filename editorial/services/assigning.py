"""Who is to review a piece of work, and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from editorial.models import Editorial, Step
from editorial.selectors.works import name_of, right_name, writers_of
from editorial.services import holding
from editorial.services.refusals import MissingRight, OwnWork, WrongState


def assign(work: Editorial, *, reviewer: Any, due_on: date | None, by: Any, now: datetime) -> Step | None:
    """Say who is to review it and by when (a date, UTC); None takes either away. None where nothing changed.

    Editors assign everything, authors their own. Raises WrongState, MissingRight, OwnWork (its writers cannot
    be its reviewer).
    """
    with transaction.atomic():
        held = holding.held_row(work)
        _check(held, reviewer, by)
        if (held.reviewer_id, held.due_on) == (getattr(reviewer, "pk", None), due_on):
            return None
        held.reviewer, held.due_on = reviewer, due_on
        held.save(update_fields=["reviewer", "due_on"])
        who = name_of(reviewer) if reviewer else "—"
        reason = f"→ {who}" + (f", {due_on.isoformat()}" if due_on else "")
        line = holding.step(held, "assign", source=held.state, by=by, by_name="", at=now, reason=reason)
        line.save()
    holding.take_over(work, held)
    return line


def possible_reviewers(work: Editorial) -> QuerySet[User]:
    """Whoever may approve it: their roles grant it, and they did not write it."""
    backend = "django.contrib.auth.backends.ModelBackend"
    people: QuerySet[User] = get_user_model()._default_manager.with_perm(
        right_name(work, "approve"), backend=backend
    )
    return people.filter(is_staff=True).exclude(pk__in=writers_of(work)).order_by("username")


def may_assign(work: Editorial, *, by: Any) -> bool:
    """Whether this person says who reviews it, as long as it is not published."""
    own = work.author_id == by.pk and bool(by.has_perm(right_name(work, "submit")))
    return work.is_editable() and (own or bool(by.has_perm(right_name(work, "approve"))))


def _check(held: Editorial, reviewer: Any, by: Any) -> None:
    if not held.is_editable():
        raise WrongState(_("It is over: there is nothing left to review."))
    if not may_assign(held, by=by):
        raise MissingRight(_("Your roles do not let you say who reviews it."))
    if reviewer is None:
        return
    if not reviewer.has_perm(right_name(held, "approve")):
        raise MissingRight(_("%(who)s may not approve it.") % {"who": name_of(reviewer)})
    if reviewer.pk in writers_of(held):
        raise OwnWork(_("%(who)s wrote or edited it and cannot review it.") % {"who": name_of(reviewer)})
