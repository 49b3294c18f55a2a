"""The tables of docs/editorial.md; `python -m editorial.workflow_page docs/editorial.md` prints them."""

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from editorial.roles import ROLES, grants
from editorial.workflow import EDITABLE, MOVES, State, diagram

#: Any kind of editorial work, for what a role may do with it.
_EXAMPLE = "benchmarks.{}_score"
_RIGHTS = ("view", "add", "change", "submit", "approve", "publish")


def printed(page: str) -> str:
    """The page with what stands between `<!-- name -->` and `<!-- end -->` printed anew.

    ValueError: the page lacks a part, or asks for one that is not known.
    """
    parts = {"diagram": f"```mermaid\n{diagram()}\n```", "moves": _moves(), "roles": _roles()}
    asked = [name for name in re.findall(r"^<!-- (\w+) -->$", page, re.MULTILINE) if name != "end"]
    if sorted(asked) != sorted(parts):
        raise ValueError(
            f"docs/editorial.md marks {asked}; write a <!-- name --> … <!-- end --> for {[*parts]}"
        )
    marked = re.compile(r"^<!-- (\w+) -->$.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
    return marked.sub(lambda found: f"<!-- {found[1]} -->\n\n{parts[found[1]]}\n\n<!-- end -->", page)


def _moves() -> str:
    rows: list[tuple[str, ...]] = []
    for move in MOVES:
        sources = ", ".join(state for state in State if state in move.sources)
        who = f"whoever has the right {move.right}" if move.right else "the project itself"
        given = f"a {move.needs}, which readers see" if move.told else f"a {move.needs}"
        asked = [move.needs and given, "somebody who did not write it" if move.of_others else ""]
        rows.append((f"`{move.name}`", sources, move.target, who, ", ".join(filter(None, asked)) or "–"))
    rows.append(("edit", ", ".join(state for state in State if state in EDITABLE), _kept(), "see below", "–"))
    return _rows(("move", "from", "to", "made by", "needs"), rows)


def _kept() -> str:
    return f"as it was; {State.APPROVED} and {State.SCHEDULED} → {State.REVIEW}"


def _roles() -> str:
    rows = [
        (role, *("yes" if grants(role, _EXAMPLE.format(right)) else "–" for right in _RIGHTS))
        for role in ROLES
    ]
    return _rows(("role", *_RIGHTS), rows)


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(printed(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
