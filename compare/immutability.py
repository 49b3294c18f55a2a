"""A frozen comparison shows the same figures for ever: nothing of it changes, whatever way it is written."""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from aigo.lib.lasting import changed, columns_of, lay
from compare.models import FrozenComparison

WORDS: Final = "A frozen comparison never changes: freeze another one."
_NAME: Final = "compare_frozen_stays"


def lay_rule(connection: BaseDatabaseWrapper) -> None:
    """Lay the rule, in place of an earlier one. Nothing where there is no such table (yet)."""
    table = FrozenComparison._meta.db_table
    lasting = [str(field.column) for field in FrozenComparison._meta.concrete_fields]
    if set(lasting) <= columns_of(table, connection):
        broken = changed(lasting, connection)
        lay(connection, name=_NAME, table=table, broken=broken, lasts="TRUE", words=WORDS)
