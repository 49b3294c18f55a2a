"""The strict reader of pages' JSON: what is not as expected is named with its place. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from status.adapters.reading import Unreadable

#: No status page speaks of other years.
FIRST_YEAR, LAST_YEAR = 1990, 2199
#: So much of what was found instead is told.
_SHOWN = 80


class Shape:
    """A JSON value that knows where it stands; every reader raises Unreadable naming that place."""

    __slots__ = ("place", "value")

    def __init__(self, value: Any, place: str) -> None:
        self.value = value
        self.place = place

    def fail(self, expected: str) -> Unreadable:
        return Unreadable(self.place, f"expected {expected}, found {json.dumps(self.value)[:_SHOWN]}")

    def _under(self, step: str) -> str:
        """summary.json: components[3].status"""
        if self.place.endswith(":"):
            return f"{self.place} {step}"
        return f"{self.place}{step}" if step.startswith("[") else f"{self.place}.{step}"

    def has(self, key: str) -> bool:
        return self.mapping().get(key) is not None

    def mapping(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        return self.value

    def at(self, key: str) -> Shape:
        value = self.mapping().get(key)
        if value is None:
            raise Unreadable(self._under(key), "is missing")
        return Shape(value, self._under(key))

    def items(self, most: int) -> Iterator[Shape]:
        """The first `most` of a list."""
        if not isinstance(self.value, list):
            raise self.fail("a list")
        for index, value in enumerate(self.value[:most]):
            yield Shape(value, self._under(f"[{index}]"))

    def each(self, key: str, most: int) -> Iterator[Shape]:
        """The items of the list at `key`; none where there is no such list."""
        if self.has(key):
            yield from self.at(key).items(most)

    def text(self, limit: int = 300) -> str:
        """A text or a number as text, cut at `limit`; it must not be empty."""
        found = str(self.value) if isinstance(self.value, int) else self.value
        if isinstance(self.value, bool) or not isinstance(found, str) or not storable(found).strip():
            raise self.fail("a text that is not empty")
        return storable(found).strip()[:limit]

    def text_at(self, key: str, limit: int = 300) -> str:
        """The text at `key`, "" where there is none."""
        found = self.mapping().get(key)
        return self.at(key).text(limit) if found not in (None, "") else ""

    def moment(self) -> datetime:
        """ISO 8601, or seconds since 1970; a time without zone is taken for UTC."""
        try:
            if isinstance(self.value, int | float) and not isinstance(self.value, bool):
                return datetime.fromtimestamp(self.value, UTC)
            if isinstance(self.value, str) and self.value.isdigit():
                return datetime.fromtimestamp(int(self.value), UTC)
            found = datetime.fromisoformat(self.value)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            raise self.fail("a moment (ISO 8601)") from None

    def moment_at(self, *keys: str) -> datetime | None:
        """The moment at the first of these keys that has one; see `told`."""
        found = (told(self.at(key).moment()) for key in keys if self.mapping().get(key))
        return next((moment for moment in found if moment is not None), None)


def storable(text: str) -> str:
    """The text without what databases refuse: NUL, and halves of characters, which JSON can spell."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def told(moment: datetime | None) -> datetime | None:
    """The moment, None where it only stands for none: year 1 (Go, .NET), 1970 (a zero) or 9999 ("never").

    Nobody can reckon with these either: a zone or an hour more leaves the calendar.
    """
    return moment if moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def parse(bodies: Mapping[str, bytes], name: str) -> Shape:
    """The JSON of the body `name`, in UTF-8, UTF-16 or UTF-32. Raises Unreadable."""
    if name not in bodies:
        raise Unreadable(name, "was not answered")
    body = bodies[name]
    try:
        return Shape(json.loads(body), f"{name}:")
    except (ValueError, RecursionError):
        raise Unreadable(name, f"expected JSON, found {_described(body)}") from None


def _described(body: bytes) -> str:
    if not body.strip():
        return "an empty answer"
    begin = body[:200].decode("utf-8", "replace").strip()
    what = "an HTML page that begins with" if begin.startswith("<") else "a text that begins with"
    return f"{what} {begin[:_SHOWN]!r}"
