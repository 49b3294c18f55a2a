"""The tables of docs/is-it-me.md; `python -m status.diagnosis.page docs/is-it-me.md` prints them."""

import re
import sys
from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from status.diagnosis.kinds import KINDS, KindRow
from status.diagnosis.sight import CONSTANTS, SIGNS
from status.diagnosis.symptoms import SYMPTOMS
from status.diagnosis.table import RULES, Rule


def printed(page: str) -> str:
    """The page with what stands between `<!-- name -->` and `<!-- end -->` printed anew.

    ValueError: the page lacks a part, or asks for one that is not known.
    """
    parts = _parts()
    asked = re.findall(r"^<!-- (\w+) -->$", page, re.MULTILINE)
    if sorted(name for name in asked if name != "end") != sorted(parts):
        raise ValueError(
            f"docs/is-it-me.md marks {asked}; write a <!-- name --> … <!-- end --> for {[*parts]}"
        )
    marked = re.compile(r"^<!-- (\w+) -->$.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
    return marked.sub(lambda found: f"<!-- {found[1]} -->\n\n{parts[found[1]]}\n\n<!-- end -->", page)


def _parts() -> dict[str, str]:
    return {
        "kinds": _grid(("Kind", "Points to", "What it says", "Outcome", "And any of"), map(_kind, KINDS)),
        "symptoms": _grid(("Outcome", "Whose words"), [(f"`{one.outcome}`", one.seen) for one in SYMPTOMS]),
        "signs": _grid(("Sign", "When"), [(f"`{row.sign}`", row.when % CONSTANTS) for row in SIGNS]),
        "rules": _grid(
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


def _grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(printed(path.read_text(encoding="utf-8")), encoding="utf-8")
