"""What the engine is to reach, and whether it did. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benches.figures import Figures, median
from benches.tools import BLACKBOX, OURS, PYCURL

#: The runs of one scenario by tool, in order of repetition; a run that failed is None.
Runs = Mapping[str, Sequence[Figures | None]]
#: A goal counts only where our engine timed this share of what was offered.
LEAST_TIMED: Final = 0.95


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the issue: a figure of one scenario, at most `limit`.

    beside: the peer whose figure of the same repetition ours is divided by; None = the figure itself.
    """

    scenario: str
    words: str
    figure: Callable[[Figures], float | None]
    limit: float
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """value: the median over the repetitions, None where none gave it.

    timed: our worst repetition's share.
    """

    goal: Goal
    value: float | None
    timed: float

    @property
    def met(self) -> bool:
        return self.value is not None and self.value <= self.goal.limit and self.timed >= LEAST_TIMED


def _cpu(figures: Figures) -> float | None:
    return figures.cpu_s_per_1000


def _p99(figures: Figures) -> float | None:
    return figures.p99_ms


GOALS: Final = (
    Goal("day", "error of the first token, p50 in ms", lambda figures: figures.p50_ms, 0.5),
    Goal("day", "error of the first token, p99 in ms", _p99, 2.0),
    Goal("neighbour", "error of the first token, p99 in ms", _p99, 5.0),
    Goal("100", "CPU per 1,000 probes, as a multiple of pycurl's", _cpu, 1.0, PYCURL),
    Goal("100", "CPU per 1,000 probes, as a multiple of blackbox_exporter's", _cpu, 0.5, BLACKBOX),
    Goal("100", "error p99, as a multiple of pycurl's", _p99, 1.0, PYCURL),
    Goal("1000", "error p99, as a multiple of pycurl's", _p99, 0.5, PYCURL),
    Goal("1000", "most memory in MB", lambda figures: figures.peak_mb, 120.0),
    Goal("tls-100", "CPU per 1,000 probes, as a multiple of pycurl's", _cpu, 1.1, PYCURL),
)


def judge(goal: Goal, runs: Runs) -> Verdict:
    """A failed run of ours counts as one that timed nothing."""
    ours = runs.get(OURS, ())
    timed = min([0.0 if run is None else run.timed for run in ours], default=0.0)
    peers = runs.get(goal.beside, ()) if goal.beside else [None] * len(ours)
    values = [_value(goal, mine, peer) for mine, peer in zip(ours, peers, strict=False)]
    return Verdict(goal, median(values), timed)


def _value(goal: Goal, mine: Figures | None, peer: Figures | None) -> float | None:
    figure = goal.figure(mine) if mine else None
    if goal.beside is None or figure is None:
        return figure
    other = goal.figure(peer) if peer else None
    return figure / other if other else None
