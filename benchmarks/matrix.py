"""The matrix: models × suites, each cell one published figure. `benchmarks.assembly` makes it of a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from benchmarks.composites import Mix
from benchmarks.facts import ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.filtering import BenchmarkWish
from benchmarks.normalising import DECIMALS, Composite, Scale, heat_of, three_places
from benchmarks.setting import AGREEING, Fit, Setting
from benchmarks.store import Counts

NORM_WORDS: Final[dict[str, Promise]] = {
    "sota": _("Relative to the best published score"),
    "minmax": _("Between the least and the greatest shown"),
    "raw": _("As published"),
}
NORM_NOTES: Final[dict[str, Promise]] = {
    "sota": _(
        "100 is the best published score of the suite, 0 what guessing scores; where no such baseline is "
        "published, 0 is the worst end of the scale."
    ),
    "minmax": _(
        "100 is the best and 0 the worst of the scores shown, so it changes with the filters; if all are "
        "equal, 50."
    ),
    "raw": _("The figure as the source publishes it, in the suite’s own unit."),
}
ZERO_WORDS: Final[dict[str, Promise | str]] = {
    "random": _("0 = guessing"),
    "scale": _("0 = worst end of the scale: no baseline of guessing is published"),
    "shown": _("0 = worst score shown"),
    "": _("Not normalised: the scale is open and has no zero"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """How figures are made comparable; stands beside them. `norm`: sota | minmax | raw."""

    norm: str
    mix: Mix | None

    @property
    def label(self) -> Promise:
        return NORM_WORDS[self.norm]

    @property
    def note(self) -> Promise:
        return NORM_NOTES[self.norm]

    def to_json(self) -> dict[str, Any]:
        return {
            "norm": self.norm,
            "label": str(self.label),
            "note": str(self.note),
            "composite": self.mix.to_json() if self.mix else None,
        }


@dataclass(frozen=True, slots=True)
class Column:
    """A suite in the matrix. `reference`: the setting its figures are compared in; `scale`: where 0 and 100
    lie; `anchor`: the figure that is 100 of sota, None = no figure. `shown`: rows that have a figure.
    """

    suite: SuiteFacts
    reference: str
    scale: Scale
    anchor: ScoreFacts | None
    shown: int

    @property
    def zero_label(self) -> Promise | str:
        """What 0 stands for."""
        return ZERO_WORDS[self.scale.zero_is]

    def to_json(self) -> dict[str, Any]:
        return self.suite.to_json() | {
            "reference_setting": self.reference or None,
            "models": self.shown,
            "zero": self.scale.zero,
            "zero_is": self.scale.zero_is or None,
            "top": self.scale.top,
            "best_score": self.anchor.pk if self.anchor else None,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One model in one suite: the most comparable published figure, and how many others there are.

    `normalised`: by the policy, None = raw is asked for, or the suite has no scale. `heat`: 0 to 10, None =
    no colour. `conflict`: another figure of the same setting contradicts it, or two others do.
    """

    suite: SuiteFacts
    score: ScoreFacts
    normalised: float | None
    heat: int | None
    conflict: bool
    others: int

    @property
    def score_id(self) -> int:
        return self.score.pk

    @property
    def value(self) -> float:
        """In the suite's unit."""
        return self.score.value

    @property
    def written(self) -> str:
        """The published value in the suite's decimals."""
        return self.suite.written(self.score.value)

    @property
    def normalised_written(self) -> str:
        """ "" = there is none."""
        return "" if self.normalised is None else f"{self.normalised:.{DECIMALS}f}"

    @property
    def shown(self) -> str:
        """What the cell says: the normalised value, or the published one where none is asked for."""
        return self.normalised_written or self.written

    @property
    def setting(self) -> Setting:
        return self.score.setting

    @property
    def fit(self) -> Fit:
        """Its setting beside the suite's reference."""
        return self.score.fit

    @property
    def same_setting(self) -> bool:
        """Whether it agrees with the suite's reference in all that this states."""
        return self.score.fit in AGREEING

    @property
    def evidence(self) -> str:
        return self.score.evidence

    @property
    def evidence_label(self) -> str | Promise:
        return self.score.evidence_label

    @property
    def uncertainty(self) -> float | None:
        return self.score.uncertainty

    @property
    def provenance(self) -> Provenance:
        return self.score.provenance

    def to_json(self) -> dict[str, Any]:
        return {
            "score": self.score.pk,
            "value": self.value,
            "raw": self.score.raw,
            "normalised": three_places(self.normalised),
            "setting": self.setting.to_json(),
            "setting_key": self.setting.key,
            "setting_text": self.score.setting_text or None,
            "setting_fit": self.fit,
            "same_setting": self.same_setting,
            "evidence": self.evidence,
            "uncertainty": self.uncertainty,
            "conflict": self.conflict,
            "others": self.others,
            "evaluated_on": self.score.evaluated or None,
            "provenance": self.provenance.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A model. `cells`: one per column, None = no figure, `gaps` says why ("none": none is published;
    "filtered": only of other evidence). `rank`: by what the rows are sorted by where that is a figure, else
    by the composite; equals share one, None = no figure. `unsure`: its interval overlaps that of the row
    ranked before it. `covered`: in how many of the columns it has a figure.
    """

    model: ModelFacts
    cells: tuple[Cell | None, ...]
    gaps: tuple[str, ...]
    composite: Composite | None
    rank: int | None = None
    unsure: bool = False

    @property
    def covered(self) -> int:
        return sum(cell is not None for cell in self.cells)

    @property
    def coverage(self) -> float | None:
        """Of the composite's weights, 0 to 1; None = there is no composite."""
        return self.composite.coverage if self.composite else None

    @property
    def composite_written(self) -> str:
        found = self.composite.value if self.composite else None
        return "—" if found is None else f"{found:.{DECIMALS}f}"

    @property
    def composite_heat(self) -> int | None:
        return heat_of(self.composite.value) if self.composite else None


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a wish leaves. `counts`: of all that readers see at that moment, the same on every page; `found`:
    of the figures in `rows`' cells, all values counted. `facets`: filter → value → models that would remain.
    `hidden_suites`: those with figures that are no column, the most covered first.
    """

    wish: BenchmarkWish
    suites: tuple[Column, ...]
    rows: tuple[Row, ...]
    policy: Policy
    counts: Counts
    found: Counts
    facets: Mapping[str, Mapping[str, int]]
    generated_at: datetime
    hidden_suites: tuple[str, ...] = ()
