"""Which of several published values of one model in one suite is shown, and which of them disagree. Pure.

Shown is one value, never a mean. First counts how comparable it is (the suite's reference setting, then one
that agrees with it in all that it states, then any other, then none stated), then who says so (the evidence
class, the strongest first), then the greater effort of thinking (what boards list a model by), then the
newest, then the id, so that the choice is the same on every page and every day.

A conflict: two values of one setting that differ by more than their uncertainties together, and where none is
stated by more than 1 point of 100 (2 % of the suite's range on another scale).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from benchmarks.setting import Fit

#: Who says so, the strongest first; benchmarks.models.Evidence has the words.
EVIDENCE: Final = (
    "independent-evaluation",
    "benchmark-owner-leaderboard",
    "quoted-by-independent-evaluator",
    "self-reported",
    "reported-by-other-lab",
    "aggregator",
)
FITS: Final[tuple[Fit, ...]] = ("same", "finer", "other", "unstated")
#: Values of one setting may differ by so much where no uncertainty is stated: points of a scale of 100.
CONFLICT_POINTS: Final = 1.0
#: And by this share of the range of any other scale.
CONFLICT_SHARE: Final = 0.02
#: What stands for the range of a scale without ends (Elo): about what its ratings span.
OPEN_RANGE: Final = 1_000
_EVIDENCE_RANK: Final = {name: rank for rank, name in enumerate(EVIDENCE)}
_FIT_RANK: Final = {name: rank for rank, name in enumerate(FITS)}
_LONG_AGO: Final = date(1, 1, 1)
#: Efforts by their words; what is not stated, or only "on", stands among them.
_EFFORTS: Final[dict[str, float]] = {"off": 0, "minimal": 1, "low": 2, "medium": 5, "high": 6, "xhigh": 7}
_UNSAID: Final = 3.0
_BUDGET: Final = re.compile(r"(\d+)k")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value as the choice sees it. `evaluated_on` None = not stated, older than any date. `effort`: of
    thinking, as benchmarks.setting reads it, "" = not stated.
    """

    id: int
    value: float
    setting_key: str
    fit: Fit
    evidence: str
    evaluated_on: date | None = None
    uncertainty: float | None = None
    effort: str = ""


def by_preference(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The one to show first."""
    return sorted(candidates, key=_order)


def effort_rank(effort: str) -> float:
    """Greater = more thinking: off, minimal, low, what is not stated, budgets by their size, medium, high,
    xhigh.

    32k → 3.32, 64k → 3.64, between what is not stated (3) and "medium" (5): no model states both.
    """
    if budget := _BUDGET.fullmatch(effort):
        return _UNSAID + min(int(budget[1]), 199) / 100
    return _EFFORTS.get(effort, _UNSAID)


def _order(candidate: Candidate) -> tuple[int, int, float, int, int]:
    return (
        _FIT_RANK[candidate.fit],
        _EVIDENCE_RANK.get(candidate.evidence, len(EVIDENCE)),
        -effort_rank(candidate.effort),
        -(candidate.evaluated_on or _LONG_AGO).toordinal(),
        candidate.id,
    )


def tolerance(scale_min: float | None, scale_max: float | None) -> float:
    """How far apart two values of one setting may lie without a stated uncertainty, in the suite's unit.

    0 to 100: 1 point. 1 to 10: 0.18. Open (Elo): 20, two per cent of the 1,000 points that its ratings span.
    """
    if scale_min is None or scale_max is None:
        return CONFLICT_SHARE * OPEN_RANGE
    if (scale_min, scale_max) == (0.0, 100.0):
        return CONFLICT_POINTS
    return CONFLICT_SHARE * (scale_max - scale_min)


def disagree(one: Candidate, other: Candidate, allowed: float) -> bool:
    """Whether two values of one setting contradict each other: 80 and 81 do not, 80 and 81.1 do."""
    if one.setting_key != other.setting_key:
        return False
    stated = [found for found in (one.uncertainty, other.uncertainty) if found is not None]
    return abs(one.value - other.value) > (sum(stated) if stated else allowed) + 1e-9


def conflicting(candidates: Sequence[Candidate], allowed: float) -> frozenset[int]:
    """The ids of those that another one of the same setting contradicts."""
    found: set[int] = set()
    if len(candidates) < 2:
        return frozenset()
    for place, one in enumerate(candidates):
        for other in candidates[place + 1 :]:
            if disagree(one, other, allowed):
                found |= {one.id, other.id}
    return frozenset(found)
