"""What live push is to reach, and whether it did. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benches.figures import median
from benches.live.figures import Figures
from benches.live.scenarios import OURS, OURS_SSE, SOCKETIO

#: The runs of one scenario by contender, in order of repetition; a run that failed is None.
Runs = Mapping[str, Sequence[Figures | None]]


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the issue: a figure of `contender`, at most `limit`.

    beside: whose figure of the same repetition it is divided by; None = the figure itself.
    """

    scenario: str
    words: str
    figure: Callable[[Figures], float | None]
    limit: float
    beside: str | None = None
    contender: str = OURS


@dataclass(frozen=True, slots=True)
class Verdict:
    """value: the median over the repetitions, None where none gave it. delivered: the worst one's share."""

    goal: Goal
    value: float | None
    delivered: float

    @property
    def met(self) -> bool:
        """Nothing may be lost: who sends less has it easy."""
        return self.value is not None and self.value <= self.goal.limit and self.delivered >= 1.0


def _cpu(figures: Figures) -> float | None:
    return figures.cpu_us


def _p99(figures: Figures) -> float | None:
    return figures.p99_ms


def _memory(figures: Figures) -> float | None:
    return figures.kb_per_client


GOALS: Final = (
    Goal("delta", "CPU per delivered message, as a multiple of Socket.IO's", _cpu, 0.5, SOCKETIO),
    Goal("delta", "p99, as a multiple of Socket.IO's", _p99, 0.5, SOCKETIO),
    Goal("snapshot", "CPU per delivered message, as a multiple of Socket.IO's", _cpu, 0.5, SOCKETIO),
    Goal("snapshot", "p99, as a multiple of Socket.IO's", _p99, 0.5, SOCKETIO),
    Goal("many", "p99 in ms", _p99, 60.0),
    Goal("delta", "memory per client in kB", _memory, 40.0),
    Goal("many", "memory per client in kB", _memory, 40.0),
    Goal(
        "delta", "SSE: CPU per delivered message, as a multiple of our WebSocket's", _cpu, 1.5, OURS, OURS_SSE
    ),
    Goal("delta", "SSE: p99, as a multiple of our WebSocket's", _p99, 1.5, OURS, OURS_SSE),
)


def judge(goal: Goal, runs: Runs) -> Verdict:
    """A failed run counts as one that delivered nothing."""
    ours = runs.get(goal.contender, ())
    delivered = min([0.0 if run is None else run.delivered for run in ours], default=0.0)
    others = runs.get(goal.beside, ()) if goal.beside else [None] * len(ours)
    values = [_value(goal, mine, other) for mine, other in zip(ours, others, strict=False)]
    return Verdict(goal, median(values), delivered)


def _value(goal: Goal, mine: Figures | None, other: Figures | None) -> float | None:
    figure = goal.figure(mine) if mine else None
    if goal.beside is None or figure is None:
        return figure
    beside = goal.figure(other) if other else None
    return figure / beside if beside else None
