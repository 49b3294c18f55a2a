"""What many attempts have in common, kept once: the number of each combination."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models.signals import post_migrate

from probes.models import Origin, Provenance

#: More combinations than this are not remembered at a time.
_REMEMBERED_MOST: Final = 20_000
#: Combination → its number, and the latest day for which it is noted as used. Only what is committed.
_remembered: dict[Origin, tuple[int, date]] = {}


def numbers(origins: Iterable[Origin], *, day: date) -> dict[Origin, int]:
    """Combination → its number; what is new gets one. Call it in the transaction that stores the attempts.

    day: the latest UTC day on which one of them was due. Once a day each is noted as used, so that what
    nobody has used since the oldest row that is kept can be dropped.
    """
    wanted = set(origins)
    found = {
        origin: _remembered[origin][0]
        for origin in wanted
        if origin in _remembered and _remembered[origin][1] >= day
    }
    unknown = wanted - found.keys()
    if unknown:
        kept = _kept(unknown)
        _note_used([pk for pk, used_on in kept.values() if used_on < day], day)
        if new := unknown - kept.keys():
            _create(new, day)
            kept |= _kept(new)
        latest = {origin: (pk, max(used_on, day)) for origin, (pk, used_on) in kept.items()}
        transaction.on_commit(partial(_remember, latest))
        found |= {origin: pk for origin, (pk, _) in kept.items()}
    return found


def _kept(origins: Collection[Origin]) -> dict[Origin, tuple[int, date]]:
    digests = {origin.digest: origin for origin in origins}
    rows = Provenance.objects.filter(digest__in=digests)
    return {
        digests[digest]: (pk, used_on) for pk, digest, used_on in rows.values_list("pk", "digest", "used_on")
    }


def _create(origins: Iterable[Origin], day: date) -> None:
    """In the order of their digests, so that two who make the same ones do not lock each other out."""
    Provenance.objects.bulk_create(
        [
            Provenance(digest=origin.digest, used_on=day, **origin._asdict())
            for origin in sorted(origins, key=lambda origin: origin.digest)
        ],
        ignore_conflicts=True,
    )


def _note_used(ids: Collection[int], day: date) -> None:
    if ids:
        rows = Provenance.objects.filter(pk__in=ids, used_on__lt=day).order_by("pk")
        Provenance.objects.filter(pk__in=list(rows.select_for_update().values_list("pk", flat=True))).update(
            used_on=day
        )


def _remember(latest: Mapping[Origin, tuple[int, date]]) -> None:
    if len(_remembered) + len(latest) > _REMEMBERED_MOST:
        _remembered.clear()
    _remembered.update(latest)


def forget(**_: object) -> None:
    """Look everything up again: rows may have been dropped."""
    _remembered.clear()


# A flushed database, too, ends with this signal.
post_migrate.connect(forget, dispatch_uid="probes.provenances")
