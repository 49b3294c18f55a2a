"""Which incident of an official page is which of ours: by time, by words, counted once (docs/leads.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from status.rules.leads import (
    EARLY,
    FURTHEST,
    LATE,
    Finding,
    Ours,
    Said,
    Theirs,
    first_said,
    lead_of,
    span_of,
)
from status.rules.naming import Fit, fit

_FITS = list(Fit)


@dataclass(frozen=True, slots=True)
class _Told:
    """One of theirs, looked at once."""

    theirs: Theirs
    said: Said
    begins: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class _Pair:
    """rank: the lower, the rather it is counted. overlaps: their times do, not only nearly."""

    rank: tuple[float | int, ...]
    overlaps: bool
    found: Finding


def match(ours: Sequence[Ours], theirs: Sequence[Theirs], named: Iterable[str]) -> list[Finding]:
    """The pairs of one provider that tell of the same. named: what all of its watched models are called.

    Counted are pairs of which each incident has one at most: those whose times truly overlap first, then the
    best fit, then the nearest in time (which never flatters us), then the oldest. Of the rest those are kept
    whose times overlap: one of theirs may tell of several of ours, or the other way round.
    """
    names = frozenset(named)
    told = [_Told(other, first_said(other), *span_of(other)) for other in theirs]
    pairs = [pair for one in ours for other in told if (pair := _pair(one, other, names))]
    taken: set[tuple[str, int | None]] = set()
    kept = []
    for pair in sorted(pairs, key=lambda pair: pair.rank):
        sides = {("ours", pair.found.ours), ("theirs", pair.found.theirs)}
        if not sides & taken:
            taken |= sides
            kept.append(pair.found)
        elif pair.overlaps:
            kept.append(replace(pair.found, counted=False))
    return kept


def _pair(one: Ours, told: _Told, names: frozenset[str]) -> _Pair | None:
    distance = abs(told.said.at - one.detected_at)
    ended, ends = one.ended_at, told.ends
    late = ended is not None and told.begins > ended + LATE
    early = ends is not None and ends < one.started_at - EARLY
    if late or early or distance > FURTHEST:
        return None
    found = fit(told.theirs.title, told.theirs.components, one.names, names)
    if found is None:
        return None
    overlaps = (ended is None or told.begins <= ended) and (ends is None or ends >= one.started_at)
    # what names no model is rather of a provider-wide incident
    narrow = 0 if found is Fit.MODEL or one.provider_wide else 1
    place = (_FITS.index(found) + narrow, distance.total_seconds(), one.id, told.theirs.id)
    verdict, lead_s, error_s = lead_of(one.detected_at, told.said)
    finding = Finding(one.id, told.theirs.id, verdict, one.detected_at, found, told.said, lead_s, error_s)
    return _Pair((not overlaps, *place), overlaps, finding)
