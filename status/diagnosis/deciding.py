"""A complaint and what was seen → a decision. Pure."""

from collections.abc import Set
from dataclasses import dataclass

from status.diagnosis.kinds import Kind
from status.diagnosis.reading import Complaint
from status.diagnosis.sight import SIGNS, Evidence, Sign, signs_of
from status.diagnosis.table import RULES, Advice, Answer, Confidence, Rule

#: Which advice an error's kind makes sense of; what stands here for no kind is for every kind.
_FOR: dict[Advice, frozenset[Kind]] = {
    Advice.KEY: frozenset({Kind.KEY}),
    Advice.MONEY: frozenset({Kind.MONEY}),
    Advice.COUNTRY: frozenset({Kind.COUNTRY}),
    Advice.MODEL: frozenset({Kind.MISSING}),
    Advice.SHORTEN: frozenset({Kind.LARGE}),
    Advice.FILTER: frozenset({Kind.FILTERED}),
    Advice.REQUEST: frozenset({Kind.REQUEST, Kind.SERVER, Kind.BROKEN}),
    Advice.CLOCK: frozenset({Kind.CERTIFICATE}),
    Advice.BACK_OFF: frozenset({Kind.RATE, Kind.THROTTLE}),
    Advice.LIMITS: frozenset({Kind.RATE, Kind.THROTTLE}),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`signs`: all there were, in the order in which they are told."""

    rule: Rule
    signs: tuple[Sign, ...]
    advice: tuple[Advice, ...]

    @property
    def answer(self) -> Answer:
        return self.rule.answer

    @property
    def confidence(self) -> Confidence:
        return self.rule.confidence


def decide(complaint: Complaint, evidence: Evidence, region: str) -> Decision:
    """The answer; region: slug, "all" = somewhere."""
    signs = signs_of(evidence, complaint.kind, region)
    rule = rule_for(complaint.kind, signs)
    advice = tuple(one for one in rule.advice if complaint.kind in _FOR.get(one, {complaint.kind}))
    return Decision(rule, tuple(row.sign for row in SIGNS if row.sign in signs), advice)


def rule_for(kind: Kind, signs: Set[Sign]) -> Rule:
    """The first rule that holds; the last one always does."""
    return next(rule for rule in RULES if rule.holds(kind, signs))
