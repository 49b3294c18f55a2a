"""What many attempts have in common, kept once: the number of each combination."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models.signals import post_migrate

from probes.models import Origin, Provenance
from probes.timeseries.days import is_young

#: More combinations than this are not remembered at a time.
_REMEMBERED_MOST: Final = 20_000
#: Combination → its number, and the latest day for which it is noted as used. Only what is committed.
_remembered: dict[Origin, tuple[int, date]] = {}


def numbers(origins: Iterable[Origin], *, day: date) -> dict[Origin, int]:
    """Combination → its number; what is new gets one. Call it in the transaction that stores the attempts.

    day: the latest UTC day on which one of them was due. Once a day each is noted as used, so that what
    nobody has used since the oldest row that is kept can be dropped. For a day that is not young nothing is
    taken from memory, and what is there is locked until the transaction ends: upkeep may be about to drop it.
    """
    wanted = set(origins)
    found = {
        origin: _remembered[origin][0]
        for origin in wanted
        if origin in _remembered and _remembered[origin][1] >= day and is_young(day)
    }
    if unknown := wanted - found.keys():
        held = _held(unknown, day)
        transaction.on_commit(partial(_remember, held))
        found |= {origin: pk for origin, (pk, _) in held.items()}
    return found


def _held(origins: Collection[Origin], day: date) -> dict[Origin, tuple[int, date]]:
    """Each with its number and the day that is noted; nobody drops it before the transaction ends."""
    held: dict[Origin, tuple[int, date]] = {}
    while absent := set(origins) - held.keys():
        kept = _kept(absent)
        doubtful = {pk for pk, used_on in kept.values() if used_on < day or not is_young(day)}
        gone = doubtful - _note_used(doubtful, day)
        held |= {origin: (pk, max(used_on, day)) for origin, (pk, used_on) in kept.items() if pk not in gone}
        if new := absent - held.keys():
            _create(new, day)
    return held


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


def _note_used(ids: Collection[int], day: date) -> set[int]:
    """Those that are still there: now locked, and noted as used on that day or later."""
    if not ids:
        return set()
    rows = Provenance.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    locked = set(rows.values_list("pk", flat=True))
    Provenance.objects.filter(pk__in=locked, used_on__lt=day).update(used_on=day)
    return locked


def _remember(latest: Mapping[Origin, tuple[int, date]]) -> None:
    if len(_remembered) + len(latest) > _REMEMBERED_MOST:
        _remembered.clear()
    _remembered.update(latest)


def forget(**_: object) -> None:
    """Look everything up again: rows may have been dropped."""
    _remembered.clear()


# A flushed database, too, ends with this signal.
post_migrate.connect(forget, dispatch_uid="probes.provenances")
