"""What the part of /methodology/ on "Is it me or them?" is rendered from: the tables that decide."""

from dataclasses import dataclass

from django.utils.translation import gettext as translated

from status.diagnosis.sight import CONSTANTS, SIGNS, Sign
from status.diagnosis.table import RULES, Confidence, Rule
from status.diagnosis.words import CONFIDENCES
from status.evidence import REACHES
from status.rules.table import MIN_ATTEMPTS


@dataclass(frozen=True, slots=True)
class DiagnosisRules:
    """`reaches`: minutes to both sides; `least`: attempts. Texts are in the present language."""

    reaches: tuple[int, ...]
    least: int
    confidences: tuple[tuple[Confidence, str], ...]
    signs: tuple[tuple[Sign, str], ...]
    rules: tuple[Rule, ...]


def load_diagnosis_rules() -> DiagnosisRules:
    """As they are in force in this process."""
    return DiagnosisRules(
        reaches=tuple(int(reach.total_seconds() // 60) for reach in REACHES),
        least=MIN_ATTEMPTS,
        confidences=tuple((one, translated(words)) for one, words in CONFIDENCES.items()),
        signs=tuple((row.sign, translated(row.when) % CONSTANTS) for row in SIGNS),
        rules=RULES,
    )
