"""Pages of docs whose parts are printed from the tables that the code goes by. Pure."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path


def print_parts(page: str, parts: Mapping[str, str]) -> str:
    """The page with what stands between `<!-- name -->` and `<!-- end -->` printed anew.

    ValueError: the page lacks a part, or asks for one that is not known.
    """
    marked = re.compile(r"^<!-- (\w+) -->$.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
    asked = marked.findall(page)
    if sorted(asked) != sorted(parts):
        raise ValueError(f"the page marks {asked}; write a <!-- name --> … <!-- end --> for {[*parts]}")
    return marked.sub(lambda found: f"<!-- {found[1]} -->\n\n{parts[found[1]]}\n\n<!-- end -->", page)


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of Markdown."""
    told = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *told]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def print_pages(print_page: Callable[[str], str]) -> None:
    """The files that the command names, printed anew."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(print_page(path.read_text(encoding="utf-8")), encoding="utf-8")
