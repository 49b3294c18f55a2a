"""Is it me or them? A report, what was seen of that time, and the answer: for the page and the API alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as translated
from django.utils.translation import ngettext

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL, BY_SLUG
from aigo.lib.words import Words
from catalog.models import Endpoint
from probes.attempts import METHOD_VERSION
from probes.outcomes import is_failure
from probes.services.upkeep import ROLLUPS_KEPT
from status.diagnosis.asking import Report
from status.diagnosis.deciding import Decision, decide
from status.diagnosis.kinds import BY_KIND
from status.diagnosis.reading import Complaint, read_complaint
from status.diagnosis.sight import SIGNS, Evidence, Place, Sign
from status.diagnosis.table import Advice
from status.diagnosis.words import ADVICE, HEADLINES, RETIRED_SOMETIME, UNMEASURED, WAIT_AS_TOLD
from status.dossier import Dossier, Limit, Served, limits_told_once
from status.evidence import MOST_OTHERS, REACHES, Around, load_around_moment
from status.kept import keeper, kept_snapshot
from status.kept_model import kept_dossier, kept_said
from status.rules import State
from status.said import Said
from status.wording import in_both, short_regions

#: What was seen of a minute is read anew so often.
SEEN_KEPT: Final = timedelta(seconds=10)
_SAYS: Final[Mapping[Sign, str]] = {row.sign: row.says for row in SIGNS}


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer. `code`: for machines; `text`: in the present language."""

    code: str
    make: Callable[[], str]

    @property
    def text(self) -> str:
        return self.make()

    @property
    def words(self) -> Words:
        return in_both(lazy(self.make, str)())

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "text": self.words.to_json()}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer to a report, and everything it rests on.

    `served`: the endpoint that the report is about, None = nobody serves the model; `around`: what was seen
    of that time; `unmeasured`: why nothing was, a key of UNMEASURED, "" = something was. `limits`: that we
    know of now; `said`: the official page now. `generated_at`: UTC.
    """

    report: Report
    complaint: Complaint
    dossier: Dossier
    around: Around
    decision: Decision
    unmeasured: str
    limits: tuple[Limit, ...]
    said: Said | None
    generated_at: datetime

    @property
    def served(self) -> Served | None:
        return self.dossier.chosen

    @property
    def evidence(self) -> Evidence:
        return self.around.evidence

    @property
    def here(self) -> Place:
        """The attempts that the answer rests on."""
        return self.evidence.here(self.report.region)

    @property
    def simulated(self) -> bool:
        return self.dossier.simulated

    @property
    def headline(self) -> str:
        return translated(HEADLINES[self.decision.answer, self.decision.confidence])

    @property
    def reasons(self) -> list[Statement]:
        """What the error says, what was seen, and what follows."""
        kind, rule = BY_KIND[self.complaint.kind], self.decision.rule
        said = [Statement(f"error:{kind.kind}", lambda: translated(kind.says))]
        seen = [Statement(f"sign:{sign}", self._sign_text(sign)) for sign in self.decision.signs]
        return [*said, *seen, Statement(f"rule:{rule.id}", lambda: translated(rule.why))]

    @property
    def advice(self) -> list[Statement]:
        """What to do next, the first first."""
        again = not self.evidence.complete
        ways = bool(self.regions_now or self.endpoints_now)
        left_out = {Advice.AGAIN: not again, Advice.ELSEWHERE: not ways}
        return [
            Statement(one.value, self._advice_text(one))
            for one in self.decision.advice
            if not left_out.get(one, False)
        ]

    @property
    def regions_now(self) -> list[str]:
        """Regions, other than that of the report, from which it works now; slugs."""
        rows = [row for row in self.dossier.rows if row.region not in (ALL, self.report.region)]
        return [row.region for row in rows if row.state is State.OPERATIONAL]

    @property
    def endpoints_now(self) -> list[Served]:
        """Others that serve the same model and work now."""
        others = (one for one in self.dossier.live_served if one is not self.served)
        return [one for one in others if one.row is not None and one.row.state is State.OPERATIONAL]

    @property
    def address(self) -> str:
        """Of this answer, without the message: what was recognised in it stands in its place."""
        report = self.report
        asked = {
            "model": report.model,
            "status": self.complaint.status or "",
            "error": self.complaint.kind.value,
            "region": report.region if report.region != ALL else "",
            "at": report.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('is-it-me')}?{query}"

    def traced(self, place: Place) -> Provenance:
        """Where the figures of a place are from."""
        evidence = self.evidence
        return Provenance(
            kind="measured",
            samples=place.attempts,
            window_s=int((evidence.until - evidence.since).total_seconds()),
            region=place.region,
            last_at=place.last_at,
            tier=evidence.tier,
            method_version=METHOD_VERSION,
            simulated=self.simulated,
            rule="diagnosis",
        )

    def _advice_text(self, one: Advice) -> Callable[[], str]:
        wait = self.complaint.retry_after_s
        if one is Advice.WAIT and wait is not None:
            return lambda: translated(WAIT_AS_TOLD) % {"wait": waiting_time(wait)}
        return lambda: translated(ADVICE[one])

    def _sign_text(self, sign: Sign) -> Callable[[], str]:
        return lambda: translated(_SAYS[sign]) % self._figures()

    def _figures(self) -> dict[str, Any]:
        """What the sentences of the signs speak of, in the present language."""
        evidence, here = self.evidence, self.here
        places = evidence.reporting if here.region == ALL else (here,)
        others = [other for other in evidence.others if other.place.attempts]
        alike = tuple(BY_KIND[self.complaint.kind].alike)
        throttled = evidence.whole.met(("capacity_throttle", "rate_limited"))
        same = throttled if Sign.SAME not in self.decision.signs else evidence.whole.met(alike)
        retired_at = self.served.endpoint.retires_at if self.served else None
        return {
            "asked": _region_name(self.report.region),
            "failed": here.failed,
            "attempts": here.attempts,
            "where": short_regions([place.region for place in places]) or _region_name(here.region),
            "elsewhere": short_regions([place.region for place in evidence.failing(self.report.region)]),
            "same": same,
            "throttled": throttled,
            "sent": evidence.whole.sent,
            "p95_ms": f"{evidence.p95_ms(self.report.region) or 0:,.0f}",
            "others": len(others),
            "others_failing": len(evidence.troubled_others()),
            "retired": retired_at.date().isoformat() if retired_at else translated(RETIRED_SOMETIME),
            "unmeasured": translated(UNMEASURED.get(self.unmeasured, "")) % {"days": ROLLUPS_KEPT.days}
            if self.unmeasured
            else "",
        }


def diagnose(report: Report, *, now: datetime) -> Diagnosis:
    """The answer. Raises NoSuchModel, Unavailable."""
    dossier = kept_dossier(report.model, report.region, now=now)
    served = dossier.chosen
    complaint = _complaint(report, served.endpoint if served else None)
    around = _around(report, served, now) if served else _nothing(report, now)
    return Diagnosis(
        report=report,
        complaint=complaint,
        dossier=dossier,
        around=around,
        decision=decide(complaint, around.evidence, report.region),
        unmeasured=_unmeasured(dossier, around.evidence, report, now),
        limits=tuple(limits_told_once(served.facts.rate_limits)) if served else (),
        said=kept_said(served.endpoint.provider.slug, now=now) if served else None,
        generated_at=now,
    )


def waiting_time(seconds: float) -> str:
    """As a person says it: "20 seconds", "6 minutes", "2 hours"; never shorter than was told."""
    hours, minutes, whole = (-(-seconds // width_s) for width_s in (3600, 60, 1))
    if seconds >= 2 * 3600:
        return ngettext("%(count)d hour", "%(count)d hours", int(hours)) % {"count": hours}
    if seconds >= 2 * 60:
        return ngettext("%(count)d minute", "%(count)d minutes", int(minutes)) % {"count": minutes}
    return ngettext("%(count)d second", "%(count)d seconds", int(whole)) % {"count": whole}


def _complaint(report: Report, endpoint: Endpoint | None) -> Complaint:
    """What the report says; what an earlier answer read stands in for a message that is not there."""
    read = read_complaint(
        report.status,
        report.message,
        protocol=endpoint.protocol if endpoint else "",
        now=report.at.timestamp(),
    )
    if report.message or report.kind is None:
        return read
    return replace(read, kind=report.kind, outcome="", row="")


def _around(report: Report, served: Served, now: datetime) -> Around:
    """Of the minute of the report, so that those who ask at once share what is read."""
    endpoint, at = served.endpoint, report.at.replace(second=0, microsecond=0)
    others = {
        standing.endpoint.pk: (standing.endpoint.slug, standing.endpoint.name)
        for standing in kept_snapshot(now=now).value.standings[ALL]
        if standing.endpoint.provider_id == endpoint.provider_id
        and standing.endpoint.pk != endpoint.pk
        and standing.measured
    }
    chosen = dict(list(others.items())[:MOST_OTHERS])
    return (
        keeper()
        .answer(
            ("around", endpoint.pk, report.region, at),
            lambda: load_around_moment(endpoint, region=report.region, at=at, now=now, others=chosen),
            now=now,
            topics=lambda _around: (endpoint.slug,),
            keep=SEEN_KEPT,
        )
        .value
    )


def _nothing(report: Report, now: datetime) -> Around:
    """Of a model that nobody serves."""
    since, until = report.at - REACHES[0], min(report.at + REACHES[0], now)
    return Around(Evidence(since, until, "", "", (), Place(ALL), 0.0, complete=until < now), (), ())


def _unmeasured(dossier: Dossier, evidence: Evidence, report: Report, now: datetime) -> str:
    """Why nothing was measured, a key of UNMEASURED; "" = something was."""
    if evidence.whole.sent:
        return ""
    served = dossier.chosen
    if served is None:
        return "unserved"
    if not served.endpoint.watched:
        return "unwatched"
    if not evidence.source:
        return "too_old"
    for outcome in ("budget", "pop_offline"):
        if evidence.whole.outcomes.get(outcome):
            return outcome
    row = dossier.rows[0] if dossier.rows else None
    if row is not None and not row.measured:
        return "no_key" if row.reason == "no_key" else "no_worker"
    recent = now - report.at <= REACHES[-1]
    return "no_worker" if recent and row is not None and row.reason == "no_worker" else "nothing"


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """As the API tells it; moments as ISO 8601, UTC, what is unknown null."""
    evidence, complaint, decision = diagnosis.evidence, diagnosis.complaint, diagnosis.decision
    served = diagnosis.served
    return {
        "answer": decision.answer.value,
        "confidence": decision.confidence.value or None,
        "rule": decision.rule.id,
        "headline": Statement("", lambda: diagnosis.headline).words.to_json(),
        "reasons": [statement.to_json() for statement in diagnosis.reasons],
        "advice": [statement.to_json() for statement in diagnosis.advice],
        "error": {
            "kind": complaint.kind.value,
            "points_to": complaint.side.value,
            "status": complaint.status,
            "outcome": complaint.outcome or None,
            "row": complaint.row or None,
            "codes": list(complaint.codes),
            "message": complaint.message or None,
            "retry_after_s": complaint.retry_after_s,
        },
        "model": diagnosis.dossier.model.slug,
        "endpoint": served.endpoint.slug if served else None,
        "provider": served.endpoint.provider.slug if served else None,
        "simulated": diagnosis.simulated,
        "region": diagnosis.report.region,
        "at": moment_text(diagnosis.report.at),
        "window": _window_json(evidence),
        "measured": bool(evidence.whole.sent),
        "unmeasured_reason": diagnosis.unmeasured or None,
        "whole": _place_json(diagnosis, evidence.whole) | {"sight": evidence.overall.value},
        "regions": [_place_json(diagnosis, place) for place in evidence.places],
        "provider_endpoints": [
            {"slug": other.slug, "name": other.name}
            | _place_json(diagnosis, other.place)
            | {"sight": other.sight.value}
            for other in evidence.others
        ],
        "incidents": [mark.to_json() for mark in diagnosis.around.incidents],
        "official": {
            "then": [mark.to_json() for mark in diagnosis.around.official],
            "now": diagnosis.said.to_json() if diagnosis.said else None,
        },
        "rate_limits": [_limit_json(limit) for limit in diagnosis.limits],
        "works_now": {
            "regions": diagnosis.regions_now,
            "endpoints": [one.endpoint.slug for one in diagnosis.endpoints_now],
        },
        "address": diagnosis.address,
        "generated_at": moment_text(diagnosis.generated_at),
        "method_version": METHOD_VERSION,
    }


def _window_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "since": moment_text(evidence.since),
        "until": moment_text(evidence.until),
        "complete": evidence.complete,
        "source": evidence.source or None,
        "tier": evidence.tier or None,
    }


def _place_json(diagnosis: Diagnosis, place: Place) -> dict[str, Any]:
    outcomes = sorted(place.outcomes.items())
    return {
        "region": place.region,
        "sight": place.sight.value,
        "attempts": place.attempts,
        "failed": place.failed,
        "most_failed_of_five": place.worst,
        "failures": {name: times for name, times in outcomes if is_failure(name)},
        "uncounted": {name: times for name, times in outcomes if name != "ok" and not is_failure(name)},
        "p50_ms": place.p50_ms,
        "p95_ms": place.p95_ms,
        "provenance": diagnosis.traced(place).to_json(),
    }


def _limit_json(limit: Limit) -> dict[str, Any]:
    newest = limit.newest
    return {
        "kind": newest.kind,
        "window": newest.window,
        "limit": newest.limit,
        "tier": newest.tier or None,
        "source": newest.source,
        "source_url": newest.source_url or None,
        "regions": list(limit.regions),
        "retry_advice": newest.retry_advice or None,
        "last_seen_at": moment_text(newest.last_seen_at),
    }


def _region_name(slug: str) -> str:
    return str(BY_SLUG[slug].name) if slug in BY_SLUG else slug
