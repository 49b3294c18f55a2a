"""What a database holds besides rows: tables with their columns, indexes and constraints, as plain text.

Names that carry a hash or a day are told without it, and SQLite's columns without their order, so that two
ways to the same schema compare equal.
"""

import re

from testing.stores import query

#: table → kind of part → the parts, sorted
Schema = dict[str, dict[str, list[str]]]

COLUMNS = """
    SELECT table_name, column_name || ' ' || data_type || coalesce('(' || character_maximum_length || ')', '')
        || ' ' || is_nullable || ' ' || coalesce(column_default, '') || ' ' || is_identity AS part
    FROM information_schema.columns WHERE table_schema = 'public'
"""
INDEXES = "SELECT tablename AS table_name, indexdef AS part FROM pg_indexes WHERE schemaname = 'public'"
CONSTRAINTS = """
    SELECT relname AS table_name, contype::text || ' ' || pg_get_constraintdef(c.oid) AS part
    FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = 'public'
"""
ALL_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgres": """SELECT relname AS name FROM pg_class t JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm')""",
}
DAY = re.compile(r"_p\d{8}\b")
HASH = re.compile(r"_[0-9a-f]{8}(_|\b)")


def tables(url: str) -> list[str]:
    """The names of all tables, those of a partition's days left out."""
    names = query(url, ALL_TABLES["sqlite" if url.startswith("sqlite:") else "postgres"])
    return sorted(row["name"] for row in names if not DAY.search(row["name"]))


def read(url: str) -> Schema:
    """The schema of the database at `url`."""
    if url.startswith("sqlite:"):
        return {table: _of_sqlite(url, table) for table in tables(url)}
    found: Schema = {table: {} for table in tables(url)}
    for kind, statement in (("columns", COLUMNS), ("indexes", INDEXES), ("constraints", CONSTRAINTS)):
        for row in query(url, statement):
            if not DAY.search(row["table_name"]):
                found[row["table_name"]].setdefault(kind, []).append(_nameless(row["part"]))
    return {table: {kind: sorted(parts) for kind, parts in kinds.items()} for table, kinds in found.items()}


def _of_sqlite(url: str, table: str) -> dict[str, list[str]]:
    columns = query(url, f'PRAGMA table_info("{table}")')
    keys = query(url, f'PRAGMA foreign_key_list("{table}")')
    made = "SELECT sql FROM sqlite_master WHERE type = '{}' AND tbl_name = '{}' AND sql IS NOT NULL"
    (text,) = (row["sql"] for row in query(url, made.format("table", table)))
    return {
        "columns": sorted(
            f"{c['name']} {c['type']} {c['notnull']} {c['dflt_value']} {c['pk']}" for c in columns
        ),
        "keys": sorted(f"{k['from']} {k['table']}.{k['to']} {k['on_delete']}" for k in keys),
        "checks": sorted(re.findall(r"CONSTRAINT \"\w+\" CHECK", text)),
        "indexes": sorted(_nameless(row["sql"]) for row in query(url, made.format("index", table))),
    }


def _nameless(part: str) -> str:
    return HASH.sub(r"_#\1", part)
