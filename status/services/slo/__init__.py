"""Error budgets: how every endpoint stands against its target, and alerts where its budget goes too fast.

standing   what is counted, and kept
alerts     what begins and ends
telling    who is to hear of it
"""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from catalog.models import Endpoint
from probes.models import ProbeTarget
from status.models import SloTarget
from status.services.slo.alerts import turn_alerts
from status.services.slo.standing import TIER, stand
from status.services.slo.telling import tell


def judge_slos(*, now: datetime) -> int:
    """Judge every watched endpoint that is asked in tier B; how many burn alerts began or ended.

    Windows end with the last minute that is over. The number of queries does not grow with the endpoints.
    Again in the same minute: nothing.
    """
    minute = datetime.fromtimestamp(int(now.timestamp()) // 60 * 60, UTC)
    measured = _measured_endpoints()
    standings = stand(measured, minute)
    turned = turn_alerts(standings, minute)
    tell(now)
    return turned


def set_target(
    *, endpoint: Endpoint, target_pct: float, period_days: int, by: AbstractBaseUser, now: datetime
) -> SloTarget:
    """Give an endpoint a target of its own. ValidationError where that allows no failure."""
    with transaction.atomic():
        row = SloTarget.objects.select_for_update().filter(endpoint=endpoint).first()
        flag = CHANGE if row else ADDITION
        row = row or SloTarget(endpoint=endpoint)
        row.target_pct, row.period_days, row.by_id, row.changed_at = target_pct, period_days, by.pk, now
        row.full_clean()
        row.save()
        _note(by, row, flag, f"{target_pct:g} % over {period_days} days")
    return row


def _note(by: AbstractBaseUser, row: SloTarget, flag: int, what: str) -> None:
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(SloTarget),
        object_id=str(row.pk),
        object_repr=str(row.endpoint)[:200],
        action_flag=flag,
        change_message=what,
    )


def _measured_endpoints() -> list[int]:
    shown = Endpoint.objects.for_board(simulation=settings.SIMULATION)
    targets = ProbeTarget.objects.filter(enabled=True, tier=TIER, endpoint__in=shown)
    return sorted(set(targets.values_list("endpoint", flat=True)))
