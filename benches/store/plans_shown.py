"""How the database goes about a question: EXPLAIN of every statement that it leads to."""

from typing import Any

from benches.store import product
from benches.store.copying import fetch, on_postgresql
from benches.store.questions import Question


def of(question: Question) -> list[str]:
    """A text per statement: the statement, and its plan with times on PostgreSQL."""
    statements = product.statements_of(question.ask)
    return [f"{sql}\n\n{_plan(sql, parameters)}" for sql, parameters in statements]


def _plan(statement: str, parameters: Any) -> str:
    if on_postgresql():
        rows = fetch(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters)
        return "\n".join(row[0] for row in rows)
    rows = fetch(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row[3] for row in rows)
