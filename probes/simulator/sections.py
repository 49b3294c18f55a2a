"""One JSON object of a scenario file, read key by key.

Every error names the file, the key, the value and what would be accepted.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


class ScenarioError(ValueError):
    """Ours, permanent until the file is mended."""


class Section:
    """One JSON object of the file, read key by key; `done` refuses what nobody asked for."""

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, dict):
            raise ScenarioError(f"{path}: expected an object, got {data!r}")
        self._data = data
        self._path = path
        self._asked: set[str] = {"about"}

    def at(self, key: str) -> str:
        return f"{self._path}.{key}"

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        return self._data.get(key, default)

    def number(self, key: str, default: float | None, low: float, high: float) -> float:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ScenarioError(f"{self.at(key)}: expected a number from {low:g} to {high:g}, got {value!r}")
        return float(value)

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        value = self.get(key)
        if value not in (names := list(allowed)):
            raise ScenarioError(f"{self.at(key)}: expected one of {', '.join(names)}, got {value!r}")
        return str(value)

    def names(self, key: str, allowed: Iterable[str] | None = None) -> list[str]:
        value = self.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ScenarioError(f"{self.at(key)}: expected a list of names, got {value!r}")
        known = None if allowed is None else set(allowed)
        for item in value:
            if known is not None and item not in known:
                raise ScenarioError(
                    f"{self.at(key)}: unknown name {item!r}; known: {', '.join(sorted(known))}"
                )
        return value

    def sections(self, key: str) -> list["Section"]:
        value = self.get(key, [])
        if not isinstance(value, list):
            raise ScenarioError(f"{self.at(key)}: expected a list, got {value!r}")
        return [Section(item, f"{self.at(key)}[{index}]") for index, item in enumerate(value)]

    def moment(self, key: str, default: str | None) -> datetime | None:
        """An ISO 8601 moment, in UTC where it names no zone. None = no value and no default."""
        value = self.get(key, default)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError as exc:
            raise ScenarioError(f"{self.at(key)}: expected an ISO 8601 moment, got {value!r}") from exc
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def flag(self, key: str) -> bool:
        value = self.get(key, False)
        if not isinstance(value, bool):
            raise ScenarioError(f"{self.at(key)}: expected true or false, got {value!r}")
        return value

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._data

    def section(self, key: str) -> "Section":
        return Section(self.get(key, {}), self.at(key))

    def items(self) -> list[tuple[str, "Section"]]:
        """Every key but `about`, each an object."""
        self._asked |= set(self._data)
        return [(key, Section(value, self.at(key))) for key, value in self._data.items() if key != "about"]

    def done(self) -> None:
        if unknown := sorted(set(self._data) - self._asked):
            raise ScenarioError(
                f"{self.at(unknown[0])}: unknown key; known: {', '.join(sorted(self._asked))}"
            )

    def over(self, base: "Section") -> "Section":
        """This section laid over `base`: keys missing here come from there."""
        return Section({**base._data, **self._data}, self._path)
