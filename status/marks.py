"""What stands on a chart besides its lines: incidents that held an endpoint, and planned maintenance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from aigo.lib.moments import moment_text
from aigo.lib.regions import ALL
from aigo.lib.words import Words
from catalog.models import Endpoint
from status.chronicle import Wish, find_incidents
from status.maintenance import spans_of
from status.told import titles_of

#: Incidents that are marked at most, the newest.
MOST_INCIDENTS: Final = 50


@dataclass(frozen=True, slots=True)
class IncidentMark:
    """An incident that touches the window. Times are UTC; `ended_at` None = it goes on."""

    id: int
    title: Words
    severity: str
    state: str
    regions: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None

    @property
    def path(self) -> str:
        """Of its page on this site."""
        return f"/incidents/{self.id}/"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "severity": self.severity,
            "state": self.state,
            "regions": list(self.regions),
            "started_at": moment_text(self.started_at),
            "ended_at": moment_text(self.ended_at),
            "path": self.path,
        }


@dataclass(frozen=True, slots=True)
class Pause:
    """Planned maintenance, from `started_at` until before `ended_at`, UTC; regions () = all."""

    started_at: datetime
    ended_at: datetime
    regions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        times = {"started_at": moment_text(self.started_at), "ended_at": moment_text(self.ended_at)}
        return times | {"regions": list(self.regions)}


def incident_marks(
    endpoint: Endpoint, region: str, *, since: datetime, until: datetime
) -> tuple[IncidentMark, ...]:
    """Those that touch [since, until) in a region ("all" = any), oldest first. Four queries at most."""
    overlap = Q(ended_at=None) | Q(ended_at__gt=since)
    found = find_incidents(Wish(model=endpoint.slug)).filter(overlap, started_at__lt=until)
    rows = [
        row for row in found[:MOST_INCIDENTS] if region == ALL or not row.regions or region in row.regions
    ]
    titles = titles_of(rows) if rows else {}
    return tuple(
        IncidentMark(
            id=row.pk,
            title=titles[row.pk],
            severity=row.effective_severity,
            state=row.state,
            regions=tuple(row.regions),
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
        for row in reversed(rows)
    )


def maintenance_marks(
    endpoint: Endpoint, region: str, *, since: datetime, until: datetime
) -> tuple[Pause, ...]:
    """Maintenance that overlaps [since, until) in a region ("all" = any). Three queries at most."""
    spans = spans_of([endpoint.pk], since=since, until=until).get(endpoint.pk, [])
    return tuple(
        Pause(span.start, span.end, tuple(sorted(span.regions)))
        for span in spans
        if region == ALL or not span.regions or region in span.regions
    )
