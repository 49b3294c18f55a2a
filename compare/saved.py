"""A reader's own comparisons, as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aigo.lib.kept import AWAY
from compare.asking import PATH, CompareWish
from compare.models import MOST_SAVED, NAME_MOST, SavedComparison


@dataclass(frozen=True, slots=True)
class SavedRow:
    """`url`: the page with it; `current`: it is the one that is shown."""

    pk: int
    name: str
    query: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class SavedComparisons:
    """`signed_in`: they are kept in the account, else by the browser alone. `query`: of what is shown, "" =
    nothing is compared; `most`, `name_most`: limits."""

    signed_in: bool
    query: str
    rows: Sequence[SavedRow] = ()
    most: int = MOST_SAVED
    name_most: int = NAME_MOST


def saved_comparisons_of(user: Any, wish: CompareWish) -> SavedComparisons:
    """Somebody's own. One query for who is signed in, none for others; while the database is away nobody is
    known."""
    query = wish.query if wish.models else ""
    try:
        if not user.is_authenticated:
            return SavedComparisons(False, query)
        rows = list(SavedComparison.objects.filter(user=user).values_list("pk", "name", "address"))
    except AWAY:
        return SavedComparisons(False, query)
    found = [SavedRow(pk, name, kept, f"{PATH}?{kept}", kept == query) for pk, name, kept in rows]
    return SavedComparisons(True, query, sorted(found, key=lambda row: row.name.casefold()))
