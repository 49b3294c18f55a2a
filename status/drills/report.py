"""What a drill came to: what was seen against what had to follow, as figures, lines and goals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any, Final

from status.drills.plan import Plan
from status.drills.scenarios import UP, Opening, Turn
from status.rules import State

#: A stored result is visible in an open page within so long (DESIGN §6), in seconds.
PUSH_P95_S: Final = 2.0
PUSH_MOST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that was kept. region "all" = over all regions."""

    slug: str
    region: str
    at_s: float
    after: State

    def __str__(self) -> str:
        return f"{self.slug} {self.region} → {self.after} at {self.at_s:.0f} s"


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """An incident as it was in the end, those aside that another one took in. closed_at_s: None = open."""

    provider: str
    kind: str
    scope: str
    severity: str
    opened_at_s: float
    closed_at_s: float | None
    flapped: bool
    slugs: tuple[str, ...]

    def __str__(self) -> str:
        closed = "open" if self.closed_at_s is None else f"closed at {self.closed_at_s:.0f} s"
        flapped = ", flapping" if self.flapped else ""
        return (
            f"{self.severity} {self.scope} {self.kind} incident of {self.provider}{flapped} "
            f"({len(self.slugs)} endpoints), opened at {self.opened_at_s:.0f} s, {closed}"
        )


@dataclass(frozen=True, slots=True)
class Observed:
    """What a drill left. Moments in seconds since it began.

    first_failure_at_s: when the first failing attempt of a struck endpoint was stored, None = there was none.
    pushed_s: of each stored result that decides a colour, how long until a client had it. unseen: results
    that no client was ever told of. told_at_s: when a client had the first incident frame.
    """

    changes: Sequence[Change]
    incidents: Sequence[IncidentSeen]
    first_failure_at_s: float | None = None
    pushed_s: Sequence[float] = ()
    unseen: int = 0
    told_at_s: float | None = None


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
    incident, → at a client. closed_s: the last fault's end → the last incident closed.
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
    false, missed, delays = _account(plan, seen.changes)
    wrong, unmet = _account_incidents(plan.scenario.incidents, seen.incidents)
    began = min((spell.begins_s for spell in plan.scenario.spells), default=0.0)
    opened = min((incident.opened_at_s for incident in seen.incidents), default=None)
    ends = [incident.closed_at_s for incident in seen.incidents if incident.closed_at_s is not None]
    return Report(
        scenario=plan.scenario.name,
        detect_s=_since(began, seen.first_failure_at_s),
        confirm=Spread.of(delay for turn, delay in delays if turn.to is not UP),
        recover=Spread.of(delay for turn, delay in delays if turn.to is UP),
        incident_s=_since(began, opened),
        told_s=_since(began, seen.told_at_s),
        closed_s=_since(plan.scenario.over_at_s, max(ends, default=None)),
        push=Spread.of(seen.pushed_s),
        unseen=seen.unseen,
        incidents=[str(incident) for incident in seen.incidents],
        false=[*map(str, false), *wrong],
        missed=[*missed, *unmet],
    )


def _since(began: float, at_s: float | None) -> float | None:
    return None if at_s is None else at_s - began


def _account(
    plan: Plan, changes: Sequence[Change]
) -> tuple[list[Change], list[str], list[tuple[Turn, float]]]:
    """The changes that are no part of any turn, the turns that did not come, and how long each took."""
    of_pair: dict[tuple[str, str], list[Change]] = {}
    for change in sorted(changes, key=lambda change: change.at_s):
        of_pair.setdefault((change.slug, change.region), []).append(change)
    expected: Mapping[tuple[str, str], tuple[Turn, ...]] = plan.expected()
    false: list[Change] = []
    missed: list[str] = []
    delays: list[tuple[Turn, float]] = []
    for pair in sorted({*of_pair, *expected}):
        left = of_pair.get(pair, [])
        for turn in expected.get(pair, ()):
            part = _part_of(turn, left)
            left = [change for change in left if change not in part]
            if part and part[-1].after is turn.to:
                delays.append((turn, part[-1].at_s - turn.at_s))
            else:
                missed.append(f"{' '.join(pair)} → {turn.to} within {turn.within_s:g} s of {turn.at_s:g} s")
        false += left
    return false, missed, delays


def _part_of(turn: Turn, changes: Sequence[Change]) -> list[Change]:
    """The changes in the turn's time that lead to its state, up to the one that reaches it."""
    part: list[Change] = []
    for change in changes:
        if not turn.at_s <= change.at_s <= turn.at_s + turn.within_s:
            continue
        if change.after is not turn.to and change.after not in turn.via:
            continue
        part.append(change)
        if change.after is turn.to:
            break
    return part


def _account_incidents(
    expected: Sequence[Opening], seen: Sequence[IncidentSeen]
) -> tuple[list[str], list[str]]:
    """Incidents that had no reason, and those that did not come, or not as they had to."""
    left, missed = list(seen), []
    for opening in expected:
        fitting = next((incident for incident in left if _fits(opening, incident)), None)
        if fitting is None:
            missed.append(str(opening))
        else:
            left.remove(fitting)
    return [str(incident) for incident in left], missed


def _fits(opening: Opening, incident: IncidentSeen) -> bool:
    words = (incident.kind, incident.scope, incident.severity, incident.flapped)
    opened = opening.at_s <= incident.opened_at_s <= opening.at_s + opening.within_s
    closed_at_s = incident.closed_at_s
    closed = (
        closed_at_s is not None
        and opening.over_at_s <= closed_at_s <= opening.over_at_s + opening.closes_within_s
    )
    return words == (opening.kind, opening.scope, opening.severity, opening.flaps) and opened and closed


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

    incidents = str(len(report.incidents))
    false, missed = (str(len(lines)) for lines in (report.false, report.missed))
    times = most(report.confirm), whole(report.incident_s), most(report.recover), whole(report.closed_s)
    return f"| {' | '.join([f'`{report.scenario}`', *times, incidents, false, missed])} |"


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
