"""Long lists in parts, as one query, one mail connection or one message can carry them. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
#: SQLite takes so many keys in one query, with room for the rest of it.
KEYS_PER_QUERY: Final = 900


def chunks(items: Sequence[T], size: int = KEYS_PER_QUERY) -> Iterator[Sequence[T]]:
    """In order, `size` at a time, the last one what is left; of nothing there is none."""
    return (items[start : start + size] for start in range(0, len(items), size))
