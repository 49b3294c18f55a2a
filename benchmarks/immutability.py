"""What was published stays as it was: the databases' own rule, for whatever way a row is written.

Of a score that has been published nothing of its content changes, nor when it was published or withdrawn; it
is published once, and a correction is another row. SQLite loses a table's triggers whenever a migration makes
the table anew, so the rule is laid again after every migrate (benchmarks.receivers), not by one migration.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from aigo.lib.lasting import changed, columns_of, lay
from benchmarks.models import Score

#: What may change of a published score: its way, who looks after it, when the source was last seen to say it,
#: and what is derived from its content by rules that improve.
MAY_CHANGE: Final = frozenset(
    {
        *("state", "withdrawn_at", "version", "reviewer", "due_on", "publish_at", "locked_by"),
        *("locked_until", "author", "edited_by", "approved_by", "approved_at", "run", "seen_at"),
        *("setting", "setting_key"),
    }
)
WORDS: Final = "A published score never changes: publish a correction that supersedes it."
_NAME: Final = "benchmarks_score_stays"
#: Where the way leads from published: never back.
_BACK: Final = (
    "NEW.state NOT IN ('published', 'withdrawn', 'archived')"
    " OR (NEW.state = 'published' AND OLD.state <> 'published')"
)


def lasting_columns() -> list[str]:
    """The columns that stay, in the table's order."""
    kept = (field for field in Score._meta.concrete_fields if field.name not in MAY_CHANGE)
    return [str(field.column) for field in kept if not field.primary_key]


def lay_rule(connection: BaseDatabaseWrapper) -> None:
    """Lay the rule, in place of an earlier one. Nothing where the table is not (yet) the present one."""
    table = Score._meta.db_table
    if not set(lasting_columns()) <= columns_of(table, connection):
        return
    withdrawn_anew = f"(OLD.withdrawn_at IS NOT NULL AND {changed(['withdrawn_at'], connection)})"
    parts = (changed(lasting_columns(), connection), withdrawn_anew, _BACK)
    lasts = "OLD.published_at IS NOT NULL"
    broken = f"{lasts} AND ({' OR '.join(parts)})"
    lay(connection, name=_NAME, table=table, broken=broken, lasts=lasts, words=WORDS)
