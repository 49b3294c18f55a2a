"""Who is at work on something. A lock says so to the others, and ends by itself when nobody keeps it.

It is taken with the first change in a form, not by opening one: whoever reviews also opens it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from editorial.models import Editorial
from editorial.selectors.works import name_of, right_name
from editorial.services import holding
from editorial.services.editing import check_editable
from editorial.services.refusals import MissingRight

LOCK_LASTS: Final = timedelta(minutes=15)


def lock(work: Editorial, *, by: Any, now: datetime, takeover: bool = False) -> datetime:
    """Take it, or keep it: until when it is theirs, UTC.

    takeover: away from somebody else, for publishers; the trail says so. Raises Locked, WrongState and
    MissingRight.
    """
    with transaction.atomic():
        held = holding.held_row(work)
        check_editable(held, by=by)
        if takeover and held.is_locked_for(by, now):
            _take(held, by, now)
        holding.check_lock(held, by, now)
        held.locked_by, held.locked_until = by, now + LOCK_LASTS
        held.save(update_fields=["locked_by", "locked_until"])
    holding.take_over(work, held)
    return now + LOCK_LASTS


def keep_lock(work: Editorial, *, by: Any, now: datetime) -> bool:
    """Make one's own lock last longer; False where it is not theirs any more."""
    mine = type(work)._default_manager.filter(pk=work.pk, locked_by=by, locked_until__gt=now)
    return bool(mine.update(locked_until=now + LOCK_LASTS))


def unlock(work: Editorial, *, by: Any) -> None:
    """Let go of one's own lock; somebody else's stays."""
    type(work)._default_manager.filter(pk=work.pk, locked_by=by).update(locked_by=None, locked_until=None)


def _take(held: Editorial, by: Any, now: datetime) -> None:
    if not by.has_perm(right_name(held, "publish")):
        raise MissingRight(_("Only publishers take work over while somebody is at it."))
    reason = f"← {name_of(held.locked_by)}"
    holding.step(held, "take_over", source=held.state, by=by, by_name="", at=now, reason=reason).save()
    held.locked_by = held.locked_until = None
