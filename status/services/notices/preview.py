"""What a rule would have told of lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from catalog.models import Tiding
from status.models import AlertRule, Incident
from status.rules.notices import Matter, Wish, due_at, wants
from status.services.notices.recipients import wish_of
from status.services.notices.tidings import matter_of

LATELY: Final = timedelta(days=30)
#: No more of the newest incidents are looked at.
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Preview:
    """told: ids of the incidents that a rule would have told of, newest first, of so many in `days`.

    changes: of prices and models, so many of `changes_of`, for a rule of these topics; None = it is of none.
    """

    told: list[int]
    of: int
    changes: int | None = None
    changes_of: int = 0
    days: int = LATELY.days


def preview(rule: AlertRule, *, now: datetime) -> Preview:
    """Of the incidents and the changes of the last 30 days, at most 2,000 each. Six queries.

    An incident that was over before its warning was due is not among them. Maintenance is not looked at.
    """
    wish = wish_of(
        rule,
        providers=rule.providers.values_list("pk", flat=True),
        endpoints=rule.endpoints.values_list("pk", flat=True),
    )
    incidents = Incident.objects.filter(detected_at__gt=now - LATELY).prefetch_related("members")
    told, looked_at = [], list(incidents.order_by("-detected_at", "-pk")[:MOST])
    for incident in looked_at:
        matter = Matter(
            severity=incident.effective_severity,
            provider=incident.provider_id,
            endpoints=frozenset(member.endpoint_id for member in incident.members.all()),
            regions=frozenset(incident.regions),
        )
        ended_at = incident.ended_at or now
        if wants(wish, matter) and due_at(wish, matter, incident.detected_at) <= ended_at:
            told.append(incident.pk)
    return Preview(told, len(looked_at), *_changes(wish, now))


def _changes(wish: Wish, now: datetime) -> tuple[int | None, int]:
    topics = wish.topics & set(Tiding.Topic.values)
    if not topics:
        return None, 0
    rows = Tiding.objects.filter(topic__in=topics, told_at__gt=now - LATELY).select_related("endpoint")
    found = [wants(wish, matter_of(tiding)) for tiding in rows.order_by("-told_at", "-pk")[:MOST]]
    return sum(found), len(found)
