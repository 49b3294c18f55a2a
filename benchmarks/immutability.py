"""What was published stays as it was: the databases' own rule, for whatever way a row is written.

Of a score that has been published nothing of its content changes, nor when it was published or withdrawn; it
is published once, and a correction is another row. SQLite loses a table's triggers whenever a migration makes
the table anew, so the rule is laid again after every migrate (benchmarks.receivers), not by one migration.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

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
    if not set(lasting_columns()) <= _columns_of(table, connection):
        return
    postgresql = connection.vendor == "postgresql"
    distinct = "IS DISTINCT FROM" if postgresql else "IS NOT"
    changed = [f'OLD."{column}" {distinct} NEW."{column}"' for column in lasting_columns()]
    changed.append(f"(OLD.withdrawn_at IS NOT NULL AND OLD.withdrawn_at {distinct} NEW.withdrawn_at)")
    broken = f"OLD.published_at IS NOT NULL AND ({' OR '.join([*changed, _BACK])})"
    with connection.cursor() as cursor:
        for statement in _ON_POSTGRESQL if postgresql else _ON_SQLITE:
            cursor.execute(statement.format(name=_NAME, table=table, broken=broken, words=WORDS))


def _columns_of(table: str, connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


_ON_SQLITE: Final = (
    'DROP TRIGGER IF EXISTS "{name}"',
    'CREATE TRIGGER "{name}" BEFORE UPDATE ON "{table}" WHEN {broken}'
    " BEGIN SELECT RAISE(ABORT, '{words}'); END",
)
#: 23000 is an integrity constraint violation, which Django knows as IntegrityError.
_ON_POSTGRESQL: Final = (
    'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $rule$'
    " BEGIN IF TG_OP = 'DELETE' THEN"
    " IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23000'; END IF;"
    " RETURN OLD; END IF;"
    " IF {broken} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23000'; END IF; RETURN NEW; END $rule$",
    'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
    'CREATE TRIGGER "{name}" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
)
