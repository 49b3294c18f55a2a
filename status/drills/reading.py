"""What the database says of a drill while it runs and after it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from aigo.lib.regions import CODES
from catalog.models import Endpoint
from probes.models import ProbeResult
from probes.outcomes import is_failure
from probes.selectors import board_targets, reaches
from status.drills.plan import OVERALL, CannotDrill, Stage
from status.drills.seen import Change, IncidentSeen, LeadSeen
from status.models import DetectionLead, EndpointState, Incident, StatusChange
from status.rules import Reason, State
from status.rules.table import FLAP_WINDOW

#: Due moments older than this are not looked at any more; an answer takes a minute at most.
LOOKED_BACK: Final = timedelta(seconds=90)

TROUBLE: Final = (State.DEGRADED, State.OUTAGE)

#: endpoint, region
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A countable attempt that decides a colour. Moments in unix seconds.

    stored_after: the last look at which it was not there yet, so that it was stored later than that.
    """

    slug: str
    region: str
    started_at: float
    stored_after: float
    failed: bool


class Results:
    """The countable attempts that are stored from now on, and when each of them was."""

    def __init__(self) -> None:
        deciding: dict[int, tuple[str, str]] = {}
        for target in sorted(board_targets(), key=lambda target: target.tier):
            if target.tier in ("A", "B"):
                deciding[target.endpoint_id] = (target.endpoint.slug, target.tier)
        self._deciding = deciding
        self._seen: set[tuple[int, str, datetime, int]] = set()
        self._looked_at = time.time()
        self.stored: list[Stored] = []
        self.look()
        self.stored.clear()  # what was there before

    def look(self) -> None:
        """Note what has come since the last look; the more often, the finer `stored_after`."""
        now = time.time()
        rows = ProbeResult.objects.countable().started_between(timezone.now() - LOOKED_BACK)
        for endpoint, tier, region, due_at, attempt, started_at, outcome in rows.values_list(
            "endpoint", "tier", "region", "due_at", "attempt", "started_at", "outcome"
        ):
            key = (endpoint, region, due_at, attempt)
            slug, deciding = self._deciding.get(endpoint, ("", ""))
            if tier != deciding or key in self._seen:
                continue
            self._seen.add(key)
            self.stored.append(
                Stored(slug, region, started_at.timestamp(), self._looked_at, is_failure(outcome))
            )
        self._looked_at = now


def read_stage(provider: str) -> Stage:
    """Its simulated endpoints and the regions whose workers are there. CannotDrill says what is missing."""
    if not settings.SIMULATION:
        raise CannotDrill("SIMULATION is off: a drill strikes simulated providers only; set SIMULATION=1")
    simulated = Endpoint.objects.for_board(simulation=True).filter(simulated=True).order_by("slug")
    slugs = tuple(simulated.filter(provider__slug=provider).values_list("slug", flat=True))
    if not slugs:
        known = sorted(set(simulated.values_list("provider__slug", flat=True)))
        raise CannotDrill(f"no simulated provider {provider!r}; there are: {', '.join(known) or 'none'}")
    now, first = timezone.now(), simulated.get(slug=slugs[0])
    here = {reach.region for reach in reaches(now=now) if reach.covers(first)}
    regions = tuple(region for region in settings.PROBE_REGIONS if region in here)
    if not regions:
        raise CannotDrill("no worker measures the simulated providers; start the system (manage.py run)")
    return Stage(provider, slugs, tuple(sorted(regions, key=CODES.__getitem__)))


def unsettled(stage: Stage) -> list[str]:
    """What is not calm on the stage, so that a drill could not tell its own trouble from it."""
    states = {
        (slug, region): state
        for slug, region, state in EndpointState.objects.filter(
            endpoint__slug__in=stage.endpoints
        ).values_list("endpoint__slug", "region", "state")
    }
    pairs = [(slug, region) for slug in stage.endpoints for region in (*stage.regions, OVERALL)]
    found = [
        f"{slug} {region} is {states.get((slug, region), State.UNKNOWN)}"
        for slug, region in pairs
        if states.get((slug, region)) != State.OPERATIONAL
    ]
    if Incident.objects.ongoing().filter(provider__slug=stage.provider).exists():
        found.append(f"{stage.provider} has an open incident")
    since = timezone.now() - FLAP_WINDOW
    lately = StatusChange.objects.filter(endpoint__slug__in=stage.endpoints, at__gte=since)
    if lately.filter(from_state__in=TROUBLE).exists():
        found.append(
            f"{stage.provider} was in trouble within {FLAP_WINDOW}, another time would pass for flapping; "
            "wait, or choose another by --provider"
        )
    return found


def unmeasured() -> frozenset[Pair]:
    """The (endpoint, region) that have too few attempts for a p95 yet."""
    rows = EndpointState.objects.filter(p95_ms=None)
    return frozenset(rows.values_list("endpoint__slug", "region"))


def changes_since(began: float, *, aside: frozenset[Pair] = frozenset()) -> list[Change]:
    """Every change of state since a moment (unix seconds), of anybody.

    aside: whose p95 was not known then. That it is known now, and too high, is nothing that was played.
    """
    rows = StatusChange.objects.filter(at__gte=_utc(began)).select_related("endpoint")
    return [
        Change(row.endpoint.slug, row.region, row.at.timestamp() - began, State(row.to_state))
        for row in rows
        if row.reason != Reason.LATENCY or (row.endpoint.slug, row.region) not in aside
    ]


def incidents_since(began: float) -> list[IncidentSeen]:
    """The incidents detected since a moment (unix seconds), but those that another one took in."""
    rows = Incident.objects.filter(detected_at__gte=_utc(began)).select_related("provider")
    found = []
    for row in rows.order_by("detected_at", "pk"):
        steps = list(row.changes.all())
        if any(step.data.get("cause") == "absorbed" for step in steps if step.kind == "close"):
            continue
        found.append(
            IncidentSeen(
                provider=row.provider.slug,
                kind=row.kind,
                scope=_widest(row, [str(step.data.get("scope", "")) for step in steps]),
                severity=row.severity,
                opened_at_s=row.detected_at.timestamp() - began,
                closed_at_s=row.ended_at.timestamp() - began if row.ended_at else None,
                flapped=any(step.kind == "flap" for step in steps),
                slugs=tuple(row.members.values_list("endpoint__slug", flat=True).distinct()),
            )
        )
    return found


def leads_since(began: float) -> list[LeadSeen]:
    """Who told first, of incidents (ours or theirs) since a moment (unix seconds); each incident once."""
    rows = DetectionLead.objects.filter(counted=True).select_related("incident").order_by("at", "pk")
    return [
        LeadSeen(
            row.verdict,
            row.incident.detected_at.timestamp() - began if row.incident else None,
            row.lead_s,
            row.error_s,
        )
        for row in rows
    ]


def _widest(row: Incident, scopes: Sequence[str]) -> str:
    return Incident.Scope.GLOBAL if Incident.Scope.GLOBAL in scopes else row.scope


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
