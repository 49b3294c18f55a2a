"""Rows that stay as they are: the databases' own rule, for whatever way a row is written.

SQLite loses a table's triggers whenever a migration makes the table anew, so a rule is laid again after every
migrate, not by one migration. PostgreSQL refuses deletion, too; on SQLite the app's own code does, since a
trigger there would keep test databases from being emptied.
"""

from __future__ import annotations

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper


def changed(columns: list[str], connection: BaseDatabaseWrapper) -> str:
    """SQL: any of these columns is another one after the update."""
    distinct = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    return " OR ".join(f'OLD."{column}" {distinct} NEW."{column}"' for column in columns)


def columns_of(table: str, connection: BaseDatabaseWrapper) -> set[str]:
    """The table's columns as they are in the database; empty where there is no such table."""
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def lay(
    connection: BaseDatabaseWrapper, *, name: str, table: str, broken: str, lasts: str, words: str
) -> None:
    """Lay a rule, in place of an earlier one of its name.

    broken: SQL over OLD and NEW, the update that is refused; lasts: over OLD, the row that stays;
    words: what the IntegrityError says, without quotes. All are our own constants, never anybody's input.
    """
    parts = {"name": name, "table": table, "broken": broken, "lasts": lasts, "words": words}
    with connection.cursor() as cursor:
        for statement in _ON_POSTGRESQL if connection.vendor == "postgresql" else _ON_SQLITE:
            cursor.execute(statement.format(**parts))


_ON_SQLITE: Final = (
    'DROP TRIGGER IF EXISTS "{name}"',
    'CREATE TRIGGER "{name}" BEFORE UPDATE ON "{table}" WHEN {broken}'
    " BEGIN SELECT RAISE(ABORT, '{words}'); END",
)
#: 23000 is an integrity constraint violation, which Django knows as IntegrityError.
_ON_POSTGRESQL: Final = (
    'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $rule$'
    " BEGIN IF TG_OP = 'DELETE' THEN"
    " IF {lasts} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23000'; END IF;"
    " RETURN OLD; END IF;"
    " IF {broken} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23000'; END IF; RETURN NEW; END $rule$",
    'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
    'CREATE TRIGGER "{name}" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
)
