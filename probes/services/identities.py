"""Who answered: the model name and fingerprint in the answers, and a word when another one turns up."""

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
    held = AnsweringIdentity.objects.filter(endpoint__in={endpoint for endpoint, _, _ in sightings})
    newest: dict[tuple[int, str], AnsweringIdentity] = {}
    known: dict[Seen, AnsweringIdentity] = {}
    for row in held.order_by("last_seen_at"):
        newest[row.endpoint_id, row.kind] = row
        known[row.endpoint_id, row.kind, row.value] = row
    for seen, attempt in sightings.items():
        endpoint_id, kind, value = seen
        at = datetime.fromtimestamp(attempt.started_at, UTC)
        held_row = known.get(seen)
        if held_row is None or at - held_row.last_seen_at > FORGOTTEN_AFTER:
            before = newest.get((endpoint_id, kind))
            row = AnsweringIdentity.objects.create(
                endpoint_id=endpoint_id,
                kind=kind,
                value=value,
                previous=before.value if before else "",
                region=attempt.region,
                appeared_at=at,
                last_seen_at=at,
            )
            newest[endpoint_id, kind] = known[seen] = row
            if row.previous:
                transaction.on_commit(
                    partial(model_swapped.send, sender=AnsweringIdentity, swap=row, now=now)
                )
        elif at - held_row.last_seen_at > TOUCHED_EVERY:
            AnsweringIdentity.objects.filter(pk=held_row.pk).update(last_seen_at=at)
