"""Reading how notices stand: for the operators' page and for Prometheus."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, OuterRef, Q, Subquery

from status.models import AlertChannel, DeliveryAttempt, IncidentChange, Notice

#: What failed since is named.
LATELY: Final = timedelta(hours=24)
#: So many of the newest notices that failed are shown.
FAILED_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. due: its time has come. held: to be told later. oldest_due_at: of those that are
    due, None = none is. failed: given up lately."""

    due: int = 0
    held: int = 0
    oldest_due_at: datetime | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """A channel, its backlog and its newest try; `last_ok` None = nothing was ever tried."""

    slug: str
    name: str
    kind: str
    enabled: bool
    disabled_reason: str
    backlog: Backlog
    last_at: datetime | None
    last_ok: bool | None
    last_error: str

    @property
    def failing(self) -> bool:
        """Whether an operator should look."""
        return not self.enabled or self.last_ok is False


@dataclass(frozen=True, slots=True)
class Delivering:
    """unplanned: steps of incidents nobody has decided on, the oldest of `unplanned_at`."""

    channels: list[ChannelReport]
    letters: Backlog
    unplanned: int
    unplanned_at: datetime | None
    failed: list[Notice]

    @property
    def due(self) -> int:
        return self.letters.due + sum(channel.backlog.due for channel in self.channels)

    @property
    def held(self) -> int:
        return self.letters.held + sum(channel.backlog.held for channel in self.channels)


def load_delivering(*, now: datetime) -> Delivering:
    """Five queries, however many notices and channels there are."""
    backlogs = _backlogs(now)
    newest = DeliveryAttempt.objects.filter(notice__channel=OuterRef("pk"), ended_at__isnull=False)
    newest = newest.order_by("-ended_at", "-pk")
    channels = AlertChannel.objects.annotate(
        last_at=Subquery(newest.values("ended_at")[:1]),
        last_ok=Subquery(newest.values("ok")[:1]),
        last_error=Subquery(newest.values("error")[:1]),
    )
    steps = IncidentChange.objects.filter(planned_at=None).aggregate(count=Count("pk"), at=Min("at"))
    failed = Notice.objects.filter(state=Notice.State.FAILED, made_at__gt=now - LATELY)
    return Delivering(
        channels=[_report(channel, backlogs.get(channel.pk, Backlog())) for channel in channels],
        letters=backlogs.get(None, Backlog()),
        unplanned=steps["count"],
        unplanned_at=steps["at"],
        failed=list(failed.defer("facts", "body").select_related("channel", "subscription")[:FAILED_SHOWN]),
    )


def _backlogs(now: datetime) -> dict[int | None, Backlog]:
    """Channel id, None = all subscriptions together → what waits for it."""
    waiting, due = Q(state=Notice.State.WAITING), Q(next_try_at__lte=now)
    failed = Q(state=Notice.State.FAILED, made_at__gt=now - LATELY)
    rows = Notice.objects.filter(waiting | failed).order_by().values("channel")
    counted = rows.annotate(
        due=Count("pk", filter=waiting & due),
        held=Count("pk", filter=waiting & ~due),
        oldest=Min("due_at", filter=waiting & due),
        failed=Count("pk", filter=failed),
    )
    return {row["channel"]: Backlog(row["due"], row["held"], row["oldest"], row["failed"]) for row in counted}


def _report(channel: Any, backlog: Backlog) -> ChannelReport:
    return ChannelReport(
        slug=channel.slug,
        name=channel.name,
        kind=channel.kind,
        enabled=channel.enabled,
        disabled_reason=channel.disabled_reason,
        backlog=backlog,
        last_at=channel.last_at,
        last_ok=channel.last_ok,
        last_error=channel.last_error or "",
    )
