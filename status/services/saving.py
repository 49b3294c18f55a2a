"""Keeping and forgetting the views of the board that a reader named.

    Unsaveable    theirs, permanent: no name, too long a wish, or as many views as one may have

They are a reader's own and concern nobody else: no audit trail.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from status.models import SavedView
from status.models.saved import MOST_VIEWS, NAME_MOST, QUERY_MOST


class Unsaveable(ValueError):
    """It cannot be kept like that."""


def save_view(*, name: str, query: str, by: Any, now: datetime) -> tuple[SavedView, bool]:
    """Keep a view under a name; the view, and whether it is new: a name that is known leads to this now.

    query: canonical. Raises Unsaveable.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > NAME_MOST:
        raise Unsaveable(_("A view needs a name of at most %(most)d characters.") % {"most": NAME_MOST})
    if len(query) > QUERY_MOST:
        raise Unsaveable(_("These are too many filters to keep as one view."))
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=by.pk)  # one at a time, so that 30 stay 30
        # By the constraint's own rule: iexact compares upper cases, and the Kelvin sign is no K there.
        own = SavedView.objects.filter(user=by).alias(folded=Lower("name"))
        known = own.filter(folded=Lower(Value(name))).first()
        if known is None and SavedView.objects.filter(user=by).count() >= MOST_VIEWS:
            raise Unsaveable(
                _("You have %(most)d views, which is the most. Delete one first.") % {"most": MOST_VIEWS}
            )
        if known is None:
            return SavedView.objects.create(user=by, name=name, query=query, created_at=now), True
        known.name, known.query = name, query
        known.save(update_fields=["name", "query"])
        return known, False


def forget_view(*, pk: int, by: Any) -> str | None:
    """Delete one of somebody's own; its name, None = they have no such view."""
    view = SavedView.objects.filter(pk=pk, user=by).first()
    if view is None:
        return None
    view.delete()
    return view.name
