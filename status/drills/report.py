"""What a drill came to: what was seen against what had to follow, as figures, lines and goals."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any, Final

from status.drills.accounting import (
    account_changes,
    account_incidents,
    account_leads,
    account_notices,
    account_page,
    scripted_lead_s,
)
from status.drills.faults import UP
from status.drills.plan import Plan
from status.drills.seen import Observed

#: A stored result is visible in an open page within so long (DESIGN §6), in seconds.
PUSH_P95_S: Final = 2.0
PUSH_MOST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Of some durations in seconds; `count` of them."""

    count: int
    p50: float
    p95: float
    most: float

    @classmethod
    def of(cls, durations: Iterable[float]) -> "Spread | None":
        """Nearest rank: a value that was seen. None for none."""
        ordered = sorted(durations)
        if not ordered:
            return None
        p50, p95 = (ordered[max(0, ceil(q * len(ordered)) - 1)] for q in (0.5, 0.95))
        return cls(len(ordered), p50, p95, ordered[-1])


@dataclass(frozen=True, slots=True)
class Report:
    """Durations in seconds, None = not seen.

    detect_s: the first fault → the first failing attempt stored. confirm: each fault → each state that had to
    follow it. recover: each fault's end → each state good again. incident_s, told_s: the first fault → the
    incident, → at a client. closed_s: the last fault's end → the last incident closed. alert_s: the first
    fault → the first notice delivered. notices, leads: None = nobody looked.
    """

    scenario: str
    detect_s: float | None
    confirm: Spread | None
    recover: Spread | None
    incident_s: float | None
    told_s: float | None
    closed_s: float | None
    push: Spread | None
    unseen: int
    incidents: list[str]
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    alert_s: float | None = None
    notices: list[str] | None = None
    leads: list[str] | None = None

    def failures(self) -> list[str]:
        """The goals that were missed, one line each."""
        found = [*(f"false: {line}" for line in self.false), *(f"missed: {line}" for line in self.missed)]
        if self.push and self.push.p95 > PUSH_P95_S:
            found.append(f"push p95 {self.push.p95:.2f} s is more than {PUSH_P95_S:g} s")
        if self.push and self.push.most > PUSH_MOST_S:
            found.append(f"push of {self.push.most:.2f} s is more than {PUSH_MOST_S:g} s")
        if self.unseen:
            found.append(f"{self.unseen} stored results never reached the open page")
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"failures": self.failures()}


def make_report(plan: Plan, seen: Observed) -> Report:
    """Set what was seen against the plan."""
    scenario = plan.scenario
    false, missed, delays = account_changes(plan, seen.changes)
    wrong, unmet = account_incidents(scenario.incidents, seen.incidents)
    loud, unheard = account_notices(scenario.news if seen.notices is not None else (), seen.notices or ())
    misled, unfound = account_leads(scenario.leads if seen.leads is not None else (), seen.leads or ())
    began = min((spell.begins_s for spell in scenario.spells), default=0.0)
    opened = min((incident.opened_at_s for incident in seen.incidents), default=None)
    ends = [incident.closed_at_s for incident in seen.incidents if incident.closed_at_s is not None]
    told = min((notice.at_s for notice in seen.notices or () if notice.topic != "official"), default=None)
    return Report(
        scenario=scenario.name,
        detect_s=_since(began, seen.first_failure_at_s),
        confirm=Spread.of(delay for turn, delay in delays if turn.to is not UP),
        recover=Spread.of(delay for turn, delay in delays if turn.to is UP),
        incident_s=_since(began, opened),
        told_s=_since(began, seen.told_at_s),
        closed_s=_since(scenario.over_at_s, max(ends, default=None)),
        push=Spread.of(seen.pushed_s),
        unseen=seen.unseen,
        incidents=[str(incident) for incident in seen.incidents],
        false=[*map(str, (*false, *loud)), *wrong, *misled, *account_page(scenario.page, seen.page)],
        missed=[*missed, *unmet, *unheard, *unfound],
        alert_s=_since(began, told),
        notices=None if seen.notices is None else [str(notice) for notice in seen.notices],
        leads=None if seen.leads is None else _lead_lines(plan, seen),
    )


def _lead_lines(plan: Plan, seen: Observed) -> list[str]:
    """What was measured, and by the script."""
    found = []
    for lead, measured in zip(plan.scenario.leads, seen.leads or (), strict=False):
        scripted = scripted_lead_s(lead, measured)
        by_script = "" if scripted is None else f" (by the script {scripted:.0f} s)"
        found.append(f"{measured}{by_script}")
    return found


def _since(began: float, at_s: float | None) -> float | None:
    return None if at_s is None else at_s - began


def lines_of(report: Report, *, push: bool = True) -> list[tuple[str, str, str]]:
    """(figure, value, goal) for a table; push: with what only a running system has."""
    rows = [
        ("fault → first failing attempt stored", _seconds(report.detect_s), ""),
        ("fault → state follows", _spread(report.confirm), ""),
        ("fault → incident", _seconds(report.incident_s), ""),
        ("fault's end → state good again", _spread(report.recover), ""),
        ("fault's end → incident closed", _seconds(report.closed_s), ""),
    ]
    if push:
        rows.insert(3, ("fault → incident in an open page", _seconds(report.told_s), ""))
        goal = f"p95 ≤ {PUSH_P95_S:g} s, ≤ {PUSH_MOST_S:g} s at most"
        rows.append(("result stored → in an open page", _spread(report.push, digits=3), goal))
        rows.append(("results never shown", str(report.unseen), "0"))
    if report.notices is not None:
        rows.append(("fault → first notice", _seconds(report.alert_s), ""))
        rows.append(("notices", "; ".join(report.notices) or "none", ""))
    if report.leads:
        rows.append(("who told first", "; ".join(report.leads), ""))
    rows += [
        ("incidents", "; ".join(report.incidents) or "none", ""),
        ("false changes and incidents", str(len(report.false)), "0"),
        ("missed changes and incidents", str(len(report.missed)), "0"),
    ]
    return rows


def rehearsal_row(report: Report) -> str:
    """A drill on a stepped clock as one row of the table in docs/drills.md, in whole seconds."""

    def most(spread: Spread | None) -> str:
        return "—" if spread is None else f"{spread.p50:.0f} s, {spread.most:.0f} s at most"

    def whole(duration: float | None) -> str:
        return "—" if duration is None else f"{duration:.0f} s"

    counts = (
        str(len(lines or ())) for lines in (report.incidents, report.notices, report.false, report.missed)
    )
    times = (
        most(report.confirm),
        whole(report.incident_s),
        whole(report.alert_s),
        most(report.recover),
        whole(report.closed_s),
    )
    leads = "; ".join(report.leads or ()).replace("verdict ", "") or "—"
    return f"| {' | '.join([f'`{report.scenario}`', *times, leads, *counts])} |"


def table(rows: Sequence[Sequence[str]], *, header: Sequence[str]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _seconds(duration: float | None) -> str:
    return "—" if duration is None else f"{duration:.1f} s"


def _spread(spread: Spread | None, digits: int = 1) -> str:
    if spread is None:
        return "—"
    p50, p95, most = (f"{value:.{digits}f}" for value in (spread.p50, spread.p95, spread.most))
    return f"p50 {p50} s, p95 {p95} s, at most {most} s (n = {spread.count})"
