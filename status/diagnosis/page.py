"""The tables of docs/is-it-me.md; `python -m status.diagnosis.page docs/is-it-me.md` prints them."""

from collections.abc import Sequence, Set

from aigo.lib.documented import grid, print_pages, print_parts
from status.diagnosis.kinds import KINDS, KindRow
from status.diagnosis.sight import CONSTANTS, SIGNS
from status.diagnosis.symptoms import SYMPTOMS
from status.diagnosis.table import RULES, Rule


def printed(page: str) -> str:
    """The page with its tables printed anew. ValueError: see `aigo.lib.documented`."""
    return print_parts(page, _parts())


def _parts() -> dict[str, str]:
    return {
        "kinds": grid(("Kind", "Points to", "What it says", "Outcome", "And any of"), map(_kind, KINDS)),
        "symptoms": grid(("Outcome", "Whose words"), [(f"`{one.outcome}`", one.seen) for one in SYMPTOMS]),
        "signs": grid(("Sign", "When"), [(f"`{row.sign}`", row.when % CONSTANTS) for row in SIGNS]),
        "rules": grid(
            ("Rule", "Kinds", "Signs", "Answer", "Confidence", "Why"), [_rule(rule) for rule in RULES]
        ),
    }


def _kind(row: KindRow) -> Sequence[str]:
    any_of = [f"row {_codes(row.rows)}"] if row.rows else []
    any_of += [f"code {_codes(row.codes)}"] if row.codes else []
    any_of += [f"status {', '.join(map(str, sorted(row.statuses)))}"] if row.statuses else []
    return (f"`{row.kind}`", row.side.value, row.says, _codes(row.outcomes) or "none", "; ".join(any_of))


def _rule(rule: Rule) -> Sequence[str]:
    signs = [f"`{sign}`" for sign in sorted(rule.needs)] + [f"not `{sign}`" for sign in sorted(rule.without)]
    return (
        f"`{rule.id}`",
        _codes(rule.kinds) or "any",
        ", ".join(signs) or "any",
        f"**{rule.answer}**",
        rule.confidence.value or "—",
        rule.why,
    )


def _codes(words: Set[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


if __name__ == "__main__":
    print_pages(printed)
