"""What every notice in words has in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice in one language.

    `title`: one line, for a subject or a heading. `lead`: what happened, one sentence. `facts`: label and
    value, the weightiest first. `said`: what people wrote, "" = nothing. `tone`: info | minor | major |
    critical | over, for colours. `url`: where more stands, "" = nowhere.
    """

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    said: str
    tone: str
    url: str
    simulated: bool

    def lines(self) -> list[str]:
        """As plain text, line by line, without the title."""
        lines = [self.lead, *([self.said] if self.said else [])]
        lines += [f"{label}: {value}" for label, value in self.facts]
        return [*lines, *([self.url] if self.url else [])]


def moment(text: Any) -> str:
    """An ISO 8601 moment for people, to the minute; "" for None."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC") if text else ""


def simulated_of(facts: Mapping[str, Any]) -> bool:
    return bool(facts.get("simulated"))


def name_of(named: Any) -> str:
    """Of {slug, name}, or of a plain slug."""
    if isinstance(named, Mapping):
        return str(named.get("name") or named.get("slug") or "")
    return str(named or "")


def marked(title: str, *, simulated: bool) -> str:
    """One line that says where it is no real provider's trouble."""
    mark = _("[simulated]")
    return one_line(f"{mark} {title}" if simulated else title)


def one_line(text: str) -> str:
    return " ".join(text.split())
