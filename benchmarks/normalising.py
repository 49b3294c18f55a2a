"""Figures of different scales on one: 0 to 100 by the best published value, by least and most, or as is.

sota     100 × (value − zero) ÷ (best − zero). best: the best published value of the suite; zero: what
         guessing scores, or the worst end of the scale where no such baseline is known (said beside the
         figure). A value worse than guessing is below 0 and shown so: cutting it off would hide it. No zero
         at all (an open scale such as Elo): no normalised value.
minmax   100 × (value − worst shown) ÷ (best shown − worst shown): moves with what is shown. All equal: 50.
raw      the figure itself; the colour is sota's, or minmax's where sota has none.

Where lower is better, best is the least, worst the greatest value, and the scale's worst end its maximum.
Pure; values are in the suite's unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

#: What stands for 0: guessing, the worst end of the scale, the worst value that is shown; "" = nothing does.
Zero = Literal["random", "scale", "shown", ""]
#: Of a min-max scale on which all are equal.
ALL_EQUAL: Final = 50.0
HEATS: Final = 10
#: Two figures that are written alike are equal: one decimal of the normalised value, and of the composite.
DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class Scale:
    """Where 0 and 100 lie, in the suite's unit; None = there is no scale. `zero_is`: what 0 stands for."""

    zero: float | None
    top: float | None
    zero_is: Zero = ""

    def of(self, value: float) -> float | None:
        """The normalised value, not cut off at either end; None = there is no scale."""
        if self.zero is None or self.top is None:
            return None
        if self.zero == self.top:
            return ALL_EQUAL
        return 100 * (value - self.zero) / (self.top - self.zero)


def sota_scale(
    values: Iterable[float],
    *,
    random_baseline: float | None,
    scale_min: float | None,
    scale_max: float | None,
    higher_is_better: bool = True,
) -> Scale:
    """Of all published values of a suite."""
    found = list(values)
    if not found:
        return Scale(None, None)
    top = max(found) if higher_is_better else min(found)
    worst = scale_min if higher_is_better else scale_max
    zero = worst if random_baseline is None else random_baseline
    zero_is: Zero = "scale" if random_baseline is None else "random"
    if zero is None:
        return Scale(None, None)
    if (top <= zero) if higher_is_better else (top >= zero):  # nobody is better than guessing
        return Scale(None, None)
    return Scale(zero, top, zero_is)


def minmax_scale(values: Iterable[float], *, higher_is_better: bool = True) -> Scale:
    """Of the values that are shown."""
    found = list(values)
    if not found:
        return Scale(None, None)
    least, most = min(found), max(found)
    return Scale(least, most, "shown") if higher_is_better else Scale(most, least, "shown")


def three_places(value: float | None) -> float | None:
    """As the API and files write what was computed."""
    return None if value is None else round(value, 3)


def heat_of(normalised: float | None) -> int | None:
    """The step of colour, 0 to 10: 4.9 → 0, 5.0 → 1, 95.0 → 10; None = no colour."""
    if normalised is None:
        return None
    return max(0, min(HEATS, int((normalised + 100 / HEATS / 2) // (100 / HEATS))))


@dataclass(frozen=True, slots=True)
class Recipe:
    """A composite: suite → weight, and the least share of the weights (0–1) that a model must have."""

    weights: Mapping[str, float]
    least_coverage: float

    @property
    def total(self) -> float:
        return sum(self.weights.values())


@dataclass(frozen=True, slots=True)
class Composite:
    """The weighted mean of a model's normalised values. `value` None: too few suites, see `coverage` (0–1).

    used, of: how many of its suites the model has a normalised value in. elsewhere: how many of these were
    taken in another setting than the suite's reference.
    """

    value: float | None
    coverage: float
    used: int
    of: int
    elsewhere: int = 0


def composite_of(
    recipe: Recipe, normalised: Mapping[str, float], *, elsewhere: Iterable[str] = ()
) -> Composite:
    """`normalised`: suite → value of one model, those without left out; `elsewhere`: in another setting."""
    used = [suite for suite in recipe.weights if suite in normalised]
    weight = sum(recipe.weights[suite] for suite in used)
    coverage = weight / recipe.total if recipe.total else 0.0
    enough = bool(used) and coverage >= recipe.least_coverage - 1e-9
    mean = sum(recipe.weights[suite] * normalised[suite] for suite in used) / weight if enough else None
    others = sum(suite in used for suite in set(elsewhere))
    return Composite(mean, coverage, len(used), len(recipe.weights), others)


def ranks(values: Sequence[float | None], *, decimals: int | None = None) -> list[int | None]:
    """1 = the best, of values sorted best first; equal ones share a rank (1, 2, 2, 4); None has none.

    decimals: values that are alike when written so are equal; None = exactly.
    """
    written = [value if value is None or decimals is None else round(value, decimals) for value in values]
    found: list[int | None] = []
    for place, value in enumerate(written):
        if value is None:
            found.append(None)
        elif place and value == written[place - 1]:
            found.append(found[-1])
        else:
            found.append(place + 1)
    return found


def separable(one: float, its: float | None, other: float, others: float | None) -> bool:
    """Whether two values differ by more than their uncertainties (half intervals, None = not stated).

    Without any uncertainty nobody can say that they do not. 80 ± 1 and 78 ± 1: no; 80 ± 0.9 and 78 ± 1: yes.
    """
    if its is None and others is None:
        return True
    return abs(one - other) > (its or 0.0) + (others or 0.0)
