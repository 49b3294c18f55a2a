"""Matching our incidents with those of the official pages, again and again while either may change."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Min, Q

from catalog.models import Endpoint
from probes.models import ProbeResult
from status.models import (
    DetectionLead,
    Incident,
    IncidentChange,
    IncidentEndpoint,
    OfficialIncident,
    OfficialPage,
    OfficialSnapshot,
)
from status.rules import Cause, StepKind
from status.rules import leads as rules
from status.rules.matching import match

logger = logging.getLogger(__name__)

#: What ended on both sides so long ago is settled.
LOOKED_AT: Final = timedelta(days=3)
Key = tuple[int | None, int | None]


@dataclass(slots=True)
class _Case:
    """What one provider's matching needs. planned: maintenance of theirs. known: rows as they are."""

    page: OfficialPage
    read_since: datetime | None = None
    names: set[str] = field(default_factory=set)
    endpoints: list[int] = field(default_factory=list)
    ours: list[rules.Ours] = field(default_factory=list)
    theirs: list[rules.Theirs] = field(default_factory=list)
    planned: list[rules.Theirs] = field(default_factory=list)
    known: dict[Key, DetectionLead] = field(default_factory=dict)


def match_official(*, now: datetime) -> int:
    """Match what is not settled; how many rows that wrote or took away. Again: none.

    Only providers whose page is or was read. A provider's rows are written in one transaction.
    """
    return sum(_settled(case, now) for case in _cases(now))


def _settled(case: _Case, now: datetime) -> int:
    """As `_settle`; what one provider's page says must not keep the others from being matched."""
    try:
        return _settle(case, now)
    except Exception:
        logger.exception("the incidents of %s cannot be matched", case.page.url)
        return 0


def _settle(case: _Case, now: datetime) -> int:
    wanted = {(found.ours, found.theirs): _row(case.page, found, now) for found in _findings(case, now)}
    gone = [row for key, row in case.known.items() if key not in wanted]
    changed = [key for key, row in wanted.items() if not _same(row, case.known.get(key))]
    if not gone and not changed:
        return 0
    with transaction.atomic():
        # one at a time: who comes second finds other rows than it knew, and leaves it to the next run
        OfficialPage.objects.select_for_update().get(pk=case.page.pk)
        if _kept_by_now(case) != {row.pk for row in case.known.values()}:
            return 0
        stale = [row.pk for row in (*gone, *(case.known[key] for key in changed if key in case.known))]
        DetectionLead.objects.filter(pk__in=stale).delete()
        DetectionLead.objects.bulk_create(wanted[key] for key in changed)
    return len(gone) + len(changed)


def _kept_by_now(case: _Case) -> set[int]:
    ours, theirs = [one.id for one in case.ours], [one.id for one in case.theirs]
    rows = DetectionLead.objects.filter(Q(incident__in=ours) | Q(official__in=theirs))
    return set(rows.values_list("pk", flat=True)) | {
        row.pk for row in case.known.values() if row.incident_id not in ours and row.official_id not in theirs
    }


def _findings(case: _Case, now: datetime) -> list[rules.Finding]:
    pairs = match(case.ours, case.theirs, case.names)
    page = case.page
    untold = [one for one in case.ours if not rules.was_announced(one, case.planned)]
    silent = [
        found
        for found in rules.our_misses_of_pages(untold, pairs, page.last_read_at, case.read_since, now)
        if page.enabled or (found.ours, None) in case.known
    ]
    told = {pair.theirs for pair in pairs}
    unanswered = [
        _missed(case, theirs)
        for theirs in case.theirs
        if theirs.id not in told and rules.is_unanswered(theirs, now)
    ]
    return [*pairs, *silent, *unanswered]


def _missed(case: _Case, theirs: rules.Theirs) -> rules.Finding:
    """What we measured then does not change any more: it is looked up once."""
    before = case.known.get((None, theirs.id))
    if before is not None:
        attempts = rules.MEASURED_FROM if before.verdict == DetectionLead.Verdict.WE_MISSED else 0
        return rules.missed(theirs, case.names, attempts)
    since, until = rules.span_of(theirs)
    until = min(max(until or since + rules.FURTHEST, since + rules.EARLY), since + rules.FURTHEST)
    tried = ProbeResult.objects.countable().started_between(since, until)
    rows = tried.filter(endpoint__in=case.endpoints).values_list("started_at")[: rules.MEASURED_FROM]
    return rules.missed(theirs, case.names, len(rows))


def _row(page: OfficialPage, found: rules.Finding, now: datetime) -> DetectionLead:
    return DetectionLead(
        provider_id=page.provider_id,
        incident_id=found.ours,
        official_id=found.theirs,
        simulated=page.provider.simulated,
        at=found.at,
        verdict=found.verdict.value,
        fit=found.fit.value if found.fit else "",
        basis=found.said.basis.value if found.said else "",
        said_at=found.said.at if found.said else None,
        lead_s=found.lead_s,
        error_s=found.error_s,
        counted=found.counted,
        matched_at=now,
        method_version=rules.METHOD,
    )


_COMPARED: Final = (
    *("at", "verdict", "fit", "basis", "said_at", "lead_s", "error_s", "counted", "method_version"),
)


def _same(row: DetectionLead, known: DetectionLead | None) -> bool:
    return known is not None and all(getattr(row, name) == getattr(known, name) for name in _COMPARED)


def _cases(now: datetime) -> Iterable[_Case]:
    """All providers with a page that was read, in ten queries or a few more, whatever their number."""
    pages = OfficialPage.objects.exclude(last_tried_at=None).select_related("provider")
    cases = {page.provider_id: _Case(page) for page in pages}
    if not cases:
        return ()
    first = OfficialSnapshot.objects.filter(page__provider__in=list(cases)).values_list("page__provider")
    for provider_id, since in first.annotate(since=Min("first_seen_at")):
        cases[provider_id].read_since = since
    watched = Endpoint.objects.filter(provider__in=list(cases), watched=True).select_related("model")
    for endpoint in watched:
        cases[endpoint.provider_id].endpoints.append(endpoint.pk)
        cases[endpoint.provider_id].names |= _names(endpoint)
    ours, theirs = _open_ids(list(cases), now)
    for row in _neighbours(list(cases), ours, theirs):
        cases[row.provider_id].known[row.incident_id, row.official_id] = row
    for provider_id, incident in _ours(ours):
        cases[provider_id].ours.append(incident)
    for official in OfficialIncident.objects.filter(pk__in=theirs).select_related("page"):
        case = cases[official.page.provider_id]
        (case.planned if official.maintenance else case.theirs).append(_theirs(official))
    return cases.values()


def _open_ids(provider_ids: Collection[int], now: datetime) -> tuple[set[int], set[int]]:
    """Incidents of ours and of theirs that are not settled. Simulated and real never meet."""
    recent = Q(ended_at=None) | Q(ended_at__gte=now - LOOKED_AT)
    alike = Incident.objects.filter(provider__in=provider_ids, simulated=F("provider__simulated"))
    told = OfficialIncident.objects.filter(page__provider__in=provider_ids)
    new = Q(resolved_at=None) | Q(resolved_at__gte=now - LOOKED_AT) | Q(first_seen_at__gte=now - LOOKED_AT)
    return (
        set(alike.filter(recent).values_list("pk", flat=True)),
        set(told.filter(new).values_list("pk", flat=True)),
    )


def _neighbours(provider_ids: Collection[int], ours: set[int], theirs: set[int]) -> list[DetectionLead]:
    """The rows of these incidents; the other sides of those are added to the sets, and theirs in turn.

    However old: an incident may stay open for months. Pairs are near in time, so that the chain is short.
    """
    found: dict[int, DetectionLead] = {}
    our_new, their_new = set(ours), set(theirs)
    while our_new or their_new:
        touched = Q(incident__in=our_new) | Q(official__in=their_new)
        rows = DetectionLead.objects.filter(touched, provider__in=provider_ids)
        found |= {row.pk: row for row in rows}
        our_new = {row.incident_id for row in found.values() if row.incident_id} - ours
        their_new = {row.official_id for row in found.values() if row.official_id} - theirs
        ours |= our_new
        theirs |= their_new
    return list(found.values())


def _ours(ids: Collection[int]) -> Iterable[tuple[int, rules.Ours]]:
    """(provider, incident); without those that a provider-wide one has taken in, which tells their story."""
    absorbed = IncidentChange.objects.filter(
        incident__in=ids, kind=StepKind.CLOSE.value, data__cause=Cause.ABSORBED.value
    )
    told_elsewhere = set(absorbed.values_list("incident_id", flat=True))
    names: dict[int, set[str]] = defaultdict(set)
    for member in IncidentEndpoint.objects.filter(incident__in=ids).select_related("endpoint__model"):
        names[member.incident_id] |= _names(member.endpoint)
    for row in Incident.objects.filter(pk__in=ids).order_by("pk"):
        if row.pk not in told_elsewhere:
            yield (
                row.provider_id,
                rules.Ours(
                    id=row.pk,
                    provider_wide=row.kind == Incident.Kind.PROVIDER,
                    grave=row.severity != Incident.Severity.INFO,
                    started_at=row.started_at,
                    detected_at=row.detected_at,
                    ended_at=row.ended_at,
                    names=frozenset(names[row.pk]),
                ),
            )


def _theirs(row: OfficialIncident) -> rules.Theirs:
    return rules.Theirs(
        id=row.pk,
        title=row.title,
        components=tuple(row.components),
        impact=row.impact,
        claimed_started_at=row.claimed_started_at,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        unseen_at=row.unseen_at,
        resolved_at=row.resolved_at,
        # it is looked at again only while it is open, or where it was edited
        open_at=row.first_seen_at if row.last_seen_at > row.first_seen_at else None,
    )


def _names(endpoint: Endpoint) -> set[str]:
    """What an endpoint's model may be called on its provider's page."""
    return {endpoint.model.name, endpoint.provider_model_id, endpoint.model.slug}
