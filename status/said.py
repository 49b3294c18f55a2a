"""What a provider's official page says now, to stand beside what we measure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from aigo.lib.moments import moment_text
from status.models import OfficialIncident, OfficialPage
from status.rules import State

#: Their words for the whole that speak of trouble.
_TROUBLED = frozenset({"minor", "major", "critical"})
#: So many of their open incidents are told, the newest first.
MOST_SAID = 5


class Accord(StrEnum):
    """How their words and our measurement go together."""

    BOTH_WELL = "both_well"
    BOTH_TROUBLE = "both_trouble"
    #: We measure trouble, and their page tells of none.
    ONLY_OURS = "only_ours"
    #: Their page tells of trouble, and we measure none.
    ONLY_THEIRS = "only_theirs"
    #: One of both is not known.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SaidIncident:
    """One of theirs that is not over. Words as in status.models.OfficialIncident; times are UTC."""

    title: str
    impact: str
    status: str
    url: str
    maintenance: bool
    claimed_started_at: datetime | None
    first_seen_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "impact": self.impact,
            "status": self.status,
            "url": self.url or None,
            "maintenance": self.maintenance,
            "claimed_started_at": moment_text(self.claimed_started_at),
            "first_seen_at": moment_text(self.first_seen_at),
        }


@dataclass(frozen=True, slots=True)
class Said:
    """A page as it was read last. `url`: for people, "" = it has none on the web (a simulated one's).

    `indicator`: of the whole, "" = it says nothing of that. `problem`: why it cannot be read now, and then
    nothing else of it is known; "" = it can. `read_at` None = never yet. Times are UTC.
    """

    provider: str
    provider_slug: str
    url: str
    indicator: str
    problem: str
    problem_since: datetime | None
    read_at: datetime | None
    incidents: tuple[SaidIncident, ...]

    @property
    def known(self) -> bool:
        return self.read_at is not None and not self.problem

    @property
    def troubled(self) -> bool | None:
        """Whether it tells of trouble; None where it cannot be read. Maintenance is none."""
        if not self.known:
            return None
        told = any(not one.maintenance and one.impact != "none" for one in self.incidents)
        return told or self.indicator in _TROUBLED

    def to_json(self) -> dict[str, Any]:
        return {
            "url": self.url or None,
            "indicator": self.indicator or None,
            "problem": self.problem or None,
            "read_at": moment_text(self.read_at),
            "troubled": self.troubled,
            "incidents": [one.to_json() for one in self.incidents],
        }


def accord_of(said: Said | None, state: State) -> Accord:
    """Their words beside a measured state. degraded and outage are trouble; unknown says nothing."""
    theirs = said.troubled if said else None
    if theirs is None or state is State.UNKNOWN:
        return Accord.UNKNOWN
    ours = state in (State.DEGRADED, State.OUTAGE)
    if theirs is ours:
        return Accord.BOTH_TROUBLE if ours else Accord.BOTH_WELL
    return Accord.ONLY_OURS if ours else Accord.ONLY_THEIRS


def load_said(provider: str) -> Said | None:
    """What a provider's (slug) page says; None = we know of no page that is read. Two queries."""
    page = (
        OfficialPage.objects.select_related("provider").filter(provider__slug=provider, enabled=True).first()
    )
    if page is None:
        return None
    return _said(page, _open_incidents([page])[page.pk])


def load_all_said() -> dict[str, Said]:
    """Provider's slug → what its page says, of all pages that are read. Two queries."""
    pages = list(OfficialPage.objects.select_related("provider").filter(enabled=True))
    incidents = _open_incidents(pages)
    return {page.provider.slug: _said(page, incidents[page.pk]) for page in pages}


def _said(page: OfficialPage, incidents: Sequence[SaidIncident]) -> Said:
    known = not page.problem and page.last_read_at is not None
    return Said(
        provider=page.provider.name,
        provider_slug=page.provider.slug,
        url=page.url if page.url.startswith("http") else "",
        indicator=page.indicator if known else "",
        problem=page.problem,
        problem_since=page.problem_since,
        read_at=page.last_read_at,
        incidents=tuple(incidents[:MOST_SAID]) if known else (),
    )


def _open_incidents(pages: Sequence[OfficialPage]) -> dict[int, list[SaidIncident]]:
    """Page's id → those that go on, the newest first: what is merely scheduled has not begun. One query."""
    rows = OfficialIncident.objects.filter(page__in=pages, resolved_at=None).exclude(status="scheduled")
    found: dict[int, list[SaidIncident]] = defaultdict(list)
    for page, *row in rows.values_list("page", *SaidIncident.__dataclass_fields__):
        found[page].append(SaidIncident(*row))
    return found
