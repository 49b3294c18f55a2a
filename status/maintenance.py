"""Reading maintenance windows: what is covered when, and what is told of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from aigo.lib.moments import moment_text
from aigo.lib.words import Words
from catalog.models import Endpoint
from status.models import MaintenanceWindow
from status.rules.maintenance import Span, Window, occurrences


@dataclass(frozen=True, slots=True)
class MaintenanceLine:
    """One occurrence as readers see it.

    id: the window's; state: scheduled | in_progress | completed | cancelled (it was called off before it
    began; what was cut short is completed at that moment). `provider`, `provider_slug`: "" for a window of
    chosen endpoints; slugs: the endpoints it covers. regions: slugs, () = all. `recurs`: one of several.
    """

    id: int
    title: Words
    state: str
    start: datetime
    end: datetime
    provider: str
    provider_slug: str
    slugs: tuple[str, ...]
    regions: tuple[str, ...]
    recurs: bool
    created_at: datetime
    changed_at: datetime

    def to_json(self) -> dict[str, Any]:
        """As in the API; moments as ISO 8601, UTC."""
        return {
            "id": self.id,
            "title": self.title.to_json(),
            "state": self.state,
            "start": moment_text(self.start),
            "end": moment_text(self.end),
            "provider": self.provider or None,
            "provider_slug": self.provider_slug or None,
            "slugs": list(self.slugs),
            "regions": list(self.regions),
            "recurs": self.recurs,
        }


def spans_of(endpoint_ids: Collection[int], *, since: datetime, until: datetime) -> dict[int, list[Span]]:
    """Endpoint id → the maintenance that overlaps [since, until), the earliest first; without: no entry.

    One query where nothing is planned, three at most.
    """
    found: dict[int, list[Span]] = defaultdict(list)
    wanted = frozenset(endpoint_ids)
    planned = _planned(since, until)
    covered = _covered(planned)
    for window in planned:
        spans = occurrences(window.window, since, until)
        for endpoint_id in wanted & covered[window.pk].keys():
            found[endpoint_id] += spans
    return {endpoint_id: sorted(spans) for endpoint_id, spans in found.items()}


def maintenance_lines(*, since: datetime, until: datetime, now: datetime) -> list[MaintenanceLine]:
    """All occurrences that overlap [since, until), the earliest first: three queries at most."""
    planned = _planned(since, until, cancelled=True)
    covered = _covered(planned)
    lines = [
        _line(window, span, covered[window.pk], now)
        for window in planned
        for span in occurrences(_to_show(window), since, until)
    ]
    return sorted(lines, key=lambda line: (line.start, line.id))


def maintenance_at(now: datetime) -> list[MaintenanceLine]:
    """What takes place at this moment."""
    lines = maintenance_lines(since=now, until=now + timedelta(microseconds=1), now=now)
    return [line for line in lines if line.state == "in_progress"]


def _planned(since: datetime, until: datetime, *, cancelled: bool = False) -> list[MaintenanceWindow]:
    """Windows that may take place in [since, until). cancelled: also those that were cancelled before."""
    windows = MaintenanceWindow.objects.filter(starts_at__lt=until)
    windows = windows.filter(Q(ends_at__gt=since) | ~Q(recurrence=""))
    if not cancelled:
        windows = windows.filter(Q(cancelled_at=None) | Q(cancelled_at__gt=since))
    if not settings.SIMULATION:
        windows = windows.exclude(provider__simulated=True)
    return list(windows.select_related("provider").order_by("starts_at", "pk"))


def _covered(windows: Sequence[MaintenanceWindow]) -> dict[int, dict[int, str]]:
    """Window id → its endpoints, id → slug, by slug."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    if not windows:
        return found
    board = Endpoint.objects.for_board(simulation=settings.SIMULATION).order_by("slug")
    whole = board.filter(provider__in={window.provider_id for window in windows if window.provider_id})
    of_provider: dict[int, dict[int, str]] = defaultdict(dict)
    for provider_id, pk, slug in whole.values_list("provider", "pk", "slug"):
        of_provider[provider_id][pk] = slug
    chosen = board.filter(maintenance_windows__in=[window.pk for window in windows])
    for window_id, pk, slug in chosen.values_list("maintenance_windows", "pk", "slug"):
        found[window_id][pk] = slug
    for window in windows:
        if window.provider_id:
            found[window.pk] = of_provider[window.provider_id]
    return found


def _to_show(window: MaintenanceWindow) -> Window:
    """One that was called off before it began is shown as it was planned; of many, what took place."""
    return replace(window.window, cancelled_at=None) if _is_called_off(window) else window.window


def _is_called_off(window: MaintenanceWindow) -> bool:
    cancelled_at = window.cancelled_at
    return cancelled_at is not None and cancelled_at <= window.starts_at and not window.recurrence


def _state(window: MaintenanceWindow, span: Span, now: datetime) -> str:
    if _is_called_off(window):
        return "cancelled"
    if now < span.start:
        return "scheduled"
    return "in_progress" if now < span.end else "completed"


def _line(
    window: MaintenanceWindow, span: Span, covered: Mapping[int, str], now: datetime
) -> MaintenanceLine:
    return MaintenanceLine(
        id=window.pk,
        title=window.title,
        state=_state(window, span, now),
        start=span.start,
        end=span.end,
        provider=window.provider.name if window.provider else "",
        provider_slug=window.provider.slug if window.provider else "",
        slugs=tuple(covered.values()),
        regions=tuple(sorted(span.regions)),
        recurs=bool(window.recurrence),
        created_at=window.created_at,
        changed_at=window.changed_at,
    )
