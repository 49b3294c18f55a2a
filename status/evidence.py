"""What was seen around a moment: our attempts, incidents, the official page, others of the provider."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from aigo.lib.moments import moment_text
from aigo.lib.regions import ALL, MEASURED_SLUGS
from catalog.models import Endpoint, Lifecycle
from probes.history import Attempts
from probes.models.rollups import POOLED_CODES
from probes.outcomes import CODES
from probes.services.upkeep import ROLLUPS_KEPT, raw_kept_from
from probes.sketches import Distributions, ExactValues
from probes.timeline import load_around
from status.diagnosis.sight import NEAR, Evidence, Other, Place, pooled_sight
from status.history import deciding_tier
from status.marks import IncidentMark, incident_marks
from status.models import OfficialIncident
from status.rules import P95_MIN_ATTEMPTS, thresholds_for
from status.rules.table import LAST, MIN_ATTEMPTS

#: The window reaches so far to both sides of the moment, further until enough attempts count.
REACHES: Final = (timedelta(minutes=10), timedelta(minutes=30), timedelta(minutes=60))
#: Of a provider's other endpoints so many are looked at.
MOST_OTHERS: Final = 40
#: An endpoint's attempts, and which of them count.
AllAttempts = tuple[Attempts, np.ndarray]
#: None = there are none.
Own = AllAttempts | None
_NAMES: Final = {code: name for name, code in CODES.items()}
_OK: Final = CODES["ok"]


@dataclass(frozen=True, slots=True)
class OfficialMark:
    """What an official page told of a time. `url`: "" = it gives none. Times are UTC, None = not told."""

    title: str
    impact: str
    status: str
    url: str
    maintenance: bool
    claimed_started_at: datetime | None
    published_at: datetime | None
    first_seen_at: datetime
    resolved_at: datetime | None

    @property
    def begins(self) -> datetime:
        """When they say that it began, else when they first told, else when we first saw it."""
        return self.claimed_started_at or self.published_at or self.first_seen_at

    @property
    def troubled(self) -> bool:
        return not self.maintenance and self.impact not in ("none", "maintenance")

    def to_json(self) -> dict[str, Any]:
        moments = ("claimed_started_at", "published_at", "first_seen_at", "resolved_at")
        return {
            "title": self.title,
            "impact": self.impact,
            "status": self.status,
            "url": self.url or None,
            "maintenance": self.maintenance,
        } | {name: moment_text(getattr(self, name)) for name in moments}


@dataclass(frozen=True, slots=True)
class Around:
    """Everything seen around a moment; `evidence`: what of it the rules read."""

    evidence: Evidence
    incidents: tuple[IncidentMark, ...]
    official: tuple[OfficialMark, ...]


def load_around_moment(
    endpoint: Endpoint, *, region: str, at: datetime, now: datetime, others: Mapping[int, tuple[str, str]]
) -> Around:
    """What was seen of an endpoint around `at`, which is not after `now`.

    region: slug, "all" = all: the window widens until enough attempts count from there, else until enough do
    at all. others: the provider's other endpoints that are watched, id → (slug, name). Ten queries at most,
    whatever their number.
    """
    tier = deciding_tier(endpoint)
    source = _source(at - REACHES[-1], now)

    def load(endpoint_ids: Collection[int], since: datetime, until: datetime) -> dict[int, AllAttempts]:
        if not source or not endpoint_ids:
            return {}
        return load_around(endpoint_ids, tier=tier, since=since, until=until, from_hours=source == "hours")

    own = load([endpoint.pk], *_window(at, REACHES[-1], now)).get(endpoint.pk)
    since, until = _narrowest(own, region, at, now)
    found = load(list(others)[:MOST_OTHERS], since, until)
    places = tuple(_places(own, since, until))
    model = endpoint.model
    incidents = incident_marks(endpoint, ALL, since=since, until=until)
    official = _official(endpoint.provider_id, since, until)
    evidence = Evidence(
        since=since,
        until=until,
        source=source,
        tier=tier,
        places=places,
        whole=_place(own, ALL, since, until),
        slow_ms=thresholds_for(model.functions, reasoning=model.reasoning).operational_ms,
        others=tuple(_other(*others[pk], found[pk], since, until) for pk in others if pk in found),
        incidents=sum(
            _near(mark.started_at, mark.ended_at, at) and _concerns(mark, region, places)
            for mark in incidents
        ),
        official=sum(mark.troubled and _near(mark.begins, mark.resolved_at, at) for mark in official),
        retired=_retired(endpoint, at),
        complete=until < now,
    )
    return Around(evidence, incidents, official)


def _source(since: datetime, now: datetime) -> str:
    """What is kept of that time: "attempts", "hours", or "" = nothing."""
    if since.date() >= raw_kept_from(now):
        return "attempts"
    return "hours" if since >= now - ROLLUPS_KEPT else ""


def _window(at: datetime, reach: timedelta, now: datetime) -> tuple[datetime, datetime]:
    return at - reach, min(at + reach, now)


def _narrowest(own: Own, region: str, at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The narrowest window with enough attempts: from the region, else from any; else the widest."""
    for asked in dict.fromkeys((region, ALL)):
        for reach in REACHES:
            window = _window(at, reach, now)
            if _place(own, asked, *window).attempts >= MIN_ATTEMPTS:
                return window
    return _window(at, REACHES[-1], now)


def _places(own: Own, since: datetime, until: datetime) -> Iterator[Place]:
    """Those that sent anything."""
    for region in MEASURED_SLUGS:
        place = _place(own, region, since, until)
        if place.outcomes:
            yield place


def _place(own: Own, region: str, since: datetime, until: datetime) -> Place:
    if own is None:
        return Place(region)
    attempts, counted = own
    within = (attempts.at_s >= since.timestamp()) & (attempts.at_s < until.timestamp())
    if region != ALL:
        within &= attempts.region == POOLED_CODES[region]
    attempts, counted = attempts.only(within), counted[within]
    failed = attempts.outcome[counted] != _OK
    moments = attempts.at_s[counted]
    # the clock of the rows is UTC's
    last_at = datetime.fromtimestamp(int(moments.max()), since.tzinfo) if len(moments) else None
    p50_ms, p95_ms, samples = _latency(attempts, counted)
    return Place(
        region=region,
        attempts=int(counted.sum()),
        failed=int(failed.sum()),
        worst=_worst(attempts, counted) if region == ALL else most_of_run(failed),
        outcomes={_NAMES[code]: times for code, times in Counter(attempts.outcome.tolist()).items()},
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        samples=samples,
        last_at=last_at,
    )


def _other(slug: str, name: str, own: Own, since: datetime, until: datetime) -> Other:
    whole = _place(own, ALL, since, until)
    return Other(slug, name, whole, pooled_sight(whole, tuple(_places(own, since, until))))


def _worst(attempts: Attempts, counted: np.ndarray) -> int:
    """Of all regions: the worst run of one of them; attempts of several are no run."""
    runs = [
        most_of_run(attempts.outcome[counted & (attempts.region == one)] != _OK)
        for one in np.unique(attempts.region)
    ]
    return max(runs, default=0)


def most_of_run(failed: np.ndarray) -> int:
    """The most failures among LAST consecutive attempts, oldest first."""
    if not len(failed):
        return 0
    sums = np.concatenate([[0], np.cumsum(failed)])
    span = min(LAST, len(failed))
    return int((sums[span:] - sums[:-span]).max())


def _latency(attempts: Attempts, counted: np.ndarray) -> tuple[float | None, float | None, int]:
    """(p50, p95, how many right answers); ms, None below P95_MIN_ATTEMPTS."""
    total = attempts.total[counted & (attempts.outcome == _OK)]
    at = np.zeros(len(total), np.int64)
    values = ExactValues(1, at, total) if attempts.exact else Distributions(1, at, total)
    samples = int(values.samples[0])
    if samples < P95_MIN_ATTEMPTS:
        return None, None, samples
    p50, p95 = (round(float(values.percentile_ms(share)[0]), 1) for share in (0.5, 0.95))
    return p50, p95, samples


def _official(provider_id: int, since: datetime, until: datetime) -> tuple[OfficialMark, ...]:
    """What the official page told of that time, maintenance too, the newest first. One query.

    From when they say that it began, else from when we saw it, until they say that it ended. Maintenance that
    was only planned has not begun.
    """
    rows = OfficialIncident.objects.filter(page__provider=provider_id).exclude(status="scheduled")
    rows = rows.annotate(began=Coalesce("claimed_started_at", "published_at", F("first_seen_at")))
    rows = rows.filter(Q(resolved_at=None) | Q(resolved_at__gt=since), began__lt=until)
    names = OfficialMark.__dataclass_fields__
    return tuple(OfficialMark(*row) for row in rows.order_by("-began").values_list(*names)[:10])


def _near(begins: datetime, ends: datetime | None, at: datetime) -> bool:
    return begins <= at + NEAR and (ends is None or ends >= at - NEAR)


def _concerns(mark: IncidentMark, region: str, places: tuple[Place, ...]) -> bool:
    """Whether an incident is about a region; about one of which too little is known every one is."""
    known = any(place.region == region and place.attempts >= MIN_ATTEMPTS for place in places)
    return not known or not mark.regions or region in mark.regions


def _retired(endpoint: Endpoint, at: datetime) -> bool:
    """Whether the provider had retired it by then, as the catalogue cites it."""
    if endpoint.retires_at is not None:
        return endpoint.retires_at <= at
    return endpoint.lifecycle == Lifecycle.RETIRED
