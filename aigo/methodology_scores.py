"""What the benchmarks' part of /methodology/ is rendered from: how scores are chosen and compared.

As aigo.methodology does for what is measured: read when asked, nothing repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from benchmarks import assembly, choosing, normalising
from benchmarks.composites import mixes
from benchmarks.filtering import NORMS
from benchmarks.matrix import NORM_WORDS
from benchmarks.models import LicenceClass
from benchmarks.refusals import KEPT_BACK
from benchmarks.setting import Fit
from benchmarks.shipped import read_suites
from benchmarks.wording import EVIDENCE_RULES, EVIDENCE_WORDS

Words = str | Promise

#: How a setting stands to the suite's reference, as the choice ranks it.
FITS: Final[Mapping[Fit, Words]] = {
    "same": _("Taken in the suite’s reference setting."),
    "finer": _("Agrees with the reference in all that the reference states, and states more."),
    "other": _("Taken in another setting; marked in the table."),
    "unstated": _("No setting is stated; marked in the table."),
}
#: Policy → (what is 100, what is 0, the formula).
POLICIES: Final[Mapping[str, tuple[Words, Words, str]]] = {
    "sota": (
        _("the best published value of the suite"),
        _("what guessing scores; the worst end of the scale where no baseline of guessing is published"),
        "100 × (x − zero) ÷ (best − zero)",
    ),
    "minmax": (
        _("the best value that is shown"),
        _("the worst value that is shown"),
        "100 × (x − worst) ÷ (best − worst)",
    ),
    "raw": ("—", "—", "x"),
}
#: What a source's licence means for its figures here.
LICENCES: Final[Mapping[str, Words]] = {
    LicenceClass.OPEN.value: _("The source may be used and passed on; its licence is named."),
    LicenceClass.NON_COMMERCIAL.value: _("The source forbids commercial use: figures bear that mark."),
    LicenceClass.UNSTATED.value: _("The source states no licence. Figures are cited with their address."),
}


@dataclass(frozen=True, slots=True)
class MixLine:
    """A composite. `shares`: (suite's name, its slug, share of the weights, 0 to 1); `least` likewise."""

    name: Words
    about: Words
    shares: tuple[tuple[str, str, float], ...]
    least: float


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """The rules in force. evidence: (class, its name, what it means), the strongest first. fits: the most
    comparable first. norms: (name, 100, 0, formula), the default first. `open_points`: see choosing.tolerance
    for a scale without ends. `c`: constants by their lower-case names."""

    evidence: tuple[tuple[str, Words, Words], ...]
    fits: tuple[Words, ...]
    norms: tuple[tuple[Words, Words, Words, str], ...]
    mixes: tuple[MixLine, ...]
    licences: tuple[tuple[Words, Words], ...]
    kept_back: tuple[Words, ...]
    open_points: float
    c: Mapping[str, Any]


def load_score_rules() -> ScoreRules:
    """Everything as it is in force in this process; asks no database."""
    return ScoreRules(
        evidence=tuple((name, EVIDENCE_WORDS[name], EVIDENCE_RULES[name]) for name in choosing.EVIDENCE),
        fits=tuple(FITS[fit] for fit in choosing.FITS),
        norms=tuple((NORM_WORDS[norm], *POLICIES[norm]) for norm in NORMS),
        mixes=tuple(_mixes()),
        licences=tuple((LicenceClass(name).label, words) for name, words in LICENCES.items()),
        kept_back=tuple(KEPT_BACK.values()),
        open_points=choosing.tolerance(None, None),
        c={
            name.lower(): value
            for module in (choosing, normalising, assembly)
            for name, value in vars(module).items()
            if name.isupper() and not name.startswith("_")
        },
    )


def _mixes() -> list[MixLine]:
    names = _suite_names()
    return [
        MixLine(
            str(mix.name),
            str(mix.about),
            tuple((names.get(slug, slug), slug, share / 100) for slug, share in mix.shares),
            mix.recipe.least_coverage,
        )
        for mix in mixes().values()
    ]


@lru_cache(maxsize=1)
def _suite_names() -> Mapping[str, str]:
    """Slug → name of the suites that the project ships: composites are made of these alone."""
    return {facts["slug"]: facts["name"] for facts in read_suites()}
