"""Telling of what is no incident: error budgets, and official pages that cannot be read."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from catalog.models import Endpoint
from status.maintenance import spans_of
from status.rules.notices import Matter
from status.rules.telling import Happening, Step, Tell, decide
from status.services.notices.book import NoticeBook
from status.services.notices.planning import MAINTENANCE_AHEAD
from status.services.notices.recipients import channels_wishing

#: What each kind is to those who are told, and which of a decision's notices is meant by it.
KINDS: Final[Mapping[str, tuple[Happening, str]]] = {
    "burn": (Happening.CHANGED, "opened"),
    "burn_over": (Happening.CLOSED, "recovered"),
    "unreadable": (Happening.CHANGED, "opened"),
    "readable": (Happening.CLOSED, "recovered"),
}


@transaction.atomic
def queue_notice(
    *,
    topic: str,
    subject: str,
    kind: str,
    severity: str,
    facts: Mapping[str, Any],
    endpoint_ids: Collection[int] = (),
    provider_id: int | None = None,
    regions: Collection[str] = (),
    now: datetime,
) -> int:
    """A notice for everyone whose rule asks for such; how many that made. Again with the same subject and
    kind: nothing.

    topic: slo | official. kind: burn and unreadable begin, burn_over and readable end; who was not told of
    the beginning is not told of the end, and a beginning that is still held is dropped by it. `subject`: one
    for both, another for the next time ("burn:17"). `facts`: plain JSON. Takes part in the caller's
    transaction. Subscribers are told of incidents only.
    """
    happening, named = KINDS[kind]
    recipients = channels_wishing(topic)
    if not recipients:
        return 0
    endpoints = Endpoint.objects.filter(pk__in=endpoint_ids).values_list("model", flat=True)
    matter = Matter(
        severity=severity,
        topic=topic,
        provider=provider_id,
        endpoints=frozenset(endpoint_ids),
        models=frozenset(endpoints),
        regions=frozenset(regions),
        maintenance=spans_of(endpoint_ids, since=now, until=now + MAINTENANCE_AHEAD) if endpoint_ids else {},
    )
    book = NoticeBook(topic, subject, now=now)
    for recipient in recipients:
        past = book.past(recipient.key)
        doings = decide(Step(happening, 0, now, matter), recipient.wishes, past)
        meant = [
            replace(doing, kind=kind) if isinstance(doing, Tell) else doing
            for doing in doings
            if not isinstance(doing, Tell) or doing.kind == named
        ]
        book.do(meant, recipient, severity, facts)
    return book.keep(facts if happening is Happening.CHANGED else None)
