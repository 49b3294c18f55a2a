"""How often and how long incidents held endpoints, as far back as somebody asks."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from status.chronicle import Wish, find_incidents, visible_incidents
from status.models import IncidentEndpoint

NOTHING: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Held:
    """What incidents did to one endpoint since a moment. `count`: those that pages tell of, one that a
    provider-wide incident has taken in within that one; `lasted`: overlaps counted once, open ones until now;
    `newest_at`: when the newest began, UTC, None = there was none; `newest`: its id; `open`: it goes on.
    """

    count: int = 0
    lasted: timedelta = NOTHING
    newest_at: datetime | None = None
    newest: int | None = None
    open: bool = False


def load_held(endpoint_ids: Collection[int], *, since: datetime, now: datetime) -> dict[int, Held]:
    """Endpoint id → what held it; those that nothing held are there, too. Two queries."""
    held = IncidentEndpoint.objects.filter(
        Q(left_at=None) | Q(left_at__gt=since), endpoint__in=endpoint_ids, incident__in=visible_incidents()
    )
    rows = list(
        held.values_list("endpoint_id", "incident_id", "joined_at", "left_at", "incident__started_at")
    )
    told = set(find_incidents(Wish()).filter(pk__in={row[1] for row in rows}).values_list("pk", flat=True))
    own: dict[int, list[tuple[int, datetime, datetime | None, datetime]]] = defaultdict(list)
    for endpoint, *row in rows:
        own[endpoint].append(tuple(row))  # type: ignore[arg-type]
    return {pk: _held(own[pk], told, since, now) for pk in endpoint_ids}


def _held(
    rows: Collection[tuple[int, datetime, datetime | None, datetime]],
    told: Collection[int],
    since: datetime,
    now: datetime,
) -> Held:
    incidents = {pk: started_at for pk, _joined, _left, started_at in rows if pk in told}
    newest = max(incidents, key=lambda pk: (incidents[pk], pk), default=None)
    return Held(
        count=len(incidents),
        lasted=_together([(max(joined, since), left or now) for _pk, joined, left, _started in rows]),
        newest_at=None if newest is None else incidents[newest],
        newest=newest,
        open=any(left is None for _pk, _joined, left, _started in rows),
    )


def _together(spans: Collection[tuple[datetime, datetime]]) -> timedelta:
    """The length of their union."""
    total, until = NOTHING, None
    for begin, end in sorted(spans):
        if until is None or begin > until:
            total, until = total + max(end - begin, NOTHING), end
        elif end > until:
            total, until = total + (end - until), end
    return total
