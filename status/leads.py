"""Reading detection leads: of incidents, and what a month of them amounts to.

Simulated and real leads are never in one figure.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from aigo.lib.moments import moment_text
from status.models import DetectionLead
from status.rules.leads import METHOD, Typical, typical

#: Verdicts that count an incident which the page told of.
_TOLD = ("us", "them", "together", "unbounded")


@dataclass(frozen=True, slots=True)
class LeadLine:
    """What came of one incident, or of a pair, as pages and the API tell it.

    Words as in status.models.DetectionLead. `incident`: our id, None = we saw none. `title`, `url`: theirs,
    "" = they told of none; `proof_sha256`: of the answer in which we first saw it. Times are UTC.
    """

    incident: int | None
    official: int | None
    provider: str
    provider_slug: str
    simulated: bool
    verdict: str
    counted: bool
    fit: str
    basis: str
    detected_at: datetime | None
    said_at: datetime | None
    unseen_at: datetime | None
    first_seen_at: datetime | None
    claimed_started_at: datetime | None
    lead_s: float | None
    error_s: float | None
    title: str
    url: str
    proof_sha256: str
    matched_at: datetime
    method_version: str

    def to_json(self) -> dict[str, Any]:
        return {
            "incident": self.incident,
            "official": self.official,
            "provider": self.provider_slug,
            "provider_name": self.provider,
            "simulated": self.simulated,
            "verdict": self.verdict,
            "counted": self.counted,
            "fit": self.fit or None,
            "basis": self.basis or None,
            "detected_at": _moment(self.detected_at),
            "said_at": _moment(self.said_at),
            "unseen_at": _moment(self.unseen_at),
            "first_seen_at": _moment(self.first_seen_at),
            "claimed_started_at": _moment(self.claimed_started_at),
            "lead_s": self.lead_s,
            "error_s": self.error_s,
            "title": self.title,
            "url": self.url,
            "proof_sha256": self.proof_sha256 or None,
            "matched_at": moment_text(self.matched_at),
            "method_version": self.method_version,
        }


@dataclass(frozen=True, slots=True)
class MonthlyLeads:
    """What a month (UTC, its first moment) amounts to; `provider`: slug, "" = all.

    `typical`: the median lead of counted pairs with an error bar, None without any. `by_verdict`: counted
    incidents by verdict, all verdicts named.
    """

    month: datetime
    provider: str
    simulated: bool
    typical: Typical | None
    by_verdict: dict[str, int]
    method_version: str = METHOD

    @property
    def anything(self) -> bool:
        return any(self.by_verdict.values())

    @property
    def told(self) -> int:
        """Incidents of ours that the page told of."""
        return sum(self.by_verdict[verdict] for verdict in _TOLD)

    def to_json(self) -> dict[str, Any]:
        found = self.typical
        return {
            "simulated": self.simulated,
            "n": found.n if found else 0,
            "median_lead_s": found and found.median_s,
            "median_low_s": found and found.low_s,
            "median_high_s": found and found.high_s,
            **self.by_verdict,
            "method_version": self.method_version,
        }


def month_of(moment: datetime) -> datetime:
    """The first moment of its month, UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime) -> datetime:
    later = month.month == 12
    return month.replace(year=month.year + later, month=1 if later else month.month + 1)


def leads_of(incident_ids: Collection[int]) -> dict[int, list[LeadLine]]:
    """Our incident's id → what the official page said of it, the counted one first; without: no entry.

    One query, none for nothing.
    """
    if not incident_ids:
        return {}
    found: dict[int, list[LeadLine]] = {}
    for row in _joined(DetectionLead.objects.filter(incident__in=list(incident_ids))):
        found.setdefault(row.incident_id or 0, []).append(lead_line(row))
    return {pk: sorted(lines, key=lambda line: not line.counted) for pk, lines in found.items()}


def lead_of(incident_ids: Collection[int]) -> dict[int, LeadLine]:
    """Our incident's id → what came of it: the counted line, else the best; without: no entry. One query."""
    return {pk: lines[0] for pk, lines in leads_of(incident_ids).items()}


def leads_in(month: datetime, provider: str = "") -> QuerySet[DetectionLead]:
    """A month's rows, newest first, joined with what a line tells. provider: slug, "" = all."""
    rows = DetectionLead.objects.filter(at__gte=month, at__lt=month_after(month))
    if provider:
        rows = rows.filter(provider__slug=provider)
    return _joined(rows if settings.SIMULATION else rows.filter(simulated=False))


def monthly_leads(month: datetime, provider: str = "") -> list[MonthlyLeads]:
    """A month's figures: of the real ones, and where the simulator is on, of the simulated ones apart.

    One query. provider: slug, "" = all.
    """
    counted = leads_in(month, provider).filter(counted=True).select_related(None)
    rows = list(counted.values_list("simulated", "verdict", "lead_s", "error_s"))
    return [
        _monthly(month, provider, simulated, [row[1:] for row in rows if row[0] is simulated])
        for simulated in ((False, True) if settings.SIMULATION else (False,))
    ]


def lead_line(row: DetectionLead) -> LeadLine:
    """row: joined as `leads_in` does."""
    official, incident = row.official, row.incident
    return LeadLine(
        incident=row.incident_id,
        official=row.official_id,
        provider=row.provider.name,
        provider_slug=row.provider.slug,
        simulated=row.simulated,
        verdict=row.verdict,
        counted=row.counted,
        fit=row.fit,
        basis=row.basis,
        detected_at=incident.detected_at if incident else None,
        said_at=row.said_at,
        unseen_at=official.unseen_at if official else None,
        first_seen_at=official.first_seen_at if official else None,
        claimed_started_at=official.claimed_started_at if official else None,
        lead_s=row.lead_s,
        error_s=row.error_s,
        title=official.title if official else "",
        url=official.url if official else "",
        proof_sha256=getattr(row, "proof_sha256", None) or "",
        matched_at=row.matched_at,
        method_version=row.method_version,
    )


def _joined(rows: QuerySet[DetectionLead]) -> QuerySet[DetectionLead]:
    joined = rows.select_related("provider", "incident", "official")
    return joined.annotate(proof_sha256=F("official__proof__sha256"))


def _monthly(
    month: datetime, provider: str, simulated: bool, rows: Iterable[tuple[str, float | None, float | None]]
) -> MonthlyLeads:
    rows = list(rows)
    counts = Counter(verdict for verdict, _, _ in rows)
    leads = [(lead, error) for _, lead, error in rows if lead is not None and error is not None]
    verdicts = {verdict.value: counts[verdict.value] for verdict in DetectionLead.Verdict}
    return MonthlyLeads(month, provider, simulated, typical(leads), verdicts)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
