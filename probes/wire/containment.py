"""What the loop calls must not fail silently: a fault of ours ends the attempt that it happened in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast


class Containing(Protocol):
    """Whoever ends itself when one of its methods failed."""

    def crashed(self, exc: Exception) -> None: ...


Entry = TypeVar("Entry", bound=Callable[..., None])


def contained(entry: Entry) -> Entry:
    """For methods: an exception ends their owner (`crashed`) instead of leaving it to its time limit."""

    @wraps(entry)
    def call(self: Containing, *arguments: Any) -> None:
        try:
            entry(self, *arguments)
        except Exception as exc:
            self.crashed(exc)

    return cast(Entry, call)
