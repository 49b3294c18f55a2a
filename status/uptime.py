"""Uptime day by day: of each endpoint, and of a provider's endpoints together.

Availability is of the attempts that count, pooled over the regions, in the tier that the endpoint is judged
by; planned maintenance is left out. The worst incident of a day stands beside it.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db.models import Q

from aigo.lib.moments import moment_text
from aigo.lib.regions import CODES
from catalog.models import Endpoint
from probes.attempts import METHOD_VERSION
from probes.models import ProbeTarget
from probes.timeline import load_days
from probes.timeseries.daily import DayCounts, Pause
from status.incidents import SEVERITIES, effective_severity
from status.maintenance import spans_of
from status.models import IncidentEndpoint
from status.rules import State
from status.rules.maintenance import Span
from status.rules.uptime import day_state

#: What pages show, and the most that can be asked for.
MOST_DAYS: Final = 90
DAY: Final = timedelta(days=1)
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class UptimeDay:
    """A UTC day. `attempts` that count and `ok` right answers of them; `worst`: the severity of its worst
    incident, "" = none. `maintenance`: planned work fell into it, and what was due then is left out.
    """

    date: date
    attempts: int
    ok: int
    worst: str
    maintenance: bool

    @property
    def availability_pct(self) -> float | None:
        """None where nothing counted."""
        return 100 * self.ok / self.attempts if self.attempts else None

    @property
    def state(self) -> State:
        return day_state(self.attempts, self.ok, self.worst)

    def to_json(self) -> dict[str, Any]:
        return {
            "date": self.date.isoformat(),
            "attempts": self.attempts,
            "ok": self.ok,
            "availability_pct": _rounded(self.availability_pct),
            "state": self.state.value,
            "worst_severity": self.worst or None,
            "maintenance": self.maintenance,
        }


@dataclass(frozen=True)
class Strip:
    """Days of one endpoint, or of a provider's together, oldest first. `grave`: per day the rank of the worst
    incident's severity, from 1 on, 0 = none; `paused`: whether maintenance fell into it.
    """

    slug: str
    name: str
    provider: str
    provider_slug: str
    model_slug: str
    simulated: bool
    tier: str
    endpoints: int
    first: date
    counts: DayCounts
    grave: Ints
    paused: Ints

    @cached_property
    def days(self) -> tuple[UptimeDay, ...]:
        rows = zip(*(column.tolist() for column in self._columns), strict=True)
        return tuple(
            UptimeDay(self.first + n * DAY, attempts, ok, ("", *SEVERITIES)[grave], bool(paused))
            for n, (attempts, ok, grave, paused) in enumerate(rows)
        )

    @property
    def _columns(self) -> tuple[Ints, ...]:
        return self.counts.attempts, self.counts.ok, self.grave, self.paused

    @property
    def attempts(self) -> int:
        return int(self.counts.attempts.sum())

    @property
    def ok(self) -> int:
        return int(self.counts.ok.sum())

    @property
    def availability_pct(self) -> float | None:
        """Over all the days, None where nothing counted."""
        return 100 * self.ok / self.attempts if self.attempts else None

    @property
    def measured_days(self) -> int:
        """Days with an attempt that counts."""
        return int((self.counts.attempts > 0).sum())

    @property
    def troubled_days(self) -> list[UptimeDay]:
        """Days that are neither operational nor unknown, newest first."""
        return [day for day in reversed(self.days) if day.state in (State.DEGRADED, State.OUTAGE)]

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "model": self.model_slug,
            "name": self.name,
            "provider": self.provider_slug,
            "provider_name": self.provider,
            "simulated": self.simulated,
            "tier": self.tier,
            "availability_pct": _rounded(self.availability_pct),
            "attempts": self.attempts,
            "ok": self.ok,
            "measured_days": self.measured_days,
            "days": [day.to_json() for day in self.days],
        }


@dataclass(frozen=True)
class Uptime:
    """Every watched endpoint's strip, by provider's name and slug; the last day is today and goes on."""

    generated_at: datetime
    first: date
    strips: tuple[Strip, ...]
    method_version: str = METHOD_VERSION

    @cached_property
    def providers(self) -> tuple[Strip, ...]:
        """Each provider's endpoints together, those that were never measured last."""
        found = [_together(list(own)) for _slug, own in groupby(self.strips, lambda s: s.provider_slug)]
        return tuple(sorted(found, key=lambda strip: not strip.attempts))

    def about(self) -> dict[str, Any]:
        """What every figure rests on."""
        return {
            "generated_at": moment_text(self.generated_at),
            "from": self.first.isoformat(),
            "to": self.generated_at.astimezone(UTC).date().isoformat(),
            "method_version": self.method_version,
            "simulated": any(strip.simulated for strip in self.strips),
        }


def load_uptime(*, days: int = MOST_DAYS, now: datetime) -> Uptime:
    """The last `days` UTC days, today among them. At most a dozen queries, however many endpoints."""
    first = now.astimezone(UTC).date() - (days - 1) * DAY
    endpoints = list(
        Endpoint.objects.for_board(simulation=settings.SIMULATION)
        .select_related("provider", "model")
        .order_by("provider__name", "provider__slug", "slug")
    )
    tiers = deciding_tiers(endpoint.pk for endpoint in endpoints)
    since = datetime.combine(first, time.min, UTC)
    pauses = planned_pauses(tiers, since=since, until=now)
    counts: dict[int, DayCounts] = {}
    for tier in sorted(set(tiers.values())):
        own = [pk for pk, decided in tiers.items() if decided == tier]
        counts |= load_days(own, tier, first=first, days=days, pauses=pauses)
    grave = _graves(list(tiers), first, days, since, now)
    strips = tuple(
        _strip(endpoint, tiers[endpoint.pk], first, counts[endpoint.pk], grave, pauses.get(endpoint.pk, ()))
        for endpoint in endpoints
    )
    return Uptime(now, first, strips)


def deciding_tiers(endpoint_ids: Iterable[int]) -> dict[int, str]:
    """Endpoint → the tier that it is judged by: A where it is asked in no B. One query."""
    ids = list(endpoint_ids)
    asked = ProbeTarget.objects.filter(endpoint__in=ids, enabled=True, tier__in="AB")
    found = set(asked.values_list("endpoint_id", "tier"))
    return {pk: "A" if (pk, "A") in found and (pk, "B") not in found else "B" for pk in ids}


def planned_pauses(
    endpoint_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, tuple[Pause, ...]]:
    """Endpoint → its planned maintenance, for what is left out."""
    planned = spans_of(endpoint_ids, since=since, until=until)
    return {pk: tuple(map(_pause, spans)) for pk, spans in planned.items()}


def _pause(span: Span) -> Pause:
    regions = frozenset(CODES[region] for region in span.regions if region in CODES)
    return Pause(int(span.start.timestamp()), math.ceil(span.end.timestamp()), regions)


def _strip(
    endpoint: Endpoint,
    tier: str,
    first: date,
    counts: DayCounts,
    grave: Mapping[int, Ints],
    pauses: Sequence[Pause],
) -> Strip:
    return Strip(
        slug=endpoint.slug,
        name=endpoint.model.name,
        provider=endpoint.provider.name,
        provider_slug=endpoint.provider.slug,
        model_slug=endpoint.model.slug,
        simulated=endpoint.simulated,
        tier=tier,
        endpoints=1,
        first=first,
        counts=counts,
        grave=grave[endpoint.pk],
        paused=_paused_days(pauses, first, len(counts.ok)),
    )


def _graves(
    endpoint_ids: Collection[int], first: date, days: int, since: datetime, now: datetime
) -> dict[int, Ints]:
    """Endpoint → per day the rank of its worst incident's severity."""
    grave = {pk: np.zeros(days, np.int64) for pk in endpoint_ids}
    held = IncidentEndpoint.objects.filter(Q(left_at=None) | Q(left_at__gte=since), endpoint__in=grave)
    severities = ("incident__severity", "incident__severity_by_hand")
    for pk, joined_at, left_at, *told in held.values_list("endpoint_id", "joined_at", "left_at", *severities):
        begin = max((joined_at.astimezone(UTC).date() - first).days, 0)
        end = ((left_at or now).astimezone(UTC).date() - first).days + 1
        own = grave[pk][begin:end]
        np.maximum(own, SEVERITIES.index(effective_severity(*told)) + 1, out=own)
    return grave


def _paused_days(pauses: Sequence[Pause], first: date, days: int) -> Ints:
    paused = np.zeros(days, np.int64)
    first_s = int(datetime.combine(first, time.min, UTC).timestamp())
    for pause in pauses:
        paused[max(pause.start_s - first_s, 0) // 86_400 : (pause.end_s - 1 - first_s) // 86_400 + 1] = 1
    return paused


def _together(strips: Sequence[Strip]) -> Strip:
    one = strips[0]
    return Strip(
        slug=one.provider_slug,
        name=one.provider,
        provider=one.provider,
        provider_slug=one.provider_slug,
        model_slug="",
        simulated=all(strip.simulated for strip in strips),
        tier="".join(sorted({strip.tier for strip in strips})),
        endpoints=len(strips),
        first=one.first,
        counts=DayCounts(
            np.sum([strip.counts.attempts for strip in strips], axis=0),
            np.sum([strip.counts.ok for strip in strips], axis=0),
        ),
        grave=np.max([strip.grave for strip in strips], axis=0),
        paused=np.max([strip.paused for strip in strips], axis=0),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
