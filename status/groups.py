"""What follows the event log here, and as whom."""

import logging
from collections.abc import Sequence

from django.utils import timezone

from aigo.lib.consuming import Follower
from aigo.lib.events import Event
from aigo.lib.kept import AWAY
from status import selectors, services

logger = logging.getLogger(__name__)


def _judge_news(events: Sequence[Event]) -> None:
    """All endpoints of a batch's results together: each is judged once."""
    ids = {
        pk
        for event in events
        if event.type == "results.stored"
        for pks in event.data["pairs"].values()
        for pk in pks
    }
    if ids:
        services.judge_endpoints(sorted(ids), now=timezone.now())


def _judge_missed() -> None:
    services.refresh_stale(now=timezone.now())


def _tend_changed(events: Sequence[Event]) -> None:
    """All providers of a batch's changes together: each is tended to once."""
    slugs = {event.data["slug"] for event in events if event.type == "status.changed"}
    providers = selectors.providers_of(slugs) if slugs else None
    if providers:
        services.tend_incidents(providers, now=timezone.now())
        _plan()


def _tend_all() -> None:
    services.tend_incidents(now=timezone.now())
    _plan()


def _plan() -> None:
    """At once. What cannot be planned is logged there; the timetable tries again: no event is to blame."""
    try:
        services.notices.plan_notices(now=timezone.now())
    except AWAY:
        raise
    except Exception:
        logger.warning("notices are planned later")


FOLLOWERS = (
    Follower("verdicts", _judge_news, _judge_missed),
    Follower("alerts", _tend_changed, _tend_all),
)
