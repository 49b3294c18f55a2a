"""Planning maintenance, changing what is planned, and calling it off.

    Unplannable    theirs, permanent: the message says what to do instead

What has been covered already stays covered: it decided what was told and what was held against somebody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aigo.lib.regions import MEASURED_SLUGS
from aigo.lib.words import Words
from catalog.models import Endpoint, Provider
from status.models import IncidentChange, MaintenanceWindow, Notice
from status.rules.maintenance import Unusable, Window, check_recurrence

#: A window may be entered so long after it began: nobody is at the keyboard when a provider begins at night.
BACKDATED_AT_MOST = timedelta(hours=24)
#: What lasts longer is no maintenance but a state of affairs.
LONGEST = timedelta(days=14)


class Unplannable(ValueError):
    """It cannot be planned like that. `field`: the Plan's field that is to blame, "" = several."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Plan:
    """What a window is to be. All of a provider's endpoints, or these endpoints; regions: slugs, () = all.

    recurrence: an RRULE's value, "" = once, counted by the clock of `time_zone` (IANA). Moments are UTC.
    """

    title: Words
    starts_at: datetime
    ends_at: datetime
    provider: Provider | None = None
    endpoints: Collection[Endpoint] = ()
    regions: Collection[str] = ()
    recurrence: str = ""
    time_zone: str = "UTC"

    @property
    def window(self) -> Window:
        """As the rules see it, kept nowhere."""
        return Window(
            id=0,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            recurrence=self.recurrence,
            time_zone=self.time_zone,
            regions=frozenset(self.regions),
        )


def check_plan(plan: Plan, *, now: datetime, kept: MaintenanceWindow | None = None) -> None:
    """Unplannable where it is no window, or would change the past of the one that is `kept` already."""
    _check_words(plan)
    if plan.time_zone not in available_timezones():
        raise Unplannable("time_zone", _("The time zone needs a name such as Asia/Seoul or UTC."))
    lasts = plan.ends_at - plan.starts_at
    if not timedelta() < lasts <= LONGEST:
        text = _("It must end after it starts, and last %(days)d days at most.")
        raise Unplannable("ends_at", text % {"days": LONGEST.days})
    try:
        check_recurrence(plan.window)
    except Unusable as error:
        text = _("The recurrence cannot be used. %(reason)s")
        raise Unplannable("recurrence", text % {"reason": error}) from error
    if kept is not None and kept.cancelled_at is not None:
        raise Unplannable("", _("It is cancelled. Plan a new one."))
    if kept is not None and kept.starts_at <= now:
        _check_change(plan, kept, now)
    elif plan.starts_at < now - BACKDATED_AT_MOST:
        text = _("It starts more than 24 hours ago. What was told since stays told: start it later.")
        raise Unplannable("starts_at", text)


@transaction.atomic
def plan_maintenance(plan: Plan, *, by: Any, now: datetime) -> MaintenanceWindow:
    """Announce maintenance: meanwhile nobody is alerted, and nothing counts against an SLO. Unplannable."""
    check_plan(plan, now=now)
    window = _write(MaintenanceWindow(created_at=now, created_by=by), plan, now)
    _log(window, ADDITION, f"planned {_extent(window)}", by)
    return window


@transaction.atomic
def change_maintenance(window: MaintenanceWindow, plan: Plan, *, by: Any, now: datetime) -> MaintenanceWindow:
    """Make a window what the plan says; of one that has begun, only its titles and its end. Unplannable."""
    kept = MaintenanceWindow.objects.select_for_update(of=("self",)).get(pk=window.pk)
    check_plan(plan, now=now, kept=kept)
    before = _extent(kept)
    kept = _write(kept, plan, now)
    _tell_sooner(now)
    _log(kept, CHANGE, f"{before} → {_extent(kept)}", by)
    return kept


@transaction.atomic
def cancel_maintenance(window: MaintenanceWindow, *, by: Any, now: datetime) -> MaintenanceWindow:
    """It covers nothing from now on. Unplannable: it is over, or cancelled already."""
    kept = MaintenanceWindow.objects.select_for_update(of=("self",)).get(pk=window.pk)
    if kept.cancelled_at is not None:
        raise Unplannable("", _("It is cancelled already."))
    if not kept.recurrence and kept.ends_at <= now:
        raise Unplannable("", _("It is over: there is nothing to cancel."))
    kept.cancelled_at = kept.changed_at = now
    kept.save(update_fields=["cancelled_at", "changed_at"])
    _tell_sooner(now)
    _log(kept, CHANGE, f"cancelled {_extent(kept)}", by)
    return kept


def _tell_sooner(now: datetime) -> None:
    """Have what is held of incidents planned anew: what held it may not do so any more."""
    held = Notice.objects.waiting().filter(topic="incident", kind="opened", tries=0, due_at__gt=now)
    subjects = held.order_by().values_list("subject", flat=True).distinct()
    incidents = [int(subject.partition(":")[2]) for subject in subjects]
    changes = IncidentChange.objects.filter(incident__in=incidents, incident__ended_at=None)
    last = changes.order_by().values("incident").annotate(last=Max("pk")).values_list("last", flat=True)
    IncidentChange.objects.filter(pk__in=list(last)).update(planned_at=None)


def _check_words(plan: Plan) -> None:
    if not plan.title:
        raise Unplannable("title_en", _("Write a title in English or Korean, better in both."))
    if (plan.provider is None) == (not plan.endpoints):
        raise Unplannable(
            "provider", _("Choose a provider for all of its endpoints, or endpoints; not both.")
        )
    if unknown := sorted(set(plan.regions) - set(MEASURED_SLUGS)):
        text = _("Unknown regions: %(regions)s. Choose some of the list, or none for all.")
        raise Unplannable("regions", text % {"regions": ", ".join(unknown)})


def _check_change(plan: Plan, kept: MaintenanceWindow, now: datetime) -> None:
    """Of one that has begun."""
    same = (
        *(plan.starts_at == kept.starts_at, plan.recurrence == kept.recurrence),
        *(plan.time_zone == kept.time_zone, set(plan.regions) == set(kept.regions)),
        plan.provider == kept.provider,
        {endpoint.pk for endpoint in plan.endpoints} == set(kept.endpoints.values_list("pk", flat=True)),
    )
    if not all(same):
        text = _("It has begun: only its titles and its end can change. Else cancel it and plan a new one.")
        raise Unplannable("", text)
    if plan.ends_at != kept.ends_at and (kept.recurrence or min(kept.ends_at, plan.ends_at) < now):
        text = _("What has passed, and how long each of many lasts, stays. Cancel it and plan a new one.")
        raise Unplannable("ends_at", text)


def _write(window: MaintenanceWindow, plan: Plan, now: datetime) -> MaintenanceWindow:
    window.title_en, window.title_ko = plan.title.en, plan.title.ko
    window.provider, window.regions = plan.provider, sorted(plan.regions)
    window.starts_at, window.ends_at = plan.starts_at, plan.ends_at
    window.recurrence, window.time_zone, window.changed_at = plan.recurrence, plan.time_zone, now
    window.save()
    window.endpoints.set(plan.endpoints)
    return window


def _extent(window: MaintenanceWindow) -> str:
    text = f"{window.starts_at:%Y-%m-%d %H:%M}–{window.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"{text}, {window.recurrence} ({window.time_zone})" if window.recurrence else text


def _log(window: MaintenanceWindow, flag: int, text: str, by: Any) -> None:
    LogEntry.objects.log_actions(by.pk, [window], flag, text, single_object=True)
