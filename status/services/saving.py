"""Keeping and forgetting the views of the board that a reader named.

    Unsaveable    theirs, permanent: no name, too long a wish, or as many views as one may have

They are a reader's own and concern nobody else: no audit trail.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aigo.lib.naming import forget_named, keep_named, named
from status.models import SavedView
from status.models.saved import MOST_VIEWS, NAME_MOST, QUERY_MOST


class Unsaveable(ValueError):
    """It cannot be kept like that."""


def save_view(*, name: str, query: str, by: Any, now: datetime) -> tuple[SavedView, bool]:
    """Keep a view under a name; the view, and whether it is new: a name that is known leads to this now.

    query: canonical. Raises Unsaveable.
    """
    name = named(name)
    if not name or len(name) > NAME_MOST:
        raise Unsaveable(_("A view needs a name of at most %(most)d characters.") % {"most": NAME_MOST})
    if len(query) > QUERY_MOST:
        raise Unsaveable(_("These are too many filters to keep as one view."))
    kept = keep_named(
        SavedView, name=name, what={"query": query}, first={"created_at": now}, most=MOST_VIEWS, by=by
    )
    if kept is None:
        raise Unsaveable(
            _("You have %(most)d views, which is the most. Delete one first.") % {"most": MOST_VIEWS}
        )
    return kept


def forget_view(*, pk: int, by: Any) -> str | None:
    """Delete one of somebody's own; its name, None = they have no such view."""
    return forget_named(SavedView, pk=pk, by=by)
