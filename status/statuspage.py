"""The board and the incidents in the words of Atlassian's Statuspage API v2 (ADR 24 says what maps to what).

https://developer.statuspage.io (public API of a page); clients read `summary`, `status`, `components`,
`incidents` and `scheduled-maintenances`. Texts are English: the API answers everybody alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from aigo.lib.moments import moment_text
from status.board import BoardRow
from status.chronicle import Entry, IncidentStory
from status.incidents import STAGES
from status.maintenance import MaintenanceLine
from status.rules import Reason, State, StepKind

PAGE_ID: Final = "ai-go"
IMPACTS: Final[Mapping[str, str]] = {
    "info": "none",
    "minor": "minor",
    "major": "major",
    "critical": "critical",
}
#: Component's status → what it makes of the page, where no incident says more.
INDICATORS: Final[Mapping[str, str]] = {
    "operational": "none",
    "under_maintenance": "none",
    "degraded_performance": "minor",
    "partial_outage": "minor",
    "major_outage": "major",
}
#: From the best to the worst.
_STATUSES: Final = tuple(INDICATORS)
_INDICATORS: Final = ("none", "minor", "major", "critical")
_WORDS: Final[Mapping[str, str]] = {
    "none": "All Measured Systems Operational",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the answers are cut from. `rows`: every endpoint over all regions, by any order; `open`: incidents
    that have not ended, `recent`: the newest, open or over; `maintenance`: occurrences that readers are told
    of. `site`: the page's own address without a slash at the end.
    """

    site: str
    rows: Sequence[BoardRow]
    open: Sequence[IncidentStory]
    recent: Sequence[IncidentStory]
    maintenance: Sequence[MaintenanceLine]
    generated_at: datetime

    @property
    def told(self) -> list[BoardRow]:
        """The endpoints that something is known of; Statuspage has no word for unknown."""
        return [row for row in self.rows if row.state is not State.UNKNOWN]

    def about(self) -> dict[str, Any]:
        """The head of every answer."""
        moments = [row.since for row in self.told if row.since]
        moments += [story.updated_at for story in self.recent]
        return {
            "id": PAGE_ID,
            "name": "AI-GO",
            "url": self.site,
            "time_zone": "Etc/UTC",
            "updated_at": moment_text(max(moments, default=self.generated_at)),
        }

    def status(self) -> dict[str, str]:
        """The worst of what components and open incidents say, and of how many that is told."""
        found = {INDICATORS[self.component_status(row)] for row in self.told}
        found |= {IMPACTS[story.severity] for story in self.open}
        indicator = max(found, key=_INDICATORS.index, default="none")
        silent = len(self.rows) - len(self.told)
        of = f"{len(self.told)} measured" + (f", {silent} not measured and not listed" if silent else "")
        return {"indicator": indicator, "description": f"{_WORDS[indicator]} ({of})"}

    def component_status(self, row: BoardRow) -> str:
        """Of an endpoint that something is known of."""
        if row.slug in self.serviced:
            return "under_maintenance"
        if row.state is State.OUTAGE:
            return "major_outage"
        if row.state is State.DEGRADED:
            return "partial_outage" if row.reason == Reason.REGIONAL else "degraded_performance"
        return "operational"

    @property
    def serviced(self) -> frozenset[str]:
        """The endpoints that are under planned maintenance in all regions."""
        now = [line for line in self.maintenance if line.state == "in_progress" and not line.regions]
        return frozenset(slug for line in now for slug in line.slugs)

    def components(self) -> list[dict[str, Any]]:
        """Providers as groups, each followed by its endpoints; ids are slugs."""
        return [component for group in self._groups() for component in group]

    def incidents(self, stories: Iterable[IncidentStory]) -> list[dict[str, Any]]:
        by_id = {component["id"]: component for component in self.components()}
        return [_incident(story, self.site, by_id) for story in stories]

    def maintenances(self, *states: str) -> list[dict[str, Any]]:
        """Those in one of these states, the last to begin first. One that was called off is not told of."""
        by_id = {component["id"]: component for component in self.components()}
        lines = [line for line in self.maintenance if line.state in states]
        lines.sort(key=lambda line: line.start, reverse=True)
        return [_maintenance(line, self.site, by_id) for line in lines]

    def _groups(self) -> Iterator[list[dict[str, Any]]]:
        rows = sorted(self.told, key=lambda row: (row.provider.casefold(), row.provider_slug, row.slug))
        for position, (slug, own) in enumerate(groupby(rows, lambda row: row.provider_slug), 1):
            members = [self._component(row, n) for n, row in enumerate(own, 1)]
            worst = max((member["status"] for member in members), key=_STATUSES.index)
            first = next(row for row in rows if row.provider_slug == slug)
            group = _blank(slug, first.provider, worst, position) | {
                "group": True,
                "components": [member["id"] for member in members],
                "updated_at": max(member["updated_at"] for member in members),
            }
            yield [group, *members]

    def _component(self, row: BoardRow, position: int) -> dict[str, Any]:
        measured = f"{row.samples} attempts of {row.window_s} s, tier {row.tier}, all regions"
        simulated = "Simulated: invented model and provider. " if row.simulated else ""
        moment = moment_text(row.since or self.generated_at)
        name = f"{row.name} ({row.provider})"  # readers tell components by name: one name, one component
        return _blank(row.slug, name, self.component_status(row), position) | {
            "description": f"{simulated}{row.slug}: {measured}.",
            "group_id": row.provider_slug,
            "updated_at": moment,
            "simulated": row.simulated,
        }


def _blank(slug: str, name: str, status: str, position: int) -> dict[str, Any]:
    """Every field that Statuspage gives a component."""
    return {
        "id": slug,
        "name": name,
        "status": status,
        "created_at": None,
        "updated_at": None,
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE_ID,
        "group": False,
        "only_show_if_degraded": False,
    }


def _incident(story: IncidentStory, site: str, by_id: Mapping[str, Any]) -> dict[str, Any]:
    updates = list(_updates(story))
    monitoring = [update["created_at"] for update in updates if update["status"] == "monitoring"]
    return {
        "id": str(story.id),
        "name": f"{'[Simulated] ' if story.simulated else ''}{story.title.told('en')}",
        "status": story.stage,
        "created_at": moment_text(story.detected_at),
        "updated_at": moment_text(story.updated_at),
        "monitoring_at": monitoring[0] if monitoring else None,
        "resolved_at": moment_text(story.ended_at),
        "impact": IMPACTS[story.severity],
        "shortlink": f"{site}/incidents/{story.id}/",
        "started_at": moment_text(story.started_at),
        "page_id": PAGE_ID,
        "incident_updates": updates[::-1],
        "components": [by_id[slug] for slug in story.slugs if slug in by_id],
        "simulated": story.simulated,
    }


def _updates(story: IncidentStory) -> Iterator[dict[str, Any]]:
    """The timeline, oldest first; what was corrected is left to its correction."""
    stage = STAGES[0]
    for entry in story.timeline:
        if entry.update and entry.update.corrected_by:
            continue
        stage = _stage(entry, stage)
        moment = moment_text(entry.at)
        name = f"u{entry.update.id}" if entry.update else f"{entry.kind}-{entry.at:%Y%m%dT%H%M%S%f}"
        yield {
            "id": f"{story.id}-{name}",
            "status": stage,
            "body": entry.text.told("en"),
            "incident_id": str(story.id),
            "created_at": moment,
            "updated_at": moment,
            "display_at": moment,
            "affected_components": None,
        }


def _stage(entry: Entry, before: str) -> str:
    """Where the incident is after this; measurements alone say that it is over."""
    if entry.kind == StepKind.CLOSE:
        return "resolved"
    if entry.kind == "postmortem":
        return "postmortem"
    if entry.update and entry.kind in STAGES and before not in ("resolved", "postmortem"):
        return "monitoring" if entry.kind == "resolved" else entry.kind
    return before


def _maintenance(line: MaintenanceLine, site: str, by_id: Mapping[str, Any]) -> dict[str, Any]:
    ident = f"maintenance-{line.id}-{line.start:%Y%m%dT%H%M}"
    created, changed = moment_text(line.created_at), moment_text(line.changed_at)
    where = f" Regions: {', '.join(line.regions)}." if line.regions else ""
    return {
        "id": ident,
        "name": line.title.told("en"),
        "status": line.state,
        "created_at": created,
        "updated_at": changed,
        "monitoring_at": None,
        "resolved_at": moment_text(line.end) if line.state == "completed" else None,
        "impact": "maintenance",
        "shortlink": f"{site}/incidents/",
        "started_at": moment_text(line.start),
        "page_id": PAGE_ID,
        "incident_updates": [
            {
                "id": f"{ident}-1",
                "status": line.state,
                "body": f"{line.title.told('en')}.{where}",
                "incident_id": ident,
                "created_at": created,
                "updated_at": changed,
                "display_at": created,
                "affected_components": None,
            }
        ],
        "components": [by_id[slug] for slug in line.slugs if slug in by_id],
        "scheduled_for": moment_text(line.start),
        "scheduled_until": moment_text(line.end),
    }
