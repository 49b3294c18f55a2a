"""One object per process, made on first use; safe when several threads come first (lru_cache is not)."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  (used as a decorator)
    """Decorates a function without arguments: every call answers the first call's object."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def take(self) -> T | None:
        """The object, if one was made, and forget it: the next call makes another."""
        with self._lock:
            return self._made.pop() if self._made else None
