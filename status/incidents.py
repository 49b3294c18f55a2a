"""Open incidents as readers see them: plain data, the same on pages, in frames and in the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aigo.lib.moments import moment_text

#: From the lightest to the gravest.
SEVERITIES = ("info", "minor", "major", "critical")


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident that has not ended.

    `provider` is its name. kind: endpoint | provider; scope: regional | global; severity: info | minor |
    major | critical; state: open | flapping. `cause`: one word for machines. `since`: when the trouble began,
    UTC. `slugs` and `names`: its endpoints' slugs and their models' names, in the same order; `regions`:
    slugs, sorted.
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

    def to_json(self) -> dict[str, Any]:
        """The object of `incident` and `snapshot` frames; `since` as ISO 8601, UTC."""
        return {
            "id": self.id,
            "provider": self.provider,
            "provider_slug": self.provider_slug,
            "kind": self.kind,
            "scope": self.scope,
            "severity": self.severity,
            "state": self.state,
            "cause": self.cause,
            "since": moment_text(self.since),
            "regions": list(self.regions),
            "slugs": list(self.slugs),
            "names": list(self.names),
            "simulated": self.simulated,
        }
