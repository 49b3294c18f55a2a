"""Which cells of a row may be compared, which of them is best, and whether the row differs. Pure.

"Best" is said only where it is defined (the line's direction) and only among figures that say the same:
those of one *scale*. A scale is whatever must be alike for two figures to compare: the tier of a probe, the
setting of a score, the currency of a price. Where a row has figures of several scales, those of the one that
most cells share compare, and the others stand apart; where no scale has more cells than the next, none do.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Better = Literal["higher", "lower", ""]
#: Figures that nobody can compare with any other, for instance of a setting that is not stated.
NONE: Final = ""
#: Fewer known figures than these have no best.
LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A known cell as the rule sees it. `written`: as readers see it; figures written alike are equal."""

    value: float
    written: str
    scale: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Places in the row. `best`: of the best figure and its equals; `apart`: known, but not comparable."""

    best: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()


def judge(cells: Sequence[Figure | None], better: Better) -> Verdict:
    """None = the cell has no figure. Where all that compare are equal none is better, and none is best."""
    known = {place: cell for place, cell in enumerate(cells) if cell is not None}
    if not better or len(known) < LEAST:
        return Verdict()
    scale = _common_scale([cell.scale for cell in known.values()])
    compared = {place: cell for place, cell in known.items() if scale is not None and cell.scale == scale}
    apart = frozenset(known.keys() - compared.keys())
    if len(compared) < LEAST:
        return Verdict(apart=frozenset(known))
    pick = max if better == "higher" else min
    top = pick(compared.values(), key=lambda cell: cell.value)
    best = frozenset(place for place, cell in compared.items() if cell.written == top.written)
    return Verdict(best if len(best) < len(compared) else frozenset(), apart)


def differs(values: Sequence[Hashable]) -> bool:
    """Whether a row tells its columns apart; None = unknown, which differs from what is known."""
    return len(set(values)) > 1


def _common_scale(scales: Sequence[str]) -> str | None:
    """The one that more cells have than any other; None = there is none."""
    counted = Counter(scale for scale in scales if scale != NONE).most_common(2)
    if not counted or (len(counted) > 1 and counted[0][1] == counted[1][1]):
        return None
    return counted[0][0]
