"""Who told first: which incident of an official page is which of ours, and the lead with its error bar.

The moment a page first *said* something counts, not the start that it later claims. Pages are read every one
to five minutes, so that moment is known only up to the time between two readings. What is published is
`docs/leads.md`; its constants are these. ADR 21 says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from status.rules.naming import Fit, fit

METHOD: Final = "leads-1"
#: Their clock against ours, and a fraction of a minute that pages leave out. Part of every error bar.
SKEW: Final = timedelta(seconds=5)
#: A written time is believed if it lies in the gap between the last reading without it and the first with it,
#: give or take this: caches serve old pages, clocks differ.
BELIEVED_WITHIN: Final = timedelta(minutes=5)
#: What they date up to so long after the end is still said of ours; without a word by then they missed it.
LATE: Final = timedelta(minutes=60)
#: What it resolved up to so long before ours began may still be the same.
EARLY: Final = timedelta(minutes=5)
#: Words that are further from our detection than this are of something else.
FURTHEST: Final = timedelta(hours=6)
#: A claimed start further back than this is not believed.
OLDEST_CLAIM: Final = timedelta(hours=24)
#: Fewer countable attempts than this confirm no failure (status.rules.table.LAST): then we did not measure.
MEASURED_FROM: Final = 5


class Basis(StrEnum):
    """What the moment of their first words rests on."""

    PUBLISHED = "published"  # the time that they wrote, which our readings confirm
    FIRST_SEEN = "first_seen"  # our first sight: they wrote no time, or one that our readings refute
    UNBOUNDED = "unbounded"  # it was there when we first read the page: it says nothing of a lead


class Verdict(StrEnum):
    """What came of an incident of ours, of theirs, or of both."""

    US = "us"
    THEM = "them"
    TOGETHER = "together"  # closer than the error bar
    UNBOUNDED = "unbounded"
    PAGE_SILENT = "page_silent"  # the page never told of ours
    PAGE_UNREAD = "page_unread"  # whether it told is not known: it could not be read
    WE_MISSED = "we_missed"  # we measured, and saw nothing of theirs
    NOT_MEASURED = "not_measured"  # theirs is of something that we did not measure then


@dataclass(frozen=True, slots=True)
class Ours:
    """An incident of ours. names: what its models are called. grave: minor or worse, no mere anomaly."""

    id: int
    provider_wide: bool
    grave: bool
    started_at: datetime
    detected_at: datetime
    ended_at: datetime | None
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Theirs:
    """An incident of an official page, as OfficialIncident has it. Announced maintenance is never one.

    open_at: when we saw that it was not over, whatever end they write later; None = we never did.
    """

    id: int
    title: str
    components: tuple[str, ...]
    impact: str
    claimed_started_at: datetime | None
    published_at: datetime | None
    first_seen_at: datetime
    unseen_at: datetime | None
    resolved_at: datetime | None
    open_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """When a page first spoke. error_s: how far that may be wrong, either way; None = not bounded."""

    at: datetime
    error_s: float | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one incident, or of a pair. ours, theirs: ids, None = it has none on that side.

    lead_s: their first words minus our detection, positive = we were first. error_s: how far it may be
    wrong, either way. Both None without a lead. counted: enters the figures; each incident does once.
    """

    ours: int | None
    theirs: int | None
    verdict: Verdict
    at: datetime
    fit: Fit | None = None
    said: Said | None = None
    lead_s: float | None = None
    error_s: float | None = None
    counted: bool = True


def first_said(theirs: Theirs) -> Said:
    """The moment of their first words and how far it may be wrong.

    It lies between the last reading without them and the first with them. Error: the greater distance to
    either end of that gap, and the skew. Written 12:01, gap 12:00 to 12:02 → 12:01 ± 65 s; written 11:50
    (dated back), same gap → 12:02 ± 125 s.
    """
    seen, unseen, written = theirs.first_seen_at, theirs.unseen_at, theirs.published_at
    if unseen is None:
        return Said(min(written or seen, seen), None, Basis.UNBOUNDED)
    believed = written is not None and unseen - BELIEVED_WITHIN <= written <= seen + BELIEVED_WITHIN
    at = min(written, seen) if written is not None and believed else seen
    error = max(seen - at, abs(at - unseen)) + SKEW
    return Said(at, round(error.total_seconds(), 3), Basis.PUBLISHED if believed else Basis.FIRST_SEEN)


def lead_of(detected_at: datetime, said: Said) -> tuple[Verdict, float | None, float | None]:
    """(who was first, lead, error) in seconds; a lead of at most its error is "together"."""
    if said.error_s is None:
        return Verdict.UNBOUNDED, None, None
    lead_s = round((said.at - detected_at).total_seconds(), 3)
    if abs(lead_s) <= said.error_s:
        return Verdict.TOGETHER, lead_s, said.error_s
    return (Verdict.US if lead_s > 0 else Verdict.THEM), lead_s, said.error_s


def our_misses_of_pages(
    ours: Iterable[Ours],
    pairs: Iterable[Finding],
    read_at: datetime | None,
    since: datetime | None,
    now: datetime,
) -> list[Finding]:
    """Of ours that are over for LATE and were never told: silent, or unread where the page was not read.

    since: when we first read the page; read_at: when last. None = never.
    """
    told = {pair.ours for pair in pairs}
    found = []
    for one in ours:
        if one.id in told or not one.grave or one.ended_at is None or now < one.ended_at + LATE:
            continue
        needed = one.detected_at, one.ended_at + LATE - BELIEVED_WITHIN
        was_read = since is not None and read_at is not None and since <= needed[0] and read_at >= needed[1]
        verdict = Verdict.PAGE_SILENT if was_read else Verdict.PAGE_UNREAD
        found.append(Finding(one.id, None, verdict, one.detected_at))
    return found


def was_announced(one: Ours, planned: Iterable[Theirs]) -> bool:
    """Whether maintenance that the page announced lies over an incident: then it was told, in its way."""
    for work in planned:
        begins = work.claimed_started_at or work.first_seen_at
        before_end = one.ended_at is None or begins <= one.ended_at
        if before_end and (work.resolved_at is None or work.resolved_at >= one.started_at):
            return True
    return False


def is_unanswered(theirs: Theirs, now: datetime) -> bool:
    """Whether one of ours would be there by now: theirs is trouble, bounded in time, and old enough."""
    if theirs.unseen_at is None or theirs.impact not in ("minor", "major", "critical", "unknown"):
        return False
    if theirs.resolved_at is not None:
        return now >= max(theirs.resolved_at, theirs.first_seen_at) + LATE
    return now >= theirs.first_seen_at + FURTHEST


def missed(theirs: Theirs, named: Iterable[str], attempts: int) -> Finding:
    """Of theirs without one of ours: whether we missed it. attempts: countable ones of ours in its span."""
    names = frozenset(named)
    found = fit(theirs.title, theirs.components, names, names)
    ours = found in (Fit.MODEL, Fit.API, Fit.WHOLE) and attempts >= MEASURED_FROM
    verdict = Verdict.WE_MISSED if ours else Verdict.NOT_MEASURED
    return Finding(None, theirs.id, verdict, theirs.first_seen_at, found, first_said(theirs))


def span_of(theirs: Theirs) -> tuple[datetime, datetime | None]:
    """From when to when they say it was; the end is None while it is not resolved.

    An end before we saw it open is dated back: it lasted at least until then.
    """
    said_at = first_said(theirs).at
    claimed = theirs.claimed_started_at
    begins = claimed if claimed is not None and said_at - OLDEST_CLAIM <= claimed <= said_at else said_at
    ends = theirs.resolved_at
    return begins, max(ends, theirs.open_at) if ends is not None and theirs.open_at is not None else ends


@dataclass(frozen=True, slots=True)
class Typical:
    """The median lead in seconds, and between what it lies when every error bar is taken at its worst."""

    n: int
    median_s: float
    low_s: float
    high_s: float


def typical(leads: Sequence[tuple[float, float]]) -> Typical | None:
    """Of (lead, error) pairs in seconds; None without any."""
    if not leads:
        return None
    return Typical(
        len(leads),
        round(median(lead for lead, _ in leads), 3),
        round(median(lead - error for lead, error in leads), 3),
        round(median(lead + error for lead, error in leads), 3),
    )
