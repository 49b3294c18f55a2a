"""Keeping and forgetting the comparisons that a reader named.

    Unsaveable    theirs, permanent: no name, nothing compared, or as many as one may have

They are a reader's own and concern nobody else: no audit trail.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from compare.models import ADDRESS_MOST, MOST_SAVED, NAME_MOST, SavedComparison


class Unsaveable(ValueError):
    """It cannot be kept like that."""


def save_comparison(*, name: str, address: str, by: Any, now: datetime) -> tuple[SavedComparison, bool]:
    """Keep a comparison under a name; the row, and whether it is new: a known name leads to this one now.

    address: the canonical query. Raises Unsaveable.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > NAME_MOST:
        raise Unsaveable(_("A comparison needs a name of at most %(most)d characters.") % {"most": NAME_MOST})
    if not address or len(address) > ADDRESS_MOST:
        raise Unsaveable(_("Choose a model first: nothing is compared."))
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=by.pk)  # one at a time, so that 30 stay 30
        # By the constraint's own rule: iexact compares upper cases, and the Kelvin sign is no K there.
        own = SavedComparison.objects.filter(user=by).alias(folded=Lower("name"))
        known = own.filter(folded=Lower(Value(name))).first()
        if known is None and SavedComparison.objects.filter(user=by).count() >= MOST_SAVED:
            raise Unsaveable(
                _("You have %(most)d comparisons, which is the most. Delete one first.")
                % {"most": MOST_SAVED}
            )
        if known is None:
            return SavedComparison.objects.create(user=by, name=name, address=address, made_at=now), True
        known.name, known.address = name, address
        known.save(update_fields=["name", "address"])
        return known, False


def forget_comparison(*, pk: int, by: Any) -> str | None:
    """Delete one of somebody's own; its name, None = they have no such comparison."""
    row = SavedComparison.objects.filter(pk=pk, user=by).first()
    if row is None:
        return None
    row.delete()
    return row.name
