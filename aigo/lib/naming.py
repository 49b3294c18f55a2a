"""What readers keep under names: so many of each reader at most, no two names alike but for case."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Value
from django.db.models.functions import Lower

Row = TypeVar("Row", bound=Model)


def named(name: str) -> str:
    """The name as it is kept: without the blanks that nobody sees."""
    return " ".join(name.replace("\0", "").split())


@transaction.atomic
def keep_named(
    model: type[Row], *, name: str, what: Mapping[str, Any], first: Mapping[str, Any], most: int, by: Any
) -> tuple[Row, bool] | None:
    """Keep something under a name; the row, and whether it is new: a known name leads to this one now.

    model: has `user` and `name`; what: its other columns; first: those that stay as they were when it was
    saved first. None: there are `most` already.
    """
    get_user_model().objects.select_for_update().get(pk=by.pk)  # one at a time, so that 30 stay 30
    own = model._default_manager.filter(user=by)
    # By the constraint's own rule: iexact compares upper cases, and the Kelvin sign is no K there.
    known = own.alias(folded=Lower("name")).filter(folded=Lower(Value(name))).first()
    if known is None and own.count() >= most:
        return None
    if known is None:
        return model._default_manager.create(user=by, name=name, **what, **first), True
    changes = {"name": name, **what}
    for column, value in changes.items():
        setattr(known, column, value)
    known.save(update_fields=list(changes))
    return known, False


def forget_named(model: type[Model], *, pk: int, by: Any) -> str | None:
    """Delete one of somebody's own; its name, None = they have no such one."""
    row: Any = model._default_manager.filter(pk=pk, user=by).first()
    if row is None:
        return None
    row.delete()
    return str(row.name)
