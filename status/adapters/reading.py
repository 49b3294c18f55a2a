"""What an official status page says, once read: plain values. Pure.

    Unreadable    theirs, until the page or our reader changes: the answer is not in the page's form

A page is read whole or not at all: half of one must never look like health.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

#: What a component can be, from well to worst; "unknown" says nothing.
COMPONENT_STATES: Final = (
    *("operational", "maintenance", "degraded", "partial_outage", "major_outage", "unknown"),
)
#: What a page can say of everything at once; "" = it says nothing, or nothing that we know.
INDICATORS: Final = ("", "none", "maintenance", "minor", "major", "critical")
IMPACTS: Final = ("none", "minor", "major", "critical", "maintenance", "unknown")
#: Where an incident is; "gone": it is no longer on the page, which never told of its end.
INCIDENT_STATES: Final = (
    *("investigating", "identified", "monitoring", "resolved", "postmortem", "update"),
    *("scheduled", "in_progress", "verifying", "completed", "gone"),
)
#: After these an incident is over.
OVER: Final = frozenset({"resolved", "postmortem", "completed", "gone"})
#: An incident tells its newest updates, a page its newest incidents.
MOST_UPDATES: Final = 100
MOST_INCIDENTS: Final = 500
MOST_COMPONENTS: Final = 1_000


class Unreadable(ValueError):
    """`place`: where in which answer ("summary.json: components[3].status"), `problem`: what is there."""

    def __init__(self, place: str, problem: str) -> None:
        self.place = place.rstrip(":")
        self.problem = problem
        super().__init__(f"{self.place}: {problem}")


@dataclass(frozen=True, slots=True)
class Source:
    """An address of a page. `name` is its key among a page's bodies, mostly its path.

    url: may hold `{since_s}` and `{until_s}`, which `at` fills. required: without it nothing is read; an
    optional one may be missing. max_bytes: of the answer.
    """

    name: str
    url: str
    required: bool = True
    max_bytes: int = 2_000_000

    def at(self, now: datetime) -> str:
        """The address to ask at `now`: from a month ago to tomorrow, the same all day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        since, until = day - timedelta(days=30), day + timedelta(days=1)
        since_s, until_s = (str(int(moment.timestamp())) for moment in (since, until))
        return self.url.replace("{since_s}", since_s).replace("{until_s}", until_s)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the provider's service. `status`: one of COMPONENT_STATES; `group`: its group's name."""

    id: str
    name: str
    status: str
    group: str = ""

    def to_json(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "status": self.status, "group": self.group}


@dataclass(frozen=True, slots=True)
class Update:
    """One text under an incident: plain, without markup, at most 5,000 characters. Times are UTC."""

    id: str
    status: str
    body: str
    published_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        at = self.published_at.isoformat() if self.published_at else None
        return {"id": self.id, "status": self.status, "body": self.body, "published_at": at}


@dataclass(frozen=True, slots=True)
class PageIncident:
    """An incident as the page tells it. Times are UTC; None = the page does not say.

    `claimed_started_at`: when they say that it began, which may be back-dated. `published_at`: when they
    first said anything (the oldest update's creation). `resolved_at`: when they say that it ended; None =
    it has not. `updates`: newest first. `components`: names. `maintenance`: announced work, no trouble.
    """

    external_id: str
    title: str
    impact: str
    status: str
    url: str = ""
    claimed_started_at: datetime | None = None
    published_at: datetime | None = None
    resolved_at: datetime | None = None
    components: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that one reading of a page tells.

    `complete`: an incident that was there and is not any more, is over; where it is False, nothing follows
    from what is not there, and an empty page does not mean health.
    """

    indicator: str
    components: tuple[Component, ...]
    incidents: tuple[PageIncident, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader is given: the bodies by their sources' names, and what of the page is the provider's.

    `scope`: words of which a component's, product's or category's name or id must have one; none = all.
    """

    bodies: Mapping[str, bytes]
    scope: Sequence[str] = field(default=())
