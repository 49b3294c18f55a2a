"""Keeping and forgetting the comparisons that a reader named.

    Unsaveable    theirs, permanent: no name, nothing compared, or as many as one may have

They are a reader's own and concern nobody else: no audit trail.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aigo.lib.naming import forget_named, keep_named, named
from compare.models import ADDRESS_MOST, MOST_SAVED, NAME_MOST, SavedComparison


class Unsaveable(ValueError):
    """It cannot be kept like that."""


def save_comparison(*, name: str, address: str, by: Any, now: datetime) -> tuple[SavedComparison, bool]:
    """Keep a comparison under a name; the row, and whether it is new: a known name leads to this one now.

    address: the canonical query. Raises Unsaveable.
    """
    name = named(name)
    if not name or len(name) > NAME_MOST:
        raise Unsaveable(_("A comparison needs a name of at most %(most)d characters.") % {"most": NAME_MOST})
    if not address or len(address) > ADDRESS_MOST:
        raise Unsaveable(_("Choose a model first: nothing is compared."))
    kept = keep_named(
        SavedComparison,
        name=name,
        what={"address": address},
        first={"made_at": now},
        most=MOST_SAVED,
        by=by,
    )
    if kept is None:
        raise Unsaveable(
            _("You have %(most)d comparisons, which is the most. Delete one first.") % {"most": MOST_SAVED}
        )
    return kept


def forget_comparison(*, pk: int, by: Any) -> str | None:
    """Delete one of somebody's own; its name, None = they have no such comparison."""
    return forget_named(SavedComparison, pk=pk, by=by)
