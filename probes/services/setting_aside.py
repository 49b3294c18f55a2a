"""Rows of a delivery that are not stored: kept as dead letters with their reason, and counted."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from probes.models import RefusedRows
from probes.plausible import Reason, Refusal
from probes.scrubbing import scrub
from probes.services import pops

#: Under this all regions are counted that are none of ours.
NOWHERE = "unknown"


@dataclass(frozen=True, slots=True)
class SetAside:
    """One row as it came, and why it is not stored."""

    row: Any
    refusal: Refusal


def not_storable(exc: Exception) -> Refusal:
    """What the database, or what stands before it, says to a row; without the row, which may follow."""
    return Refusal(Reason.NOT_STORABLE, f"{type(exc).__name__} {scrub((str(exc).splitlines() or [''])[0])}")


@transaction.atomic
def set_aside(rows: Sequence[SetAside], *, region: str, worker: str, now: datetime) -> None:
    """Keep one dead letter per reason with all its rows, and count them; dead letters are bounded."""
    grouped: dict[Reason, list[SetAside]] = defaultdict(list)
    for row in rows:
        grouped[row.refusal.reason].append(row)
    for reason, found in grouped.items():
        pops.bury(
            kind="results",
            region=region,
            worker=worker,
            reason=f"{len(found)} {reason}: {found[0].refusal.detail}",
            body=json.dumps([row.row for row in found], default=str),
            now=now,
        )
    _count(region if region in settings.PROBE_REGIONS else NOWHERE, grouped)


def _count(region: str, grouped: dict[Reason, list[SetAside]]) -> None:
    """In the order of the reasons, so that two who count do not lock each other out."""
    RefusedRows.objects.bulk_create(
        [RefusedRows(region=region, reason=reason) for reason in sorted(grouped)], ignore_conflicts=True
    )
    for reason in sorted(grouped):
        counted = RefusedRows.objects.filter(region=region, reason=reason)
        counted.update(rows=F("rows") + len(grouped[reason]))
