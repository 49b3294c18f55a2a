"""The tables of docs/editorial.md; `python -m editorial.workflow_page docs/editorial.md` prints them."""

from aigo.lib.documented import grid, print_pages, print_parts
from editorial.roles import ROLES, grants
from editorial.workflow import EDITABLE, MOVES, State, diagram

#: Any kind of editorial work, for what a role may do with it.
_EXAMPLE = "benchmarks.{}_score"
_RIGHTS = ("view", "add", "change", "submit", "approve", "publish")


def printed(page: str) -> str:
    """The page with its tables printed anew. ValueError: see `aigo.lib.documented`."""
    return print_parts(
        page, {"diagram": f"```mermaid\n{diagram()}\n```", "moves": _moves(), "roles": _roles()}
    )


def _moves() -> str:
    rows: list[tuple[str, ...]] = []
    for move in MOVES:
        sources = ", ".join(state for state in State if state in move.sources)
        who = f"whoever has the right {move.right}" if move.right else "the project itself"
        given = f"a {move.needs}, which readers see" if move.told else f"a {move.needs}"
        asked = [move.needs and given, "somebody who did not write it" if move.of_others else ""]
        rows.append((f"`{move.name}`", sources, move.target, who, ", ".join(filter(None, asked)) or "–"))
    rows.append(("edit", ", ".join(state for state in State if state in EDITABLE), _kept(), "see below", "–"))
    return grid(("move", "from", "to", "made by", "needs"), rows)


def _kept() -> str:
    return f"as it was; {State.APPROVED} and {State.SCHEDULED} → {State.REVIEW}"


def _roles() -> str:
    rows = [
        (role, *("yes" if grants(role, _EXAMPLE.format(right)) else "–" for right in _RIGHTS))
        for role in ROLES
    ]
    return grid(("role", *_RIGHTS), rows)


if __name__ == "__main__":
    print_pages(printed)
