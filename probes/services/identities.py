"""Who answered: the model name and fingerprint in the answers, and a word when another one turns up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction

from probes.attempts import Attempt
from probes.models import AnsweringIdentity
from probes.signals import model_swapped

#: A value that was not seen for so long counts as new when it returns.
FORGOTTEN_AFTER = timedelta(days=7)
#: `last_seen_at` is exact to this.
TOUCHED_EVERY = timedelta(hours=1)
#: What brings more new values a day than this names requests, not models: no more of them are kept.
MOST_NEW_A_DAY = 10
ONE_DAY = timedelta(days=1)

#: endpoint id, kind, value
Seen = tuple[int, str, str]


def follow(attempts: Sequence[Attempt], ids: Mapping[str, int], *, now: datetime) -> None:
    """Keep every model name and fingerprint that answered rightly; announce those that are new.

    A provider with several backends alternates between fingerprints: only a value that was not seen for
    FORGOTTEN_AFTER is a swap, and the first value of an endpoint is none.
    """
    sightings: dict[Seen, Attempt] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.started_at):
        if attempt.outcome == "ok" and attempt.tier != "A":
            for kind, value in (("model", attempt.answered_model), ("fingerprint", attempt.fingerprint)):
                if value:
                    sightings.setdefault((ids[attempt.endpoint], kind, value), attempt)
    if sightings:
        _keep(sightings, now)


def _keep(sightings: Mapping[Seen, Attempt], now: datetime) -> None:
    recent = AnsweringIdentity.objects.filter(
        endpoint__in={endpoint for endpoint, _, _ in sightings}, last_seen_at__gt=now - 2 * FORGOTTEN_AFTER
    )
    held: dict[tuple[int, str], list[AnsweringIdentity]] = defaultdict(list)
    for row in recent.order_by("last_seen_at"):
        held[row.endpoint_id, row.kind].append(row)
    for (endpoint_id, kind, value), attempt in sightings.items():
        at = datetime.fromtimestamp(attempt.started_at, UTC)
        rows = held[endpoint_id, kind]
        known = next((row for row in reversed(rows) if row.value == value), None)
        if known is not None and at - known.last_seen_at <= FORGOTTEN_AFTER:
            if at - known.last_seen_at > TOUCHED_EVERY:
                AnsweringIdentity.objects.filter(pk=known.pk).update(last_seen_at=at)
        elif sum(at - row.appeared_at < ONE_DAY for row in rows) < MOST_NEW_A_DAY:
            rows.append(_appear(endpoint_id, kind, value, attempt.region, at, rows, now))


def _appear(
    endpoint_id: int,
    kind: str,
    value: str,
    region: str,
    at: datetime,
    earlier: Sequence[AnsweringIdentity],
    now: datetime,
) -> AnsweringIdentity:
    row = AnsweringIdentity.objects.create(
        endpoint_id=endpoint_id,
        kind=kind,
        value=value,
        previous=earlier[-1].value if earlier else "",
        region=region,
        appeared_at=at,
        last_seen_at=at,
    )
    if row.previous:
        transaction.on_commit(partial(model_swapped.send, sender=AnsweringIdentity, swap=row, now=now))
    return row
