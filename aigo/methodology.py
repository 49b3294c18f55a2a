"""What /methodology/ is rendered from: the constants and tables that the code judges by, read when asked.

Nothing is repeated here: a constant that changes changes the page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import REGIONS, Region
from aigo.methodology_diagnosis import DiagnosisRules, load_diagnosis_rules
from aigo.methodology_requests import RequestRules, load_request_rules
from aigo.methodology_scores import ScoreRules, load_score_rules
from compare import asking, lines
from news.grouping import names, rules, texts
from probes import (
    attempts,
    confirming,
    measurement,
    pacing,
    reachability,
    schedule,
    selectors,
    servers,
    sketches,
)
from probes.outcomes import OUTCOMES, Charge, Outcome
from probes.protocols import questions
from probes.services import targets, upkeep
from status import board
from status.rules import leads, official, slo, table
from status.rules.states import Kind, Severity
from status.rules.trouble import closing


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page. `id`: its anchor, to which pages and provenance link; it never changes."""

    id: str
    title: str | Promise

    @property
    def template(self) -> str:
        return f"methodology/_{self.id}.html"


SECTIONS: Final = (
    Section("probes", _("What is asked, and how often")),
    Section("outcomes", _("How an attempt ends, and who is charged")),
    Section("figures", _("Availability and latency")),
    Section("states", _("States")),
    Section("offline", _("When our own network fails")),
    Section("incidents", _("Incidents")),
    Section("counts", _("Counts")),
    Section("ranking", _("Ranking")),
    Section("usage", _("Usage")),
    Section("official", _("Official status pages")),
    Section("budgets", _("Error budgets")),
    Section("cost", _("What observation may cost")),
    Section("diagnosis", _("Is it me or them?")),
    Section("prices", _("Prices")),
    Section("requests", _("What requests cost")),
    Section("benchmarks", _("Benchmark scores")),
    Section("comparisons", _("Comparisons")),
    Section("stories", _("Which news are one story")),
    Section("provenance", _("Where a number is from")),
    Section("version", _("Version of the method")),
)

#: Charge → (title, what it means for availability), in the order they are shown in.
CHARGES: Final[Mapping[Charge, tuple[str | Promise, str | Promise]]] = {
    Charge.OK: (_("Right answer"), _("Counts as good.")),
    Charge.PROVIDER: (_("Charged to the provider"), _("Counts as a failure.")),
    Charge.SERIES: (
        _("A series of its own"),
        _("Published apart; in availability neither good nor bad."),
    ),
    Charge.OURS: (_("Ours"), _("Never charged to the provider, and in no availability.")),
}

#: Order → how it ranks, as `status.board.ranked` does it.
RANKINGS: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "usage": (
        _("Usage"),
        _("most requests per minute, then best availability, then lowest p95, then lowest p50"),
    ),
    "latency": (_("Latency"), _("lowest p95, then lowest p50")),
    "error_rate": (_("Error rate"), _("highest error rate, then lowest p95")),
    "availability": (_("Availability"), _("best availability, then lowest p95, then lowest p50")),
}


@dataclass(frozen=True, slots=True)
class TierLine:
    """One tier: how often it asks and how long it waits, in seconds; None = reasoning models as all others.

    slowest_s: asked no more rarely than this when money is short; None = always asked. cap: output tokens.
    """

    tier: str
    interval_s: int
    reasoning_interval_s: int | None
    timeout_s: float
    reasoning_timeout_s: float | None
    slowest_s: int | None
    cap: int | None


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """The limits of a function tag ("" = every other), and where an incident that they opened may close."""

    tag: str
    limits: table.Thresholds
    closing_pct: float
    closing_ms: float


@dataclass(frozen=True, slots=True)
class SeverityLine:
    kind: Kind
    everywhere: bool
    severity: Severity


@dataclass(frozen=True, slots=True)
class ComparedRules:
    """How many models stand side by side; by section, the lines of which more, or less, is better."""

    most: int
    higher: tuple[tuple[str | Promise, tuple[lines.Line, ...]], ...]
    lower: tuple[tuple[str | Promise, tuple[lines.Line, ...]], ...]


@dataclass(frozen=True, slots=True)
class Methodology:
    """The whole page. `t`, `lead`, `budget` …: a module's constants by their lower-case names."""

    sections: tuple[Section, ...]
    regions: tuple[Region, ...]
    tiers: tuple[TierLine, ...]
    charges: tuple[tuple[str | Promise, str | Promise, tuple[tuple[Outcome, str], ...]], ...]
    thresholds: tuple[ThresholdLine, ...]
    moves: tuple[tuple[table.Move, str], ...]
    severities: tuple[SeverityLine, ...]
    rankings: tuple[tuple[str | Promise, str | Promise], ...]
    pairs: tuple[slo.Pair, ...]
    t: Mapping[str, Any]
    lead: Mapping[str, Any]
    page: Mapping[str, Any]
    budget: Mapping[str, Any]
    probe: Mapping[str, Any]
    scores: ScoreRules
    diagnosis: DiagnosisRules
    requests: RequestRules
    compared: ComparedRules
    stories: Mapping[str, Any]
    method_version: str


def _directed(better: str) -> tuple[tuple[str | Promise, tuple[lines.Line, ...]], ...]:
    """(section, its lines of a direction) of the sections that have any."""
    found = (
        (section.title, tuple(line for line in lines.lines_of(section.key) if line.better == better))
        for section in lines.SECTIONS
    )
    return tuple((title, own) for title, own in found if own)


def load_methodology() -> Methodology:
    """Everything as it is in force in this process."""
    return Methodology(
        sections=SECTIONS,
        regions=REGIONS,
        tiers=tuple(_tier(tier) for tier in attempts.TIMEOUT_S),
        charges=tuple((*CHARGES[charge], _outcomes(charge)) for charge in CHARGES),
        thresholds=tuple(
            _threshold(*line) for line in (*table.THRESHOLDS.items(), ("", table.DEFAULT_THRESHOLDS))
        ),
        moves=tuple((move, translated(move.why)) for move in table.MOVES),
        severities=tuple(SeverityLine(*key, grade) for key, grade in table.SEVERITIES.items()),
        rankings=tuple(RANKINGS[sort] for sort in board.SORTS),
        pairs=slo.PAIRS,
        t=_constants(table),
        lead=_constants(leads),
        page=_constants(official),
        budget=_constants(slo),
        probe=_probing(),
        scores=load_score_rules(),
        diagnosis=load_diagnosis_rules(),
        requests=load_request_rules(),
        compared=ComparedRules(
            asking.MOST,
            higher=_directed("higher"),
            lower=_directed("lower"),
        ),
        stories=_constants(texts, names, rules),
        method_version=attempts.METHOD_VERSION,
    )


def _constants(*modules: ModuleType) -> dict[str, Any]:
    found: Iterable[tuple[str, Any]] = (item for module in modules for item in vars(module).items())
    return {name.lower(): value for name, value in found if name.isupper() and not name.startswith("_")}


def _probing() -> dict[str, Any]:
    """The constants of measuring that the page names, whichever module has them."""
    modules = (confirming, measurement, pacing, reachability, questions, schedule, servers, sketches, upkeep)
    return _constants(*modules) | {
        "silent_after": selectors.POP_SILENT_AFTER,
        "simulated_interval_s": targets.SIMULATED_PERFORMANCE_INTERVAL_S,
        "usd_per_day": settings.PROBE_BUDGET_USD_PER_DAY,
    }


def _tier(tier: str) -> TierLine:
    reasons = tier in ("B", "D")
    caps = {"B": questions.SHORT_CAP, "C": questions.PERFORMANCE_CAP, "D": questions.KNOWN_ANSWER_CAP}
    return TierLine(
        tier=tier,
        interval_s=targets.INTERVAL_S[tier],
        reasoning_interval_s=targets.REASONING_INTERVAL_S if tier == "B" else None,
        timeout_s=attempts.TIMEOUT_S[tier],
        reasoning_timeout_s=attempts.REASONING_TIMEOUT_S if reasons else None,
        slowest_s=pacing.SLOWEST_S.get(tier),
        cap=caps.get(tier),
    )


def _outcomes(charge: Charge) -> tuple[tuple[Outcome, str], ...]:
    return tuple((one, translated(one.meaning)) for one in OUTCOMES.values() if one.charge is charge)


def _threshold(tag: str, limits: table.Thresholds) -> ThresholdLine:
    return ThresholdLine(tag, limits, *closing(limits))
