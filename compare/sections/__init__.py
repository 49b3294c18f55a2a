"""The sections of a comparison: each reads what is known of the columns and makes its rows.

rows           cells and rows: envelopes, reasons, and which is best
specification  price  api  performance  benchmarks  operation
"""

from collections.abc import Sequence

from benchmarks.matrix import Matrix
from compare.lines import SECTIONS
from compare.sections import api, benchmarks, operation, performance, price, specification
from compare.subjects import Subject
from compare.table import Group


def groups_of(subjects: Sequence[Subject], matrix: Matrix) -> tuple[Group, ...]:
    """Every section in its order; none where nobody is compared, and none without a row."""
    if not subjects:
        return ()
    made = {
        "specification": specification.rows(subjects),
        "price": price.rows(subjects),
        "api": api.rows(subjects),
        "performance": performance.rows(subjects),
        "benchmarks": benchmarks.rows(subjects, matrix),
        "operation": operation.rows(subjects),
    }
    groups = (Group(section, tuple(made[section.key])) for section in SECTIONS)
    return tuple(group for group in groups if group.rows)
