"""Beginning and ending burn alerts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from probes.attempts import METHOD_VERSION
from status.models import BurnAlert, SloStanding
from status.rules import slo
from status.rules.slo import PAIRS, Finding, Pair, Window


@transaction.atomic
def turn_alerts(standings: Sequence[SloStanding], minute: datetime) -> int:
    """Begin and end alerts. Two judges at once write one row: the database refuses a second open one."""
    open_rows = BurnAlert.objects.select_for_update().filter(ended_at=None)
    going_on = {(row.endpoint_id, row.pair): row for row in open_rows}
    begun, ended = [], []
    for standing in standings:
        for pair in PAIRS:
            row = going_on.pop((standing.endpoint_id, pair.name), None)
            found = _look(pair, standing)
            if row is None and found.on and found.burn_long is not None and found.burn_short is not None:
                begun.append(_begun(pair, standing, found.burn_long, found.burn_short))
            elif row is not None and found.on is False:
                ended.append(_ended(row, minute, found.why))
    ended += [_ended(row, minute, "unwatched") for row in going_on.values()]
    BurnAlert.objects.bulk_create(begun, ignore_conflicts=True)
    BurnAlert.objects.bulk_update(ended, ["ended_at", "ended_why"])
    return len(begun) + len(ended)


def _look(pair: Pair, standing: SloStanding) -> Finding:
    long, short = (Window(*standing.windows[str(width)]) for width in (pair.long_s, pair.short_s))
    return slo.look(pair, long, short, standing.target_pct)


def _begun(pair: Pair, standing: SloStanding, burn_long: float, burn_short: float) -> BurnAlert:
    return BurnAlert(
        endpoint_id=standing.endpoint_id,
        pair=pair.name,
        severity=pair.severity.value,
        target_pct=standing.target_pct,
        began_at=standing.judged_at,
        burn_long=burn_long,
        burn_short=burn_short,
        samples=standing.windows[str(pair.long_s)][0],
        method_version=METHOD_VERSION,
    )


def _ended(row: BurnAlert, at: datetime, why: str) -> BurnAlert:
    row.ended_at, row.ended_why = max(at, row.began_at), why
    return row
