"""docker-compose.yml read as Compose reads it, and its services' commands as local processes."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from testing.environment import ROOT

#: ${NAME:-default}, ${NAME:?message}, ${NAME}, and $$ for a dollar sign.
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True)
class ComposeService:
    """One service; `environment` and `command` with the variables of .env filled in."""

    name: str
    image: str
    command: list[str]
    environment: dict[str, str]
    ports: list[str]
    raw: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether it runs AI-GO's own image."""
        return "build" in self.raw


def services(variables: dict[str, str], *, file: Path = ROOT / "docker-compose.yml") -> list[ComposeService]:
    """The services in the file's order. KeyError with the file's own message where a variable is missing."""
    document = yaml.safe_load(file.read_text())
    return [_service(name, _filled(raw, variables)) for name, raw in document["services"].items()]


def _service(name: str, raw: dict[str, Any]) -> ComposeService:
    return ComposeService(
        name=name,
        image=raw["image"],
        command=[str(word) for word in raw.get("command", [])],
        environment={key: str(value) for key, value in raw.get("environment", {}).items()},
        ports=raw.get("ports", []),
        raw=raw,
    )


def _filled(value: Any, variables: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value_of(match, variables), value)
    return value


def _value_of(match: re.Match[str], variables: dict[str, str]) -> str:
    if match["dollar"]:
        return "$"
    value = variables.get(match["name"], "")
    if value or match["kind"] is None:
        return value
    if match["kind"] == ":?":
        raise KeyError(f"{match['name']}: {match['rest']}")
    return match["rest"] or ""
