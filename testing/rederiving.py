"""The changes of state that a database holds beside those that follow from the attempts it holds.

python -m testing.rederiving      with DATABASE_URL; prints both as JSON: {"kept": [...], "derived": [...]}

Each change is [endpoint, region, from, to, moment]. Derived as if one judge had always been there
(status.unfolding). Of each endpoint up to its newest attempt: what no attempt followed yet may turn stale on
one side only.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from probes.models import ProbeTarget
from probes.selectors import AttemptFact, recent_attempts
from status import rules
from status.models import StatusChange
from status.services.judging import HISTORY_LIMIT
from status.unfolding import unfold

Line = list[str]


def changes() -> dict[str, list[Line]]:
    """Both lists, oldest first."""
    kept: list[Line] = []
    derived: list[Line] = []
    for target in ProbeTarget.objects.filter(tier="B").select_related("endpoint__model"):
        attempts = _attempts(target)
        if attempts:
            newest = max(attempt.started_at for attempt in attempts)
            derived += _derived(target, attempts, newest)
            kept += _kept(target, newest)
    return {"kept": kept, "derived": derived}


def _attempts(target: ProbeTarget) -> list[AttemptFact]:
    long_ago = datetime.now().astimezone() - timedelta(hours=5)
    return list(recent_attempts(target.endpoint_id, "B", region=None, since=long_ago, limit=HISTORY_LIMIT))


def _derived(target: ProbeTarget, attempts: list[AttemptFact], newest: datetime) -> Iterator[Line]:
    model = target.endpoint.model
    limits = rules.thresholds_for(model.functions, reasoning=model.reasoning)
    unfolded = unfold(attempts, {}, limits=limits, every_s=target.asked_every_s, now=newest)
    for turn in unfolded.turns:
        yield _line(target, turn.region, turn.before, turn.after.state, turn.at)


def _kept(target: ProbeTarget, newest: datetime) -> Iterator[Line]:
    found = StatusChange.objects.filter(endpoint=target.endpoint, at__lte=newest).order_by("at", "pk")
    for change in found:
        yield _line(target, change.region, change.from_state, change.to_state, change.at)


def _line(target: ProbeTarget, region: str, before: Any, after: Any, at: datetime) -> Line:
    return [target.endpoint.slug, region, str(before), str(after), at.isoformat()]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(changes()))
