"""How costs of requests come about, for /methodology/: from the constants that they are reckoned by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compare.costing.estimating import PANEL, MeasuredError, errors, told
from compare.costing.families import Rule, rules
from compare.costing.reckoning import DAYS, LEAST_ANSWERS
from compare.costing.vocabularies import Vocabulary, vocabularies
from probes.thinking import TIERS, WINDOW


@dataclass(frozen=True, slots=True)
class RequestRules:
    """days: of a month; answers, window_days: of reasoning; errors: by script."""

    days: int
    answers: int
    window_days: int
    tiers: tuple[str, ...]
    panel: tuple[str, ...]
    errors: Mapping[str, MeasuredError]
    measured_on: str
    vocabularies: tuple[Vocabulary, ...]
    rules: tuple[Rule, ...]


def load_request_rules() -> RequestRules:
    """As they are now."""
    known: Mapping[str, Any] = told()
    return RequestRules(
        days=DAYS,
        answers=LEAST_ANSWERS,
        window_days=WINDOW.days,
        tiers=TIERS,
        panel=tuple(vocabularies()[name].label for name in PANEL),
        errors=errors(),
        measured_on=known["measured_on"],
        vocabularies=tuple(vocabularies().values()),
        rules=rules(),
    )
