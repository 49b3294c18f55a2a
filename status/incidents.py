"""Open incidents as readers see them: plain data, the same on pages, in frames and in the API."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aigo.lib.moments import moment_text
from aigo.lib.words import Words

#: From the lightest to the gravest.
SEVERITIES = ("info", "minor", "major", "critical")
#: Updates that say how far it is; the others are remarks.
STAGES = ("investigating", "identified", "monitoring", "resolved")


def effective_severity(measured: str, by_hand: str | None) -> str:
    """What everybody is told: what a person decided, else what was measured."""
    return by_hand or measured


@dataclass(frozen=True, slots=True)
class UpdateLine:
    """What a person told. `corrects`, `corrected_by`: ids of updates; one that was corrected still shows,
    as that. `at`: UTC."""

    id: int
    at: datetime
    status: str
    body: Words
    corrects: int | None = None
    corrected_by: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As in frames and in the API."""
        return {
            "id": self.id,
            "at": moment_text(self.at),
            "status": self.status,
            "body": self.body.to_json(),
            "corrects": self.corrects,
            "corrected_by": self.corrected_by,
        }


def standing(updates: Iterable[UpdateLine]) -> list[UpdateLine]:
    """Those that were not corrected, as they were sorted."""
    return [update for update in updates if update.corrected_by is None]


def stage_of(state: str, updates: Sequence[UpdateLine], *, postmortem: bool = False) -> str:
    """Where an incident is, in the words of status pages.

    Measurements alone say that it is over: then resolved, or postmortem once that is published. Before, what
    people said last; investigating where nobody said anything. state: open | flapping | closed.
    updates: oldest first.
    """
    if state == "closed":
        return "postmortem" if postmortem else "resolved"
    said = [update.status for update in standing(updates) if update.status in STAGES[:-1]]
    return said[-1] if said else STAGES[0]


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident that has not ended.

    `provider` is its name. kind: endpoint | provider; scope: regional | global; severity: info | minor |
    major | critical; state: open | flapping. `cause`: one word for machines. `since`: when the trouble began,
    UTC. `slugs` and `names`: its endpoints' slugs and their models' names, in the same order; `regions`:
    slugs, sorted. `severity` is the effective one, `severity_measured` what was measured. `title`: what it
    is called everywhere, the provider's name in it; `title_by_hand`: empty where it is made from the facts.
    `stage`: `stage_of`; `newest`: what people told last, None where they told nothing.
    """

    id: int
    provider: str
    provider_slug: str
    kind: str
    scope: str
    severity: str
    state: str
    cause: str
    since: datetime
    regions: tuple[str, ...]
    slugs: tuple[str, ...]
    names: tuple[str, ...]
    simulated: bool
    severity_measured: str = ""
    title: Words = field(default_factory=Words)
    title_by_hand: Words = field(default_factory=Words)
    stage: str = STAGES[0]
    newest: UpdateLine | None = None

    def to_json(self) -> dict[str, Any]:
        """The object of `incident` and `snapshot` frames; `since` as ISO 8601, UTC."""
        return {
            "id": self.id,
            "provider": self.provider,
            "provider_slug": self.provider_slug,
            "kind": self.kind,
            "scope": self.scope,
            "severity": self.severity,
            "severity_measured": self.severity_measured or self.severity,
            "title": self.title.to_json(),
            "stage": self.stage,
            "update": self.newest.to_json() if self.newest else None,
            "state": self.state,
            "cause": self.cause,
            "since": moment_text(self.since),
            "regions": list(self.regions),
            "slugs": list(self.slugs),
            "names": list(self.names),
            "simulated": self.simulated,
        }
